"""Counters: which quotas a line counts in, whether it fits in every one of them, and the adding up.

Every change of a counter happens in a transaction that is alone (decision 0017), and the statement that adds asks the
limit once more: a counter can never be brought above it by two at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping

from foundation.store import Scope, Transaction
from tenants.errors import QuotaExceeded
from tenants.quotas.model import QuotaKey, Standing, UseLine, units_text
from tenants.quotas.tables import budget_years, children_of, count, counters, limits, open_uses


@dataclass(frozen=True, slots=True)
class Limit:
    """What is in force for a key at an instant. ``base`` is None where only temporary extras are."""

    base: int | None
    extra: int

    @property
    def whole(self) -> int | None:
        """Base and extras; None where there is no base, so that nothing is limited."""
        return None if self.base is None else self.base + self.extra


@dataclass(slots=True)
class Change:
    """What one act adds to one counter; ``direct`` is the part that passes through no level below.

    ``above``: the counter counts it only because a level below does.
    """

    key: QuotaKey
    above: bool = False
    reserved: int = 0
    held: int = 0
    direct: int = 0

    @property
    def total(self) -> int:
        """By how much the counter grows."""
        return self.reserved + self.held


def in_force(rows: Iterable[RowMapping]) -> dict[str, Limit]:
    """Limits by key from rows in the order they were published: the newest base, and every temporary extra."""
    bases: dict[str, int] = {}
    extras: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["temporary"]:
            extras[row["key"]] += row["units"]
        else:
            bases[row["key"]] = row["units"]
    return {key: Limit(bases.get(key), extras.get(key, 0)) for key in bases.keys() | extras.keys()}


def changes_by(
    transaction: Transaction, before: Sequence[UseLine], after: Sequence[UseLine]
) -> tuple[dict[str, Change], dict[str, RowMapping]]:
    """What it means for every counter that ``before`` becomes ``after``, and those counters as they stand."""
    years = budget_years(transaction)
    ids = {line: {key.id: key for key in line.keys(years)} for line in (*before, *after)}
    known = _with_parents(transaction, {id_ for keys in ids.values() for id_ in keys})
    found: dict[str, Change] = {}
    for sign, lines in ((-1, before), (1, after)):
        for line in lines:
            _add(found, line, sign, ids[line], known)
    return found, known


def _add(
    found: dict[str, Change], line: UseLine, sign: int, keys: Mapping[str, QuotaKey], known: Mapping[str, RowMapping]
) -> None:
    counting = covering(keys, known)
    below = {known[id_]["parent"] for id_ in counting}
    for id_ in counting:
        # A level above counts what the levels below take.
        key = keys.get(id_) or QuotaKey.parse(id_)
        reserved, held = line.counted(key)
        change = found.setdefault(id_, Change(key, above=id_ not in keys))
        change.reserved += sign * reserved
        change.held += sign * held
        if id_ not in below:
            change.direct += sign * (reserved + held)


def covering(keys: Iterable[str], known: Mapping[str, RowMapping]) -> set[str]:
    """The counters among ``known`` that cover one of ``keys``, by themselves or as the level above."""
    found: set[str] = set()
    for id_ in keys:
        at = id_
        while at in known and at not in found:
            found.add(at)
            at = known[at]["parent"]
    return found


def _with_parents(transaction: Transaction, keys: Iterable[str]) -> dict[str, RowMapping]:
    known = counters(transaction, set(keys))
    missing = {row["parent"] for row in known.values()} - known.keys() - {""}
    while missing:
        more = counters(transaction, missing)
        known |= more
        missing = {row["parent"] for row in more.values()} - known.keys() - {""}
    return known


def judge(
    transaction: Transaction,
    scope: Scope,
    changes: Mapping[str, Change],
    known: Mapping[str, RowMapping],
    *,
    agency: str,
    at: datetime,
    every: bool = False,
) -> tuple[Standing, ...]:
    """Every counter that would grow and is limited at ``at``, by key: what stands, what is asked, whether it fits.

    ``every``: also those that would not grow, which always fit. Only what ``agency`` may know is told: its own use, and
    all of it where the quota is its own.
    """
    growing = sorted(id_ for id_, change in changes.items() if every or change.total > 0)
    of_keys = in_force(limits(transaction, scope, keys=growing, at=at))
    below = _delegated(transaction, scope, growing, at)
    mine = _own(open_uses(transaction, scope, agency), known) if growing else {}
    found = []
    for id_ in growing:
        limit = of_keys[id_].whole if id_ in of_keys else None
        if limit is None:
            continue
        change, row = changes[id_], known[id_]
        used = row["reserved"] + row["held"]
        handed_out, through = below.get(id_, (0, 0))
        free = min(limit - used - change.total, limit - handed_out - (used - through) - change.direct)
        fits = change.total <= 0 or (free >= 0 if change.direct > 0 else limit - used - change.total >= 0)
        own = change.key.agency == agency
        found.append(
            Standing(
                key=change.key,
                limit=limit,
                delegated=handed_out,
                reserved=row["reserved"] if own else None,
                held=row["held"] if own else None,
                own=mine.get(id_, 0),
                asked=change.total,
                fits=fits,
            )
        )
    return tuple(found)


def _delegated(transaction: Transaction, scope: Scope, keys: Sequence[str], at: datetime) -> dict[str, tuple[int, int]]:
    """Of each key: how much of it was handed to the levels below at ``at``, and how much those use."""
    children = children_of(transaction, keys) if keys else ()
    shares = in_force(limits(transaction, scope, keys=[row["key"] for row in children], at=at)) if children else {}
    found: dict[str, tuple[int, int]] = {}
    for row in children:
        handed_out, used = found.get(row["parent"], (0, 0))
        share = shares[row["key"]].whole if row["key"] in shares else None
        found[row["parent"]] = (handed_out + (share or 0), used + row["reserved"] + row["held"])
    return found


def _own(lines: Sequence[UseLine], known: Mapping[str, RowMapping]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    years = sorted({row["period"] for row in known.values()} - {""})
    for line in lines:
        for id_ in covering((key.id for key in line.keys(years)), known):
            found[id_] += sum(line.counted(QuotaKey.parse(id_)))
    return found


def apply_changes(
    transaction: Transaction, scope: Scope, changes: Mapping[str, Change], *, agency: str, at: datetime, subject: str
) -> None:
    """Add to the counters; raises ``QuotaExceeded`` naming every one that would go above its limit."""
    known = _with_parents(transaction, changes.keys())
    standings = judge(transaction, scope, changes, known, agency=agency, at=at)
    too_much = tuple(standing for standing in standings if not standing.fits)
    if too_much:
        # The quota that is nearest to who asks first: its own, then those of the levels above.
        nearest = sorted(too_much, key=lambda one: (changes[one.key.id].above, -one.key.id.count("|"), one.key.id))
        raise exceeded(transaction, scope, nearest, known, agency=agency, subject=subject)
    bound = {standing.key.id: standing.limit for standing in standings}
    for id_, change in sorted(changes.items()):
        if not change.reserved and not change.held:
            continue
        if not count(transaction, id_, change.reserved, change.held, limit=bound.get(id_)):
            over = tuple(standing for standing in standings if standing.key.id == id_)
            raise exceeded(transaction, scope, over, known, agency=agency, subject=subject)


def exceeded(
    transaction: Transaction,
    scope: Scope,
    too_much: Sequence[Standing],
    known: Mapping[str, RowMapping],
    *,
    agency: str,
    subject: str,
) -> QuotaExceeded:
    """The error that names the first quota in words and carries all of them."""
    first = too_much[0]
    key, (zh, en) = first.key, first.key.words()
    lines = open_uses(transaction, scope, agency)
    by = sorted({line.subject for line in lines if _own([line], known).get(key.id)} - {subject})
    own = units_text(key.dimension, first.own)
    used_zh, used_en = f"本单位已用 {own}", f"{own} used by yourselves"
    if first.reserved is not None and first.held is not None:
        reserved, held = units_text(key.dimension, first.reserved), units_text(key.dimension, first.held)
        used_zh, used_en = f"预留 {reserved}、占用 {held}", f"{reserved} reserved, {held} held"
    return QuotaExceeded(
        quota=key.id,
        quota_zh=zh,
        quota_en=en,
        limit=units_text(key.dimension, first.limit or 0),
        used_zh=used_zh,
        used_en=used_en,
        by=", ".join(by[:10]) or "–",
        asked=units_text(key.dimension, first.asked),
        exceeded=tuple(too_much),
    )
