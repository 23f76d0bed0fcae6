"""One run for a kind and a key, whoever asks and how often."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.store import AlreadyThere, Transaction
from foundation.work.runs import Job, RunState, UnknownKind, enqueue, enqueue_many
from tests.foundation.work.runs.conftest import MakeShop
from tests.foundation.work.runs.shop import NOON, Shop, simple


def test_the_same_job_again_is_the_same_run(shop: Shop) -> None:
    first = shop.ask("demo", key="k", inputs={"b": 1, "a": [2]})
    with shop.store.transaction() as transaction:
        again = enqueue(
            transaction, Job("demo", {"a": [2], "b": 1}, key="k"), kinds=shop.kinds, clock=shop.clock, ids=shop.ids
        )
    assert again == (first, False)


def test_other_inputs_under_the_same_key_are_refused(shop: Shop) -> None:
    shop.ask("demo", key="k", inputs={"n": 1})
    with pytest.raises(AlreadyThere):
        shop.ask("demo", key="k", inputs={"n": 2})


def test_another_agency_learns_nothing_of_a_run_under_the_same_key(shop: Shop) -> None:
    first = shop.ask("demo", key="k", agency="hrss")
    with pytest.raises(AlreadyThere) as refused:
        shop.ask("demo", key="k", agency="housing")
    assert first not in str(refused.value)
    assert "hrss" not in str(refused.value)


def test_an_unknown_kind_is_named_with_those_there_are(shop: Shop) -> None:
    with pytest.raises(UnknownKind, match="demo"):
        shop.ask("nothing")


def test_a_run_that_was_rolled_back_is_not_there(shop: Shop) -> None:
    def ask_and_fail(transaction: Transaction) -> None:
        enqueue(transaction, Job("demo", {}, key="k"), kinds=shop.kinds, clock=shop.clock, ids=shop.ids)
        raise LookupError

    with pytest.raises(LookupError), shop.store.transaction() as transaction:
        ask_and_fail(transaction)
    shop.ask("demo", key="k", inputs={"other": True})


def test_a_kind_with_a_time_limit_gives_a_deadline_and_never_a_later_one(shop_of: MakeShop) -> None:
    shop = shop_of(simple(within=timedelta(hours=2)))
    late, soon = NOON + timedelta(days=1), NOON + timedelta(minutes=5)
    given_deadlines = [shop.run(shop.ask("demo", deadline=asked)).deadline for asked in (None, late, soon)]
    assert [deadline is not None and deadline - NOON for deadline in given_deadlines] == [
        pytest.approx(timedelta(hours=2), abs=timedelta(seconds=1)),
        pytest.approx(timedelta(hours=2), abs=timedelta(seconds=1)),
        timedelta(minutes=5),
    ]


def test_a_new_run_waits_and_says_what_it_was_asked_with(shop: Shop) -> None:
    run = shop.run(shop.ask("demo", key="k", agency="hrss", subject="request:1", priority=2, inputs={"n": [1, "二"]}))
    assert (run.state, run.agency, run.subject, run.priority) == (RunState.QUEUED, "hrss", "request:1", 2)
    assert (run.inputs, run.attempt, run.reason, run.started_at) == ({"n": [1, "二"]}, 0, "", None)


_examples = itertools.count()
"""The examples of a property share one database, and keep apart by this."""

jobs = st.lists(
    st.builds(
        Job,
        kind=st.sampled_from(["demo", "other"]),
        inputs=st.fixed_dictionaries({"n": st.integers(0, 1)}),
        key=st.sampled_from("abcd"),
        agency=st.sampled_from(["", "hrss"]),
    ),
    max_size=6,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(there=jobs, asked=jobs)
def test_many_at_once_are_the_same_as_one_by_one(shop_of: MakeShop, there: Any, asked: Any) -> None:
    """Which are new, which share a run, and that one refusal refuses all."""
    shop, salt = shop_of(simple(), simple("other")), next(_examples)

    def outcome(name: str, *, many: bool) -> Any:
        def here(listed: list[Job]) -> list[Job]:
            return [Job(job.kind, job.inputs, key=f"{salt}/{name}/{job.key}", agency=job.agency) for job in listed]

        def ids(prefix: str) -> str:
            return f"{salt}_{shop.ids(prefix)[-8:]}"

        how: dict[str, Any] = {"kinds": shop.kinds, "clock": shop.clock, "ids": ids}
        for job in here(there):
            try:
                with shop.store.transaction() as transaction:
                    enqueue(transaction, job, **how)
            except AlreadyThere:
                continue
        try:
            with shop.store.transaction() as transaction:
                if many:
                    found = list(enqueue_many(transaction, here(asked), **how))
                else:
                    found = [enqueue(transaction, job, **how) for job in here(asked)]
        except AlreadyThere:
            return "refused"
        places: dict[str, int] = {}
        return [(places.setdefault(id_, len(places)), new) for id_, new in found]

    assert outcome("many", many=True) == outcome("single", many=False)


def test_ten_thousand_jobs_at_once(shop: Shop) -> None:
    listed = [Job("demo", {"n": n}, key=str(n), agency="hrss") for n in range(10_000)]
    with shop.store.transaction() as transaction:
        found = enqueue_many(transaction, listed, kinds=shop.kinds, clock=shop.clock, ids=shop.ids)
    assert all(new for _, new in found)
    assert len({id_ for id_, _ in found}) == 10_000
