"""Which occurrences are done now, which are not, and when the rule is due next. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from foundation.values.working_days import AwaitingCalendar, WorkingCalendar
from foundation.work.due.model import CatchUp, DueRule, Outcome, Reason
from foundation.work.due.times import next_after, occurrences


@dataclass(frozen=True, slots=True)
class Passed:
    """An occurrence whose time has come: ``OWED`` becomes a run, ``SKIPPED`` does not."""

    at: datetime
    outcome: Outcome
    folded: int = 0
    reason: Reason = Reason.NONE


@dataclass(frozen=True, slots=True)
class Plan:
    """``passed`` in order, never empty; ``following`` is when the rule is due after the last of them."""

    passed: tuple[Passed, ...]
    following: datetime | AwaitingCalendar | None

    @property
    def last_at(self) -> datetime:
        """The newest occurrence dealt with."""
        return self.passed[-1].at


def plan(wanted: DueRule, next_at: datetime, now: datetime, calendar: WorkingCalendar, most: int | None = None) -> Plan:
    """What the rule's catch-up makes of everything from ``next_at`` (not later than ``now``) until ``now``.

    At most ``most`` occurrences; then ``following`` is itself not later than ``now`` and the next plan goes on there.
    """
    due = chain((next_at,), occurrences(wanted.rule, next_at, now, calendar))
    passed: tuple[Passed, ...]
    match wanted.catch_up:
        case CatchUp.ONCE:
            passed = (_newest(due),)
        case CatchUp.EACH:
            passed = tuple(Passed(at, Outcome.OWED) for at in islice(due, most))
        case CatchUp.SKIP:
            passed = tuple(
                Passed(at, Outcome.OWED)
                if now - at <= wanted.grace
                else Passed(at, Outcome.SKIPPED, reason=Reason.TOO_LATE)
                for at in islice(due, most)
            )
    return Plan(passed, next_after(wanted.rule, passed[-1].at, calendar))


def _newest(due: Iterator[datetime]) -> Passed:
    older, newest = 0, next(due)
    for newer in due:
        older, newest = older + 1, newer
    return Passed(newest, Outcome.OWED, folded=older)
