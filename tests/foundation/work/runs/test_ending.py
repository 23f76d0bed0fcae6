"""How attempts end: budgets, deadlines, poisoned jobs, a database that is away, a worker that stops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from foundation.store import CommitUnknown, DatabaseUnavailable, Store, Transaction
from foundation.values.errors import GuanyunError
from foundation.work.runs import Backoff, Json, RunState, Steps, StepState, recording
from tests.foundation.work.runs.conftest import MakeShop
from tests.foundation.work.runs.shop import NOON, ids_of, put, simple


class Busy(GuanyunError):
    code = "test.busy"
    zh = "对方忙:{who}"
    en = "{who} is busy"


def poisoned(steps: Steps) -> Json:
    steps.fact("one", lambda transaction: put(transaction, steps.run, "one"))
    steps.read("look", lambda: {}["secret"])


def test_a_poisoned_job_fails_after_its_attempts_and_holds_nobody_up(shop_of: MakeShop) -> None:
    shop = shop_of(simple("poison", flow=poisoned, attempts=4, concurrency=1), simple())
    bad = shop.ask("poison", agency="hrss")
    good = [shop.ask("demo", agency="hrss"), shop.ask("poison", agency="housing")]
    shop.through(shop.worker())
    run = shop.run(bad)
    assert (run.state, run.failures, run.reason) == (RunState.FAILED, 4, "work.defect")
    assert "KeyError" in run.reason_zh
    assert "KeyError" in run.reason_en
    assert "secret" not in run.reason_zh + run.reason_en
    assert shop.run(good[0]).state is RunState.SUCCEEDED
    assert shop.facts(bad) == {"one": 1}
    assert [row.state for row in shop.steps(bad)] == [StepState.DONE, *[StepState.FAILED] * 4]
    assert shop.events(bad) == ["failed"]


def test_between_two_attempts_the_waits_grow_and_others_go_first(shop_of: MakeShop) -> None:
    backoff = Backoff(timedelta(seconds=10), timedelta(minutes=1))
    shop = shop_of(simple("poison", flow=poisoned, attempts=5, backoff=backoff), simple())
    bad = shop.ask("poison")
    worker = shop.worker()
    waits = []
    for _ in range(4):
        (run,) = shop.claim(worker)
        shop.carry(run)
        run = shop.run(bad)
        assert run.reason == "work.defect"  # seen while it waits
        waits.append((run.not_before - run.updated_at).total_seconds())
        good = shop.ask("demo")
        assert ids_of(shop.claim(worker)) == [good]
        shop.carry(shop.run(good))
        shop.clock.step(seconds=waits[-1] + 1)
        shop.beat(worker)
    assert [base <= wait <= base * 1.25 for base, wait in zip((10, 20, 40, 60), waits, strict=True)] == [True] * 4


@pytest.mark.parametrize(("transient", "failures"), [((Busy,), 3), ((), 1)])
def test_an_error_of_ours_is_tried_again_only_where_the_kind_calls_it_transient(
    shop_of: MakeShop, transient: tuple[type[Exception], ...], failures: int
) -> None:
    def flow(steps: Steps) -> Json:
        raise Busy(who="cloud")

    shop = shop_of(simple(flow=flow, attempts=3, transient=transient))
    id_ = shop.ask("demo")
    shop.through(shop.worker())
    run = shop.run(id_)
    assert (run.state, run.failures, run.reason, run.reason_zh) == (
        RunState.FAILED,
        failures,
        "test.busy",
        "对方忙:cloud",
    )


def test_a_deadline_that_passed_ends_the_run_in_words(shop_of: MakeShop) -> None:
    shop = shop_of()

    def slow(steps: Steps) -> Json:
        steps.fact("one", lambda transaction: put(transaction, steps.run, "one"))
        shop.clock.step(hours=2)
        steps.fact("two", lambda transaction: put(transaction, steps.run, "two"))

    shop = shop.with_kinds(simple(flow=slow))
    id_ = shop.ask("demo", deadline=NOON + timedelta(hours=1))
    (run,) = shop.claim(shop.worker())
    assert shop.carry(run) is RunState.FAILED
    assert shop.facts(id_) == {"one": 1}
    assert (shop.run(id_).reason, shop.run(id_).failures) == ("work.deadline-passed", 1)
    late = shop.ask("demo", deadline=NOON)
    (run,) = shop.claim(shop.worker())
    assert shop.carry(run) is RunState.FAILED
    assert shop.facts(late) == {}


def test_a_worker_that_stops_leaves_the_run_to_the_next_without_a_failure_or_a_death(shop_of: MakeShop) -> None:
    stopping: list[bool] = []

    def flow(steps: Steps) -> Json:
        steps.fact("one", lambda transaction: put(transaction, steps.run, "one"))
        stopping.append(True)
        steps.fact("two", lambda transaction: put(transaction, steps.run, "two"))

    shop = shop_of(simple(flow=flow))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker("a"))
    assert shop.carry(run, stopping=lambda: bool(stopping)) is RunState.QUEUED
    assert (shop.run(id_).failures, shop.run(id_).deaths) == (0, 0)
    shop.through(shop.worker("b"))
    assert shop.facts(id_) == {"one": 1, "two": 1}


def test_an_outcome_that_is_no_json_is_a_failure_in_words(shop_of: MakeShop) -> None:
    shop = shop_of(simple(flow=lambda steps: object(), attempts=1))
    id_ = shop.ask("demo")
    shop.through(shop.worker())
    assert shop.run(id_).state is RunState.FAILED
    assert shop.run(id_).reason


# A database that is away


class Weather:
    """Makes a store's writing transactions fail, before or after their commit."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.before = 0
        self.after = 0
        self.looks_fail = 0
        real, reading = Store.transaction, Store.reading
        weather = self

        @contextmanager
        def transaction(self: Store, **how: Any) -> Iterator[Transaction]:
            if weather.before:
                weather.before -= 1
                raise DatabaseUnavailable(reason="test")
            with real(self, **how) as opened:
                yield opened
            if weather.after:
                weather.after -= 1
                raise CommitUnknown(reason="test")

        @contextmanager
        def look(self: Store) -> Iterator[Transaction]:
            if weather.looks_fail:
                weather.looks_fail -= 1
                raise DatabaseUnavailable(reason="test")
            with reading(self) as opened:
                yield opened

        monkeypatch.setattr(Store, "transaction", transaction)
        monkeypatch.setattr(Store, "reading", look)
        monkeypatch.setattr(recording.time, "sleep", lambda seconds: None)


Break = Callable[[Weather], None]


@pytest.fixture
def weather(store: Store, monkeypatch: pytest.MonkeyPatch) -> Weather:
    return Weather(store, monkeypatch)


def away(weather: Weather) -> None:
    weather.before = 3


def commit_unknown(weather: Weather) -> None:
    weather.after = 1


def commit_unknown_and_then_away(weather: Weather) -> None:
    weather.after, weather.looks_fail = 1, 2


@pytest.mark.parametrize("breaking", [away, commit_unknown, commit_unknown_and_then_away])
@pytest.mark.parametrize("where", ["idempotent", "non_repeatable", "end"])
def test_what_is_done_gets_into_the_records_once_the_database_is_back(
    shop_of: MakeShop, weather: Weather, where: str, breaking: Break
) -> None:
    happened: list[str] = []

    def effect(name: str) -> Callable[[], Json]:
        def do() -> Json:
            happened.append(name)
            if name == where:
                breaking(weather)

        return do

    def flow(steps: Steps) -> Json:
        def record(name: str) -> Callable[[Transaction, Json], None]:
            return lambda transaction, _: put(transaction, steps.run, name)

        steps.idempotent("push", effect("idempotent"), key="k", record=record("push"))
        steps.non_repeatable("pay", effect("non_repeatable"), record=record("pay"))
        if where == "end":
            breaking(weather)

    shop = shop_of(simple(flow=flow))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    state = shop.carry(run)
    weather.looks_fail = 0
    assert shop.run(id_).state is RunState.SUCCEEDED
    # An end that had come through after all cannot be told from a claim that was lost; nothing is written twice.
    assert state is RunState.SUCCEEDED or (where == "end" and breaking is not away)
    assert happened == ["idempotent", "non_repeatable"]
    assert shop.facts(id_) == {"push": 1, "pay": 1}
    assert (shop.run(id_).failures, shop.run(id_).done) == (0, 2)


def test_a_database_away_between_two_steps_costs_no_attempt(shop_of: MakeShop, weather: Weather) -> None:
    def flow(steps: Steps) -> Json:
        steps.progress(1, 2)
        return steps.fact("one", lambda transaction: put(transaction, steps.run, "one"))

    shop = shop_of(simple(flow=flow, attempts=1))
    id_ = shop.ask("demo")
    worker = shop.worker()
    (run,) = shop.claim(worker)
    weather.before = 1
    assert shop.carry(run) is RunState.QUEUED
    assert (shop.run(id_).failures, shop.run(id_).reason) == (0, "store.unavailable")
    shop.clock.step(minutes=1)
    shop.through(shop.worker())
    assert shop.facts(id_) == {"one": 1}
