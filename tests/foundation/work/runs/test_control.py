"""What a person may do to a run in each of its states: the whole table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from foundation.store import Transaction
from foundation.work.runs import (
    Asked,
    Backoff,
    DidNotHappen,
    Happened,
    Json,
    NotClear,
    Run,
    RunState,
    Steps,
    StepState,
    UnknownRun,
    WrongState,
    cancel,
    pause,
    resolve,
    resume,
    retry,
)
from foundation.work.runs.ending import park
from foundation.work.runs.errors import KilledTooOften
from tests.foundation.work.runs.conftest import MakeShop
from tests.foundation.work.runs.shop import EVERYONE, NOON, Killed, Shop, ids_of, put, simple

Act = Callable[[Transaction, Shop, str], Run]

ACTS: dict[str, Act] = {
    "cancel": lambda transaction, shop, id_: cancel(transaction, EVERYONE, id_, because="no", clock=shop.clock),
    "pause": lambda transaction, shop, id_: pause(transaction, EVERYONE, id_, because="wait", clock=shop.clock),
    "resume": lambda transaction, shop, id_: resume(transaction, EVERYONE, id_, clock=shop.clock),
    "retry": lambda transaction, shop, id_: retry(transaction, EVERYONE, id_, clock=shop.clock),
    "resolve": lambda transaction, shop, id_: resolve(
        transaction, EVERYONE, id_, "pay", happened=True, because="seen", clock=shop.clock
    ),
}
WRONG = "wrong state"
SAME = "same"
AFTER: dict[str, dict[str, tuple[RunState, Asked] | str]] = {
    "queued": {
        "cancel": (RunState.CANCELLED, Asked.NOTHING),
        "pause": (RunState.PAUSED, Asked.NOTHING),
        "resume": SAME,
        "retry": SAME,
        "resolve": WRONG,
    },
    "waiting for a retry": {
        "cancel": (RunState.CANCELLED, Asked.NOTHING),
        "pause": (RunState.PAUSED, Asked.NOTHING),
        "resume": SAME,
        "retry": (RunState.QUEUED, Asked.NOTHING),
        "resolve": WRONG,
    },
    "running": {
        "cancel": (RunState.RUNNING, Asked.CANCEL),
        "pause": (RunState.RUNNING, Asked.PAUSE),
        "resume": SAME,
        "retry": WRONG,
        "resolve": WRONG,
    },
    "asked to pause": {
        "cancel": (RunState.RUNNING, Asked.CANCEL),
        "pause": SAME,
        "resume": (RunState.RUNNING, Asked.NOTHING),
        "retry": WRONG,
        "resolve": WRONG,
    },
    "asked to cancel": {"cancel": SAME, "pause": SAME, "resume": SAME, "retry": WRONG, "resolve": WRONG},
    "paused": {
        "cancel": (RunState.CANCELLED, Asked.NOTHING),
        "pause": SAME,
        "resume": (RunState.QUEUED, Asked.NOTHING),
        "retry": WRONG,
        "resolve": WRONG,
    },
    "parked": {
        "cancel": (RunState.CANCELLED, Asked.NOTHING),
        "pause": WRONG,
        "resume": WRONG,
        "retry": (RunState.QUEUED, Asked.NOTHING),
        "resolve": WRONG,
    },
    "outcome unknown": {
        "cancel": (RunState.CANCELLED, Asked.NOTHING),
        "pause": WRONG,
        "resume": WRONG,
        "retry": (RunState.QUEUED, Asked.NOTHING),
        "resolve": (RunState.QUEUED, Asked.NOTHING),
    },
    "succeeded": {"cancel": WRONG, "pause": WRONG, "resume": WRONG, "retry": WRONG, "resolve": WRONG},
    "failed": {
        "cancel": WRONG,
        "pause": WRONG,
        "resume": WRONG,
        "retry": (RunState.QUEUED, Asked.NOTHING),
        "resolve": WRONG,
    },
    "cancelled": {
        "cancel": SAME,
        "pause": WRONG,
        "resume": WRONG,
        "retry": (RunState.QUEUED, Asked.NOTHING),
        "resolve": WRONG,
    },
}


def fails(steps: Steps) -> Json:
    raise LookupError


def pays(steps: Steps) -> Json:
    def record(transaction: Transaction, outcome: Json) -> None:
        put(transaction, steps.run, "pay")

    return steps.non_repeatable("pay", lambda: None, record=record)


@pytest.fixture
def kinds_shop(shop_of: MakeShop) -> Shop:
    return shop_of(simple(concurrency=99), simple("fails", flow=fails, attempts=2), simple("pays", flow=pays))


def stand(shop: Shop, state: str) -> str:
    """A run in that state: its id."""
    id_ = shop.ask({"waiting for a retry": "fails", "failed": "fails", "outcome unknown": "pays"}.get(state, "demo"))
    worker = shop.worker()
    with shop.store.transaction() as transaction:
        if state in {"paused", "cancelled"}:
            ACTS["pause" if state == "paused" else "cancel"](transaction, shop, id_)
        if state == "parked":
            park(shop.workshop, transaction, shop.run(id_), KilledTooOften(times=5))
    if state in {"queued", "paused", "cancelled", "parked"}:
        return id_
    (run,) = shop.claim(worker, only=id_)
    with shop.store.transaction() as transaction:
        if state.startswith("asked to"):
            ACTS[state.removeprefix("asked to ")](transaction, shop, id_)
    if state in {"succeeded", "waiting for a retry"}:
        shop.carry(run)
    if state == "failed":
        shop.carry(run)
        shop.clock.step(seconds=20)
        shop.carry(shop.claim(worker, only=id_)[0])
    if state == "outcome unknown":
        killed_after_paying(shop, run)
        shop.carry(shop.claim(shop.worker(), only=id_)[0])
    return id_


def killed_after_paying(shop: Shop, run: Run) -> None:
    shop.dies_at = "after-effect:non_repeatable"
    with pytest.raises(Killed):
        shop.carry(run)
    from foundation.work.runs.claiming import take_back

    take_back(shop.workshop, shop.worker(), ())


@pytest.mark.parametrize("state", AFTER)
def test_what_may_be_done_in_each_state(kinds_shop: Shop, state: str) -> None:
    for act, expected in AFTER[state].items():
        see(kinds_shop, state, act, expected)


def see(shop: Shop, state: str, act: str, expected: tuple[RunState, Asked] | str) -> None:
    id_ = stand(shop, state)
    before = shop.run(id_)

    def do() -> Run:
        with shop.store.transaction() as transaction:
            return ACTS[act](transaction, shop, id_)

    if expected == WRONG:
        with pytest.raises(WrongState, match=before.state.value):
            do()
        assert shop.run(id_) == before, act
    elif expected == SAME:
        assert do() == before == shop.run(id_), act
    else:
        after = do()
        assert (after.state, after.asked) == expected, act
        assert shop.run(id_) == after
        if after.state in {RunState.PAUSED, RunState.CANCELLED}:
            assert after.reason
            assert after.reason_zh


def test_a_run_that_is_not_there_is_said(shop: Shop) -> None:
    for act in ACTS.values():
        with pytest.raises(UnknownRun), shop.store.transaction() as transaction:
            act(transaction, shop, "run_0")


def test_a_running_run_is_cancelled_at_its_next_step(shop: Shop) -> None:
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    with shop.store.transaction() as transaction:
        cancel(transaction, EVERYONE, id_, because="no", clock=shop.clock)
    assert shop.carry(run) is RunState.CANCELLED
    assert shop.facts(id_) == {"one": 1}
    assert shop.events(id_) == ["cancelled"]


def test_a_running_run_pauses_at_its_next_step_and_goes_on_from_there(shop: Shop) -> None:
    id_ = shop.ask("demo")
    worker = shop.worker()
    (run,) = shop.claim(worker)
    with shop.store.transaction() as transaction:
        pause(transaction, EVERYONE, id_, because="wait", clock=shop.clock)
    assert shop.carry(run) is RunState.PAUSED
    assert shop.run(id_).reason == "work.paused"
    with shop.store.transaction() as transaction:
        resume(transaction, EVERYONE, id_, clock=shop.clock)
    shop.through(worker)
    assert shop.run(id_).state is RunState.SUCCEEDED
    assert shop.facts(id_) == {"one": 1, "two": 1}


def test_a_pause_asked_for_before_the_worker_stopped_can_be_taken_back(shop: Shop) -> None:
    id_ = shop.ask("demo")
    worker = shop.worker()
    (run,) = shop.claim(worker)
    with shop.store.transaction() as transaction:
        pause(transaction, EVERYONE, id_, because="wait", clock=shop.clock)
    shop.carry(run, stopping=lambda: True)
    with shop.store.transaction() as transaction:
        assert resume(transaction, EVERYONE, id_, clock=shop.clock).asked is Asked.NOTHING
    shop.through(worker)
    assert shop.run(id_).state is RunState.SUCCEEDED


def test_a_retry_starts_with_a_fresh_budget_and_without_the_deadline_that_passed(shop_of: MakeShop) -> None:
    shop = shop_of(simple(flow=fails, attempts=2, backoff=Backoff(timedelta(seconds=1))))
    id_ = shop.ask("demo", deadline=NOON + timedelta(days=1))
    worker = shop.worker()
    shop.through(worker)
    assert (shop.run(id_).state, shop.run(id_).failures) == (RunState.FAILED, 2)
    shop.clock.step(days=2)
    with shop.store.transaction() as transaction:
        again = retry(transaction, EVERYONE, id_, clock=shop.clock)
    assert (again.failures, again.deaths, again.deadline, again.ended_at, again.reason) == (0, 0, None, None, "")


def test_a_retry_goes_on_after_the_steps_that_are_done(shop_of: MakeShop) -> None:
    broken = [True]

    def flow(steps: Steps) -> Json:
        steps.fact("one", lambda transaction: put(transaction, steps.run, "one"))
        if broken[0]:
            raise LookupError
        return steps.fact("two", lambda transaction: put(transaction, steps.run, "two"))

    shop = shop_of(simple(flow=flow, attempts=1))
    id_ = shop.ask("demo")
    worker = shop.worker()
    shop.through(worker)
    broken[0] = False
    with shop.store.transaction() as transaction:
        retry(transaction, EVERYONE, id_, clock=shop.clock)
    shop.through(worker)
    assert shop.facts(id_) == {"one": 1, "two": 1}


@pytest.mark.parametrize("happened", [True, False])
def test_a_person_says_what_became_of_a_step_and_the_run_goes_on(kinds_shop: Shop, happened: bool) -> None:
    id_ = stand(kinds_shop, "outcome unknown")
    with kinds_shop.store.transaction() as transaction:
        resolve(transaction, EVERYONE, id_, "pay", happened=happened, because="bank", clock=kinds_shop.clock)
    kinds_shop.through(kinds_shop.worker())
    assert kinds_shop.run(id_).state is RunState.SUCCEEDED
    assert kinds_shop.facts(id_) == {"pay": 1}
    states = [row.state for row in kinds_shop.steps(id_)]
    assert states == ([StepState.DONE] if happened else [StepState.FAILED, StepState.DONE])


def test_what_a_person_says_holds_also_after_the_deadline(kinds_shop: Shop) -> None:
    """The effect took place: its fact is written, whatever the run's end."""
    id_ = kinds_shop.ask("pays", deadline=NOON + timedelta(hours=1))
    (run,) = kinds_shop.claim(kinds_shop.worker())
    killed_after_paying(kinds_shop, run)
    kinds_shop.clock.step(hours=2)
    kinds_shop.through(kinds_shop.worker())
    assert kinds_shop.run(id_).reason == "work.outcome-unknown"
    with kinds_shop.store.transaction() as transaction:
        resolve(transaction, EVERYONE, id_, "pay", happened=True, because="bank", clock=kinds_shop.clock)
    kinds_shop.through(kinds_shop.worker())
    assert kinds_shop.facts(id_) == {"pay": 1}


@pytest.mark.parametrize(
    ("answer", "facts", "state"),
    [
        (Happened(), {"pay": 1}, RunState.CANCELLED),
        (DidNotHappen(), {}, RunState.CANCELLED),
        (NotClear(), {}, RunState.PARKED),
    ],
)
def test_a_cancelled_run_first_learns_what_became_of_a_step_that_was_begun(
    shop_of: MakeShop, answer: Happened | DidNotHappen | NotClear, facts: dict[str, int], state: RunState
) -> None:
    done: list[int] = []

    def flow(steps: Steps) -> Json:
        def record(transaction: Transaction, outcome: Json) -> None:
            put(transaction, steps.run, "pay")

        steps.non_repeatable("pay", lambda: done.append(1), probe=lambda: answer, record=record)
        return steps.fact("last", lambda transaction: put(transaction, steps.run, "last"))

    shop = shop_of(simple(flow=flow))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    killed_after_paying(shop, run)
    with shop.store.transaction() as transaction:
        assert cancel(transaction, EVERYONE, id_, because="no", clock=shop.clock).asked is Asked.CANCEL
    worker = shop.worker()
    assert ids_of(shop.claim(worker)) == [id_]
    shop.carry(shop.run(id_))
    assert shop.run(id_).state is state
    assert shop.facts(id_) == facts
    assert done == [1]
