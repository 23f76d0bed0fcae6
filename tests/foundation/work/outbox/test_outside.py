"""Effects outside the database: before their mark, at least once, by one process at a time, never in a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from foundation.store import Store
from foundation.work import Event, acquire, deliver, pending
from foundation.work.outbox import Hand, OutsideSubscriber, Pace, Retries, deliver_and_report

Held = Callable[[], Sequence[tuple[str, int, str]]]
QUICK = Pace(rest=0)


def outside(listener: Any, **more: Any) -> OutsideSubscriber:
    return OutsideSubscriber(listener.name, "t", listener.hear, **{"retries": Retries(tries=3), **more})


def test_it_is_told_in_order_and_a_failure_holds_only_its_subject(
    store: Store, clock: Any, tell: Any, listener: Any, held: Held
) -> None:
    hears = listener(refuses={1})
    tell(1, 2, subject="blocked")
    tell(3, subject="free")
    tell(4, subject="blocked")
    tell(5, subject="free")
    assert deliver(store, [outside(hears)], clock=clock) == 2
    assert hears.tried == [1, 3, 5]
    assert held() == [("a", 1, "retry"), ("a", 2, "behind"), ("a", 4, "behind")]
    hears.refuses.clear()
    clock.turn(seconds=1)
    assert deliver(store, [outside(hears)], clock=clock) == 3
    assert hears.heard == [3, 5, 1, 2, 4]
    assert held() == []


def test_its_tries_end_on_the_dead_letter_list(store: Store, clock: Any, tell: Any, listener: Any, held: Held) -> None:
    hears = listener(refuses={1})
    tell(1, 2)
    for _ in range(5):
        deliver(store, [outside(hears)], clock=clock)
        clock.turn(hours=1)
    assert hears.tried == [1, 1, 1]
    assert held() == [("a", 1, "dead"), ("a", 2, "behind")]


def test_more_held_events_than_are_looked_through_at_a_time_hide_nothing(
    store: Store, clock: Any, tell: Any, listener: Any
) -> None:
    hears = listener(refuses={0})
    tell(*range(230), subject="blocked")
    tell(1000, subject="free")
    deliver_and_report(store, [outside(hears)], clock=clock, pace=QUICK)
    assert hears.heard == [1000]


def test_no_transaction_is_open_while_it_is_told(store: Store, clock: Any, tell: Any) -> None:
    others: list[int] = []

    def hear(event: Event) -> None:
        with store.transaction():  # on SQLite this would wait for the write lock until it gives up
            others.append(event.payload["n"])

    tell(1, 2)
    assert deliver(store, [OutsideSubscriber("a", "t", hear)], clock=clock) == 2
    assert others == [1, 2]


def test_one_that_is_stopped_between_effect_and_mark_repeats_the_effect_under_the_same_id(
    store: Store, clock: Any, tell: Any
) -> None:
    ids: list[str] = []

    def hear(event: Event) -> None:
        ids.append(event.id)
        if len(ids) == 2:
            raise KeyboardInterrupt

    tell(1, 2, 3)
    with pytest.raises(KeyboardInterrupt):
        deliver(store, [OutsideSubscriber("a", "t", hear)], clock=clock)
    assert deliver(store, [OutsideSubscriber("a", "t", hear)], clock=clock) == 2
    assert len(ids) == 4
    assert ids[1] == ids[2]
    assert len(set(ids)) == 3


def test_another_process_that_tells_is_left_to_it(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    hears, inside = listener(), listener("inside")
    tell(1)
    deliver(store, [outside(hears)], clock=clock)
    tell(2)
    acquire(store, "outbox:a", "another", length=timedelta(seconds=30), clock=clock)
    assert deliver(store, [outside(hears), inside.subscriber()], clock=clock) == 2
    assert (hears.heard, inside.heard) == ([1], [1, 2])
    with store.reading() as transaction:
        assert pending(transaction, [outside(hears)]) == 1
    clock.turn(seconds=31)
    assert deliver(store, [outside(hears)], clock=clock) == 1


def test_one_proved_dead_is_not_waited_for(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    hears = listener()
    tell(1)
    acquire(store, "outbox:a", "another", length=timedelta(seconds=30), clock=clock)
    hand = Hand(died=lambda holder: holder == "another")
    assert deliver_and_report(store, [outside(hears)], clock=clock, hand=hand).made == 1


def test_one_that_lost_its_lease_marks_nothing(store: Store, clock: Any, tell: Any) -> None:
    heard: list[int] = []

    def hear(event: Event) -> None:
        heard.append(event.payload["n"])
        if len(heard) == 1:  # it sleeps past its lease, and another takes it
            clock.turn(minutes=5)
            acquire(store, "outbox:a", "another", length=timedelta(seconds=30), clock=clock)

    tell(1, 2)
    subscriber = OutsideSubscriber("a", "t", hear)
    assert deliver(store, [subscriber], clock=clock) == 0
    with store.reading() as transaction:
        assert pending(transaction, [subscriber]) == 2
    clock.turn(minutes=5)
    assert deliver(store, [subscriber], clock=clock) == 2
    assert heard == [1, 1, 2]
