"""Looking: what waits, how long, what is stuck, what died. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from foundation.store import Transaction
from foundation.work.outbox.marks import EVENT_COLUMNS
from foundation.work.outbox.model import DeadLetter, Lag, Listener, Since, Stuck
from foundation.work.outbox.publishing import ORDER
from foundation.work.outbox.tables import (
    event_of,
    heard_by,
    held_table,
    is_due,
    order_table,
    outbox_table,
    subscriber_table,
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a deliverer would find: who is not enrolled, events without a place, who has something to get."""

    enrolled: bool
    unplaced: bool
    due: frozenset[str]
    stuck: bool


def look(transaction: Transaction, subscribers: Sequence[Listener], now: datetime) -> Look:
    """All that in one query, so that a command with nothing to deliver pays no more than that."""
    longest = max((subscriber.retries.longest for subscriber in subscribers), default=timedelta())
    names = sorted(subscriber.name for subscriber in subscribers)
    mine = held_table.c.subscriber == subscriber_table.c.name
    rows = transaction.rows(
        select(
            subscriber_table.c.name,
            subscriber_table.c.cursor,
            order_table.c.position.label("newest"),
            exists().where(outbox_table.c.position.is_(None)).label("unplaced"),
            exists().where(mine, is_due(now, longest)).label("due"),
            exists().where(mine).label("stuck"),
        )
        .join_from(order_table, subscriber_table, subscriber_table.c.name.in_(names), isouter=True)
        .where(order_table.c.name == ORDER)
    )
    found = [row for row in rows if row["name"] is not None]
    return Look(
        enrolled=bool(rows) and len(found) == len(names),
        unplaced=any(row["unplaced"] for row in rows),
        due=frozenset(row["name"] for row in found if row["due"] or row["cursor"] < row["newest"]),
        stuck=any(row["stuck"] for row in found),
    )


def pending(transaction: Transaction, subscribers: Sequence[Listener]) -> int:
    """How many deliveries are outstanding, dead letters and what waits behind them included."""
    found = [_behind(transaction, subscriber) for subscriber in subscribers]
    return sum(each.ahead + each.held for each in found)


def lag(transaction: Transaction, subscribers: Sequence[Listener], now: datetime) -> Sequence[Lag]:
    """How far behind each subscriber is at ``now`` (real clock)."""
    found = []
    for subscriber in subscribers:
        behind = _behind(transaction, subscriber)
        found.append(
            Lag(
                subscriber.name,
                waiting=behind.ahead + behind.held - behind.dead,
                oldest=None if behind.oldest is None else now - behind.oldest,
                dead=behind.dead,
            )
        )
    return found


def stuck(transaction: Transaction, subscribers: Sequence[Listener]) -> Stuck | None:
    """What failed and is not delivered yet; None if nothing did."""
    mine = held_table.c.subscriber.in_(sorted(subscriber.name for subscriber in subscribers))
    counted = transaction.row(
        select(
            func.count(held_table.c.next_try).label("retrying"),
            func.count(held_table.c.died_at).label("dead"),
            func.count().label("all"),
            func.min(held_table.c.next_try).label("next_try"),
        ).where(mine)
    )
    if counted is None or counted["all"] == 0:
        return None
    told = transaction.rows(
        select(held_table.c.code, held_table.c.zh, held_table.c.en)
        .where(mine, held_table.c.code != "")
        .order_by(held_table.c.died_at.is_(None), held_table.c.position.desc())
        .limit(1)
    )
    words = told[0] if told else {"code": "", "zh": "", "en": ""}
    return Stuck(
        retrying=counted["retrying"],
        behind=counted["all"] - counted["retrying"] - counted["dead"],
        dead=counted["dead"],
        code=words["code"],
        zh=words["zh"],
        en=words["en"],
        next_try=counted["next_try"],
    )


def dead_letters(transaction: Transaction, subscriber: str | None = None) -> Sequence[DeadLetter]:
    """The dead letters, of one subscriber or of all, oldest event first."""
    others = held_table.alias("others")
    behind = (
        select(func.count())
        .where(
            others.c.subscriber == held_table.c.subscriber,
            others.c.subject == held_table.c.subject,
            others.c.position > held_table.c.position,
        )
        .scalar_subquery()
    )
    states = (held_table.c[name] for name in ("subscriber", "tries", "code", "zh", "en", "died_at"))
    query = (
        select(*EVENT_COLUMNS, *states, behind.label("behind"))
        .join_from(held_table, outbox_table, held_table.c.number == outbox_table.c.number)
        .where(held_table.c.died_at.is_not(None))
        .order_by(held_table.c.position, held_table.c.subscriber)
    )
    if subscriber is not None:
        query = query.where(held_table.c.subscriber == subscriber)
    return [
        DeadLetter(
            subscriber=row["subscriber"],
            event=event_of(row),
            tries=row["tries"],
            code=row["code"],
            zh=row["zh"],
            en=row["en"],
            died_at=row["died_at"],
            behind=row["behind"],
        )
        for row in transaction.rows(query)
    ]


@dataclass(frozen=True, slots=True)
class _Behind:
    ahead: int
    held: int
    dead: int
    oldest: datetime | None


def _behind(transaction: Transaction, subscriber: Listener) -> _Behind:
    mine = subscriber_table.c.name == subscriber.name
    cursor = transaction.value(select(subscriber_table.c.cursor).where(mine))
    ahead = _count(transaction, subscriber, cursor)
    held = transaction.row(
        select(
            func.count().label("held"),
            func.count(held_table.c.died_at).label("dead"),
            func.min(outbox_table.c.recorded_at).label("oldest"),
        )
        .join_from(held_table, outbox_table, held_table.c.number == outbox_table.c.number)
        .where(held_table.c.subscriber == subscriber.name)
    )
    assert held is not None  # noqa: S101 - a count is one row
    oldest = [each for each in (ahead["oldest"], held["oldest"]) if each is not None]
    return _Behind(ahead["many"], held["held"], held["dead"], min(oldest, default=None))


def _count(transaction: Transaction, subscriber: Listener, cursor: int | None) -> Any:
    counting = select(func.count().label("many"), func.min(outbox_table.c.recorded_at).label("oldest"))
    if cursor is not None:
        ahead = or_(outbox_table.c.position > cursor, outbox_table.c.position.is_(None))
        return transaction.row(counting.select_from(outbox_table).where(and_(ahead, heard_by(subscriber))))
    if subscriber.since is Since.BEGINNING:
        return transaction.row(counting.select_from(outbox_table).where(heard_by(subscriber)))
    return {"many": 0, "oldest": None}
