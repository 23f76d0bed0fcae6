"""Looks and findings: tables and queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    bindparam,
    func,
    text,
)

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, append_only, metadata
from infra.deployments.model import DeploymentState
from infra.deployments.tables import deployment_table
from infra.drift.model import (
    Acceptance,
    Change,
    Ending,
    Finding,
    Look,
    LookOutcome,
    Seen,
    TrailState,
    Who,
)

_IS_OPEN = text("ended_at IS NULL")
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

look_table = AgencyOwned(
    Table(
        "drift_look",
        metadata,
        Column("number", _NUMBER, primary_key=True, autoincrement=True),
        Column("id", String(60), nullable=False, unique=True),
        Column("environment", String(64), nullable=False),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("deployment", String(60), nullable=False),
        Column("outcome", String(20), nullable=False),
        Column("started_at", Instant, nullable=False),
        Column("ended_at", Instant, nullable=False),
        Column("found", Integer, nullable=False),
        Column("fresh", Integer, nullable=False),
        Column("ended", Integer, nullable=False),
        Column("code", String(80), nullable=False),
        Column("zh", Text, nullable=False),
        Column("en", Text, nullable=False),
        Index("ix_drift_look_environment", "environment", "number"),
        Index("ix_drift_look_outcome", "outcome", "ended_at"),
    )
)
append_only(look_table.table, "looks are append-only")
finding_table = AgencyOwned(
    Table(
        "drift_finding",
        metadata,
        Column("id", String(60), primary_key=True),
        Column("identity", String(64), nullable=False),
        Column("environment", String(64), nullable=False),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("change", String(12), nullable=False),
        Column("kind", String(60), nullable=False),
        Column("name", String(200), nullable=False),
        Column("urn", Text, nullable=False),
        Column("cloud_id", Text, nullable=False),
        Column("path", String(300), nullable=False),
        Column("expected", Document, nullable=False),
        Column("found", Document, nullable=False),
        Column("trail", String(12), nullable=False),
        Column("trail_person", String(200), nullable=False),
        Column("trail_event", String(100), nullable=False),
        Column("trail_source", String(100), nullable=False),
        Column("trail_at", Instant),
        Column("trail_note", Text, nullable=False),
        Column("deployment", String(60), nullable=False),
        Column("first_seen", Instant, nullable=False),
        Column("last_seen", Instant, nullable=False),
        Column("ended_at", Instant),
        Column("ending", String(12), nullable=False),
        Column("accepted_by", ForeignKey("person.id")),
        Column("accepted_because", String(500), nullable=False),
        Column("accepted_until", Instant),
        Column("accepted_at", Instant),
        Column("plan", String(60), nullable=False),
        Index(
            "uq_drift_finding_one_open",
            "environment",
            "identity",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index("ix_drift_finding_agency", "agency", "ended_at"),
        Index("ix_drift_finding_first_seen", "first_seen"),
    )
)
"""``expected`` and ``found`` are ``{"value": …}``. Looks are on real time, acceptances on business time."""


def insert_look(transaction: Transaction, look: Look) -> None:
    """Write how a look ended."""
    columns = {name: getattr(look, name) for name in Look.__slots__}
    transaction.write(look_table.insert().values(**{**columns, "outcome": look.outcome.value}))


def looks_of(transaction: Transaction, scope: Scope, *, environment: str = "", limit: int = 50) -> Sequence[Look]:
    """Looks inside the scope, newest first."""
    query = look_table.select(scope).order_by(look_table.c.number.desc()).limit(limit)
    if environment:
        query = query.where(look_table.c.environment == environment)
    return [_look(row) for row in transaction.rows(query)]


def newest_looks(transaction: Transaction, scope: Scope, *, unseen: bool = False) -> Sequence[Look]:
    """The newest look of each environment inside the scope; ``unseen``: where it did not see the environment."""
    newest = look_table.select(scope, func.max(look_table.c.number)).group_by(look_table.c.environment)
    query = look_table.select(scope).where(look_table.c.number.in_(newest)).order_by(look_table.c.environment)
    if unseen:
        query = query.where(look_table.c.outcome.not_in([one.value for one in LookOutcome if one.seen]))
    return [_look(row) for row in transaction.rows(query)]


def was_told(transaction: Transaction, scope: Scope, code: str, since: datetime) -> bool:
    """Whether any look since then failed for the same reason."""
    query = look_table.select(scope, look_table.c.number).where(
        look_table.c.code == code, look_table.c.ended_at >= since
    )
    return bool(transaction.rows(query.limit(1)))


def insert_findings(transaction: Transaction, findings: Sequence[Finding]) -> None:
    """Write new findings, by one statement."""
    if findings:
        transaction.write(finding_table.insert(), [_row(one) for one in findings])


def save_findings(transaction: Transaction, scope: Scope, findings: Sequence[Finding]) -> None:
    """Write findings as they now stand."""
    if not findings:
        return
    fixed = {"id", "identity", "environment", "agency", "change", "kind", "urn", "path", "first_seen"}
    written = [column.name for column in finding_table.table.columns if column.name not in fixed]
    statement = finding_table.update(scope).where(finding_table.c.id == bindparam("at_id"))
    statement = statement.values(**{name: bindparam(f"new_{name}") for name in written})
    rows = []
    for one in findings:
        row = _row(one)
        rows.append({"at_id": one.id, **{f"new_{name}": row[name] for name in written}})
    transaction.write(statement, rows)


def finding_of(transaction: Transaction, scope: Scope, finding: str) -> Finding | None:
    """The finding with that id, inside the scope."""
    row = transaction.row(finding_table.select(scope).where(finding_table.c.id == finding))
    return None if row is None else _finding(row)


def findings_of(
    transaction: Transaction,
    scope: Scope,
    *,
    environment: str = "",
    agency: str = "",
    standing: bool = False,
    limit: int | None = None,
) -> Sequence[Finding]:
    """Findings inside the scope, newest first; ``standing``: those that have not ended."""
    query = finding_table.select(scope).order_by(finding_table.c.first_seen.desc(), finding_table.c.id)
    if environment:
        query = query.where(finding_table.c.environment == environment)
    if agency:
        query = query.where(finding_table.c.agency == agency)
    if standing:
        query = query.where(finding_table.c.ended_at.is_(None))
    return [_finding(row) for row in transaction.rows(query.limit(limit))]


def applied_environments(transaction: Transaction, scope: Scope) -> Sequence[tuple[str, str]]:
    """(environment, agency) of everything whose last deployment that ended left something, by name."""
    columns = deployment_table.c
    newest = (
        deployment_table.select(scope, func.max(columns.number))
        .where(columns.state == DeploymentState.ENDED.value)
        .group_by(columns.environment)
    )
    query = deployment_table.select(scope, columns.environment, columns.agency, columns.outputs)
    rows = transaction.rows(query.where(columns.number.in_(newest)).order_by(columns.environment))
    return [(str(row["environment"]), str(row["agency"])) for row in rows if row["outputs"]]


def left_behind(transaction: Transaction, scope: Scope, applied: Iterable[str]) -> Sequence[Finding]:
    """Findings that stand of environments which are not applied any more."""
    there = set(applied)
    return [one for one in findings_of(transaction, scope, standing=True) if one.environment not in there]


def _row(one: Finding) -> dict[str, Any]:
    seen, who, acceptance = one.seen, one.who, one.acceptance
    return {
        "id": one.id,
        "identity": one.identity,
        "environment": one.environment,
        "agency": one.agency,
        "change": seen.change.value,
        "kind": seen.kind,
        "name": seen.name,
        "urn": seen.urn,
        "cloud_id": seen.cloud_id,
        "path": seen.path,
        "expected": plain({"value": seen.expected}),
        "found": plain({"value": seen.found}),
        "trail": who.state.value,
        "trail_person": who.person,
        "trail_event": who.event,
        "trail_source": who.source,
        "trail_at": who.at,
        "trail_note": who.note,
        "deployment": one.deployment,
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
        "ended_at": one.ended_at,
        "ending": one.ending.value,
        "accepted_by": None if acceptance is None else acceptance.person,
        "accepted_because": "" if acceptance is None else acceptance.because,
        "accepted_until": None if acceptance is None else acceptance.until,
        "accepted_at": None if acceptance is None else acceptance.at,
        "plan": one.plan,
    }


def _finding(row: RowMapping) -> Finding:
    acceptance = None
    if row["accepted_by"] is not None:
        acceptance = Acceptance(row["accepted_by"], row["accepted_because"], row["accepted_until"], row["accepted_at"])
    names = ("kind", "name", "urn", "cloud_id", "path")
    return Finding(
        id=row["id"],
        environment=row["environment"],
        agency=row["agency"],
        seen=Seen(
            change=Change(row["change"]),
            **{name: row[name] for name in names},
            expected=row["expected"]["value"],
            found=row["found"]["value"],
        ),
        who=Who(
            TrailState(row["trail"]),
            row["trail_person"],
            row["trail_event"],
            row["trail_source"],
            row["trail_at"],
            row["trail_note"],
        ),
        deployment=row["deployment"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        ended_at=row["ended_at"],
        ending=Ending(row["ending"]),
        acceptance=acceptance,
        plan=row["plan"],
    )


def _look(row: RowMapping) -> Look:
    facts = {name: row[name] for name in Look.__slots__}
    return Look(**{**facts, "outcome": LookOutcome(row["outcome"])})
