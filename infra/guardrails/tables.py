"""The tables of exemptions and judgements, and their queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, RowMapping, String, Table

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, append_only, metadata
from infra.guardrails.model import Exemption, ExemptionState, Judgement, judgement_from_document

exemption_table = AgencyOwned(
    Table(
        "guardrail_exemption",
        metadata,
        Column("id", String(60), primary_key=True),
        Column("environment", String(64), nullable=False),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("rule", String(20), nullable=False),
        Column("resource", String(200), nullable=False),
        Column("reason", String(500), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("state", String(10), nullable=False),
        Column("until", Instant, nullable=False),
        Column("asked_by", ForeignKey("person.id"), nullable=False),
        Column("asked_at", Instant, nullable=False),
        Column("since", Instant),
        Column("decided_by", ForeignKey("person.id")),
        Column("note", String(500), nullable=False),
        Column("recorded_at", Instant, nullable=False),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="two_persons"),
        CheckConstraint("since IS NULL OR since < until", name="ends_after_it_begins"),
        Index("ix_guardrail_exemption_environment", "environment", "state", "until"),
        Index("ix_guardrail_exemption_agency", "agency"),
    )
)
judgement_table = AgencyOwned(
    Table(
        "guardrail_judgement",
        metadata,
        Column("plan", String(60), primary_key=True),  # written with the plan, in its transaction
        Column("digest", String(64), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("document", Document, nullable=False),
        Column("judged_at", Instant, nullable=False),
    )
)
"""``judged_at`` is real time. A plan that is judged otherwise later (an exemption ran out) has another row."""
append_only(judgement_table.table, "judgements are append-only")


def insert_exemption(transaction: Transaction, exemption: Exemption, recorded_at: datetime) -> None:
    """Write what was asked for."""
    columns: dict[str, Any] = asdict(exemption) | {"state": exemption.state.value, "decided_by": None}
    transaction.write(exemption_table.insert().values(digest=exemption.digest, recorded_at=recorded_at, **columns))


def decide_exemption(transaction: Transaction, scope: Scope, exemption: Exemption) -> None:
    """Write the state an exemption came to, by whom, from when and why."""
    transaction.write(
        exemption_table.update(scope)
        .where(exemption_table.c.id == exemption.id)
        .values(
            state=exemption.state.value,
            since=exemption.since,
            decided_by=exemption.decided_by or None,
            note=exemption.note,
        )
    )


def exemption_of(transaction: Transaction, scope: Scope, exemption: str) -> Exemption | None:
    """The exemption with that id, inside the scope."""
    row = transaction.row(exemption_table.select(scope).where(exemption_table.c.id == exemption))
    return None if row is None else _exemption(row)


def exemptions_of(
    transaction: Transaction, scope: Scope, *, environment: str = "", state: ExemptionState | None = None
) -> Sequence[Exemption]:
    """Every exemption inside the scope, of one environment or in one state where said, newest first."""
    query = exemption_table.select(scope).order_by(exemption_table.c.asked_at.desc(), exemption_table.c.id)
    if environment:
        query = query.where(exemption_table.c.environment == environment)
    if state is not None:
        query = query.where(exemption_table.c.state == state.value)
    return tuple(_exemption(row) for row in transaction.rows(query))


def insert_judgement(
    transaction: Transaction, scope: Scope, plan: str, agency: str, judgement: Judgement, at: datetime
) -> None:
    """Write what was said of a plan, unless exactly that is on record."""
    known = judgement_table.select(scope, judgement_table.c.plan).where(
        judgement_table.c.plan == plan, judgement_table.c.digest == judgement.digest
    )
    if transaction.row(known) is None:
        document = plain(judgement.document())
        transaction.write(
            judgement_table.insert(scope).values(
                plan=plan, agency=agency, digest=judgement.digest, document=document, judged_at=at
            )
        )


def judgements_of(transaction: Transaction, scope: Scope, plan: str) -> Sequence[tuple[Judgement, datetime]]:
    """What was said of a plan and when, the latest first."""
    query = (
        judgement_table.select(scope).where(judgement_table.c.plan == plan).order_by(judgement_table.c.judged_at.desc())
    )
    return tuple((judgement_from_document(row["document"]), row["judged_at"]) for row in transaction.rows(query))


def _exemption(row: RowMapping) -> Exemption:
    return Exemption(
        id=row["id"],
        environment=row["environment"],
        agency=row["agency"],
        rule=row["rule"],
        resource=row["resource"],
        reason=row["reason"],
        until=row["until"],
        state=ExemptionState(row["state"]),
        asked_by=row["asked_by"],
        asked_at=row["asked_at"],
        since=row["since"],
        decided_by=row["decided_by"] or "",
        note=row["note"],
    )
