"""Due rules and their occurrences: the truth about what is due. Agency-owned; the tick reads with the machine's scope.

A rule is never deleted and an occurrence never changed, but for an owed one that is enqueued.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, RowMapping, String, Table, Text, text

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from foundation.work.due.model import CatchUp, DueRule, Occurrence, Outcome, Reason, Standing
from foundation.work.due.rules import WorkingDays, read_rule, rule_document

rule_table = Table(
    "due_rule",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("inputs", Document, nullable=False),
    Column("rule", Document, nullable=False),
    Column("working_days", Boolean, nullable=False),
    Column("catch_up", String(8), nullable=False),
    Column("grace_seconds", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("agency", String(40), nullable=False, index=True),
    Column("subject", String(200), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
    Column("next_at", Instant, index=True),
    Column("awaiting_year", Integer),
    Column("last_at", Instant),
    Column("changed_at", Instant, nullable=False),
    Column("trouble", String(80), nullable=False),
    Column("trouble_zh", Text, nullable=False),
    Column("trouble_en", Text, nullable=False),
    Column("retry_at", Instant),
    Index(
        "ix_due_rule_awaiting",
        "awaiting_year",
        sqlite_where=text("awaiting_year IS NOT NULL"),
        postgresql_where=text("awaiting_year IS NOT NULL"),
    ),
)
due_rules = AgencyOwned(rule_table)

occurrence_table = Table(
    "due_occurrence",
    metadata,
    Column("rule", ForeignKey("due_rule.name"), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("agency", String(40), nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("run", String(60), nullable=False),
    Column("folded", Integer, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index(
        "ix_due_occurrence_owed",
        "rule",
        "at",
        sqlite_where=text("outcome = 'owed'"),
        postgresql_where=text("outcome = 'owed'"),
    ),
)
due_occurrences = AgencyOwned(occurrence_table)


def rules(transaction: Transaction, scope: Scope, *, dropped: bool = False) -> Sequence[Standing]:
    """Every active rule, the soonest first and those without a next time last; ``dropped`` ones on demand."""
    query = due_rules.select(scope).where(rule_table.c.active.is_(not dropped))
    order = (rule_table.c.next_at.is_(None), rule_table.c.next_at, rule_table.c.name)
    return [standing_of(row) for row in transaction.rows(query.order_by(*order))]


def rule_named(transaction: Transaction, scope: Scope, name: str) -> Standing | None:
    """One rule, also a dropped one."""
    row = transaction.row(due_rules.select(scope).where(rule_table.c.name == name))
    return None if row is None else standing_of(row)


def late(
    transaction: Transaction, scope: Scope, now: datetime, *, by: timedelta = timedelta(minutes=1)
) -> Sequence[Standing]:
    """The rules whose time passed more than ``by`` ago and which no tick has dealt with, the latest first."""
    query = due_rules.select(scope).where(rule_table.c.next_at <= now - by).order_by(rule_table.c.next_at)
    return [standing_of(row) for row in transaction.rows(query)]


def history(transaction: Transaction, scope: Scope, name: str, *, most: int = 50) -> Sequence[Occurrence]:
    """What became of a rule's newest occurrences, the newest first."""
    query = due_occurrences.select(scope).where(occurrence_table.c.rule == name)
    return [occurrence_of(row) for row in transaction.rows(query.order_by(occurrence_table.c.at.desc()).limit(most))]


def wanted_values(wanted: DueRule) -> dict[str, Any]:
    """The columns that say what is wanted."""
    return {
        "kind": wanted.kind,
        "inputs": plain(wanted.inputs),
        "rule": rule_document(wanted.rule),
        "working_days": isinstance(wanted.rule, WorkingDays),
        "catch_up": wanted.catch_up.value,
        "grace_seconds": wanted.grace // timedelta(seconds=1),
        "priority": wanted.priority,
        "agency": wanted.agency,
        "subject": wanted.subject,
        "digest": wanted.digest,
    }


def occurrence_values(occurrence: Occurrence, agency: str) -> dict[str, Any]:
    """The columns of an occurrence of a rule that is ``agency``'s."""
    return {
        "rule": occurrence.rule,
        "at": occurrence.at,
        "agency": agency,
        "outcome": occurrence.outcome.value,
        "run": occurrence.run,
        "folded": occurrence.folded,
        "reason": occurrence.reason.value,
        "recorded_at": occurrence.recorded_at,
    }


def standing_of(row: RowMapping) -> Standing:
    """A row as a value."""
    return Standing(
        wanted=DueRule(
            name=row["name"],
            kind=row["kind"],
            rule=read_rule(row["rule"]),
            inputs=row["inputs"],
            catch_up=CatchUp(row["catch_up"]),
            grace=timedelta(seconds=row["grace_seconds"]),
            priority=row["priority"],
            agency=row["agency"],
            subject=row["subject"],
        ),
        **{name: row[name] for name in Standing.__dataclass_fields__ if name != "wanted"},
    )


def occurrence_of(row: RowMapping) -> Occurrence:
    """A row as a value."""
    facts = {name: row[name] for name in Occurrence.__dataclass_fields__}
    facts["outcome"] = Outcome(facts["outcome"])
    facts["reason"] = Reason(facts["reason"])
    return Occurrence(**facts)
