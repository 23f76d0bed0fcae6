"""Who is taken from the queue, and in which order."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from foundation.work.errors import LeaseLost
from foundation.work.runs import Job, RunState, cancel, enqueue_many, pause_kind, paused_kinds, resume_kind
from foundation.work.runs.claiming import anything_waiting, give_back
from tests.foundation.work.runs.conftest import MakeShop
from tests.foundation.work.runs.shop import EVERYONE, NOON, Shop, ids_of, simple


def test_a_claimed_run_is_running_under_its_worker_and_nobody_else_gets_it(shop: Shop) -> None:
    id_ = shop.ask("demo")
    first, second = shop.worker("a"), shop.worker("b")
    (run,) = shop.claim(first)
    assert shop.claim(second) == []
    assert (run.id, run.state, run.attempt, run.worker) == (id_, RunState.RUNNING, 1, "a")
    assert run.worker_number == first.lease.number


def test_among_one_agencys_runs_the_smaller_priority_then_the_older_comes_first(shop: Shop) -> None:
    asked = [shop.ask("demo", agency="hrss", priority=priority) for priority in (5, 9, 1, 5)]
    worker = shop.worker()
    order = [ids_of(shop.claim(worker, 1))[0] for _ in range(4)]
    assert order == [asked[2], asked[0], asked[3], asked[1]]


def test_a_priority_gains_nothing_over_another_agency(shop: Shop) -> None:
    for _ in range(5):
        shop.ask("demo", agency="loud", priority=0)
    quiet = shop.ask("demo", agency="quiet", priority=9)
    assert quiet in ids_of(shop.claim(shop.worker(), 2))


def test_one_run_is_taken_beside_ten_thousand_of_another_agency(shop_of: MakeShop) -> None:
    shop = shop_of(simple(concurrency=1))
    listed = [Job("demo", {}, key=str(n), agency="loud") for n in range(10_000)]
    with shop.store.transaction() as transaction:
        enqueue_many(transaction, listed, kinds=shop.kinds, clock=shop.clock, ids=shop.ids)
    worker = shop.worker()
    (loud,) = shop.claim(worker)
    single = shop.ask("demo", agency="quiet")
    shop.carry(loud)
    assert ids_of(shop.claim(worker)) == [single]


def test_agencies_take_turns_over_claims_and_workers(shop_of: MakeShop) -> None:
    shop = shop_of(simple(concurrency=1))
    for number in range(12):
        shop.ask("demo", agency=f"agency-{number % 3}")
    workers = [shop.worker("a"), shop.worker("b")]
    order = []
    for number in range(12):
        (run,) = shop.claim(workers[number % 2], 4)
        order.append(run.agency)
        shop.carry(run)
    for start in range(0, 12, 3):
        assert len(set(order[start : start + 3])) == 3


def test_a_kinds_limit_holds_over_all_workers(shop_of: MakeShop) -> None:
    shop = shop_of(simple(concurrency=3))
    for number in range(9):
        shop.ask("demo", agency=str(number))
    first, second = shop.worker("a"), shop.worker("b")
    claimed = [*shop.claim(first, 2), *shop.claim(second, 8)]
    assert len(claimed) == 3
    assert shop.claim(first) == []
    shop.carry(claimed[0])
    assert len(shop.claim(first)) == 1


def test_two_workers_at_the_same_moment_keep_the_limit_and_share_no_run(shop_of: MakeShop) -> None:
    shop = shop_of(simple(concurrency=5), simple("other", concurrency=5))
    for number in range(60):
        shop.ask("demo" if number % 2 else "other", agency=str(number % 4))
    workers = [shop.worker(name) for name in "abcd"]
    start = threading.Barrier(len(workers))
    claimed: list[list[str]] = [[] for _ in workers]

    def take(place: int) -> None:
        start.wait()
        for _ in range(4):
            claimed[place] += [f"{run.kind} {run.id}" for run in shop.claim(workers[place], 2)]

    threads = [threading.Thread(target=take, args=(place,)) for place in range(len(workers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [run for part in claimed for run in part]
    assert len(taken) == len(set(taken))
    assert Counter(run.split()[0] for run in taken) == {"demo": 5, "other": 5}


def test_an_agencys_own_limit_holds_within_the_kinds(shop_of: MakeShop) -> None:
    shop = shop_of(simple(concurrency=10, for_one_agency=2))
    for _ in range(5):
        shop.ask("demo", agency="hrss")
    shop.ask("demo", agency="housing")
    worker = shop.worker()
    assert Counter(run.agency for run in shop.claim(worker, 10)) == {"hrss": 2, "housing": 1}
    assert shop.claim(worker, 10) == []


def test_no_kind_takes_every_place_while_another_waits(shop_of: MakeShop) -> None:
    shop = shop_of(simple("first", concurrency=8), simple("second", concurrency=8), simple("third", concurrency=8))
    for kind in ("first", "second"):
        for number in range(30):
            shop.ask(kind, agency=str(number))
    worker = shop.worker()
    running = list(shop.claim(worker, 4))
    shop.ask("third")
    for _ in range(2):
        shop.carry(running.pop(0))
        running += shop.claim(worker, 1)
    assert "third" in {run.kind for run in running}


def test_kinds_that_end_at_once_take_turns(shop_of: MakeShop) -> None:
    names = ["k1", "k2", "k3"]
    shop = shop_of(*(simple(name) for name in names))
    for name in names:
        for _ in range(4):
            shop.ask(name)
    worker, order = shop.worker(), []
    for _ in range(9):
        (run,) = shop.claim(worker, 1)
        order.append(run.kind)
        shop.carry(run)
    assert Counter(order) == {"k1": 3, "k2": 3, "k3": 3}


def test_a_run_does_not_start_before_its_time(shop: Shop) -> None:
    id_ = shop.ask("demo", not_before=NOON + timedelta(hours=1))
    worker = shop.worker()
    assert not anything_waiting(shop.workshop)
    assert shop.claim(worker) == []
    shop.clock.step(minutes=61)
    assert anything_waiting(shop.workshop)
    assert ids_of(shop.claim(worker)) == [id_]


def test_a_clock_set_back_does_not_make_waiting_work_wait_again(shop: Shop) -> None:
    id_ = shop.ask("demo")
    later = shop.ask("demo", not_before=NOON + timedelta(hours=1))
    worker = shop.worker()
    shop.clock.step(hours=-24)
    assert ids_of(shop.claim(worker)) == [id_]
    assert shop.run(later).state is RunState.QUEUED


def test_of_a_paused_kind_nothing_starts_until_it_is_resumed(shop_of: MakeShop) -> None:
    shop = shop_of(simple(), simple("other"))
    paused, other = shop.ask("demo"), shop.ask("other")
    with shop.store.transaction() as transaction:
        assert pause_kind(transaction, "demo", account="operator-1", because="maintenance", clock=shop.clock)
        assert not pause_kind(transaction, "demo", account="operator-2", because="again", clock=shop.clock)
        assert paused_kinds(transaction)["demo"]["account"] == "operator-1"
    worker = shop.worker()
    assert ids_of(shop.claim(worker)) == [other]
    with shop.store.transaction() as transaction:
        assert resume_kind(transaction, "demo")
        assert not resume_kind(transaction, "demo")
    assert ids_of(shop.claim(worker)) == [paused]


def test_a_worker_that_lost_its_name_claims_nothing(shop: Shop) -> None:
    id_ = shop.ask("demo")
    first = shop.worker("a")
    shop.worker("a")
    with pytest.raises(LeaseLost):
        shop.claim(first)
    assert shop.run(id_).state is RunState.QUEUED


def test_a_claim_given_back_waits_again_unless_the_run_is_no_longer_the_givers(shop: Shop) -> None:
    id_ = shop.ask("demo")
    worker = shop.worker()
    (run,) = shop.claim(worker)
    give_back(shop.workshop, run)
    assert shop.run(id_).state is RunState.QUEUED
    (second,) = shop.claim(worker)
    give_back(shop.workshop, run)  # late: it has been claimed again
    assert shop.run(id_).state is RunState.RUNNING
    shop.carry(second)
    give_back(shop.workshop, second)  # late: it is over
    assert shop.run(id_).state is RunState.SUCCEEDED


def test_a_run_cancelled_in_the_middle_of_a_claim_is_not_started(shop: Shop) -> None:
    """PostgreSQL: the person's transaction is open while the worker looks."""
    if shop.store.dialect == "sqlite":
        pytest.skip("one writer at a time: there is no middle")
    first, second = shop.ask("demo"), shop.ask("demo")
    worker = shop.worker()

    @contextmanager
    def cancelling() -> Iterator[None]:
        with shop.store.transaction(alongside=True) as transaction:
            cancel(transaction, EVERYONE, first, because="no", clock=shop.clock)
            yield

    with cancelling():
        assert ids_of(shop.claim(worker)) == [second]
    assert shop.claim(worker) == []
    assert shop.run(first).state is RunState.CANCELLED
