"""The requests' table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Column, ForeignKey, RowMapping, String, Table, desc

from foundation.store import AgencyOwned, Document, Fen, Instant, Scope, Transaction, metadata
from governance.environments import spec_from_document
from tenants.errors import InvalidRequest
from tenants.requests.model import Estimate, Request, RequestKind, RequestState

request_table = AgencyOwned(
    Table(
        "request",
        metadata,
        Column("number", String(60), primary_key=True),
        Column("kind", String(20), nullable=False),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("system", String(60), nullable=False),
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
    )
)


def insert_request(transaction: Transaction, request: Request) -> None:
    """Write a new request."""
    columns = {name: value for name, value in asdict(request).items() if name not in {"spec", "estimate"}}
    columns |= {"kind": request.kind.value, "state": request.state.value}
    transaction.write(
        request_table.insert().values(
            **columns,
            estimate_monthly=request.estimate.monthly,
            estimate_breakdown=list(request.estimate.breakdown),
        )
    )


def update_decision(transaction: Transaction, scope: Scope, request: Request) -> None:
    """Write what was decided, and when; nothing else of a request ever changes."""
    transaction.write(
        request_table.update(scope)
        .where(request_table.c.number == request.number)
        .values(
            state=request.state.value,
            decided=request.decided,
            reason=request.reason,
            decided_at=request.decided_at,
        )
    )


def read_request(transaction: Transaction, scope: Scope, number: str) -> Request | None:
    """The request with that number inside the scope."""
    row = transaction.row(request_table.select(scope).where(request_table.c.number == number))
    return None if row is None else _request(row)


def read_requests(
    transaction: Transaction,
    scope: Scope,
    *,
    environment: str | None = None,
    state: RequestState | None = None,
) -> Sequence[Request]:
    """Requests inside the scope, by number."""
    query = request_table.select(scope).order_by(request_table.c.number)
    if environment is not None:
        query = query.where(request_table.c.environment == environment)
    if state is not None:
        query = query.where(request_table.c.state == state.value)
    return [_request(row) for row in transaction.rows(query)]


def newest_number(transaction: Transaction, scope: Scope, prefix: str) -> str | None:
    """The highest number that begins with ``prefix`` (all of one length, so text order is theirs)."""
    found: str | None = transaction.value(
        request_table.select(scope, request_table.c.number)
        .where(request_table.c.number.startswith(prefix, autoescape=True))
        .order_by(desc(request_table.c.number))
        .limit(1)
    )
    return found


def _request(row: RowMapping) -> Request:
    spec, findings = spec_from_document(row["requested"])
    if spec is None:
        # It was checked on its way in; whoever edited the database must not get a request out of it.
        raise InvalidRequest(count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=findings)
    fields = {name: row[name] for name in row if not name.startswith("estimate_")}
    fields |= {"kind": RequestKind(row["kind"]), "state": RequestState(row["state"])}
    return Request(spec=spec, estimate=Estimate(row["estimate_monthly"], tuple(row["estimate_breakdown"])), **fields)
