"""Workers that die, stall, are replaced, or know another version of the program."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from foundation.work.errors import LeaseLost
from foundation.work.runs import Job, Json, Kind, Run, RunState, Steps, StepState, Worker, enqueue
from foundation.work.runs.claiming import adopt, park_strangers, take_back
from tests.foundation.work.runs.conftest import MakeShop
from tests.foundation.work.runs.shop import LENGTH, Killed, Shop, flow_of, ids_of, put, simple

TakeOver = Callable[[Shop, str], Worker]


def by_name(shop: Shop, id_: str) -> Worker:
    """The process of the same name was started again and has adopted the run."""
    worker = shop.worker("a")
    assert ids_of(adopt(shop.workshop, worker)) == [id_]
    return worker


def by_lease(shop: Shop, id_: str) -> Worker:
    """The first worker's lease ran out (it stalls), and another took its run from the queue."""
    shop.clock.step(seconds=LENGTH.total_seconds() + 1)
    worker = shop.worker("b")
    assert ids_of(take_back(shop.workshop, worker, ())) == [id_]
    assert ids_of(shop.claim(worker)) == [id_]
    return worker


def by_lease_unclaimed(shop: Shop, id_: str) -> Worker:
    """As before, and nobody has claimed it yet."""
    shop.clock.step(seconds=LENGTH.total_seconds() + 1)
    worker = shop.worker("b")
    take_back(shop.workshop, worker, ())
    return worker


def name_only(shop: Shop, id_: str) -> Worker:
    """Its name was taken; the run itself has not been looked at yet."""
    return shop.worker("a")


Stall = Callable[[], Json]


def in_a_fact(steps: Steps, stall: Stall) -> Json:
    stall()
    return steps.fact("fact", lambda transaction: put(transaction, steps.run, "fact"))


def in_an_effect(steps: Steps, stall: Stall) -> Json:
    return steps.idempotent("push", stall, key="k", record=lambda tx, _: put(tx, steps.run, "push"))


def before_it_begins(steps: Steps, stall: Stall) -> Json:
    stall()
    return steps.non_repeatable("pay", lambda: pytest.fail("it has lost its claim"))


def in_what_must_not_be_repeated(steps: Steps, stall: Stall) -> Json:
    return steps.non_repeatable("pay", stall, record=lambda tx, _: put(tx, steps.run, "pay"))


def in_what_fails(steps: Steps, stall: Stall) -> Json:
    def do() -> Json:
        stall()
        raise LookupError

    return steps.non_repeatable("pay", do)


def in_a_failed_look(steps: Steps, stall: Stall) -> Json:
    def look() -> Json:
        stall()
        raise LookupError

    return steps.read("look", look)


def before_its_end(steps: Steps, stall: Stall) -> Json:
    stall()
    return "written by the first"


def before_it_fails(steps: Steps, stall: Stall) -> Json:
    stall()
    raise LookupError


def before_it_says_how_far_it_is(steps: Steps, stall: Stall) -> Json:
    stall()
    steps.progress(1, 2)
    return None


PLACES = [
    *(in_a_fact, in_an_effect, before_it_begins, in_what_must_not_be_repeated, in_what_fails, in_a_failed_look),
    *(before_its_end, before_it_fails, before_it_says_how_far_it_is),
]


@pytest.mark.parametrize("take_over", [by_name, by_lease, by_lease_unclaimed, name_only])
@pytest.mark.parametrize("place", PLACES)
def test_a_worker_that_lost_its_run_writes_nothing_more(
    shop_of: MakeShop, take_over: TakeOver, place: Callable[[Steps, Stall], Json]
) -> None:
    """It stalls in the middle; a second worker takes over; then it wakes up."""
    after: list[tuple[Run, int]] = []

    def stall() -> None:
        take_over(shop, id_)
        after.append((shop.run(id_), len(shop.steps(id_))))

    shop = shop_of(simple(flow=lambda steps: place(steps, stall)))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker("a"))
    assert shop.carry(run) is None
    assert [(shop.run(id_), len(shop.steps(id_)))] == after
    assert {row.state for row in shop.steps(id_)} <= {StepState.BEGUN}
    assert shop.facts() == {}
    assert shop.events(id_) == []


def test_while_a_step_commits_the_run_cannot_be_taken_and_afterwards_its_fact_is_seen(shop_of: MakeShop) -> None:
    """PostgreSQL: the taking over waits for the open transaction."""
    taking: list[threading.Thread] = []
    shop = shop_of()

    def flow(steps: Steps) -> Json:
        def record(transaction: object) -> None:
            put(transaction, steps.run, "one")  # type: ignore[arg-type]
            taking.append(threading.Thread(target=lambda: adopt(shop.workshop, shop.worker("a"))))
            taking[0].start()
            taking[0].join(0.3)

        steps.fact("one", record)
        taking[0].join()

    shop = shop.with_kinds(simple(flow=flow))
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker("a"))
    assert shop.carry(run) is None
    assert [row.step for row in shop.steps(id_)] == ["one"]
    assert shop.facts(id_) == {"one": 1}
    assert shop.run(id_).attempt == 2


def test_what_a_dead_worker_left_goes_on_under_its_name_as_a_new_attempt(shop: Shop) -> None:
    id_ = shop.ask("demo")
    (run,) = shop.claim(shop.worker("a"))
    shop.dies_at = "after-commit:idempotent"
    with pytest.raises(Killed):
        shop.carry(run)
    worker = shop.worker("a")
    (again,) = adopt(shop.workshop, worker)
    assert (again.attempt, again.deaths, again.worker_number) == (2, 1, worker.lease.number)
    assert again.name != run.name
    shop.carry(again)
    assert shop.facts(id_) == {"one": 1, "two": 1}


def test_a_live_workers_runs_are_left_alone(shop: Shop) -> None:
    shop.ask("demo")
    shop.claim(shop.worker("a"))
    second = shop.worker("b")
    assert take_back(shop.workshop, second, ()) == []
    assert adopt(shop.workshop, second) == []


def test_a_run_that_is_in_none_of_its_workers_threads_goes_back(shop: Shop) -> None:
    id_ = shop.ask("demo")
    worker = shop.worker("a")
    shop.claim(worker)
    assert take_back(shop.workshop, worker, {id_}) == []
    assert ids_of(take_back(shop.workshop, worker, ())) == [id_]
    assert (shop.run(id_).state, shop.run(id_).deaths) == (RunState.QUEUED, 1)


def test_a_worker_without_its_lease_takes_nothing(shop: Shop) -> None:
    shop.ask("demo")
    first = shop.worker("a")
    shop.claim(first)
    shop.worker("a")
    for act in (lambda: take_back(shop.workshop, first, ()), lambda: adopt(shop.workshop, first)):
        with pytest.raises(LeaseLost):
            act()


def test_a_run_under_which_the_process_dies_too_often_is_parked_and_says_so(shop_of: MakeShop) -> None:
    shop = shop_of(simple(deaths=3), simple("other", deaths=3))
    id_, other = shop.ask("demo"), shop.ask("other")
    shop.claim(shop.worker())
    for _ in range(3):
        adopt(shop.workshop, shop.worker())
    assert [shop.run(run).state for run in (id_, other)] == [RunState.PARKED] * 2
    assert shop.run(id_).reason == "work.killed-too-often"
    assert "3" in shop.run(id_).reason_zh
    assert shop.events(id_) == ["parked"]


def test_a_foreground_command_takes_over_its_own_run_only(shop: Shop) -> None:
    own, other = shop.ask("demo"), shop.ask("demo")
    shop.claim(shop.worker("a"))
    worker = shop.worker("a")
    assert ids_of(adopt(shop.workshop, worker, only=own)) == [own]
    assert shop.run(other).state is RunState.QUEUED
    assert shop.claim(worker, only=own) == []


# Versions


def versions(*, version: int = 1, finishes: frozenset[int] = frozenset()) -> Kind:
    return simple(version=version, finishes=finishes, flow=flow_of("one", "two"))


def test_a_kind_that_was_removed_parks_its_waiting_runs_with_the_reason(shop_of: MakeShop) -> None:
    old = shop_of(simple(), simple("gone"))
    id_ = old.ask("gone")
    new = old.with_kinds(simple())
    assert park_strangers(new.workshop, new.worker()) == [id_]
    assert (new.run(id_).state, new.run(id_).reason) == (RunState.PARKED, "work.code-removed")
    assert "gone" in new.run(id_).reason_zh
    assert new.events(id_) == ["parked"]


def test_a_kind_that_was_removed_parks_what_was_under_way(shop_of: MakeShop) -> None:
    old = shop_of(simple(), simple("gone"))
    id_ = old.ask("gone")
    old.claim(old.worker("a"))
    new = old.with_kinds(simple())
    worker = new.worker("a")
    assert adopt(new.workshop, worker) == []
    assert park_strangers(new.workshop, worker) == [id_]


@pytest.mark.parametrize(("finishes", "ends"), [(frozenset({1}), RunState.SUCCEEDED), (frozenset(), RunState.PARKED)])
@pytest.mark.parametrize("under_way", [True, False])
def test_a_new_version_finishes_what_an_old_one_began_or_parks_it(
    shop_of: MakeShop, finishes: frozenset[int], ends: RunState, under_way: bool
) -> None:
    old = shop_of(versions())
    id_ = old.ask("demo")
    if under_way:
        (run,) = old.claim(old.worker("a"))
        old.dies_at = "after-commit:idempotent"
        with pytest.raises(Killed):
            old.carry(run)
    new = old.with_kinds(versions(version=2, finishes=finishes))
    worker = new.worker("a")
    for run in adopt(new.workshop, worker):
        new.carry(run)
    park_strangers(new.workshop, worker)
    new.through(worker)
    assert new.run(id_).state is ends
    if ends is RunState.PARKED:
        assert new.run(id_).reason == "work.code-changed"
    else:
        assert new.facts(id_) == {"one": 1, "two": 1}


def test_an_old_worker_leaves_alone_what_a_newer_live_one_can_do(shop_of: MakeShop) -> None:
    old = shop_of(versions())
    new = old.with_kinds(versions(version=2), simple("fresh"))
    newer = new.worker("b")
    runs = [new.ask("demo"), new.ask("fresh")]
    assert park_strangers(old.workshop, old.worker("a")) == []
    assert old.claim(old.worker("a")) == []
    assert sorted(ids_of(new.claim(newer))) == sorted(runs)


def test_what_only_a_dead_worker_could_do_is_parked(shop_of: MakeShop) -> None:
    old = shop_of(versions())
    new = old.with_kinds(versions(version=2))
    new.worker("b")
    id_ = new.ask("demo")
    old.clock.step(seconds=LENGTH.total_seconds() + 1)
    assert park_strangers(old.workshop, old.worker("a")) == [id_]


def test_more_strangers_than_one_look_parks_are_all_parked_in_the_end(shop_of: MakeShop) -> None:
    old = shop_of(simple("gone"))
    with old.store.transaction() as transaction:
        for number in range(620):
            job = Job("gone", {}, key=str(number))
            enqueue(transaction, job, kinds=old.kinds, clock=old.clock, ids=old.ids)
    new = old.with_kinds(simple())
    worker = new.worker()
    parked = 0
    while found := park_strangers(new.workshop, worker):
        parked += len(found)
    assert parked == 620
