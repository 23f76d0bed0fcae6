"""Which natural person an issuer's subject is, and the rounds that are under way; as hashes only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from governance.logins.errors import IssuerWrong, SubjectBound
from governance.logins.rounds import Proved, Round
from governance.logins.tables import issuer_round_table, subject_table
from governance.parties import same_person

ROUND_LASTS = timedelta(minutes=10)

Hasher = Callable[[str], str]
"""Gives the keyed hash of an identity; the key lies outside the database."""


def subject_hash(proved: Proved, hasher: Hasher) -> str:
    """What is kept of a subject: the same name at another issuer is somebody else."""
    return hasher(f"{proved.issuer}\n{proved.subject}")


def open_round(transaction: Transaction, round_: Round, *, now: datetime) -> None:
    """Write down that a round is under way; old ones are swept out."""
    table = issuer_round_table
    transaction.write(delete(table).where(table.c.expires_at < now))
    transaction.write(
        insert(table).values(
            state_hash=_hash(round_.state), nonce_hash=_hash(round_.nonce), expires_at=now + ROUND_LASTS
        )
    )


def use_round(transaction: Transaction, round_: Round, *, now: datetime) -> None:
    """Use a round up: of two that come back with the same state, one is let through. Raises ``IssuerWrong``."""
    table = issuer_round_table
    mine = (table.c.state_hash == _hash(round_.state)) & (table.c.nonce_hash == _hash(round_.nonce))
    fresh = table.c.used_at.is_(None) & (table.c.expires_at > now)
    if not transaction.write(update(table).where(mine, fresh).values(used_at=now)):
        raise IssuerWrong(because_zh="此次往返已用过或已过期", because_en="the round was used, or took too long")


def person_of_subject(transaction: Transaction, subject: str) -> str | None:
    """The natural person a subject (its hash) is bound to."""
    found: str | None = transaction.value(select(subject_table.c.person).where(subject_table.c.subject_hash == subject))
    return found


def bind_subject(transaction: Transaction, subject: str, person: str, *, now: datetime) -> bool:
    """Bind a subject (its hash) to a natural person; False if it is. Raises ``SubjectBound`` where it is another's."""
    row = {"subject_hash": subject, "person": person, "bound_at": now}
    bound = person_of_subject(transaction, subject)
    if bound is None:
        transaction.write(insert(subject_table).values(**row))
        return True
    if bound not in same_person(transaction, person):
        raise SubjectBound
    return False


def _hash(text: str) -> str:
    return sha256_hex(text.encode())
