"""Lists, counts and workers; another agency's runs are not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from foundation.store import Scope, Transaction
from foundation.work.runs import (
    OPEN,
    UnknownRun,
    cancel,
    find_runs,
    pause,
    read_run,
    read_steps,
    resolve,
    resume,
    retry,
    workers,
)
from tests.foundation.work.runs.conftest import MakeShop
from tests.foundation.work.runs.shop import EVERYONE, LENGTH, Shop, ids_of, simple

HRSS = Scope(frozenset({"hrss"}))
HOUSING = Scope(frozenset({"housing"}))
NOBODY = Scope(frozenset())


def test_another_agencys_runs_are_not_seen(shop: Shop) -> None:
    own, other = shop.ask("demo", agency="hrss"), shop.ask("demo", agency="housing")
    shop.ask("demo")
    shop.through(shop.worker())
    with shop.store.reading() as transaction:
        assert ids_of(find_runs(transaction, HRSS)) == [own]
        assert find_runs(transaction, HRSS, agency="housing") == []
        assert find_runs(transaction, NOBODY) == []
        assert len(find_runs(transaction, EVERYONE)) == 3
        assert read_run(transaction, HRSS, own).agency == "hrss"
        with pytest.raises(UnknownRun):
            read_run(transaction, HRSS, other)
        assert read_steps(transaction, HRSS, read_run(transaction, EVERYONE, other)) == []
        assert len(read_steps(transaction, HOUSING, read_run(transaction, HOUSING, other))) == 2


@pytest.mark.parametrize(
    "act",
    [
        lambda transaction, shop, id_: cancel(transaction, HRSS, id_, because="", clock=shop.clock),
        lambda transaction, shop, id_: pause(transaction, HRSS, id_, because="", clock=shop.clock),
        lambda transaction, shop, id_: resume(transaction, HRSS, id_, clock=shop.clock),
        lambda transaction, shop, id_: retry(transaction, HRSS, id_, clock=shop.clock),
        lambda transaction, shop, id_: resolve(
            transaction, HRSS, id_, "one", happened=True, because="", clock=shop.clock
        ),
    ],
    ids=["cancel", "pause", "resume", "retry", "resolve"],
)
def test_another_agencys_run_cannot_be_touched(shop: Shop, act: Callable[[Transaction, Shop, str], object]) -> None:
    id_ = shop.ask("demo", agency="housing")
    before = shop.run(id_)
    with pytest.raises(UnknownRun), shop.store.transaction() as transaction:
        act(transaction, shop, id_)
    assert shop.run(id_) == before


def test_lists_go_on_from_the_last_run_shown(shop: Shop) -> None:
    asked = [shop.ask("demo", subject=f"request:{number % 2}") for number in range(5)]
    with shop.store.reading() as transaction:
        first = find_runs(transaction, EVERYONE, limit=2)
        second = find_runs(transaction, EVERYONE, before=first[-1].number, limit=9)
        assert ids_of([*first, *second]) == asked[::-1]
        assert ids_of(find_runs(transaction, EVERYONE, subject="request:1")) == [asked[3], asked[1]]
        assert find_runs(transaction, EVERYONE, kind="other") == []
        assert len(find_runs(transaction, EVERYONE, states=OPEN)) == 5
        assert find_runs(transaction, EVERYONE, states=set()) == []


def test_a_worker_is_alive_as_long_as_its_own_lease(shop: Shop) -> None:
    shop.worker("a", version="7")
    with shop.store.reading() as transaction:
        (row,) = workers(transaction, clock=shop.clock)
        assert (row.name, row.alive, row.version, row.kinds) == ("a", True, "7", {"demo": [1]})
    shop.clock.step(seconds=LENGTH.total_seconds() + 1)
    with shop.store.reading() as transaction:
        assert [row.alive for row in workers(transaction, clock=shop.clock)] == [False]
    shop.worker("b")
    with shop.store.reading() as transaction:
        assert [(row.name, row.alive) for row in workers(transaction, clock=shop.clock)] == [("a", False), ("b", True)]


def test_a_runs_progress_counts_its_steps_unless_the_flow_says_better(shop_of: MakeShop) -> None:
    def says(steps: object) -> None:
        steps.progress(40, 100, "机 40")  # type: ignore[attr-defined]
        steps.fact("one", lambda transaction: None)  # type: ignore[attr-defined]

    shop = shop_of(simple(), simple("says", flow=says))
    counted, said = shop.ask("demo"), shop.ask("says")
    shop.through(shop.worker())
    assert (shop.run(counted).done, shop.run(counted).total) == (2, 0)
    # What succeeded is done whole.
    assert (shop.run(said).done, shop.run(said).total, shop.run(said).note) == (100, 100, "机 40")
    assert timedelta() < shop.run(said).updated_at - shop.run(said).enqueued_at
