"""The tables of needs. What was stated, answered, decided and found alike is only ever added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    and_,
    or_,
)

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, append_only, metadata
from foundation.store.row_security import WIDE
from tenants.needs.documents import alternative_from, questions_from
from tenants.needs.model import Need, NeedState, Proposal, Questions, Step, alternative_document

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

need_table = AgencyOwned(
    Table(
        "need",
        metadata,
        Column("number", String(60), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("zh", String(200), nullable=False),
        Column("en", String(200), nullable=False),
        Column("system", String(60), nullable=False),
        Column("round", String(40), nullable=False),
        Column("version", Integer, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("state", String(20), nullable=False),
        Column("urgent", Boolean, nullable=False),
        Column("proposal", Integer, nullable=False),
        Column("proposal_digest", String(64), nullable=False),
        Column("chosen", String(40), nullable=False),
        Column("leading", String(60), nullable=False),
        Column("leading_agency", String(40), nullable=False),
        Column("participants", Document, nullable=False),
        Column("reason", Text, nullable=False),
        Column("stated_at", Instant, nullable=False),
        Column("moved_at", Instant, nullable=False),
        Column("decided_at", Instant),
        Index("ix_need_agency_number", "agency", "number"),
        Index("ix_need_agency_state_number", "agency", "state", "number"),
        Index("ix_need_state_number", "state", "number"),
        Index("ix_need_round_number", "round", "number"),
        Index("ix_need_leading", "leading"),
    )
)
need_version_table = AgencyOwned(
    Table(
        "need_version",
        metadata,
        Column("need", ForeignKey("need.number"), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("questions", Document, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("stated_at", Instant, nullable=False),
    )
)
need_proposal_table = AgencyOwned(
    Table(
        "need_proposal",
        metadata,
        Column("need", ForeignKey("need.number"), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("need_version", Integer, nullable=False),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("recommended", String(40), nullable=False),
        Column("alternatives", Document, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("proposed_at", Instant, nullable=False),
    )
)
need_step_table = AgencyOwned(
    Table(
        "need_step",
        metadata,
        Column("number", _NUMBER, primary_key=True, autoincrement=True),
        Column("need", ForeignKey("need.number"), nullable=False, index=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("act", String(60), nullable=False),
        Column("before", String(20), nullable=False),
        Column("after", String(20), nullable=False),
        Column("version", Integer, nullable=False),
        Column("proposal", Integer, nullable=False),
        Column("chosen", String(40), nullable=False),
        Column("reason", Text, nullable=False),
        Column("party", ForeignKey("party.id"), nullable=False),
        Column("at", Instant, nullable=False),
    )
)
for _table in (need_version_table, need_proposal_table, need_step_table):
    append_only(_table.table, "what was said of a need is never changed")


def save_need(transaction: Transaction, scope: Scope, need: Need, *, new: bool = False) -> None:
    """Write a need as it stands now."""
    row = asdict(need) | {"state": need.state.value, "participants": list(need.participants)}
    if new:
        transaction.write(need_table.insert().values(**row))
        return
    transaction.write(need_table.update(scope).where(need_table.c.number == need.number).values(**row))


def add_version(transaction: Transaction, need: Need, questions: Questions, at: datetime) -> None:
    """Write what the agency stated."""
    row = {"need": need.number, "version": need.version, "agency": need.agency, "questions": plain(questions)}
    transaction.add(need_version_table, row | {"digest": questions.digest, "stated_at": at})


def add_proposal(transaction: Transaction, proposal: Proposal) -> None:
    """Write what the operator answered."""
    names = ("need", "version", "need_version", "agency", "recommended", "digest", "proposed_at")
    alternatives = [alternative_document(each) for each in proposal.alternatives]
    transaction.add(
        need_proposal_table, {name: getattr(proposal, name) for name in names} | {"alternatives": alternatives}
    )


def add_step(transaction: Transaction, need: Need, step: Step) -> None:
    """Write one move."""
    row = asdict(step) | {"after": step.after.value, "need": need.number, "agency": need.agency}
    # An agency that takes its need back also moves those of others that followed it.
    transaction.write(need_step_table.insert().values(**row).execution_options(**{WIDE: True}))


def read_need_row(transaction: Transaction, scope: Scope, number: str) -> Need | None:
    """The need with that number inside the scope."""
    row = transaction.row(need_table.select(scope).where(need_table.c.number == number))
    return None if row is None else _need(row)


def read_needs(
    transaction: Transaction,
    scope: Scope,
    *,
    states: Iterable[NeedState] = (),
    round_id: str = "",
    after: str = "",
    limit: int | None = None,
) -> Sequence[Need]:
    """Needs inside the scope by number, those behind ``after``."""
    columns = need_table.c
    query = need_table.select(scope).where(columns.number > after).order_by(columns.number).limit(limit)
    if round_id:
        query = query.where(columns.round == round_id)
    wanted = sorted(state.value for state in states)
    if wanted:
        query = query.where(columns.state.in_(wanted) if len(wanted) > 1 else columns.state == wanted[0])
    return [_need(row) for row in transaction.rows(query)]


def read_led(transaction: Transaction, scope: Scope, number: str) -> Sequence[Need]:
    """The needs inside the scope that were merged into this one, by number."""
    query = need_table.select(scope).where(need_table.c.leading == number).order_by(need_table.c.number)
    return [_need(row) for row in transaction.rows(query)]


def read_version(transaction: Transaction, scope: Scope, number: str, version: int) -> Questions | None:
    """What was stated in one version."""
    found = transaction.value(
        need_version_table.select(scope, need_version_table.c.questions).where(
            need_version_table.c.need == number, need_version_table.c.version == version
        )
    )
    return None if found is None else questions_from(found)


def read_compared(
    transaction: Transaction, scope: Scope, *, live: Iterable[NeedState], decided: Iterable[NeedState], since: datetime
) -> Sequence[tuple[Need, Questions]]:
    """Needs with what they stand at: the live ones, and the decided ones since an instant."""
    columns = need_table.c
    rows = transaction.rows(
        need_table.select(scope)
        .where(
            or_(
                columns.state.in_(sorted(live)),
                and_(columns.state.in_(sorted(decided)), columns.decided_at >= since),
            )
        )
        .order_by(columns.number)
    )
    needs = [_need(row) for row in rows]
    stated = {
        (row["need"], row["version"]): row["questions"]
        for row in transaction.rows(
            need_version_table.select(scope).where(need_version_table.c.need.in_([need.number for need in needs]))
        )
    }
    return [(need, questions_from(stated[need.number, need.version])) for need in needs]


def read_proposal_of(transaction: Transaction, scope: Scope, number: str, version: int) -> Proposal | None:
    """One version of what was answered."""
    row = transaction.row(
        need_proposal_table.select(scope).where(
            need_proposal_table.c.need == number, need_proposal_table.c.version == version
        )
    )
    if row is None:
        return None
    alternatives = tuple(alternative_from(each) for each in row["alternatives"])
    return Proposal(**{**row, "alternatives": alternatives})


def read_steps_of(transaction: Transaction, scope: Scope, number: str) -> Sequence[Step]:
    """Every move of a need, in order."""
    query = need_step_table.select(scope).where(need_step_table.c.need == number).order_by(need_step_table.c.number)
    return [
        Step(**{name: row[name] for name in Step.__slots__ if name != "after"}, after=NeedState(row["after"]))
        for row in transaction.rows(query)
    ]


def proposal_digest(proposal: Proposal) -> str:
    """Of all that a proposal says."""
    facts = {name: getattr(proposal, name) for name in ("need", "version", "need_version", "recommended")}
    alternatives = [alternative_document(each) for each in proposal.alternatives]
    return sha256_hex(canonical_bytes(facts | {"alternatives": alternatives}))


def _need(row: RowMapping) -> Need:
    return Need(**{**row, "state": NeedState(row["state"]), "participants": tuple(row["participants"])})
