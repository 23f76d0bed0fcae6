"""What is promised (obligated) and used under the lines of a contract: never more than the line or the ceiling holds.

Whoever changes a contract's totals locks its row first, so of two promises at once the second sees the first, on both
databases and also where transactions run alongside one another. What is used draws on what was promised under the
same line, oldest first, so that no fen counts twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, func, insert, select, update

from foundation.store import AlreadyThere, Transaction
from foundation.values.errors import InvalidValue
from foundation.values.instant import Clock
from foundation.values.money import format_yuan
from foundation.work import Event, publish
from governance.contracts.commitment_tables import (
    draw_table,
    line_use_table,
    obligation_table,
    settled_table,
    use_table,
)
from governance.contracts.errors import CeilingReached, ContractTermOver, LineUsedUp
from governance.contracts.model import Contract, ContractLine, LineUse
from governance.contracts.tables import contract_of, line_of

CEILING_NEAR = "contract.ceiling-near"
"""A share of the ceiling that the contract says to warn at was reached."""


@dataclass(frozen=True, slots=True)
class Obligation:
    """What was promised to ``subject`` under ``line``: ``fen``, of which ``drawn`` is settled since."""

    line: str
    subject: str
    fen: int
    drawn: int
    made_at: datetime
    released_at: datetime | None

    @property
    def open(self) -> int:
        """What is still promised."""
        return 0 if self.released_at is not None else self.fen - self.drawn


def obligate(
    transaction: Transaction,
    line: ContractLine | str,
    subject: str,
    fen: int,
    at: datetime,
    *,
    clock: Clock | None = None,
) -> bool:
    """Promise ``fen`` of the line to ``subject``; False if exactly that is promised already.

    ``at`` is business time; ``clock`` stamps the event, by default with ``at``. Raises ``LineUsedUp``,
    ``CeilingReached``, ``ContractTermOver``, ``AlreadyThere`` where the subject holds another sum of the line,
    ``NotFound``.
    """
    if fen <= 0:
        raise InvalidValue(field="fen", found=str(fen), expected="more than 0")
    found = line_of(transaction, line if isinstance(line, str) else line.id)
    contract = contract_of(transaction, found.contract)
    if at not in contract.term:
        raise ContractTermOver(contract=contract.id)
    _locked(transaction, contract)
    standing = _open_obligation(transaction, found.id, subject)
    if standing is not None:
        if standing["fen"] != fen:
            raise AlreadyThere(
                what="obligation", key=f"{found.id}/{subject}", found=str(standing["fen"]), expected=str(fen)
            )
        return False
    _move(transaction, contract, {found.id: (fen, 0)}, at=at, clock=clock)
    row = {"line": found.id, "subject": subject, "fen": fen, "drawn": 0, "made_at": at}
    transaction.write(insert(obligation_table).values(**row))
    return True


def release_obligation(transaction: Transaction, subject: str, at: datetime) -> int:
    """Give back what is promised to ``subject`` and not used, under every line; returns the fen given back."""
    c = obligation_table.c
    mine = (c.subject == subject, c.released_at.is_(None))
    lines = {row["line"] for row in transaction.rows(select(c.line).where(*mine))}
    contracts = {contract.id: contract for contract in (_contract_of(transaction, line) for line in sorted(lines))}
    given_back = 0
    for contract in contracts.values():
        _locked(transaction, contract)
        freed: dict[str, tuple[int, int]] = {}
        for row in transaction.rows(select(obligation_table).where(*mine).order_by(c.number)):
            if row["line"].rpartition(".")[0] == contract.id:
                freed[row["line"]] = (freed.get(row["line"], (0, 0))[0] - (row["fen"] - row["drawn"]), 0)
                transaction.write(update(obligation_table).where(c.number == row["number"]).values(released_at=at))
        _move(transaction, contract, freed, at=at, clock=None)
        given_back -= sum(obligated for obligated, _ in freed.values())
    return given_back


def use(
    transaction: Transaction,
    contract_id: str,
    subject: str,
    amounts: Mapping[str, int],
    at: datetime,
    *,
    clock: Clock | None = None,
) -> bool:
    """Count ``amounts`` (line → fen, a credit below 0) as used by ``subject``, a settlement; False if they count.

    Raises ``LineUsedUp`` and ``CeilingReached``, ``AlreadyThere`` for the same subject with other amounts.
    """
    contract = contract_of(transaction, contract_id)
    known = {line.id for line in contract.every_line}
    if not known >= set(amounts):
        raise InvalidValue(field="lines", found=str(sorted(set(amounts) - known)), expected=f"of {sorted(known)}")
    _locked(transaction, contract)
    c = settled_table.c
    standing = transaction.rows(select(settled_table).where(c.subject == subject, c.returned_at.is_(None)))
    wanted = {line: fen for line, fen in sorted(amounts.items()) if fen}
    if standing:
        found = {row["line"]: row["fen"] for row in standing}
        if found != wanted:
            raise AlreadyThere(what="settled amounts", key=subject, found=str(found), expected=str(wanted))
        return False
    draws = {line: _draws(transaction, line, fen) for line, fen in wanted.items()}
    _move(
        transaction,
        contract,
        {line: (-sum(fen for _, fen in draws[line]), fen) for line, fen in wanted.items()},
        at=at,
        clock=clock,
    )
    for line, fen in wanted.items():
        row = {"line": line, "subject": subject, "fen": fen, "settled_at": at}
        number = transaction.value(insert(settled_table).values(**row).returning(c.number))
        for obligation, drawn in draws[line]:
            o = obligation_table.c
            transaction.write(update(obligation_table).where(o.number == obligation).values(drawn=o.drawn + drawn))
            transaction.write(insert(draw_table).values(settled=number, obligation=obligation, fen=drawn))
    return True


def take_back_use(transaction: Transaction, subject: str, at: datetime) -> bool:
    """The settlement was returned: what it used is free again, and promised again where the promise still stands."""
    c, o = settled_table.c, obligation_table.c
    rows = transaction.rows(
        select(settled_table).where(c.subject == subject, c.returned_at.is_(None)).order_by(c.number)
    )
    for contract in {row["line"].rpartition(".")[0]: None for row in rows}:
        changes: dict[str, tuple[int, int]] = {}
        found = contract_of(transaction, contract)
        _locked(transaction, found)
        for row in rows:
            if row["line"].rpartition(".")[0] != contract:
                continue
            promised = 0
            drawn = select(draw_table, o.released_at).join(obligation_table, draw_table.c.obligation == o.number)
            for draw in transaction.rows(drawn.where(draw_table.c.settled == row["number"])):
                transaction.write(
                    update(obligation_table).where(o.number == draw["obligation"]).values(drawn=o.drawn - draw["fen"])
                )
                promised += draw["fen"] if draw["released_at"] is None else 0
            changes[row["line"]] = (promised, -row["fen"])
            transaction.write(update(settled_table).where(c.number == row["number"]).values(returned_at=at))
        _move(transaction, found, changes, at=at, clock=None)
    return bool(rows)


def line_use(transaction: Transaction, line: ContractLine | str) -> LineUse:
    """Amount, obligated, used and remaining of a line. Raises ``NotFound``."""
    found = line_of(transaction, line if isinstance(line, str) else line.id)
    row = transaction.row(select(line_use_table).where(line_use_table.c.line == found.id))
    return LineUse(found.amount, 0, 0) if row is None else LineUse(found.amount, row["obligated"], row["used"])


def contract_use(transaction: Transaction, contract_id: str) -> LineUse:
    """The same of the whole contract against its ceiling. Raises ``NotFound``."""
    contract = contract_of(transaction, contract_id)
    row = transaction.row(select(use_table).where(use_table.c.contract == contract_id))
    return LineUse(contract.ceiling, 0, 0) if row is None else LineUse(contract.ceiling, row["obligated"], row["used"])


def used_by_others(transaction: Transaction, contract_id: str, subject: str) -> int:
    """What is used of a contract by everything but ``subject``, in fen: what was settled before it."""
    c = settled_table.c
    own = select(func.coalesce(func.sum(c.fen), 0)).where(c.subject == subject, c.returned_at.is_(None))
    lines = select(line_use_table.c.line).where(line_use_table.c.contract == contract_id)
    return contract_use(transaction, contract_id).used - int(transaction.value(own.where(c.line.in_(lines))))


def obligations(
    transaction: Transaction, *, line: str | None = None, subject: str | None = None
) -> Sequence[Obligation]:
    """What was promised under a line, or to a subject, oldest first, also what was released."""
    c = obligation_table.c
    query = select(obligation_table).order_by(c.number)
    if line is not None:
        query = query.where(c.line == line)
    if subject is not None:
        query = query.where(c.subject == subject)
    names = Obligation.__slots__
    return [Obligation(**{name: row[name] for name in names}) for row in transaction.rows(query)]


def open_totals(transaction: Transaction, contract: Contract) -> None:
    """Have the rows of the contract's totals, with the ceiling and amounts that are in force.

    Raises ``CeilingReached`` or ``LineUsedUp`` where more is promised and used already than they would hold.
    """
    _locked(transaction, contract)
    committed = _sum(transaction.row(select(use_table).where(use_table.c.contract == contract.id)))
    if committed > contract.ceiling:
        raise _ceiling_reached(contract, committed, 0)
    transaction.write(update(use_table).where(use_table.c.contract == contract.id).values(ceiling=contract.ceiling))
    c = line_use_table.c
    amounts = {line.id: line.amount for line in contract.every_line}
    for row in transaction.rows(select(line_use_table).where(c.contract == contract.id)):
        if row["line"] not in amounts:
            amounts[row["line"]] = _sum(row)  # a line that is no more: what it holds stays, nothing is added
        if _sum(row) > amounts[row["line"]]:
            raise LineUsedUp(line=row["line"], remaining=format_yuan(0), wanted=format_yuan(_sum(row)))
        transaction.write(update(line_use_table).where(c.line == row["line"]).values(amount=amounts[row["line"]]))


def _locked(transaction: Transaction, contract: Contract) -> None:
    """From here to the end nobody else changes this contract's totals."""
    zero = {"obligated": 0, "used": 0}
    _have(transaction, use_table, {"contract": contract.id, "ceiling": contract.ceiling, **zero})
    locked = select(use_table.c.contract).where(use_table.c.contract == contract.id).with_for_update(of=use_table)
    transaction.row(locked)
    for line in contract.every_line:
        row = {"line": line.id, "contract": contract.id, "amount": line.amount, **zero}
        _have(transaction, line_use_table, row)


def _have(transaction: Transaction, table: object, row: Mapping[str, object]) -> None:
    try:
        transaction.insert_once(table, row, what="totals")  # type: ignore[arg-type]
    except AlreadyThere:
        return  # it stands, with more in it than nothing


def _move(
    transaction: Transaction,
    contract: Contract,
    changes: Mapping[str, tuple[int, int]],
    *,
    at: datetime,
    clock: Clock | None,
) -> None:
    """Add (obligated, used) to each line and their sums to the contract, unless that were too much."""
    more = sum(obligated + used for obligated, used in changes.values())
    before = _sum(transaction.row(select(use_table).where(use_table.c.contract == contract.id)))
    c = line_use_table.c
    for line, (obligated, used) in sorted(changes.items()):
        added = obligated + used
        row = transaction.row(select(line_use_table).where(c.line == line))
        if row is not None and added > 0 and _sum(row) + added > row["amount"]:
            remaining = format_yuan(row["amount"] - _sum(row))
            raise LineUsedUp(line=line, remaining=remaining, wanted=format_yuan(added))
    if more > 0 and before + more > contract.ceiling:
        raise _ceiling_reached(contract, before, more)
    for line, (obligated, used) in sorted(changes.items()):
        values = {"obligated": c.obligated + obligated, "used": c.used + used}
        transaction.write(update(line_use_table).where(c.line == line).values(**values))
    w = use_table.c
    transaction.write(
        update(use_table)
        .where(w.contract == contract.id)
        .values(
            obligated=w.obligated + sum(obligated for obligated, _ in changes.values()),
            used=w.used + sum(used for _, used in changes.values()),
        )
    )
    for share in contract.warnings:
        mark = share * contract.ceiling
        if before < mark <= before + more:
            payload = {"contract": contract.id, "share": share, "ceiling": contract.ceiling, "committed": before + more}
            publish(transaction, Event(CEILING_NEAR, contract.subject, payload), clock=clock or (lambda: at))


def _draws(transaction: Transaction, line: str, fen: int) -> Sequence[tuple[int, int]]:
    """(obligation, fen) of the open promises that ``fen`` used under the line draw on, oldest first."""
    c = obligation_table.c
    query = select(obligation_table).where(c.line == line, c.released_at.is_(None), c.drawn < c.fen).order_by(c.number)
    drawn: list[tuple[int, int]] = []
    for row in transaction.rows(query) if fen > 0 else ():
        part = min(fen, row["fen"] - row["drawn"])
        if part:
            drawn.append((row["number"], part))
            fen -= part
    return drawn


def _open_obligation(transaction: Transaction, line: str, subject: str) -> RowMapping | None:
    c = obligation_table.c
    return transaction.row(
        select(obligation_table).where(c.line == line, c.subject == subject, c.released_at.is_(None))
    )


def _contract_of(transaction: Transaction, line: str) -> Contract:
    return contract_of(transaction, line.rpartition(".")[0])


def _sum(row: RowMapping | None) -> int:
    return 0 if row is None else int(row["obligated"] + row["used"])


def _ceiling_reached(contract: Contract, committed: int, more: int) -> CeilingReached:
    return CeilingReached(
        contract=contract.id,
        ceiling=format_yuan(contract.ceiling),
        committed=format_yuan(committed),
        wanted=format_yuan(more),
    )
