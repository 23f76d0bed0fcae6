"""Waits between retries, and the progress that page, command line and log show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from foundation.work.runs import Asked, Backoff, Progress, Run, RunState, progress_of
from tests.foundation.work.runs.shop import NOON

durations = st.timedeltas(timedelta(milliseconds=1), timedelta(hours=1))


@given(durations, durations, st.integers(1, 10_000), st.integers(0, 2**63))
def test_a_wait_grows_up_to_its_most_and_a_quarter(
    first: timedelta, most: timedelta, failures: int, spread: int
) -> None:
    backoff = Backoff(first, most)
    wait = backoff.wait(failures, spread)
    base = min(first, most) if failures == 1 else most
    assert min(first, most) <= wait <= most * 1.25 + timedelta(microseconds=1)
    assert backoff.wait(failures + 1, spread) >= wait
    assert failures < 60 or wait >= base


def test_waits_double() -> None:
    backoff = Backoff(timedelta(seconds=2), timedelta(minutes=5))
    assert [backoff.wait(failures, 0).total_seconds() for failures in (1, 2, 3, 8, 9)] == [2, 4, 8, 256, 300]


def test_runs_that_failed_together_do_not_come_back_together() -> None:
    assert len({Backoff().wait(1, number) for number in range(256)}) == 256


RUN = Run(
    number=1,
    id="run_1",
    kind="demo",
    version=1,
    agency="",
    subject="",
    inputs={},
    input_digest="",
    key="1",
    account="",
    person="",
    priority=5,
    state=RunState.RUNNING,
    asked=Asked.NOTHING,
    not_before=NOON,
    deadline=None,
    attempt=1,
    failures=0,
    deaths=0,
    worker="a",
    worker_number=1,
    done=0,
    total=0,
    note="",
    outcome=None,
    reason="",
    **{"reason_exit": 0} if "reason_exit" in Run.__dataclass_fields__ else {},
    reason_zh="",
    reason_en="",
    enqueued_at=NOON,
    started_at=NOON,
    updated_at=NOON,
    ended_at=None,
)


def test_the_time_left_is_that_of_the_same_speed() -> None:
    run = replace(RUN, done=25, total=100, updated_at=NOON + timedelta(seconds=50))
    assert progress_of(run, NOON + timedelta(seconds=50)).remaining == timedelta(seconds=150)
    assert progress_of(run, NOON + timedelta(seconds=80)).remaining == timedelta(seconds=120)
    assert progress_of(run, NOON + timedelta(hours=1)).remaining == timedelta()


def test_without_a_total_nothing_is_said_of_the_time_left() -> None:
    assert progress_of(replace(RUN, done=3), NOON) == Progress(3, 0, "", None)
    assert progress_of(replace(RUN, done=0, total=9), NOON).remaining is None
    assert progress_of(replace(RUN, done=3, total=9, state=RunState.PAUSED), NOON).remaining is None


@given(st.integers(0, 50), st.integers(0, 50), st.integers(-90_000, 90_000), st.integers(-90_000, 90_000))
def test_a_clock_that_was_set_never_makes_the_time_left_negative(done: int, total: int, spent: int, ago: int) -> None:
    run = replace(RUN, done=done, total=total, updated_at=NOON + timedelta(seconds=spent))
    remaining = progress_of(run, NOON + timedelta(seconds=spent + ago)).remaining
    assert remaining is None or remaining >= timedelta()
