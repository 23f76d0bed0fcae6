"""Killed at any point and taken up again: facts exactly once, what must not be repeated at most once, parks say why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from foundation.store import Transaction
from foundation.work.runs import (
    DidNotHappen,
    Effect,
    Found,
    Happened,
    Json,
    NotClear,
    NothingHappened,
    Run,
    RunState,
    Steps,
    StepState,
    resolve,
)
from foundation.work.runs.claiming import adopt
from tests.foundation.work.runs.conftest import MakeShop
from tests.foundation.work.runs.shop import EVERYONE, Killed, Shop, put, simple

OF_A_CARRYING = {
    "read": ("before-effect:read", "after-effect:read", "in-commit:read", "after-commit:read"),
    "fact": ("in-commit:idempotent", "after-commit:idempotent"),
    "idempotent": (
        *("before-effect:idempotent", "after-effect:idempotent"),
        *("in-commit:idempotent*2", "after-commit:idempotent*2"),
    ),
    "non_repeatable": (
        *("in-begin", "begun", "before-effect:non_repeatable", "after-effect:non_repeatable"),
        *("in-commit:non_repeatable", "after-commit:non_repeatable"),
    ),
    "the end": ("before-end", "after-end"),
}
POINTS = [point for points in OF_A_CARRYING.values() for point in points]


@dataclass
class World:
    """What really happened outside the records."""

    happened: list[str] = field(default_factory=list)
    answer: Callable[[], Found] | None = None
    """What the probe says; None: what really happened."""

    def probe(self) -> Found:
        if self.answer is not None:
            return self.answer()
        return Happened("paid") if "paid" in self.happened else DidNotHappen()

    def do(self, what: str) -> Json:
        self.happened.append(what)
        return what


def all_effects(world: World, *, probed: bool = True) -> Callable[[Steps], Json]:
    """A flow with one step of each kind, each with its fact."""

    def recording(steps: Steps, name: str) -> Callable[[Transaction, Json], None]:
        return lambda transaction, outcome: put(transaction, steps.run, f"{name} {outcome}")

    def flow(steps: Steps) -> Json:
        seen = steps.read("look", lambda: world.do("looked"))
        steps.fact("write", lambda transaction: put(transaction, steps.run, f"wrote {seen}"))
        steps.idempotent("push", lambda: world.do("pushed"), key="k", record=recording(steps, "push"))
        probe = world.probe if probed else None
        steps.non_repeatable("pay", lambda: world.do("paid"), probe=probe, record=recording(steps, "pay"))
        return steps.fact("last", lambda transaction: put(transaction, steps.run, "last"))

    return flow


FACTS = {"wrote looked": 1, "push pushed": 1, "pay paid": 1, "last": 1}


def kill(shop: Shop, run: Run, point: str) -> Run | None:
    """Carry the run until it is killed there, then take it up again in a new process, if anything is left of it."""
    shop.dies_at = point
    with pytest.raises(Killed):
        shop.carry(run)
    assert not shop.dies_at
    left = adopt(shop.workshop, shop.worker())
    return left[0] if left else None


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere_once(shop_of: MakeShop, point: str) -> None:
    world = World()
    shop = shop_of(simple(flow=all_effects(world)))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    again = kill(shop, run, point)
    if again is not None:
        assert shop.carry(again) is RunState.SUCCEEDED
    see_all_is_well(shop, id_, world)


def test_killed_at_every_point_of_one_run(shop_of: MakeShop) -> None:
    world = World()
    shop = shop_of(simple(flow=all_effects(world), deaths=1000))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    for point in [*POINTS[:-1], "after-end"]:
        name, _, _ = point.partition("*")
        shop.dies_at = name
        try:
            shop.carry(run)
        except Killed:
            left = adopt(shop.workshop, shop.worker())
            if not left:
                break
            (run,) = left
    shop.dies_at = ""
    if not shop.run(id_).over:
        assert shop.carry(run) is RunState.SUCCEEDED
    see_all_is_well(shop, id_, world)


def see_all_is_well(shop: Shop, id_: str, world: World) -> None:
    assert shop.run(id_).state is RunState.SUCCEEDED
    assert shop.facts(id_) == FACTS
    assert world.happened.count("paid") == 1
    assert world.happened.count("pushed") >= 1
    assert shop.events(id_)[-1] == "succeeded"
    newest = {row.step: row.state for row in shop.steps(id_)}
    assert newest == dict.fromkeys(["look", "write", "push", "pay", "last"], StepState.DONE)


OPEN_POINTS = ("begun", "before-effect:non_repeatable", "after-effect:non_repeatable", "in-commit:non_repeatable")


@pytest.mark.parametrize("point", OPEN_POINTS)
@pytest.mark.parametrize("how", ["no probe", "not clear", "the probe fails"])
def test_without_an_answer_the_run_is_parked_and_a_person_decides(shop_of: MakeShop, point: str, how: str) -> None:
    def fails() -> Found:
        raise ConnectionError

    world = World(answer={"not clear": NotClear, "the probe fails": fails}.get(how))
    shop = shop_of(simple(flow=all_effects(world, probed=how != "no probe")))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    again = kill(shop, run, point)
    assert again is not None
    assert shop.carry(again) is RunState.PARKED
    parked = shop.run(id_)
    assert parked.reason == "work.outcome-unknown"
    assert "pay" in parked.reason_zh
    assert "pay" in parked.reason_en
    assert shop.events(id_) == ["parked"]
    happened = "paid" in world.happened
    with shop.store.transaction() as transaction:
        resolve(
            transaction, EVERYONE, id_, "pay", happened=happened, because="looked", outcome="paid", clock=shop.clock
        )
    shop.through(shop.worker())
    assert shop.facts(id_) == FACTS
    assert world.happened.count("paid") == 1


def test_a_probe_that_says_it_happened_gives_the_fact_without_doing_it_again(shop_of: MakeShop) -> None:
    world = World(answer=lambda: Happened("earlier"))
    shop = shop_of(simple(flow=all_effects(world)))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    again = kill(shop, run, "begun")
    assert again is not None
    assert shop.carry(again) is RunState.SUCCEEDED
    assert "paid" not in world.happened
    assert shop.facts(id_)["pay earlier"] == 1


def test_killed_while_the_probe_was_asked(shop_of: MakeShop) -> None:
    world = World()
    shop = shop_of(simple(flow=all_effects(world)))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    for point in ("begun", "probed", "begun", "after-effect:non_repeatable", "probed"):
        again = kill(shop, run, point)
        if again is None:
            break
        run = again
    shop.through(shop.worker())
    run = shop.run(id_)
    assert run.reason == "work.killed-too-often"
    from foundation.work.runs import retry

    with shop.store.transaction() as transaction:
        retry(transaction, EVERYONE, id_, clock=shop.clock)
    shop.through(shop.worker())
    assert shop.facts(id_) == FACTS
    assert world.happened.count("paid") == 1


class TimeOut(Exception):
    """An effect that may have taken place before it failed."""


@pytest.mark.parametrize(
    ("answer", "state", "unknown"),
    [
        (Happened("paid"), RunState.SUCCEEDED, False),
        (DidNotHappen(), RunState.SUCCEEDED, False),
        (NotClear(), RunState.PARKED, True),
    ],
)
def test_an_effect_that_fails_is_asked_about_at_once(
    shop_of: MakeShop, answer: Found, state: RunState, unknown: bool
) -> None:
    calls: list[str] = []

    def pay() -> Json:
        calls.append("pay")
        if len(calls) == 1:
            raise TimeOut
        return "paid"

    def flow(steps: Steps) -> Json:
        record = lambda transaction, outcome: put(transaction, steps.run, f"pay {outcome}")  # noqa: E731
        return steps.non_repeatable("pay", pay, probe=lambda: answer, record=record)

    shop = shop_of(simple(flow=flow))
    id_ = shop.ask("demo")
    shop.through(shop.worker())
    assert shop.run(id_).state is state
    assert shop.facts(id_) == ({} if unknown else {"pay paid": 1})
    assert len(calls) == (2 if isinstance(answer, DidNotHappen) else 1)


def test_an_effect_that_certainly_did_nothing_is_tried_again_without_asking(shop_of: MakeShop) -> None:
    calls: list[int] = []

    def pay() -> Json:
        calls.append(1)
        if len(calls) < 3:
            raise NothingHappened(because_zh="被拒绝", because_en="refused")
        return "paid"

    def probe() -> Found:
        raise AssertionError("nobody asks")

    shop = shop_of(simple(flow=lambda steps: steps.non_repeatable("pay", pay, probe=probe)))
    id_ = shop.ask("demo")
    shop.through(shop.worker())
    assert shop.run(id_).state is RunState.SUCCEEDED
    assert [row.state for row in shop.steps(id_)] == [StepState.FAILED, StepState.FAILED, StepState.DONE]


def test_what_was_read_stays_for_the_rest_of_the_run(shop_of: MakeShop) -> None:
    values = iter(range(10))
    seen: list[Any] = []

    def flow(steps: Steps) -> Json:
        seen.append(steps.read("look", lambda: next(values)))
        steps.fact("one", lambda transaction: put(transaction, steps.run, "one"))

    shop = shop_of(simple(flow=flow))
    shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    again = kill(shop, run, "after-commit:idempotent")
    assert again is not None
    shop.carry(again)
    assert seen == [0, 0]


def test_a_done_step_asked_with_other_inputs_parks_the_run(shop_of: MakeShop) -> None:
    size = [1]

    def flow(steps: Steps) -> Json:
        steps.fact("one", lambda transaction: put(transaction, steps.run, "one"), inputs={"size": size[0]})
        return steps.fact("two", lambda transaction: put(transaction, steps.run, "two"))

    shop = shop_of(simple(flow=flow))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    again = kill(shop, run, "after-commit:idempotent")
    assert again is not None
    size[0] = 2
    assert shop.carry(again) is RunState.PARKED
    assert shop.run(id_).reason == "work.step-changed"
    assert shop.facts(id_) == {"one": 1}


def test_two_steps_of_one_name_end_the_run_in_words(shop_of: MakeShop) -> None:
    def flow(steps: Steps) -> Json:
        for _ in range(2):
            steps.fact("same", lambda transaction: put(transaction, steps.run, "same"))

    shop = shop_of(simple(flow=flow))
    id_ = shop.ask("demo")
    shop.through(shop.worker())
    assert (shop.run(id_).state, shop.run(id_).reason) == (RunState.FAILED, "work.step-named-twice")
    assert shop.facts(id_) == {"same": 1}


def test_a_flow_may_try_a_failed_step_again_itself(shop_of: MakeShop) -> None:
    calls: list[int] = []

    def look() -> Json:
        calls.append(1)
        if len(calls) == 1:
            raise LookupError
        return 7

    def flow(steps: Steps) -> Json:
        try:
            return steps.read("look", look)
        except LookupError:
            return steps.read("look", look)

    shop = shop_of(simple(flow=flow))
    id_ = shop.ask("demo")
    shop.through(shop.worker())
    assert shop.run(id_).outcome == 7
    assert [(row.effect, row.state) for row in shop.steps(id_)] == [
        (Effect.READ, StepState.FAILED),
        (Effect.READ, StepState.DONE),
    ]


def returns(steps: Steps) -> Json:
    return "nothing to do"


def raises(steps: Steps) -> Json:
    raise LookupError


@pytest.mark.parametrize("flow", [returns, raises])
def test_no_run_ends_over_a_step_that_was_begun_and_is_asked_for_no_more(
    shop_of: MakeShop, flow: Callable[[Steps], Json]
) -> None:
    world = World()
    shop = shop_of(simple(flow=all_effects(world)))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker())
    again = kill(shop, run, "after-effect:non_repeatable")
    assert again is not None
    other = shop.with_kinds(simple(flow=flow, attempts=1))
    assert other.carry(again) is RunState.PARKED
    assert (shop.run(id_).reason, "pay" in shop.run(id_).reason_en) == ("work.outcome-unknown", True)
