"""Every occurrence is dealt with by its rule's catch-up and none twice, whatever the clock and the worker do."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier, Thread

import pytest

from foundation.store import Store, Transaction
from foundation.values.errors import InvalidValue
from foundation.values.working_days import WorkingYear
from foundation.work.due import (
    CatchUp,
    Cron,
    DueRule,
    EveryDay,
    MonthDay,
    Ticked,
    UnknownDueRule,
    WorkingDays,
    drop_rule,
    history,
    late,
    recompute_awaiting,
    rule_named,
    rules,
    tick,
)
from foundation.work.errors import LeaseLost
from foundation.work.runs.enqueueing import enqueue_many
from foundation.work.runs.kinds import Kind, Kinds
from foundation.work.runs.model import Job
from foundation.work.runs.tables import runs
from tests.foundation.work.due.conftest import EVERYONE, START, Due

DAY = timedelta(days=1)
TWO = EveryDay(time(2))
"""02:00 in Shanghai is 18:00 UTC the day before."""
DAYS = ["03-01T18:00", "03-02T18:00", "03-03T18:00"]
MADE_UP_2027 = WorkingYear(2027, frozenset({date(2027, 1, 1)}), frozenset())


def daily(name: str = "close", catch_up: CatchUp = CatchUp.ONCE, **more: object) -> DueRule:
    return DueRule(name, "work", TWO, catch_up=catch_up, **more)  # type: ignore[arg-type]


def test_what_is_due_becomes_one_run_with_its_inputs_and_is_due_next_time(due: Due) -> None:
    due.put(daily(inputs={"room": "a"}, agency="hrss", subject="room:a"))
    assert due.at(START + timedelta(hours=17)) == Ticked()
    assert due.at(START + timedelta(hours=18)) == Ticked(enqueued=1)
    assert due.tick() == Ticked()
    assert due.runs() == {
        "due:close:2026-03-01T18:00:00Z": {
            "room": "a",
            "due": {"rule": "close", "at": "2026-03-01T18:00:00Z", "folded": 0},
        }
    }
    assert due.at(START + DAY + timedelta(hours=18)) == Ticked(enqueued=1)
    with due.store.reading() as transaction:
        (standing,) = rules(transaction, EVERYONE)
    assert standing.next_at == datetime(2026, 3, 3, 18, tzinfo=UTC)
    assert standing.wanted == daily(inputs={"room": "a"}, agency="hrss", subject="room:a")


def test_after_three_days_of_standing_still_once_folds_each_repeats_and_skip_skips(due: Due) -> None:
    due.put(
        daily("once"),
        daily("each", CatchUp.EACH),
        daily("skip", CatchUp.SKIP, grace=timedelta(minutes=5)),
        daily("late-enough", CatchUp.SKIP, grace=timedelta(hours=2)),
    )
    ticked = due.at(datetime(2026, 3, 3, 19, tzinfo=UTC))
    assert ticked == Ticked(enqueued=5, skipped=5)
    assert due.history("once") == [(DAYS[2], "enqueued", 2, "")]
    assert due.history("each") == [(day, "enqueued", 0, "") for day in DAYS]
    assert due.history("skip") == [(day, "skipped", 0, "too-late") for day in DAYS]
    assert due.history("late-enough") == [
        (DAYS[0], "skipped", 0, "too-late"),
        (DAYS[1], "skipped", 0, "too-late"),
        (DAYS[2], "enqueued", 0, ""),
    ]
    assert due.runs()["due:once:2026-03-03T18:00:00Z"]["due"]["folded"] == 2


@pytest.mark.parametrize("catch_up", CatchUp)
def test_a_clock_a_day_ahead_and_back_again_does_nothing_twice(due: Due, catch_up: CatchUp) -> None:
    due.put(daily("a", catch_up, grace=timedelta(days=9)))
    normal = START + timedelta(hours=18)
    due.at(normal)
    due.at(normal + DAY)  # stepped ahead: tomorrow's is due by the clock
    due.at(normal + timedelta(minutes=1))
    due.at(normal + DAY)  # the day really came
    due.at(normal + 2 * DAY)
    assert due.history("a") == [(day, "enqueued", 0, "") for day in DAYS]
    assert len(due.runs()) == 3


@pytest.mark.parametrize("catch_up", CatchUp)
def test_a_clock_a_day_back_and_forward_again_does_nothing_twice(due: Due, catch_up: CatchUp) -> None:
    due.put(daily("a", catch_up, grace=timedelta(days=9)))
    normal = START + timedelta(hours=18)
    due.at(normal)
    assert due.at(normal - DAY) == Ticked()
    due.put(daily("a", catch_up, grace=timedelta(days=9), priority=1))  # changed while the clock was wrong
    due.put(DueRule("a", "work", EveryDay(time(2, 1)), catch_up=catch_up, grace=timedelta(days=9)))
    due.at(normal + timedelta(minutes=1))
    due.at(normal + DAY + timedelta(minutes=1))
    assert due.history("a") == [
        ("03-01T18:00", "enqueued", 0, ""),
        ("03-01T18:01", "enqueued", 0, ""),
        ("03-02T18:01", "enqueued", 0, ""),
    ]


def test_a_tick_killed_in_the_middle_leaves_nothing_and_the_next_does_it_all(due: Due) -> None:
    due.put(*(daily(f"a{number}", CatchUp.EACH) for number in range(20)))
    due.queue.dies = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        due.at(START + 3 * DAY)
    assert due.runs() == {}
    assert due.history("a0") == []
    due.queue.dies = None
    assert due.tick() == Ticked(enqueued=60)
    assert due.tick() == Ticked()
    assert len(due.runs()) == 60


def test_a_late_ticker_whose_lease_another_took_writes_nothing(due: Due) -> None:
    due.put(daily())
    due.clock.now += DAY
    lost = due.lease("one")
    due.lease("two")
    with pytest.raises(LeaseLost):
        tick(due.ticking, lost)
    assert due.runs() == {}


def test_two_tickers_at_once_do_everything_once(due: Due) -> None:
    due.put(*(daily(f"a{number:03}", CatchUp.EACH) for number in range(150)))
    due.clock.now += 3 * DAY
    lease = due.lease()
    together, found = Barrier(2), []

    def run() -> None:
        together.wait()
        found.append(tick(due.ticking, lease, limit=10))

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(ticked.enqueued for ticked in found) == 450
    assert len(due.runs()) == 450


def test_batches_end_where_everything_is_dealt_with(due: Due) -> None:
    due.put(*(DueRule(f"a{number}", "work", Cron("*/5 * * * *"), catch_up=CatchUp.EACH) for number in range(3)))
    due.clock.now += DAY  # 288 occurrences each: more than a transaction takes of one rule
    assert due.tick(limit=2) == Ticked(enqueued=3 * 288)


def test_the_real_queue_fits_the_port(due: Due) -> None:
    kinds = Kinds([Kind("work", "工作", "work", lambda steps: None)])
    numbers = itertools.count()

    def ids(prefix: str) -> str:
        return f"{prefix}_{next(numbers)}"

    def enqueue(transaction: Transaction, jobs: Sequence[Job]) -> Sequence[str]:
        asked = enqueue_many(transaction, jobs, kinds=kinds, clock=due.clock, ids=ids)
        return [run for run, _ in asked]

    due.put(daily("a", CatchUp.EACH, agency="hrss", subject="room:a"), DueRule("gone", "removed", TWO))
    due.clock.now += 3 * DAY
    ticking = replace(due.ticking, enqueue=enqueue)
    assert tick(ticking, due.lease()) == Ticked(enqueued=3, set_aside=1)
    assert tick(ticking, due.lease()) == Ticked()
    with due.store.reading() as transaction:
        found = {row["id"]: row["key"] for row in transaction.rows(runs.select(EVERYONE))}
        done = history(transaction, EVERYONE, "a")
    assert {each.run: due_key("a", each.at) for each in done} == found


def due_key(name: str, at: datetime) -> str:
    return daily(name).key(at)


def test_rules_changed_while_others_tick_are_neither_done_twice_nor_lost(due: Due) -> None:
    names = [f"a{number:02}" for number in range(40)]
    due.put(*(daily(name, CatchUp.EACH) for name in names))
    due.clock.now = datetime(2026, 3, 3, 19, tzinfo=UTC)
    lease, together, found = due.lease(), Barrier(2), []

    def run() -> None:
        together.wait()
        found.append(tick(due.ticking, lease, limit=4))

    ticker = Thread(target=run)
    ticker.start()
    together.wait()
    for name in reversed(names):
        due.put(DueRule(name, "work", MonthDay(20, time(2)), catch_up=CatchUp.EACH))
    ticker.join()
    found.append(tick(due.ticking, lease))
    assert sum(ticked.enqueued for ticked in found) == 3 * len(names)
    for name in names:
        assert due.history(name) == [(day, "enqueued", 0, "") for day in DAYS]
    assert len(due.runs()) == 3 * len(names)


# Putting, changing, dropping


def test_putting_the_same_rule_again_changes_nothing(due: Due) -> None:
    assert due.put(daily()) == [True]
    due.clock.now += DAY
    assert due.put(daily()) == [False]
    assert due.tick() == Ticked(enqueued=1)
    assert due.put(daily()) == [False]


def test_a_changed_time_invents_no_occurrence_before_the_change(due: Due) -> None:
    due.put(DueRule("a", "work", MonthDay(20, time(2))))
    due.clock.now += timedelta(hours=19)
    assert due.put(daily("a", CatchUp.EACH)) == [True]  # 02:00 of the 2nd had passed
    assert due.tick() == Ticked()
    due.at(START + 2 * DAY)
    assert due.history("a") == [("03-02T18:00", "enqueued", 0, "")]


def test_what_the_old_time_made_due_is_owed_and_paid(due: Due) -> None:
    due.put(daily("a", CatchUp.EACH))
    due.clock.now = datetime(2026, 3, 3, 19, tzinfo=UTC)  # nobody ticked for three days
    due.put(DueRule("a", "work", MonthDay(20, time(2)), catch_up=CatchUp.EACH))
    assert due.history("a") == [(day, "owed", 0, "") for day in DAYS]
    assert due.tick() == Ticked(enqueued=3)
    assert due.history("a") == [(day, "enqueued", 0, "") for day in DAYS]
    assert due.tick() == Ticked()


def test_changed_inputs_keep_what_is_due(due: Due) -> None:
    due.put(daily("a", CatchUp.EACH))
    due.clock.now += 2 * DAY
    due.put(daily("a", CatchUp.EACH, inputs={"new": True}))
    assert due.tick() == Ticked(enqueued=2)
    assert all(inputs["new"] for inputs in due.runs().values())


def test_a_dropped_rule_says_what_it_left_and_is_due_no_more(due: Due) -> None:
    due.put(daily("a", CatchUp.EACH))
    due.clock.now += 2 * DAY
    with due.store.transaction() as transaction:
        assert drop_rule(transaction, EVERYONE, "a", calendar=due.calendar, now=due.clock.now)
        assert not drop_rule(transaction, EVERYONE, "a", calendar=due.calendar, now=due.clock.now)
        with pytest.raises(UnknownDueRule):
            drop_rule(transaction, EVERYONE, "b", calendar=due.calendar, now=due.clock.now)
        assert rules(transaction, EVERYONE) == []
        assert [each.wanted.name for each in rules(transaction, EVERYONE, dropped=True)] == ["a"]
    assert due.at(due.clock.now + 3 * DAY) == Ticked()
    assert due.history("a") == [(day, "missed", 0, "dropped") for day in DAYS[:2]]
    due.put(daily("a", CatchUp.EACH))  # made again: it counts from now
    assert due.tick() == Ticked()
    assert due.at(due.clock.now + DAY) == Ticked(enqueued=1)


def test_late_rules_are_those_no_tick_has_dealt_with(due: Due) -> None:
    due.put(daily("a"), daily("b"))
    with due.store.reading() as transaction:
        assert late(transaction, EVERYONE, START + timedelta(hours=18)) == []
        found = late(transaction, EVERYONE, START + timedelta(hours=19))
    assert [each.wanted.name for each in found] == ["a", "b"]


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "a" * 121}, {"grace": timedelta(seconds=-1)}, {"inputs": {"due": 1}}]
)
def test_a_wrong_rule_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidValue):
        DueRule(**{"name": "a", "kind": "work", "rule": TWO, **wrong})  # type: ignore[arg-type]


# A job that cannot be taken


def test_a_job_of_an_unknown_kind_stands_aside_with_its_reason_and_holds_up_nobody(due: Due) -> None:
    gone = DueRule("gone", "removed", TWO, catch_up=CatchUp.EACH)
    due.queue.unknown = {"removed"}
    due.put(*(daily(f"a{number}") for number in range(5)), gone)
    assert due.at(START + DAY) == Ticked(enqueued=5, set_aside=1)
    assert due.tick() == Ticked()  # not asked again at once
    with due.store.reading() as transaction:
        standing = rule_named(transaction, EVERYONE, "gone")
        assert [each.wanted.name for each in late(transaction, EVERYONE, due.clock.now)] == ["gone"]
    assert standing is not None
    assert standing.trouble == "work.unknown-kind"
    assert "removed" in standing.trouble_zh
    assert "removed" in standing.trouble_en
    due.queue.unknown = set()  # the code came back
    assert due.at(START + 2 * DAY) == Ticked(enqueued=7)
    with due.store.reading() as transaction:
        standing = rule_named(transaction, EVERYONE, "gone")
    assert standing is not None
    assert (standing.trouble, standing.retry_at) == ("", None)


def test_what_is_owed_and_cannot_be_taken_stays_owed(due: Due) -> None:
    due.put(DueRule("a", "removed", TWO))
    due.clock.now += DAY
    due.put(DueRule("a", "removed", MonthDay(20, time(2))))
    due.queue.unknown = {"removed"}
    assert due.tick() == Ticked(set_aside=1)
    assert due.history("a") == [(DAYS[0], "owed", 0, "")]
    due.queue.unknown = set()
    due.clock.now += timedelta(minutes=6)
    assert due.tick() == Ticked(enqueued=1)


# Deadlines in working days


def test_a_deadline_that_awaits_its_calendar_is_computed_when_that_is_loaded(due: Due) -> None:
    due.clock.now = datetime(2026, 12, 29, tzinfo=UTC)
    due.put(DueRule("deadline", "work", WorkingDays(date(2026, 12, 30), 3, time(9))))
    due.put(DueRule("soon", "work", WorkingDays(date(2026, 12, 29), 1, time(9))))
    assert due.at(datetime(2027, 1, 20, tzinfo=UTC)) == Ticked(enqueued=1, awaiting=1)
    due.calendar = due.calendar.with_years([MADE_UP_2027])
    with due.store.transaction() as transaction:
        for computed in (1, 0):
            found = recompute_awaiting(transaction, EVERYONE, due.calendar, now=due.clock.now)
            assert (found.computed, found.awaiting) == (computed, 0)
    assert due.tick() == Ticked(enqueued=1)
    # Thursday 31 December, Monday 4 and Tuesday 5 January.
    assert due.history("deadline") == [("01-05T01:00", "enqueued", 0, "")]
    assert due.tick() == Ticked()


def test_the_tick_computes_a_deadline_whose_calendar_came_unannounced(due: Due) -> None:
    due.clock.now = datetime(2026, 12, 29, tzinfo=UTC)
    due.put(DueRule("deadline", "work", WorkingDays(date(2026, 12, 30), 3, time(9))))
    due.calendar = due.calendar.with_years([MADE_UP_2027])
    assert due.tick() == Ticked()
    with due.store.reading() as transaction:
        (standing,) = rules(transaction, EVERYONE)
    assert (standing.next_at, standing.awaiting_year) == (datetime(2027, 1, 5, 1, tzinfo=UTC), None)


def test_a_changed_notice_moves_the_deadlines_ahead_and_no_other(due: Due) -> None:
    due.put(
        DueRule("ahead", "work", WorkingDays(date(2026, 3, 2), 5, time(9))),
        DueRule("done", "work", WorkingDays(date(2026, 3, 2), 1, time(9))),
    )
    assert due.at(datetime(2026, 3, 3, 2, tzinfo=UTC)) == Ticked(enqueued=1)
    due.calendar = due.calendar.with_years(
        [WorkingYear(2026, frozenset({date(2026, 3, 3), date(2026, 3, 4)}), frozenset())]
    )
    with due.store.transaction() as transaction:
        assert recompute_awaiting(transaction, EVERYONE, due.calendar, now=due.clock.now).computed == 1
    assert due.at(datetime(2026, 3, 31, tzinfo=UTC)) == Ticked(enqueued=1)
    assert due.history("ahead") == [("03-11T01:00", "enqueued", 0, "")]
    assert due.history("done") == [("03-03T01:00", "enqueued", 0, "")]


def test_a_deadline_that_was_over_when_it_was_made_is_shown_as_missed(due: Due) -> None:
    due.put(DueRule("old", "work", WorkingDays(date(2026, 2, 2), 5, time(9))))
    assert due.at(START + 30 * DAY) == Ticked()
    assert due.history("old") == [("02-09T01:00", "missed", 0, "past-when-made")]


def test_rules_are_read_in_a_scope(store: Store, due: Due) -> None:
    from sqlalchemy import select

    from foundation.store import Scope, UnscopedQuery
    from foundation.work.due.tables import occurrence_table, rule_table

    due.put(daily("mine", agency="hrss"), daily("theirs", agency="housing"))
    due.at(START + DAY)
    hrss = Scope(frozenset({"hrss"}))
    with store.reading() as transaction:
        assert [each.wanted.name for each in rules(transaction, hrss)] == ["mine"]
        assert rule_named(transaction, hrss, "theirs") is None
        for table in (rule_table, occurrence_table):
            with pytest.raises(UnscopedQuery):
                transaction.rows(select(table))
