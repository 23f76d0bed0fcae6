"""The ticker goes on: without the lease, without the database, and over a clock set back by a day."""

from __future__ import annotations

import time as stopwatch
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta, tzinfo

import pytest
from apscheduler.schedulers import base as scheduler_base

from foundation.store import DatabaseUnavailable, Store
from foundation.work.due import CatchUp, DueRule, EveryDay, Ticked, Ticker, Ticking
from foundation.work.leases import acquire, lease_table
from tests.foundation.work.due.conftest import START, Due

EVERY = timedelta(milliseconds=50)
RULE = DueRule("a", "work", EveryDay(time(2)), catch_up=CatchUp.EACH)


def ticker(due: Due, holder: str, *, lease_length: timedelta = timedelta(seconds=30)) -> Ticker:
    return Ticker(due.ticking, holder, every=EVERY, lease_length=lease_length)


@contextmanager
def started(made: Ticker) -> Iterator[Ticker]:
    made.start()
    try:
        yield made
    finally:
        made.stop()


def wait_until(true: Callable[[], bool]) -> None:
    end = stopwatch.monotonic() + 90
    while not true():
        assert stopwatch.monotonic() < end, "it did not come true within ten seconds"
        stopwatch.sleep(0.01)


def test_a_started_ticker_ticks_at_once_and_again(due: Due) -> None:
    due.put(RULE)
    due.clock.now += timedelta(days=1)
    with started(ticker(due, "one")) as made:
        made.start()  # a second time is no second scheduler
        wait_until(lambda: len(due.runs()) == 1)
        due.clock.now += timedelta(days=1)
        wait_until(lambda: len(due.runs()) == 2)
    made.stop()


def test_one_worker_ticks_and_the_next_follows_when_it_stops(due: Due) -> None:
    due.put(RULE)
    short = timedelta(milliseconds=300)  # it asks again at a third; by the clock of the test no time passes
    first, second = ticker(due, "one", lease_length=short), ticker(due, "two", lease_length=short)
    due.clock.now += timedelta(days=1)
    with started(first):
        wait_until(lambda: len(due.runs()) == 1)
        assert second.once() is None
    due.clock.now += timedelta(days=1)
    with started(second):
        wait_until(lambda: len(due.runs()) == 2)


def test_a_lease_lost_to_another_is_not_written_under(due: Due) -> None:
    due.put(RULE)
    made = ticker(due, "one")
    assert made.once() == Ticked()
    due.clock.now += timedelta(days=1)  # its lease ran out meanwhile
    acquire(due.store, "due", "two", length=timedelta(hours=1), clock=due.clock)
    assert made.once() is None
    assert due.runs() == {}


def test_a_database_that_goes_away_is_waited_for(due: Due, monkeypatch: pytest.MonkeyPatch) -> None:
    due.put(RULE)
    made = ticker(due, "one")
    assert made.once() == Ticked()
    due.clock.now += timedelta(days=1)

    def gone(store: Store) -> None:
        raise DatabaseUnavailable(reason="connection refused")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "reading", gone)
        assert made.once() is None
    assert made.once() == Ticked(enqueued=1)


def test_a_tick_that_fails_does_not_end_the_ticker(due: Due) -> None:
    due.put(RULE)
    due.clock.now += timedelta(days=1)
    due.queue.dies = RuntimeError("a defect")
    with started(ticker(due, "one")):
        stopwatch.sleep(3 * EVERY.total_seconds())
        assert due.runs() == {}
        due.queue.dies = None
        wait_until(lambda: len(due.runs()) == 1)


def test_a_machine_clock_set_back_by_a_day_does_not_silence_the_ticker(
    due: Due, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APScheduler sleeps until a time of the wall clock, which after such a step lies a day ahead."""
    stepped = [timedelta()]

    class WallClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + stepped[0]

    def wall() -> datetime:
        return datetime.now(UTC) + stepped[0]

    monkeypatch.setattr(scheduler_base, "datetime", WallClock)
    beats = []

    class Counting(Ticker):
        def once(self) -> Ticked | None:
            beats.append(stopwatch.monotonic())
            return super().once()

    ticking = Ticking(due.store, due.ticking.scope, wall, due.queue, due.ticking.calendar)
    with started(Counting(ticking, "one", every=EVERY)):
        wait_until(lambda: len(beats) > 2)
        stepped[0] -= timedelta(days=1)
        seen = len(beats)
        wait_until(lambda: len(beats) > seen + 3)
        stepped[0] += timedelta(days=2)
        seen = len(beats)
        wait_until(lambda: len(beats) > seen + 3)


def test_a_stopped_ticker_lets_its_lease_go(due: Due) -> None:
    with started(ticker(due, "one", lease_length=timedelta(hours=9))):
        wait_until(lambda: _holder(due.store) == "one")
    assert acquire(due.store, "due", "two", length=timedelta(hours=1), clock=lambda: START).holder == "two"


def _holder(store: Store) -> str | None:
    with store.reading() as transaction:
        found: str | None = transaction.value(lease_table.select().with_only_columns(lease_table.c.holder))
        return found
