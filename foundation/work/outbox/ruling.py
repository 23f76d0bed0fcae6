"""A named person's word on a dead letter: replay it or drop it, with a reason. Either frees its subject.

The audited act around it is another's: these functions write in the transaction they are given, which must be alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from foundation.store import Transaction
from foundation.work.outbox.errors import NoDeadLetter, ReasonMissing
from foundation.work.outbox.marks import free_subjects, lock_cursor
from foundation.work.outbox.model import Ruling
from foundation.work.outbox.tables import held_table, ruling_table


@dataclass(frozen=True, slots=True)
class Word:
    """Whose word it is and why; ``at`` on the real clock."""

    account: str
    person: str
    reason: str
    at: datetime


def replay(transaction: Transaction, subscriber: str, number: int, word: Word) -> bool:
    """Give event ``number`` its tries again, at once; False if that person already said so and it left the list.

    Raises ``NoDeadLetter``, ``ReasonMissing``.
    """
    if not _ruled(transaction, subscriber, number, Ruling.REPLAY, word):
        return False
    transaction.write(
        update(held_table)
        .where(held_table.c.subscriber == subscriber, held_table.c.number == number)
        .values(tries=0, next_try=word.at, failed_at=None, died_at=None)
    )
    return True


def drop(transaction: Transaction, subscriber: str, number: int, word: Word) -> bool:
    """Let event ``number`` go undelivered; what waits behind it goes on. False and errors as ``replay``."""
    if not _ruled(transaction, subscriber, number, Ruling.DROP, word):
        return False
    subject = transaction.value(
        select(held_table.c.subject).where(held_table.c.subscriber == subscriber, held_table.c.number == number)
    )
    transaction.write(delete(held_table).where(held_table.c.subscriber == subscriber, held_table.c.number == number))
    free_subjects(transaction, subscriber, [subject], word.at)
    return True


def _ruled(transaction: Transaction, subscriber: str, number: int, ruling: Ruling, word: Word) -> bool:
    if not word.reason.strip():
        raise ReasonMissing(what=ruling.value)
    lock_cursor(transaction, subscriber)  # a deliverer may be listing events behind this one
    dead = transaction.row(
        select(held_table.c.tries, held_table.c.code).where(
            held_table.c.subscriber == subscriber, held_table.c.number == number, held_table.c.died_at.is_not(None)
        )
    )
    if dead is None:
        if _said_already(transaction, subscriber, number, ruling, word.person):
            return False
        raise NoDeadLetter(subscriber=subscriber, number=number)
    transaction.write(
        insert(ruling_table).values(
            subscriber=subscriber,
            event=number,
            ruling=ruling.value,
            account=word.account,
            person=word.person,
            reason=word.reason.strip(),
            tries=dead["tries"],
            code=dead["code"],
            decided_at=word.at,
        )
    )
    return True


def _said_already(transaction: Transaction, subscriber: str, number: int, ruling: Ruling, person: str) -> bool:
    last = transaction.rows(
        select(ruling_table.c.ruling, ruling_table.c.person)
        .where(ruling_table.c.subscriber == subscriber, ruling_table.c.event == number)
        .order_by(ruling_table.c.number.desc())
        .limit(1)
    )
    return [(row["ruling"], row["person"]) for row in last] == [(ruling.value, person)]
