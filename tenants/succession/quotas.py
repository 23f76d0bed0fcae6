"""Quotas at a reorganisation: the successor gets what its predecessors had together, and what of it is in use.

A limit is a published document's, so nothing of it is edited: the old ones end at the instant, new ones begin under the
number of the reorganisation's document. In a split what names a project that moves goes with it; whatever is the whole
agency's stays with the main successor, and the bureau publishes the part's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, bindparam, or_

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from governance.authority import machine_scope
from governance.reorganisation import ColumnFollows, Moves, reorganisation_of
from tenants.quotas.model import FEN_A_YEAR, UseState
from tenants.quotas.publishing import count_from_uses
from tenants.quotas.recounting import add_up
from tenants.quotas.tables import (
    add_counter,
    add_limits,
    budget_years,
    counters,
    document_table,
    every_counter,
    every_use,
    key_of,
    limit_table,
    use_table,
)

_OPEN = (UseState.RESERVED.value, UseState.HELD.value)


@dataclass(frozen=True, slots=True)
class QuotasFollow:
    """Limits in force or yet to begin, and uses that are reserved or held."""

    table: str = limit_table.table.name

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """How many limits ended and how many uses moved, together. The counters say the same as the uses afterwards."""
        ended = [row for row in _limits(transaction, moves) if _successor(moves, row) != row["agency"]]
        spent = _ended_uses(transaction, moves)
        _begin(transaction, moves, ended, spent)
        _end(transaction, moves, ended)
        moved = _move_uses(transaction, moves)
        if ended or moved:
            count_from_uses(transaction)
        return len(ended) + moved


def _limits(transaction: Transaction, moves: Moves) -> Sequence[RowMapping]:
    """Those of predecessors that reach beyond the instant."""
    c = limit_table.c
    lasting = limit_table.select(machine_scope()).where(
        c.agency.in_(sorted(moves.predecessors)), or_(c.ends_at.is_(None), c.ends_at > moves.at)
    )
    return transaction.rows(lasting.order_by(c.key, c.published_at, c.document))


def _successor(moves: Moves, row: RowMapping) -> str:
    return moves.successor(row["agency"], project=row["project"])


def _ended_uses(transaction: Transaction, moves: Moves) -> Mapping[str, int]:
    """What of yearly budgets is gone for good, by key: it does not come back with a new name."""
    lines = [
        line
        for line in every_use(transaction, machine_scope(), agencies=moves.predecessors)
        if line.state is UseState.ENDED
    ]
    known = {row["key"]: row for row in every_counter(transaction) if row["dimension"] == FEN_A_YEAR}
    return {key: held for key, (_, held) in add_up(lines, known, budget_years(transaction)).items()}


def _begin(transaction: Transaction, moves: Moves, ended: Sequence[RowMapping], spent: Mapping[str, int]) -> None:
    """One limit a successor's key and kind, the sum of what its predecessors had and of what it had itself."""
    renamed = {row["key"]: replace(key_of(row), agency=_successor(moves, row)) for row in ended}
    own = _own(transaction, moves, {key.id for key in renamed.values()})
    units: dict[tuple[str, bool, datetime, datetime | None], int] = defaultdict(int)
    keys, parents = {key.id: key for key in renamed.values()}, {}
    for row in [*ended, *own]:
        key = renamed.get(row["key"], key_of(row))
        term = (max(row["starts_at"], moves.at), row["ends_at"])
        gone = 0 if row["temporary"] else spent.get(row["key"], 0)
        units[(key.id, row["temporary"], *term)] += max(0, row["units"] - gone)
        parents[key.id] = renamed[row["parent"]].id if row["parent"] in renamed else row["parent"]
    if not units:
        return
    _end(transaction, moves, own)
    documents = _Documents(transaction, moves)
    limits: list[dict[str, object]] = []
    for (id_, temporary, starts, ends), whole in sorted(units.items(), key=lambda one: canonical_bytes(one[0])):
        key = keys[id_]
        fields = {name: getattr(key, name) for name in ("dimension", "period", "region", "project", "service")}
        limit = {
            **fields,
            "key": id_,
            "document": documents.with_term(temporary, starts, ends),
            "parent": parents[id_],
            "agency": key.agency,
            "fund_source": key.fund_source,
            "units": whole,
            "temporary": temporary,
            "starts_at": starts,
            "ends_at": ends,
            "published_at": moves.at,
        }
        limits.append(limit)
    add_limits(transaction, limits)
    known = counters(transaction, keys)
    for id_ in sorted(set(keys) - set(known)):
        add_counter(transaction, keys[id_], parents[id_], 0, 0)


def _own(transaction: Transaction, moves: Moves, keys: set[str]) -> Sequence[RowMapping]:
    """What successors that go on have under the same keys."""
    c = limit_table.c
    lasting = or_(c.ends_at.is_(None), c.ends_at > moves.at)
    query = limit_table.select(machine_scope()).where(c.key.in_(sorted(keys)), lasting)
    return transaction.rows(query.order_by(c.key, c.published_at, c.document))


def _move_uses(transaction: Transaction, moves: Moves) -> int:
    def taking(at: datetime) -> ColumnElement[bool]:
        return use_table.c.state.in_(_OPEN)

    return ColumnFollows(use_table, "agency", taking, {"project": "project"}).follow(transaction, moves)


def _end(transaction: Transaction, moves: Moves, rows: Sequence[RowMapping]) -> None:
    c = limit_table.c
    of_one = limit_table.update(machine_scope()).where(
        c.key == bindparam("b_key"), c.document == bindparam("b_document")
    )
    ending = [
        {"b_key": row["key"], "b_document": row["document"], "b_at": max(moves.at, row["starts_at"])} for row in rows
    ]
    transaction.write(of_one.values(ends_at=bindparam("b_at")), ending)


class _Documents:
    """The quota documents that stand for the reorganisation: one for each kind and term, as a published one has one."""

    def __init__(self, transaction: Transaction, moves: Moves) -> None:
        self._transaction, self._moves = transaction, moves
        self._made: dict[tuple[bool, datetime, datetime | None], str] = {}

    def with_term(self, temporary: bool, starts: datetime, ends: datetime | None) -> str:
        """Its id, made when first asked for."""
        term = (temporary, starts, ends)
        if term not in self._made:
            self._made[term] = f"{self._moves.reorganisation}-{len(self._made) + 1}"
            record = reorganisation_of(self._transaction, self._moves.reorganisation)
            row = {
                "id": self._made[term],
                "basis": record.reorganisation.document_number,
                "temporary": temporary,
                "reason": record.reorganisation.zh[:500],
                "starts_at": starts,
                "ends_at": ends,
                "lines": [],
                "digest": sha256_hex(canonical_bytes([record.reorganisation.digest, *term])),
                "drafted_by": record.drafted_by,
                "drafted_at": self._moves.at,
                "published_by": record.published_by,
                "published_at": self._moves.at,
            }
            self._transaction.add(document_table, row)
        return self._made[term]
