"""The tables of policies of approval: drafts and what was published, never edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, RowMapping, String, Table, select, update

from foundation.evidence import plain
from foundation.store import Document, Instant, Transaction, metadata
from foundation.values.instant import parse_instant
from governance.errors import NotFound
from governance.parties import decider_for, party_of
from tenants.requests.kinds import RequestKind
from tenants.requests.policy import UNPUBLISHED, AutomaticRule, Band, By, GrowthRule, Policy, Weight, in_force

policy_table = Table(
    "request_policy",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("party", ForeignKey("party.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("document", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("drafted_by", ForeignKey("person.id"), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("published_by", ForeignKey("person.id")),
    Column("published_at", Instant),
    CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name="two_persons"),
)


def policy_document(policy: Policy) -> Mapping[str, Any]:
    """The policy as plain JSON values."""
    rules = [
        {"id": rule.id, "kinds": sorted(kind.value for kind in rule.kinds), "at_most": rule.at_most}
        for rule in policy.automatic
    ]
    document: Mapping[str, Any] = plain(replace(policy, automatic=()))
    return {**document, "automatic": rules}


def policy_from(document: Mapping[str, Any]) -> Policy:
    """Read what ``policy_document`` wrote."""
    growth = document["growth"]
    return Policy(
        id=document["id"],
        party=document["party"],
        cites=document["cites"],
        start=parse_instant(document["start"]),
        levels=tuple(document["levels"]),
        delegated=document["delegated"],
        bands=tuple(
            Band(band["at_least"], tuple(By(by) for by in band["steps"]), band["opinion"]) for band in document["bands"]
        ),
        checks={name: Weight(weight) for name, weight in document["checks"].items()},
        automatic=tuple(
            AutomaticRule(rule["id"], frozenset(RequestKind(kind) for kind in rule["kinds"]), rule["at_most"])
            for rule in document["automatic"]
        ),
        growth=None if growth is None else GrowthRule(**growth),
        decision_working_days=document["decision_working_days"],
        urgent_working_days=document["urgent_working_days"],
        delivery_working_days=document["delivery_working_days"],
        reminder_days=tuple(document["reminder_days"]),
        urgent_most_days=document["urgent_most_days"],
    )


def policy_row(transaction: Transaction, id_: str) -> RowMapping | None:
    """The row of a policy, drafted or published."""
    return transaction.row(select(policy_table).where(policy_table.c.id == id_))


def published_among(transaction: Transaction, ids: Collection[str]) -> frozenset[str]:
    """Those of the policies with these ids that are published."""
    query = select(policy_table.c.id).where(policy_table.c.id.in_(sorted(ids)))
    rows = transaction.rows(query.where(policy_table.c.published_at.is_not(None)))
    return frozenset(row["id"] for row in rows)


def policy_of(transaction: Transaction, id_: str) -> Policy:
    """The policy with that id; the one that holds where nothing is published for the empty id. Raises ``NotFound``."""
    if not id_:
        return UNPUBLISHED
    row = policy_row(transaction, id_)
    if row is None:
        raise NotFound(what_zh="审批规则", what_en="policy of approval", key=id_)
    return policy_from(row["document"])


def published_policies(transaction: Transaction, party: str | None = None) -> tuple[Policy, ...]:
    """Every published policy, of one party or all, by start."""
    query = select(policy_table).where(policy_table.c.published_at.is_not(None)).order_by(policy_table.c.starts_at)
    if party is not None:
        query = query.where(policy_table.c.party == party)
    return tuple(policy_from(row["document"]) for row in transaction.rows(query))


def policy_rows(transaction: Transaction) -> list[RowMapping]:
    """Every policy, drafted or published, by start and id."""
    return list(transaction.rows(select(policy_table).order_by(policy_table.c.starts_at, policy_table.c.id)))


def policy_for(transaction: Transaction, agency: str, at: datetime) -> Policy:
    """The policy in force for an agency's requests: its decider's, for its level."""
    decider, asking = decider_for(transaction, agency, at), party_of(transaction, agency)
    return in_force(published_policies(transaction, decider.id), party=decider.id, level=asking.level, at=at)


def mark_published(transaction: Transaction, id_: str, *, person: str, at: datetime) -> None:
    """Note who published a draft, and when."""
    changed = update(policy_table).where(policy_table.c.id == id_)
    transaction.write(changed.values(published_by=person, published_at=at))


__all__ = [
    "mark_published",
    "policy_document",
    "policy_for",
    "policy_from",
    "policy_of",
    "policy_row",
    "policy_rows",
    "policy_table",
    "published_among",
    "published_policies",
]
