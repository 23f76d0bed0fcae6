"""Events are delivered after their fact, in order per subject, and a failure holds up nothing but its own subject."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, insert, select, text

from foundation.store import AlreadyThere, Store, Transaction
from foundation.work import Event, Subscriber, deliver, pending, publish
from foundation.work.outbox import Failure, Pace, Retries, Since, deliver_and_report, lag, stuck
from foundation.work.outbox.tables import outbox_table

Held = Callable[[], Sequence[tuple[str, int, str]]]


def test_every_subscriber_gets_every_event_of_its_topics_once_and_in_order(
    store: Store, clock: Any, tell: Any, listener: Any
) -> None:
    one, two, all_, several = (listener(name) for name in ("one", "two", "all", "several"))
    subscribers = [one.subscriber(), two.subscriber(), all_.subscriber("*"), several.subscriber(("other", "t"))]
    tell(1, 2, 3)
    tell(9, topic="other")
    tell(8, topic="nobody's")
    assert deliver(store, subscribers, clock=clock) == 3 + 3 + 5 + 4
    assert deliver(store, subscribers, clock=clock) == 0
    assert (one.heard, two.heard) == ([1, 2, 3], [1, 2, 3])
    assert (all_.heard, several.heard) == ([1, 2, 3, 9, 8], [1, 2, 3, 9])


def test_an_event_of_a_fact_that_was_rolled_back_never_happened(store: Store, clock: Any, listener: Any) -> None:
    with pytest.raises(RuntimeError), store.transaction() as transaction:
        publish(transaction, Event("t", "s", {"n": 1}), clock=clock)
        raise RuntimeError
    assert deliver(store, [listener().subscriber()], clock=clock) == 0


def test_a_failure_holds_its_own_subject_for_its_own_subscriber_only(
    store: Store, clock: Any, tell: Any, listener: Any, held: Held
) -> None:
    good, bad = listener("good"), listener("bad", refuses={1})
    subscribers = [bad.subscriber(), good.subscriber()]
    tell(1, 2, subject="blocked")
    tell(3, 4, subject="free")
    assert deliver(store, subscribers, clock=clock) == 6
    assert (good.heard, bad.heard) == ([1, 2, 3, 4], [3, 4])
    assert held() == [("bad", 1, "retry"), ("bad", 2, "behind")]
    tell(5, subject="blocked")
    deliver(store, subscribers, clock=clock)
    assert held() == [("bad", 1, "retry"), ("bad", 2, "behind"), ("bad", 5, "behind")]
    with store.reading() as transaction:
        assert pending(transaction, subscribers) == 3
    bad.refuses.clear()
    clock.turn(seconds=1)
    assert deliver(store, subscribers, clock=clock) == 3
    assert bad.heard == [3, 4, 1, 2, 5]
    assert held() == []


def test_what_waits_behind_fails_in_its_own_right(
    store: Store, clock: Any, tell: Any, listener: Any, held: Held
) -> None:
    bad = listener(refuses={1, 3})
    tell(1, 2, 3, 4)
    deliver(store, [bad.subscriber()], clock=clock)
    bad.refuses = {3}
    clock.turn(seconds=1)
    assert deliver(store, [bad.subscriber()], clock=clock) == 2
    assert held() == [("a", 3, "retry"), ("a", 4, "behind")]


def test_a_chain_longer_than_a_batch_is_delivered_in_order(
    store: Store, clock: Any, tell: Any, listener: Any, held: Held
) -> None:
    bad = listener(refuses={0})
    tell(*range(50))
    small = Pace(events=6)
    deliver_and_report(store, [bad.subscriber()], clock=clock, pace=small)
    tell(100, subject="another")
    bad.refuses.clear()
    clock.turn(seconds=1)
    deliver_and_report(store, [bad.subscriber()], clock=clock, pace=small)
    assert [number for number in bad.heard if number < 100] == list(range(50))
    assert held() == []


def test_tries_are_further_and_further_apart(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    bad = listener(refuses={1})
    retries = Retries(tries=5, first=timedelta(seconds=2), longest=timedelta(seconds=10))
    subscriber = bad.subscriber(retries=retries)
    tell(1)
    apart = []
    for _ in range(4):
        deliver(store, [subscriber], clock=clock)
        tried = len(bad.tried)
        waited = 0
        while len(bad.tried) == tried:
            clock.turn(seconds=1)
            waited += 1
            deliver(store, [subscriber], clock=clock)
        apart.append(waited)
    assert apart == [2, 4, 8, 10]


def test_a_clock_that_was_set_back_does_not_put_off_a_try_for_long(
    store: Store, clock: Any, tell: Any, listener: Any
) -> None:
    bad = listener(refuses={1})
    tell(1)
    clock.turn(hours=24)
    deliver(store, [bad.subscriber()], clock=clock)
    bad.refuses.clear()
    clock.turn(hours=-24)
    assert deliver(store, [bad.subscriber()], clock=clock) == 1


def test_a_failed_handler_leaves_no_effect_and_the_others_of_its_batch_keep_theirs(
    store: Store, clock: Any, tell: Any
) -> None:
    def handle(transaction: Transaction, event: Event) -> None:
        row = {"topic": "effect", "subject": event.subject, "payload": event.payload, "recorded_at": clock()}
        transaction.write(insert(outbox_table).values(**row))
        if event.payload["n"] == 2:
            raise RuntimeError
        if event.payload["n"] == 3:
            transaction.write(text("SELECT * FROM nothing_of_this_name"))

    for number in (1, 2, 3, 4):
        tell(number, subject=f"s{number}")
    seen: list[Failure] = []
    done = deliver_and_report(store, [Subscriber("a", "t", handle)], clock=clock, told=seen.append)
    assert (done.made, done.failed, done.stuck) == (2, 2, True)
    assert [(failure.event.payload["n"], failure.tries, failure.dead) for failure in seen] == [
        (2, 1, False),
        (3, 1, False),
    ]
    with store.reading() as transaction:
        effects = transaction.rows(select(outbox_table.c.payload).where(outbox_table.c.topic == "effect"))
    assert [row["payload"]["n"] for row in effects] == [1, 4]


def test_what_a_handler_publishes_is_delivered_too(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    second = listener("second")

    def handle(transaction: Transaction, event: Event) -> None:
        publish(transaction, Event("next", event.subject, event.payload), clock=clock)

    tell(1, 2)
    assert deliver(store, [second.subscriber("next"), Subscriber("first", "t", handle)], clock=clock) == 4
    assert second.heard == [1, 2]


def test_a_later_subscriber_begins_where_it_says(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    old = listener("old").subscriber()
    tell(1, 2)
    deliver(store, [old], clock=clock)
    tell(3)
    new, whole = listener("new"), listener("whole")
    added = [new.subscriber(since=Since.FIRST_SEEN), whole.subscriber(since=Since.BEGINNING)]
    with store.reading() as transaction:
        assert pending(transaction, added) == 3
    deliver(store, [old, *added], clock=clock)
    tell(4)
    deliver(store, [old, *added], clock=clock)
    assert (new.heard, whole.heard) == ([4], [1, 2, 3, 4])


def test_a_removed_subscriber_leaves_nothing_pending_and_goes_on_when_it_comes_back(
    store: Store, clock: Any, tell: Any, listener: Any
) -> None:
    stays, goes = listener("stays"), listener("goes", refuses={1})
    tell(1, 2)
    deliver(store, [stays.subscriber(), goes.subscriber()], clock=clock)
    tell(3, subject="other")
    assert deliver(store, [stays.subscriber()], clock=clock) == 1
    with store.reading() as transaction:
        assert pending(transaction, [stays.subscriber()]) == 0
        assert stuck(transaction, [stays.subscriber()]) is None
    goes.refuses.clear()
    clock.turn(days=1)
    deliver(store, [stays.subscriber(), goes.subscriber()], clock=clock)
    assert sorted(goes.heard) == [1, 2, 3]
    assert stays.heard == [1, 2, 3]


def test_every_delivered_event_has_an_id_of_its_own_that_never_changes(
    store: Store, clock: Any, tell: Any, listener: Any
) -> None:
    one, two = listener("one"), listener("two")
    tell(1, 1)  # the same topic, subject, payload and instant
    with store.transaction() as transaction:
        publish(transaction, Event("t", "s", {"n": 2}, id="mine"), clock=clock)
    deliver(store, [one.subscriber(), two.subscriber()], clock=clock)
    assert [event.id for event in one.events] == [event.id for event in two.events]
    assert len({event.id for event in one.events}) == 3
    assert one.events[2].id == "mine"
    assert [event.number for event in one.events] == [1, 2, 3]
    assert {event.recorded_at for event in one.events} == {clock.now}


def test_an_event_published_again_under_its_id_is_there_once(store: Store, clock: Any, listener: Any) -> None:
    with store.transaction() as transaction:
        assert publish(transaction, Event("t", "s", {"n": 1}, id="x"), clock=clock)
        assert not publish(transaction, Event("t", "s", {"n": 1}, id="x"), clock=clock)
        with pytest.raises(AlreadyThere) as refused:
            publish(transaction, Event("t", "s", {"n": 2}, id="x"), clock=clock)
    assert "payload" in refused.value.text("en")
    assert deliver(store, [listener().subscriber()], clock=clock) == 1


def test_lag_says_how_many_wait_how_long_and_how_many_are_dead(
    store: Store, clock: Any, tell: Any, listener: Any
) -> None:
    bad = listener(refuses={1})
    subscriber = bad.subscriber(retries=Retries(tries=1))
    tell(1, 2)
    with store.reading() as transaction:
        (before,) = lag(transaction, [subscriber], clock.now)
    assert (before.subscriber, before.waiting, before.oldest, before.dead) == ("a", 2, timedelta(), 0)
    deliver(store, [subscriber], clock=clock)
    clock.turn(minutes=5)
    tell(3, subject="other")
    with store.reading() as transaction:
        (after,) = lag(transaction, [subscriber], clock.now)
    assert (after.waiting, after.oldest, after.dead) == (2, timedelta(minutes=5), 1)
    deliver(store, [listener("fine").subscriber()], clock=clock)
    with store.reading() as transaction:
        (none,) = lag(transaction, [listener("fine").subscriber()], clock.now)
    assert (none.waiting, none.oldest, none.dead) == (0, None, 0)


def test_with_nothing_outstanding_a_delivery_is_one_query(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    subscribers = [listener(name).subscriber() for name in "abc"]
    tell(*range(20))
    deliver(store, subscribers, clock=clock)
    statements: list[str] = []

    @sqlalchemy_event.listens_for(store.engine, "before_execute")
    def count(connection: Any, statement: Any, *rest: Any) -> None:
        statements.append(str(statement))

    assert deliver(store, subscribers, clock=clock) == 0
    assert len(statements) == 1


def test_a_deliverer_stops_between_batches_when_it_is_asked(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    hears = listener()
    tell(*range(10))
    asked: list[bool] = []

    def stop() -> bool:
        asked.append(True)
        return len(hears.heard) >= 4

    deliver_and_report(store, [hears.subscriber()], clock=clock, pace=Pace(events=4), stop=stop)
    assert hears.heard == [0, 1, 2, 3]
    deliver(store, [hears.subscriber()], clock=clock)
    assert hears.heard == list(range(10))


def test_delivered_events_are_kept(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    tell(1, 2, 3)
    deliver(store, [listener().subscriber()], clock=clock)
    with store.reading() as transaction:
        assert transaction.value(select(func.count()).select_from(outbox_table)) == 3


def test_two_subscribers_of_one_name_are_refused(store: Store, clock: Any, listener: Any) -> None:
    with pytest.raises(ValueError, match="one name"):
        deliver(store, [listener().subscriber(), listener().subscriber("other")], clock=clock)


def test_events_that_keep_coming_do_not_keep_the_first_ones_waiting(
    store: Store, clock: Any, tell: Any, listener: Any
) -> None:
    hears, asked = listener(), iter(range(60))

    def stop() -> bool:
        number = next(asked)
        tell(number)
        return number >= 50

    deliver_and_report(store, [hears.subscriber()], clock=clock, stop=stop)
    assert len(hears.heard) > 10
    assert hears.heard == list(range(len(hears.heard)))
