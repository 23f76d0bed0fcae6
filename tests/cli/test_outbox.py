"""``guanyun outbox``: what waits, what died, and a person's word on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from foundation.work import Event, Subscriber, deliver, publish
from foundation.work.outbox import Retries
from wiring.application import open_unchecked
from wiring.settings import Settings

InProcess = Callable[..., int]


def die(home: Any, subject: str = "thing:1") -> None:
    """An event that a subscriber, gone since, could not take."""

    def fails(transaction: Any, event: Event) -> None:
        raise ValueError

    opened = open_unchecked(Settings(home=home.folder))
    clock = opened.office.clocks.real
    with opened.store.transaction() as transaction:
        publish(transaction, Event("test.happened", subject, {}), clock=clock)
    deliver(opened.store, [Subscriber("test", "test.happened", fails, retries=Retries(tries=1))], clock=clock)
    opened.store.close()


def letters(in_process: InProcess, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert in_process("outbox", "dead", "--json") == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_every_subscriber_is_listed_with_what_waits(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    home.log_in("wang.fang")
    assert in_process("outbox", "ls", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"tenants.register", "billing.hand-out"} <= {row["subscriber"] for row in rows}
    assert all((row["waiting"], row["dead"]) == (0, 0) for row in rows)


def test_a_dead_letter_is_dropped_by_a_named_person_with_a_reason(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    die(home)
    home.log_in("wang.fang")
    (letter,) = letters(in_process, capsys)
    assert (letter["subscriber"], letter["topic"], letter["tries"]) == ("test", "test.happened", 1)
    number = str(letter["number"])
    assert in_process("outbox", "drop", number, "--subscriber", "test", "--because", " ") == 2
    assert in_process("outbox", "drop", number, "--subscriber", "another", "--because", "told by telephone") == 2
    assert "[work.no-dead-letter]" in capsys.readouterr().err
    assert in_process("outbox", "drop", number, "--subscriber", "test", "--because", "told by telephone") == 0
    assert letters(in_process, capsys) == []
    assert in_process("outbox", "drop", number, "--subscriber", "test", "--because", "told by telephone") == 0
    assert "nothing changed" in capsys.readouterr().out


def test_a_dead_letter_is_replayed(home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]) -> None:
    die(home)
    home.log_in("wang.fang")
    (letter,) = letters(in_process, capsys)
    assert in_process("outbox", "replay", letter["number"], "--subscriber", "test", "--because", "mended") == 0
    assert letters(in_process, capsys) == []


def test_only_the_operator_says_what_becomes_of_a_dead_letter(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    die(home)
    home.log_in("xu.hui")
    (letter,) = letters(in_process, capsys)
    assert in_process("outbox", "drop", letter["number"], "--subscriber", "test", "--because", "x") == 6
    assert len(letters(in_process, capsys)) == 1
