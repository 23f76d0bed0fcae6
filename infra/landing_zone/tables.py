"""The tables of proposals and of the words of regions' own levels, and their queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, RowMapping, String, Table, func

from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, append_only, metadata
from governance.environments.landing_zone import Managed, landing_zone_document, landing_zone_from_document
from infra.engine.errors import EngineFailed
from infra.landing_zone.model import Proposal, ProposalState

proposal_table = AgencyOwned(
    Table(
        "landing_zone",
        metadata,
        Column("id", String(60), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("spec", Document, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("state", String(10), nullable=False),
        Column("proposed_by", ForeignKey("person.id"), nullable=False),
        Column("proposed_at", Instant, nullable=False),
        Column("decided_by", ForeignKey("person.id")),
        Column("decided", Integer, nullable=False),
        Column("note", String(500), nullable=False),
        Column("recorded_at", Instant, nullable=False),
        CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name="two_persons"),
    )
)
word_table = AgencyOwned(
    Table(
        "region_enrolment",
        metadata,
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("region", String(40), nullable=False, index=True),
        Column("owner", ForeignKey("party.id"), nullable=False, index=True),
        Column("managed", String(12), nullable=False),
        Column("person", ForeignKey("person.id"), nullable=False),
        Column("at", Instant, nullable=False),
        Column("recorded_at", Instant, nullable=False),
    ),
    "owner",
)
"""What a region's own level said of it; the newest word counts."""
append_only(word_table.table, "what a level said of its region is append-only")


def insert_proposal(transaction: Transaction, proposal: Proposal, recorded_at: datetime) -> None:
    """Write what was put forward."""
    transaction.write(
        proposal_table.insert().values(
            id=proposal.id,
            agency=proposal.agency,
            spec=landing_zone_document(proposal.spec),
            digest=proposal.digest,
            state=proposal.state.value,
            proposed_by=proposal.proposed_by,
            proposed_at=proposal.proposed_at,
            decided_by=None,
            decided=0,
            note="",
            recorded_at=recorded_at,
        )
    )


def settle_proposal(transaction: Transaction, scope: Scope, proposal: Proposal) -> Proposal:
    """Write what was decided on a proposal; an approved one comes after all that were approved before."""
    decided = 0
    if proposal.state is ProposalState.APPROVED:
        newest = transaction.value(proposal_table.select(scope, func.max(proposal_table.c.decided)))
        decided = int(newest or 0) + 1
    transaction.write(
        proposal_table.update(scope)
        .where(proposal_table.c.id == proposal.id)
        .values(state=proposal.state.value, decided_by=proposal.decided_by or None, decided=decided, note=proposal.note)
    )
    return replace(proposal, decided=decided)


def proposals_of(transaction: Transaction, scope: Scope, *, id_: str = "") -> Sequence[Proposal]:
    """Every proposal inside the scope, or the one of that id, newest first."""
    query = proposal_table.select(scope).order_by(proposal_table.c.recorded_at.desc(), proposal_table.c.id)
    if id_:
        query = query.where(proposal_table.c.id == id_)
    return tuple(_proposal(row) for row in transaction.rows(query))


def standing_proposal(transaction: Transaction, scope: Scope) -> Proposal | None:
    """What was approved last; None where nothing was."""
    query = proposal_table.select(scope).where(proposal_table.c.state == ProposalState.APPROVED.value)
    rows = transaction.rows(query.order_by(proposal_table.c.decided.desc()).limit(1))
    return _proposal(rows[0]) if rows else None


def insert_word(
    transaction: Transaction,
    region: str,
    owner: str,
    managed: Managed,
    *,
    person: str,
    at: datetime,
    recorded_at: datetime,
) -> None:
    """Write what a region's own level said of it."""
    values = {"region": region, "owner": owner, "managed": managed.value, "person": person, "at": at}
    transaction.write(word_table.insert().values(recorded_at=recorded_at, **values))


def words_of(transaction: Transaction, scope: Scope) -> Mapping[tuple[str, str], Managed]:
    """(region, owner) → what the owner said last."""
    rows = transaction.rows(word_table.select(scope).order_by(word_table.c.number))
    return {(row["region"], row["owner"]): Managed(row["managed"]) for row in rows}


def _proposal(row: RowMapping) -> Proposal:
    spec, findings = landing_zone_from_document(row["spec"])
    if spec is None:
        raise EngineFailed(environment=row["id"], action="read the landing zone", detail=findings[0].en)
    return Proposal(
        id=row["id"],
        agency=row["agency"],
        spec=spec,
        digest=row["digest"],
        state=ProposalState(row["state"]),
        proposed_by=row["proposed_by"],
        proposed_at=row["proposed_at"],
        decided_by=row["decided_by"] or "",
        note=row["note"],
        decided=row["decided"],
    )
