"""Corrections: the operator proposes what was really there, the bureau decides, and a new entry cites the old one.

Nothing that was charged changes: in months whose statement is issued the old entry stays what is charged, and
``late_corrections`` names both, so that billing writes the difference as an adjustment of a later month.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import RowMapping

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere, Scope, Transaction
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding
from foundation.values.instant import format_instant, parse_instant
from foundation.values.money import QUANTITY, exact
from foundation.values.month import Month
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.errors import NotFound
from governance.metering import RegisterEntry
from governance.yaml_documents import ExactDecimal, Form, read_form
from tenants.errors import CorrectionUnfit
from tenants.register.model import Because, Line, Opening, Query
from tenants.register.ports import ChargedFrom, this_month
from tenants.register.tables import (
    add_correction,
    correction_of,
    corrections,
    corrections_charged_later,
    decide_correction,
    line_numbered,
    lines,
    open_line,
    supersede,
)

TEXTS = frozenset({"agency", "system", "project", "fund_source", "service", "plan", "cloud_id"})
INSTANTS = frozenset({"opened", "closed"})
_NUMBER = re.compile(r"\d{1,14}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Correction:
    """What was really there: fields of entry ``record`` with other values, as texts; ``attributes`` as a mapping."""

    id: str
    record: int
    changes: Mapping[str, Any]
    reason: str


class _Form(Form):
    record: Annotated[int, Field(ge=1)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    changes: Annotated[dict[str, str | dict[str, ExactDecimal] | None], Field(min_length=1)]


def read_correction(path: Path, id_: str) -> tuple[Correction | None, tuple[Finding, ...]]:
    """Read a correction's file: ``record``, ``reason``, ``changes``; on any finding there is none."""
    form, findings = read_form(path, _Form, lambda form, problems: None)
    if form is None:
        return None, findings
    changes = {
        name: {key: f"{item:f}" for key, item in value.items()} if isinstance(value, dict) else value
        for name, value in form.changes.items()
    }
    return Correction(id_, form.record, changes, form.reason), ()


def list_corrections(transaction: Transaction, scope: Scope) -> Sequence[RowMapping]:
    """Every correction inside the scope, proposed and made, by id."""
    return corrections(transaction, scope)


def propose_correction(office: Office, token: str, correction: Correction) -> bool:
    """Record the proposal; False if the same one stands. Raises ``NotFound``, ``InvalidValue``, ``CorrectionUnfit``."""
    subject = f"correction:{correction.id}"
    if not 1 <= len(correction.reason) <= 500:
        raise InvalidValue(field="reason", found=f"{len(correction.reason)} characters", expected="1 to 500 characters")
    with acting(office, token, Act.REGISTER_PROPOSE_CORRECTION, subject) as mandate:
        line = _line(mandate.transaction, mandate.scope, correction.record)
        corrected(line.entry, correction.changes)
        digest = sha256_hex(canonical_bytes({"record": correction.record, "changes": correction.changes}))
        row = {
            "id": correction.id,
            "agency": line.entry.agency,
            "record": correction.record,
            "changes": dict(correction.changes),
            "digest": digest,
            "reason": correction.reason,
        }
        standing = correction_of(mandate.transaction, mandate.scope, correction.id)
        if standing is not None:
            if standing["digest"] != digest:
                raise AlreadyThere(what="correction", key=correction.id, found=standing["digest"], expected=digest)
            return False
        add_correction(mandate.transaction, {**row, "proposed_by": mandate.actor.person, "proposed_at": mandate.now})
        mandate.decide(subject, digest=digest, owner=line.entry.agency)
        mandate.audit(AuditEvent.REGISTER_CORRECTION_PROPOSED, subject, {"record": correction.record, "digest": digest})
        return True


def decide_on_correction(
    office: Office, token: str, id_: str, *, charged_from: ChargedFrom = this_month
) -> tuple[Line, bool]:
    """Make the proposed correction: (the new entry, whether this call made it).

    Raises ``NotFound``, ``Refused``, ``CorrectionUnfit`` where the entry was corrected since, is open while the new one
    is not, or would overlap another of its resource.
    """
    subject = f"correction:{id_}"
    with acting(office, token, Act.REGISTER_CORRECT, subject) as mandate:
        row = correction_of(mandate.transaction, mandate.scope, id_)
        if row is None:
            raise NotFound(what_zh="这项更正:", what_en="correction", key=id_)
        if row["made"] is not None:
            return _line(mandate.transaction, mandate.scope, row["made"]), False
        mandate.decide(subject, digest=row["digest"], owner=row["agency"])
        made = _make(mandate, row, subject, charged_from)
        decide_correction(
            mandate.transaction,
            mandate.scope,
            id_,
            {"decided_by": mandate.actor.person, "decided_at": mandate.now, "made": made},
        )
        mandate.audit(
            AuditEvent.REGISTER_CORRECTED, subject, {"record": row["record"], "made": made, "digest": row["digest"]}
        )
        mandate.announce("register.corrected", subject, {"record": row["record"], "made": made})
        return _line(mandate.transaction, mandate.scope, made), True


def _make(mandate: Mandate, row: RowMapping, subject: str, charged_from: ChargedFrom) -> int:
    transaction, scope = mandate.transaction, mandate.scope
    old = _line(transaction, scope, row["record"])
    if old.superseded_from is not None:
        raise CorrectionUnfit(record=old.number, because_zh="该记录已被更正", because_en="it was corrected since")
    new = corrected(old.entry, row["changes"])
    if (new.closed is None) != (old.entry.closed is None) and new.closed is None:
        raise CorrectionUnfit(
            record=old.number, because_zh="已关闭的记录不能重新开放", because_en="a closed entry is not opened again"
        )
    _refuse_overlap(transaction, scope, old, new)
    # Months that are closed keep the old entry, all others are charged as if the new one had always stood there.
    first = charged_from(transaction, old.entry.agency, mandate.now)
    supersede(transaction, scope, old.number, max(first, old.entry.opened))
    opening = Opening(
        Because.CORRECTED,
        mandate.now,
        suspended=old.opening.suspended,
        full_attributes=old.opening.full_attributes,
        corrects=old.number,
        decided=subject,
        charged_from=max(first, new.opened),
    )
    return open_line(transaction, new, opening)


def corrected(entry: RegisterEntry, changes: Mapping[str, Any]) -> RegisterEntry:
    """The entry with other values; raises ``InvalidValue`` for a field that is no fact of it, or an unfit value."""
    fields: dict[str, Any] = {}
    for name, value in changes.items():
        if name in TEXTS:
            fields[name] = str(value)
        elif name in INSTANTS:
            fields[name] = None if value is None else parse_instant(str(value), field=name)
        elif name == "attributes" and isinstance(value, Mapping):
            fields[name] = {str(key): _exact(str(key), item) for key, item in value.items()}
        else:
            raise InvalidValue(field=name, found=str(value)[:60], expected=f"one of {sorted(TEXTS | INSTANTS)}")
    made = replace(entry, **fields)
    if made == entry or (made.closed is not None and made.closed < made.opened) or made.opened is None:
        raise InvalidValue(field="changes", found=str(sorted(changes)), expected="another entry, open before it closes")
    return made


def _exact(field: str, value: object) -> Decimal:
    text = str(value)
    if not _NUMBER.fullmatch(text):
        raise InvalidValue(field=field, found=text[:40], expected="a decimal number")
    return exact(text, QUANTITY, field=field)


def late_corrections(transaction: Transaction, scope: Scope, month: Month) -> Sequence[tuple[Line, Line]]:
    """(what was charged in the month, what was really there) for entries corrected after the month was closed."""
    return corrections_charged_later(transaction, scope, month.interval)


def _refuse_overlap(transaction: Transaction, scope: Scope, old: Line, new: RegisterEntry) -> None:
    for other in lines(transaction, scope, Query(resource=new.resource)):
        if other.number == old.number or other.entry.closed == other.entry.opened:
            continue
        ends, its_end = new.closed, other.entry.closed
        if (its_end is None or new.opened < its_end) and (ends is None or other.entry.opened < ends):
            raise CorrectionUnfit(
                record=old.number,
                because_zh=f"与记录 {other.number}(自 {format_instant(other.entry.opened)})重叠",
                because_en=f"it would overlap entry {other.number}, opened {format_instant(other.entry.opened)}",
            )


def _line(transaction: Transaction, scope: Scope, number: int) -> Line:
    found = line_numbered(transaction, scope, number)
    if found is None:
        raise NotFound(what_zh="台账记录", what_en="register entry", key=number)
    return found
