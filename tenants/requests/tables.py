"""The requests' table and its queries. What was decided by whom, and the checks, are in ``evidence_tables``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    and_,
    desc,
    false,
    or_,
)

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Fen, Instant, Scope, Transaction, metadata
from tenants.errors import InvalidRequest
from tenants.requests.content import Content, Difference, content_document, content_from_document
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Delivery, Estimate, Request, RequestState
from tenants.requests.policy import By, Step

_ROW = Table(
    "request",
    metadata,
    Column("number", String(60), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("agency", ForeignKey("party.id"), nullable=False, index=True),
    Column("system", String(60), nullable=False),
    Column("project", String(60), nullable=False, server_default=""),
    Column("environment", String(64), nullable=False, index=True),
    Column("spec_digest", String(64), nullable=False),
    Column("estimate_monthly", Fen, nullable=False),
    Column("estimate_breakdown", Document, nullable=False),
    Column("original", Document),
    Column("requested", Document, nullable=False),
    Column("decided", Document),
    Column("state", String(20), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_digest", String(64), nullable=False, server_default=""),
    Column("decided_monthly", Fen),
    Column("decided_breakdown", Document),
    Column("differences", Document, nullable=False, server_default="[]"),
    Column("policy", String(60), nullable=False, server_default=""),
    Column("steps", Document, nullable=False, server_default="[]"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("awaiting", String(40), nullable=False, server_default=""),
    Column("needs_opinion", Boolean, nullable=False, server_default=false()),
    Column("need", String(60), nullable=False, server_default=""),
    Column("line", String(60), nullable=False, server_default=""),
    Column("counterpart", String(40), nullable=False, server_default=""),
    Column("urgent", Boolean, nullable=False, server_default=false()),
    Column("until", Instant),
    Column("reminded_days", Integer),
    Column("deliver_by", String(10)),
    Column("awaiting_year", Integer),
    Column("delivered_at", Instant),
    Column("accepted_at", Instant),
    Column("first", String(60), nullable=False, server_default=""),
)
request_table = AgencyOwned(_ROW)
# Each list pages along one of these, so that its cost does not grow with what other agencies asked for.
_c = _ROW.c
Index("ix_request_agency_at", _c.agency, _c.requested_at, _c.number)
Index("ix_request_agency_state_at", _c.agency, _c.state, _c.requested_at, _c.number)
Index("ix_request_state_at", _c.state, _c.requested_at, _c.number)
Index("ix_request_awaiting_at", _c.awaiting, _c.requested_at, _c.number)
Index("ix_request_agency_awaiting_at", _c.agency, _c.awaiting, _c.requested_at, _c.number)
Index("ix_request_at", _c.requested_at, _c.number)
Index("ix_request_until", _c.until)
Index("ix_request_first", _c.first)
Index("ix_request_awaiting_year", _c.awaiting_year)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: the next one goes on after it, towards older requests."""

    requested_at: datetime
    number: str


def insert_request(transaction: Transaction, request: Request) -> None:
    """Write a new request."""
    transaction.write(request_table.insert().values(**_values(request)))


def update_request(transaction: Transaction, scope: Scope, request: Request) -> None:
    """Write a request as it now stands. What was asked never changes."""
    asked = {"number", "kind", "system", "spec_digest", "requested", "original", "requested_at", "first"}
    values = {name: value for name, value in _values(request).items() if name not in asked}
    transaction.write(request_table.update(scope).where(request_table.c.number == request.number).values(**values))


def mark_reminded(transaction: Transaction, scope: Scope, number: str, days: int) -> None:
    """Remember that the reminder ``days`` before the end went out."""
    changed = request_table.update(scope).where(request_table.c.number == number)
    transaction.write(changed.values(reminded_days=days))


def read_request(transaction: Transaction, scope: Scope, number: str) -> Request | None:
    """The request with that number inside the scope."""
    row = transaction.row(request_table.select(scope).where(request_table.c.number == number))
    return None if row is None else _request(row)


def read_requests(
    transaction: Transaction,
    scope: Scope,
    *,
    environment: str | None = None,
    first: str = "",
    states: Sequence[RequestState] = (),
    numbers: Collection[str] | None = None,
) -> Sequence[Request]:
    """Requests inside the scope, by number: those on an environment, on the items that ``first`` asked for, those
    with these numbers."""
    query = request_table.select(scope).order_by(request_table.c.number)
    if environment is not None:
        query = query.where(request_table.c.environment == environment)
    if first:
        query = query.where(request_table.c.first == first)
    if states:
        query = query.where(request_table.c.state.in_([state.value for state in states]))
    if numbers is not None:
        query = query.where(request_table.c.number.in_(sorted(numbers)))
    return [_request(row) for row in transaction.rows(query)]


SHOWN = (
    *("number", "kind", "agency", "system", "project", "environment", "estimate_monthly", "decided_monthly", "state"),
    *("spec_digest", "decided_digest", "requested_at", "decided_at", "reason", "awaiting", "urgent", "until"),
    *("deliver_by", "awaiting_year", "counterpart"),
)
"""What a list shows: without the documents, which may be long."""


def page_of(
    transaction: Transaction,
    scope: Scope,
    *,
    equal: Mapping[str, str],
    after: Cursor | None,
    limit: int,
) -> Sequence[RowMapping]:
    """One page of rows (``SHOWN``) whose columns are ``equal`` to those, the newest first, from ``after`` on."""
    columns = request_table.c
    query = request_table.select(scope, *(columns[name] for name in SHOWN))
    for name, value in equal.items():
        query = query.where(columns[name] == value)
    if after is not None:
        older = and_(columns.requested_at == after.requested_at, columns.number < after.number)
        query = query.where(
            columns.requested_at <= after.requested_at, or_(columns.requested_at < after.requested_at, older)
        )
    return transaction.rows(query.order_by(desc(columns.requested_at), desc(columns.number)).limit(limit))


def ending_by(
    transaction: Transaction, scope: Scope, instant: datetime, states: Sequence[RequestState]
) -> Sequence[tuple[Request, int | None]]:
    """Requests in these states whose grant ends by ``instant``, each with the last reminder (days before)."""
    query = request_table.select(scope).where(
        request_table.c.until <= instant, request_table.c.state.in_([state.value for state in states])
    )
    rows = transaction.rows(query.order_by(request_table.c.until, request_table.c.number))
    return [(_request(row), row["reminded_days"]) for row in rows]


def awaiting_calendar(transaction: Transaction, scope: Scope) -> Sequence[Request]:
    """Requests whose delivery clock waits for a year's calendar."""
    query = request_table.select(scope).where(request_table.c.awaiting_year.is_not(None))
    return [_request(row) for row in transaction.rows(query.order_by(request_table.c.number))]


def is_numbered(transaction: Transaction, scope: Scope, number: str) -> bool:
    """Whether a request inside the scope has that number."""
    found = request_table.select(scope, request_table.c.number).where(request_table.c.number == number)
    return transaction.value(found) is not None


def _values(request: Request) -> dict[str, Any]:
    decided, delivery, step = request.decided_estimate, request.delivery, request.step
    return {
        "number": request.number,
        "kind": request.kind.value,
        "agency": request.agency,
        "system": request.system,
        "project": request.project,
        "environment": request.environment,
        "spec_digest": request.spec_digest,
        "estimate_monthly": request.estimate.monthly,
        "estimate_breakdown": list(request.estimate.breakdown),
        "original": request.original,
        "requested": request.requested,
        "decided": request.decided,
        "state": request.state.value,
        "reason": request.reason,
        "requested_at": request.requested_at,
        "decided_at": request.decided_at,
        "decided_digest": request.decided_digest,
        "decided_monthly": None if decided is None else decided.monthly,
        "decided_breakdown": None if decided is None else list(decided.breakdown),
        "differences": [plain(each) for each in request.differences],
        "policy": request.policy,
        "steps": [plain(each) for each in request.steps],
        "done": request.done,
        "awaiting": "" if step is None else step.party,
        "needs_opinion": request.needs_opinion,
        "need": request.need,
        "line": request.line,
        "counterpart": request.counterpart,
        "urgent": request.urgent,
        "until": request.until,
        "deliver_by": None if delivery.due is None else delivery.due.isoformat(),
        "awaiting_year": delivery.awaiting_year,
        "delivered_at": delivery.delivered_at,
        "accepted_at": delivery.accepted_at,
        "first": request.first,
    }


def read_content(document: Mapping[str, Any]) -> Content:
    """A document that was checked on its way in; raises ``InvalidRequest`` where somebody edited the database."""
    content, findings = content_from_document(document)
    if content is None:
        raise InvalidRequest(count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=findings)
    return content


def _request(row: RowMapping) -> Request:
    decided = (
        None if row["decided_monthly"] is None else Estimate(row["decided_monthly"], tuple(row["decided_breakdown"]))
    )
    content, decided_content = read_content(row["requested"]), None
    if row["decided"] is not None:  # mostly as it was asked; compared as text, for True equals 1
        same = repr(row["decided"]) == repr(row["requested"])
        decided_content = content if same else read_content(row["decided"])
    return Request(
        number=row["number"],
        kind=RequestKind(row["kind"]),
        agency=row["agency"],
        system=row["system"],
        project=row["project"],
        environment=row["environment"],
        content=content,
        spec_digest=row["spec_digest"],
        estimate=Estimate(row["estimate_monthly"], tuple(row["estimate_breakdown"])),
        original=row["original"],
        requested=row["requested"],
        decided=row["decided"],
        state=RequestState(row["state"]),
        reason=row["reason"],
        requested_at=row["requested_at"],
        decided_at=row["decided_at"],
        decided_content=decided_content,
        decided_digest=row["decided_digest"],
        decided_estimate=decided,
        differences=tuple(Difference(**each) for each in row["differences"]),
        policy=row["policy"],
        steps=tuple(Step(By(each["by"]), each["party"]) for each in row["steps"]),
        done=row["done"],
        needs_opinion=row["needs_opinion"],
        need=row["need"],
        line=row["line"],
        counterpart=row["counterpart"],
        urgent=row["urgent"],
        until=row["until"],
        delivery=Delivery(
            due=None if row["deliver_by"] is None else date.fromisoformat(row["deliver_by"]),
            awaiting_year=row["awaiting_year"],
            delivered_at=row["delivered_at"],
            accepted_at=row["accepted_at"],
        ),
        first=row["first"],
    )


__all__ = [
    "SHOWN",
    "Cursor",
    "awaiting_calendar",
    "content_document",
    "ending_by",
    "insert_request",
    "is_numbered",
    "mark_reminded",
    "page_of",
    "read_content",
    "read_request",
    "read_requests",
    "request_table",
    "update_request",
]
