"""The use cases of usage statements: draw, issue, confirm, dispute, deem confirmed.

draft → issued → confirmed | deemed confirmed | disputed (by line). At issue the version freezes, and every later act
binds to its digest. Each of these run again does nothing and returns what stands.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from billing.errors import NotDue, OtherDigest, PriceGap, UnknownLines, UnknownStatement, WrongState
from billing.statements.drawing import Sources, Wanted, load_inputs
from billing.statements.model import StatementState, digest, document, statement_id
from billing.statements.recompute import recompute
from billing.statements.tables import StatementRow, latest, rewrite, statements_of_month, write
from foundation.evidence import Signer
from foundation.store import Scope, Transaction
from foundation.values.errors import InvalidValue
from foundation.values.month import Month, shanghai_day
from governance.audit import AuditEvent, announce_head, sign_head
from governance.authority import Act, Mandate, Office, acting, viewing
from governance.calendar import calendar_at
from governance.contracts import contract_of


def draft_statement(
    office: Office,
    token: str,
    sources: Sources,
    *,
    agency: str,
    month: Month,
    contract: str,
    reissue: bool = False,
) -> StatementRow:
    """Draw the statement of an agency's month, or draw its draft anew if something changed.

    What is issued already is returned as it stands; with ``reissue`` a disputed version is followed by a draft of the
    next. Raises ``DaysNotClosed``, ``OverlappingHoldings``, ``OverlappingPrices``, ``BatchMissing``.
    """
    id_ = statement_id(agency, month)
    with acting(office, token, Act.STATEMENT_ISSUE, f"statement:{id_}") as mandate:
        current = latest(mandate.transaction, mandate.scope, id_)
        follows = current is not None and current.state is StatementState.DISPUTED and reissue
        if current is not None and current.state is not StatementState.DRAFT and not follows:
            return current
        wanted = _wanted(agency, month, contract, current)
        drawn = document(recompute(load_inputs(mandate.transaction, mandate.scope, sources, wanted)))
        row = StatementRow(
            id=id_,
            version=wanted.version,
            agency=agency,
            month=month,
            contract=contract,
            state=StatementState.DRAFT,
            digest=digest(drawn),
            document=drawn,
            disputed=(),
            reason="",
            silence_working_days=contract_of(mandate.transaction, contract).scheme.silence_working_days,
            drafted_at=mandate.now,
            issued_at=None,
            decided_at=None,
            audit_number=None,
        )
        if current is not None and current.version == row.version:
            if current.digest == row.digest:
                return current
            rewrite(mandate.transaction, mandate.scope, row)
        else:
            write(mandate.transaction, row)
        return row


def issue_statement(
    office: Office, token: str, sources: Sources, signer: Signer, *, id_: str, expected: str
) -> StatementRow:
    """Freeze the draft whose digest is ``expected`` and sign the audit head that holds its issue.

    It is computed once more first: a draft that facts have overtaken is refused as ``OtherDigest``; so is one with a
    price gap (``PriceGap``). ``signer`` holds ``operator.evidence``.
    """
    with acting(office, token, Act.STATEMENT_ISSUE, f"statement:{id_}") as mandate:
        row = _found(mandate.transaction, mandate.scope, id_, expected)
        if row.state is not StatementState.DRAFT:
            return row
        wanted = Wanted(row.agency, row.month, row.contract, row.version, str(row.document["supersedes"]))
        statement = recompute(load_inputs(mandate.transaction, mandate.scope, sources, wanted))
        now = digest(document(statement))
        if now != expected:
            raise OtherDigest(id=id_, found=now, given=expected)
        for gap in statement.uncharged:
            if gap.reason == "price-gap":
                raise PriceGap(service=gap.service, meter=gap.meter, resource=gap.resource)
        mandate.decide(f"statement:{id_}", digest=expected)
        entry = mandate.audit(
            AuditEvent.STATEMENT_ISSUED, f"statement:{id_}", {"version": row.version, "digest": row.digest}
        )
        signed = sign_head(entry.number, entry.hash, signer)
        announce_head(mandate.transaction, entry.number, signed, clock=mandate.real)
        issued = replace(row, state=StatementState.ISSUED, issued_at=mandate.now, audit_number=entry.number)
        rewrite(mandate.transaction, mandate.scope, issued)
        return issued


def confirm_statement(office: Office, token: str, *, id_: str, expected: str) -> StatementRow:
    """The agency confirms the issued version whose digest is ``expected``."""
    with acting(office, token, Act.STATEMENT_CONFIRM, f"statement:{id_}") as mandate:
        row = _found(mandate.transaction, mandate.scope, id_, expected)
        if row.state is StatementState.CONFIRMED:
            return row
        _need_issued(row)
        mandate.decide(f"statement:{id_}", digest=expected)
        mandate.audit(AuditEvent.STATEMENT_CONFIRMED, f"statement:{id_}", {"version": row.version, "digest": expected})
        return _decided(mandate, replace(row, state=StatementState.CONFIRMED))


def dispute_statement(
    office: Office, token: str, *, id_: str, expected: str, lines: Collection[int], reason: str
) -> StatementRow:
    """The agency disputes lines (or deductions) of the issued version by number; the rest goes on.

    Raises ``UnknownLines``, and ``InvalidValue`` without lines or reason.
    """
    disputed = tuple(sorted(set(lines)))
    for field, given in (("lines", bool(disputed)), ("reason", bool(reason.strip()))):
        if not given:
            raise InvalidValue(field=field, found="none", expected="at least one")
    with acting(office, token, Act.STATEMENT_DISPUTE, f"statement:{id_}") as mandate:
        row = _found(mandate.transaction, mandate.scope, id_, expected)
        if row.state is StatementState.DISPUTED and (row.disputed, row.reason) == (disputed, reason):
            return row
        _need_issued(row)
        known = {line["number"] for part in ("lines", "deductions") for line in row.document[part]}
        unknown = [number for number in disputed if number not in known]
        if unknown:
            raise UnknownLines(id=id_, lines=", ".join(map(str, unknown)))
        mandate.decide(f"statement:{id_}", digest=expected)
        mandate.audit(
            AuditEvent.STATEMENT_DISPUTED,
            f"statement:{id_}",
            {"version": row.version, "digest": expected, "lines": list(disputed)},
        )
        return _decided(mandate, replace(row, state=StatementState.DISPUTED, disputed=disputed, reason=reason))


def deem_confirmed(office: Office, token: str, *, id_: str) -> StatementRow:
    """Record that the days of silence have passed; raises ``NotDue`` before, and where the calendar is awaited."""
    with acting(office, token, Act.STATEMENT_ISSUE, f"statement:{id_}") as mandate:
        row = latest(mandate.transaction, mandate.scope, id_)
        if row is None:
            raise UnknownStatement(id=id_)
        if row.state is StatementState.DEEMED_CONFIRMED:
            return row
        _need_issued(row)
        deadline = row.deadline(calendar_at(mandate.transaction))
        if not isinstance(deadline, date) or shanghai_day(mandate.now) <= deadline:
            raise NotDue(id=id_, deadline=deadline)
        mandate.audit(
            AuditEvent.STATEMENT_CONFIRMED,
            f"statement:{id_}",
            {"version": row.version, "digest": row.digest, "deemed": True, "deadline": deadline},
        )
        return _decided(mandate, replace(row, state=StatementState.DEEMED_CONFIRMED))


def statement(office: Office, token: str, id_: str) -> StatementRow:
    """The newest version, for whoever may see it; raises ``UnknownStatement``."""
    with viewing(office, token) as view:
        row = latest(view.transaction, view.scope, id_)
    if row is None:
        raise UnknownStatement(id=id_)
    return row


def statements(office: Office, token: str, month: Month) -> Sequence[StatementRow]:
    """The statements of a month that the reader may see."""
    with viewing(office, token) as view:
        return statements_of_month(view.transaction, view.scope, month)


def _wanted(agency: str, month: Month, contract: str, current: StatementRow | None) -> Wanted:
    if current is None:
        return Wanted(agency, month, contract)
    if current.state is StatementState.DRAFT:
        return Wanted(agency, month, contract, current.version, str(current.document["supersedes"]))
    return Wanted(agency, month, contract, current.version + 1, current.digest)


def _found(transaction: Transaction, scope: Scope, id_: str, expected: str) -> StatementRow:
    row = latest(transaction, scope, id_)
    if row is None:
        raise UnknownStatement(id=id_)
    if row.digest != expected:
        raise OtherDigest(id=id_, found=row.digest, given=expected)
    return row


def _need_issued(row: StatementRow) -> None:
    if row.state is not StatementState.ISSUED:
        raise WrongState(id=row.id, state=row.state.value, expected=StatementState.ISSUED.value)


def _decided(mandate: Mandate, row: StatementRow) -> StatementRow:
    decided = replace(row, decided_at=mandate.now)
    rewrite(mandate.transaction, mandate.scope, decided)
    return decided
