"""Counting failures: pure rules, and the rows they are kept in.

A try is counted before the password is looked at, and forgiven when it was right: so many tries at once are no more
than so many one after another, and a process that dies in the middle has used its try up.

Counted is the account as a whole and the source as a whole; but a source from which the account has logged in before
counts by itself, so that nobody can keep the account's owner, or everybody behind one source, out by failing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, delete, insert, or_, select, update

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from governance.logins.policy import LoginPolicy
from governance.logins.tables import failure_table, known_source_table


@dataclass(frozen=True, slots=True)
class Count:
    """Failures of one account or source. ``turned_away``: tries while it was locked, which nothing was done for."""

    failures: int = 0
    last_at: datetime | None = None
    locked_until: datetime | None = None
    turned_away: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """So many ``failures``, with less than ``window`` between one and the next, lock for ``window``."""

    failures: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Try:
    """One login, let through to the password or not.

    ``keys`` are the counts it was counted in; ``until`` is when to come back where it is not let through; ``locks``
    says that this is the last one before a lock. ``turned_away``: how many others were, since the last that was not.
    """

    keys: Mapping[str, Limit] = field(default_factory=dict)
    until: datetime | None = None
    locks: bool = False
    turned_away: int = 0


def as_of(count: Count, limit: Limit, now: datetime) -> Count:
    """The count as it stands: old failures are forgotten, a lock that is over is none."""
    over = count.locked_until is not None and count.locked_until <= now
    old = count.locked_until is None and count.last_at is not None and count.last_at + limit.window <= now
    return Count(turned_away=count.turned_away) if over or old else count


def counted(count: Count, limit: Limit, now: datetime) -> tuple[Count, bool]:
    """The count with one more try, and whether it is let through. A try while locked makes the lock no longer."""
    standing = as_of(count, limit, now)
    if standing.locked_until is not None:
        return replace(standing, turned_away=standing.turned_away + 1), False
    failures = standing.failures + 1
    locked = now + limit.window if failures >= limit.failures else None
    return Count(failures, now, locked), True


def forgiven(count: Count, limit: Limit) -> Count:
    """The count without one try that was no failure."""
    failures = max(count.failures - 1, 0)
    return replace(count, failures=failures, locked_until=count.locked_until if failures >= limit.failures else None)


def attempt_login(transaction: Transaction, name: str, source: str, policy: LoginPolicy, *, now: datetime) -> Try:
    """Count a try of ``source`` at account ``name``, which need not exist: the same is done either way."""
    account, origin = _hash(name), _hash(source)
    known = transaction.value(
        select(known_source_table.c.last_at).where(
            known_source_table.c.name_hash == account, known_source_table.c.source_hash == origin
        )
    )
    limits = _limits(account, origin, policy, known=known is not None and now < known + _trust(policy))
    rows = {row["key"]: row for row in transaction.rows(select(failure_table).where(failure_table.c.key.in_(limits)))}
    before = {key: as_of(_count(rows.get(key)), limit, now) for key, limit in limits.items()}
    locks = [count.locked_until for count in before.values() if count.locked_until is not None]
    after = {key: counted(before[key], limit, now)[0] for key, limit in limits.items()}
    if locks:  # a try that is turned away is counted nowhere as a failure
        after = {key: replace(count, turned_away=count.turned_away + 1) for key, count in before.items()}
    for key, count in after.items():
        _write(transaction, key, "" if key.startswith("source:") else account, count, now, new=key not in rows)
    _sweep(transaction, now)
    if locks:
        return Try(until=max(locks))
    return Try(
        keys=limits,
        locks=any(count.locked_until is not None for count in after.values()),
        turned_away=max(count.turned_away for count in before.values()),
    )


def release(transaction: Transaction, tried: Try, *, now: datetime) -> None:
    """Take back a try that was neither a failure nor a login: the password was right, and something else is missing."""
    _forgive(transaction, tried.keys, now)


def succeed(transaction: Transaction, tried: Try, name: str, source: str, *, now: datetime) -> None:
    """The try was a login: what was counted against the account from there is forgotten, and the source is known.

    A source's own count only loses this try: otherwise one account of one's own would reset the count for guessing
    at everybody else's.
    """
    _forgive(transaction, {key: limit for key, limit in tried.keys.items() if key.startswith("source:")}, now)
    mine = [key for key in tried.keys if not key.startswith("source:")]
    transaction.write(delete(failure_table).where(failure_table.c.key.in_(mine)))
    account, origin = _hash(name), _hash(source)
    here = (known_source_table.c.name_hash == account) & (known_source_table.c.source_hash == origin)
    if not transaction.write(update(known_source_table).where(here).values(last_at=now)):
        transaction.write(insert(known_source_table).values(name_hash=account, source_hash=origin, last_at=now))


def unlock(transaction: Transaction, name: str) -> int:
    """Forget every failure at an account, from everywhere; returns how many counts there were."""
    return transaction.write(delete(failure_table).where(failure_table.c.name_hash == _hash(name)))


def locked_until(transaction: Transaction, names: Sequence[str], *, now: datetime) -> Mapping[str, datetime]:
    """Which of the accounts are locked at ``now``, in any way, and until when."""
    hashes = {_hash(name): name for name in names}
    rows = transaction.rows(select(failure_table).where(failure_table.c.locked_until > now))
    found: dict[str, datetime] = {}
    for row in rows:
        name = hashes.get(row["name_hash"])
        if name is not None:
            found[name] = max(row["locked_until"], found.get(name, row["locked_until"]))
    return found


def _limits(account: str, origin: str, policy: LoginPolicy, *, known: bool) -> dict[str, Limit]:
    own = Limit(policy.account_failures, policy.lock)
    if known:
        return {f"known:{sha256_hex(f'{account}{origin}'.encode())}": own}
    return {f"account:{account}": own, f"source:{origin}": Limit(policy.source_failures, policy.lock)}


def _forgive(transaction: Transaction, keys: Mapping[str, Limit], now: datetime) -> None:
    for row in transaction.rows(select(failure_table).where(failure_table.c.key.in_(list(keys)))):
        _write(transaction, row["key"], row["name_hash"], forgiven(_count(row), keys[row["key"]]), now, new=False)


def _count(row: RowMapping | None) -> Count:
    if row is None:
        return Count()
    return Count(row["failures"], row["last_at"], row["locked_until"], row["turned_away"])


def _write(transaction: Transaction, key: str, name_hash: str, count: Count, now: datetime, *, new: bool) -> None:
    values = {
        "failures": count.failures,
        "last_at": count.last_at or now,
        "locked_until": count.locked_until,
        "turned_away": count.turned_away,
    }
    if new:
        transaction.write(insert(failure_table).values(key=key, name_hash=name_hash, **values))
    else:
        transaction.write(update(failure_table).where(failure_table.c.key == key).values(**values))


def _sweep(transaction: Transaction, now: datetime) -> None:
    """Drop counts nobody needs any more, so that names tried at random do not fill the table."""
    old = failure_table.c.last_at < now - timedelta(days=1)
    free = or_(failure_table.c.locked_until.is_(None), failure_table.c.locked_until < now)
    transaction.write(delete(failure_table).where(old, free))


def _trust(policy: LoginPolicy) -> timedelta:
    return timedelta(days=policy.trusted_days)


def _hash(text: str) -> str:
    return sha256_hex(text.encode())
