"""An event whose tries are used up holds its subject until a named person replays or drops it, with a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from foundation.store import Store
from foundation.values.errors import InvalidValue
from foundation.work import deliver, pending
from foundation.work.outbox import (
    FinalFailure,
    NoDeadLetter,
    ReasonMissing,
    Word,
    dead_letters,
    deliver_and_report,
    drop,
    replay,
    stuck,
)
from foundation.work.outbox.tables import ruling_table

Held = Callable[[], Sequence[tuple[str, int, str]]]


class Hopeless(FinalFailure):
    """No try can mend it."""

    code = "test.hopeless"
    zh = "没有希望"
    en = "hopeless"


def word(clock: Callable[[], datetime], reason: str = "the receiver is mended") -> Word:
    return Word("operator-1", "person-1", reason, clock())


def tire(store: Store, clock: Any, subscribers: Any) -> None:
    for _ in range(4):
        deliver(store, subscribers, clock=clock)
        clock.turn(hours=1)


@pytest.fixture
def dead(store: Store, clock: Any, tell: Any, listener: Any) -> Any:
    """A listener with event 1 dead and event 2 of the same subject behind it."""
    bad = listener(refuses={1})
    tell(1, 2)
    tell(3, subject="other")
    tire(store, clock, [bad.subscriber()])
    assert bad.tried == [1, 3, 1, 1]
    return bad


def test_a_dead_letter_holds_its_subject_and_says_why(store: Store, clock: Any, dead: Any, held: Held) -> None:
    assert held() == [("a", 1, "dead"), ("a", 2, "behind")]
    with store.reading() as transaction:
        (letter,) = dead_letters(transaction)
        assert dead_letters(transaction, "another") == []
        found = stuck(transaction, [dead.subscriber()])
        assert pending(transaction, [dead.subscriber()]) == 2
    assert (letter.subscriber, letter.event.payload, letter.tries, letter.behind) == ("a", {"n": 1}, 3, 1)
    assert (letter.code, "RuntimeError" in letter.en, "RuntimeError" in letter.zh) == (
        "work.handler-failed",
        True,
        True,
    )
    assert found is not None
    assert (found.retrying, found.behind, found.dead, found.next_try) == (0, 1, 1, None)
    clock.turn(days=30)
    assert deliver(store, [dead.subscriber()], clock=clock) == 0


def test_a_replayed_one_is_tried_again_with_its_whole_budget(store: Store, clock: Any, dead: Any, held: Held) -> None:
    with store.transaction() as transaction:
        assert replay(transaction, "a", 1, word(clock))
    assert deliver(store, [dead.subscriber()], clock=clock) == 0
    assert held() == [("a", 1, "retry"), ("a", 2, "behind")]
    dead.refuses.clear()
    clock.turn(seconds=1)
    assert deliver(store, [dead.subscriber()], clock=clock) == 2
    assert dead.heard == [3, 1, 2]
    assert held() == []


def test_a_dropped_one_frees_its_subject_and_is_never_delivered(
    store: Store, clock: Any, dead: Any, held: Held
) -> None:
    with store.transaction() as transaction:
        assert drop(transaction, "a", 1, word(clock, " the receiver is gone "))
    assert deliver(store, [dead.subscriber()], clock=clock) == 1
    assert dead.heard == [3, 2]
    assert held() == []
    with store.reading() as transaction:
        (row,) = transaction.rows(select(ruling_table))
    said = {name: row[name] for name in ("subscriber", "event", "ruling", "account", "person", "reason", "tries")}
    assert said == {
        "subscriber": "a",
        "event": 1,
        "ruling": "drop",
        "account": "operator-1",
        "person": "person-1",
        "reason": "the receiver is gone",
        "tries": 3,
    }


def test_dropping_the_last_of_a_subject_holds_nothing(store: Store, clock: Any, tell: Any, listener: Any) -> None:
    bad = listener(refuses={1})
    tell(1)
    tire(store, clock, [bad.subscriber()])
    with store.transaction() as transaction:
        assert drop(transaction, "a", 1, word(clock))
    tell(2)
    deliver(store, [bad.subscriber()], clock=clock)
    assert bad.heard == [2]


def test_the_same_word_of_the_same_person_again_changes_nothing(store: Store, clock: Any, dead: Any) -> None:
    with store.transaction() as transaction:
        assert drop(transaction, "a", 1, word(clock))
        assert not drop(transaction, "a", 1, word(clock))
        assert len(transaction.rows(select(ruling_table))) == 1
        with pytest.raises(NoDeadLetter):
            replay(transaction, "a", 1, word(clock))
        with pytest.raises(NoDeadLetter):
            drop(transaction, "a", 1, replace(word(clock), person="person-2"))


@pytest.mark.parametrize("act", [replay, drop])
@pytest.mark.parametrize("number", [2, 3, 99])
def test_only_a_dead_letter_can_be_replayed_or_dropped(
    store: Store, clock: Any, dead: Any, act: Any, number: int
) -> None:
    with store.transaction() as transaction, pytest.raises(NoDeadLetter):
        act(transaction, "a", number, word(clock))


@pytest.mark.parametrize("act", [replay, drop])
@pytest.mark.parametrize("reason", ["", " \n"])
def test_a_reason_must_be_given(store: Store, clock: Any, dead: Any, held: Held, act: Any, reason: str) -> None:
    with pytest.raises(ReasonMissing), store.transaction() as transaction:
        act(transaction, "a", 1, word(clock, reason))
    assert held() == [("a", 1, "dead"), ("a", 2, "behind")]


def test_what_cannot_be_mended_is_dead_at_once(store: Store, clock: Any, tell: Any, listener: Any, held: Held) -> None:
    bad = listener(refuses={1}, error=Hopeless())
    tell(1)
    deliver(store, [bad.subscriber()], clock=clock)
    assert held() == [("a", 1, "dead")]
    with store.reading() as transaction:
        (letter,) = dead_letters(transaction)
    assert (letter.code, letter.zh, letter.en, letter.tries) == ("test.hopeless", "没有希望", "hopeless", 1)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ValueError("postgresql://user:geheim@host"), "work.handler-failed", "ValueError"),
        (FileNotFoundError(2, "No such file", "folder/x"), "work.handler-failed", "No such file: folder/x"),
        (InvalidValue(field="x", found="y", expected="\0z" * 900), "values.invalid", "x: found y, expected z"),
    ],
    ids=["a stranger", "the machine", "ours"],
)
def test_a_failure_is_kept_in_words_without_a_secret_or_a_traceback(
    store: Store, clock: Any, tell: Any, listener: Any, error: Exception, code: str, said: str
) -> None:
    bad = listener(refuses={1}, error=error)
    tell(1)
    deliver_and_report(store, [bad.subscriber()], clock=clock)
    with store.reading() as transaction:
        found = stuck(transaction, [bad.subscriber()])
    assert found is not None
    assert found.code == code
    assert said in found.en
    assert "geheim" not in found.en + found.zh
    assert "Traceback" not in found.en + found.zh
    assert len(found.en) <= 1000
