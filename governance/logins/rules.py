"""Which login policy holds: the newest on record, or what the program came with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select

from foundation.store import Transaction
from governance.logins.policy import LoginPolicy, policy_from_document, published_policy
from governance.logins.tables import policy_table


def policy_in_force(transaction: Transaction) -> LoginPolicy:
    """The policy that holds now."""
    newest = select(func.max(policy_table.c.number)).scalar_subquery()
    row = transaction.row(select(policy_table.c.policy).where(policy_table.c.number == newest))
    return published_policy() if row is None else policy_from_document(row["policy"])


def add_policy(transaction: Transaction, policy: LoginPolicy, *, now: datetime, person: str | None) -> int | None:
    """Let ``policy`` hold from ``now`` on; its number, or None where it holds already."""
    if policy == policy_in_force(transaction):
        return None
    number = int(transaction.value(select(func.coalesce(func.max(policy_table.c.number), 0)))) + 1
    transaction.write(insert(policy_table).values(number=number, policy=policy.document(), since=now, person=person))
    return number
