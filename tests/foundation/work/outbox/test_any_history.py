"""Whatever fails, is killed, replayed or dropped in whatever order: no effect is lost, doubled or out of order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from foundation.store import Store, Transaction
from foundation.work import Event, publish
from foundation.work.outbox import (
    OutsideSubscriber,
    Pace,
    Retries,
    Subscriber,
    Word,
    dead_letters,
    deliver_and_report,
    drop,
    replay,
)
from foundation.work.outbox.tables import outbox_table, subscriber_table

Held = Callable[[], Sequence[tuple[str, int, str]]]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), st.sampled_from("abc")),
        st.tuples(st.just("deliver"), st.lists(st.sampled_from(["fine", "fine", "fails", "killed"]), max_size=6)),
        st.tuples(st.just("wait"), st.integers(1, 20)),
        st.tuples(st.just("replay"), st.none()),
        st.tuples(st.just("drop"), st.none()),
    ),
    max_size=25,
)


class Killed(BaseException):
    """The process ends here."""


class City:
    """One inside and one outside subscriber, whose next outcomes are given; in the end everything is fine."""

    def __init__(self, store: Store, clock: Any, mark: str) -> None:
        self.store, self.clock, self.mark = store, clock, mark
        self.outcomes: list[str] = []
        self.told: dict[str, list[int]] = defaultdict(list)
        self.published: dict[str, list[int]] = defaultdict(list)
        self.dropped: set[tuple[str, int]] = set()
        retries = Retries(tries=2, first=timedelta(seconds=1))
        self.subscribers = [
            Subscriber(f"in-{mark}", f"t-{mark}", self.handle, retries=retries),
            OutsideSubscriber(f"out-{mark}", f"t-{mark}", self.tell, retries=retries),
        ]

    def handle(self, transaction: Transaction, event: Event) -> None:
        row = {"topic": f"effect-{self.mark}", "subject": event.subject, "payload": event.payload}
        transaction.write(insert(outbox_table).values(**row, recorded_at=self.clock()))
        self.outcome()

    def tell(self, event: Event) -> None:
        self.told[event.subject].append(event.payload["n"])
        self.outcome()

    def outcome(self) -> None:
        match self.outcomes.pop(0) if self.outcomes else "fine":
            case "fails":
                raise RuntimeError
            case "killed":
                raise Killed

    def step(self, what: str, given: Any) -> None:
        match what:
            case "publish":
                number = len(self.published[given]) + 1
                self.published[given].append(number)
                with self.store.transaction() as transaction:
                    publish(transaction, Event(f"t-{self.mark}", given, {"n": number}), clock=self.clock)
            case "deliver":
                self.outcomes = list(given)
                self.deliver()
                self.outcomes = []
            case "wait":
                self.clock.turn(seconds=given)
            case _:
                self.rule(replay if what == "replay" else drop)

    def deliver(self) -> None:
        try:
            deliver_and_report(self.store, self.subscribers, clock=self.clock, pace=Pace(events=3, rest=0))
        except Killed:
            self.clock.turn(minutes=1)  # its lease runs out

    def rule(self, act: Any) -> None:
        with self.store.transaction() as transaction:
            for letter in dead_letters(transaction):
                if letter.subscriber.endswith(f"-{self.mark}"):
                    word = Word("account", "person", "why not", self.clock())
                    assert act(transaction, letter.subscriber, letter.event.number, word)
                    if act is drop:
                        kind = letter.subscriber.removesuffix(f"-{self.mark}")
                        self.dropped.add((f"{kind} {letter.event.subject}", letter.event.payload["n"]))

    def finish(self) -> None:
        for _ in range(3):
            self.rule(replay)
            self.clock.turn(hours=2)
            self.deliver()

    def expected(self, kind: str, subject: str) -> list[int]:
        return [n for n in self.published[subject] if (f"{kind} {subject}", n) not in self.dropped]

    def effects(self, subject: str) -> list[int]:
        with self.store.reading() as transaction:
            rows = transaction.rows(
                select(outbox_table)
                .where(outbox_table.c.topic == f"effect-{self.mark}", outbox_table.c.subject == subject)
                .order_by(outbox_table.c.number)
            )
        return [row["payload"]["n"] for row in rows]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS)
def test_any_history_ends_with_every_effect_in_order(store: Store, clock: Any, held: Held, steps: Any) -> None:
    with store.reading() as transaction:
        mark = str(len(transaction.rows(select(subscriber_table.c.name))))
    city = City(store, clock, mark)
    city.deliver()
    for what, given_ in steps:
        city.step(what, given_)
        held()  # checks what the rows must obey
    city.finish()
    assert held() == []
    for subject in "abc":
        assert city.effects(subject) == city.expected("in", subject)
        told = city.told[subject]
        once = [n for index, n in enumerate(told) if told[index - 1 : index] != [n]]
        wanted = city.expected("out", subject)
        assert [n for n in once if n in wanted] == wanted
        assert sorted(set(once)) == once, "a repeat comes at once, before any later one of its subject"


def test_a_cursor_that_stands_too_far_back_only_repeats(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    """As after a restored backup of the receiving side: set back by hand, everything after it comes again."""
    hears = listener()
    tell(1, 2, 3)
    deliver_and_report(store, [hears.subscriber()], clock=clock)
    with store.transaction() as transaction:
        transaction.write(update(subscriber_table).values(cursor=1))
    deliver_and_report(store, [hears.subscriber()], clock=clock)
    assert hears.heard == [1, 2, 3, 2, 3]
