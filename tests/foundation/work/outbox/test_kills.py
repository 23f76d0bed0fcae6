"""Two processes deliver and are killed at random: nothing is lost, each subject's order stands, no effect is double."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from foundation.store import Store
from foundation.work.outbox.tables import held_table, outbox_table

PROGRAM = Path(__file__).with_name("deliverer.py")
PERCENT = 10
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def put_events(store: Store, many: int, subjects: int, told: int) -> None:
    """``many`` events, in turns over the subjects; one in ``told`` of each subject is also told outside."""
    numbers: dict[int, int] = defaultdict(int)
    with store.transaction() as transaction:
        key = "INTEGER PRIMARY KEY AUTOINCREMENT" if store.dialect == "sqlite" else "BIGSERIAL PRIMARY KEY"
        transaction.write(text(f"CREATE TABLE effect (place {key}, event BIGINT, subject VARCHAR(200), n BIGINT)"))
        rows = []
        for index in range(many):
            subject = index % subjects
            numbers[subject] += 1
            topic = "told" if numbers[subject] % told == 0 else "t"
            payload = {"n": numbers[subject]}
            rows.append({"topic": topic, "subject": f"s{subject}", "payload": payload, "recorded_at": NOW})
        transaction.write(insert(outbox_table), rows)


def run_and_kill(store: Store, lines: Path, many: int, kills: int) -> int:
    """Two processes; each kill comes a random moment after a part of the work was done. Returns the kills made."""
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(PROGRAM), url, str(lines), str(PERCENT)]
    running = [subprocess.Popen(command) for _ in range(2)]
    killed = 0
    try:
        for number in range(1, kills + 1):
            wait_for(store, many * number // (kills + 2), running)
            time.sleep(random.random() * 0.05)  # noqa: S311
            which = random.randrange(2)  # noqa: S311
            running[which].send_signal(signal.SIGKILL)
            killed += running[which].wait(30) == -signal.SIGKILL
            running[which] = subprocess.Popen(command)
        for process in running:
            assert process.wait(600) == 0
    finally:
        for process in running:
            process.kill()
            process.wait()
    return killed


def wait_for(store: Store, effects: int, running: Sequence[subprocess.Popen[bytes]]) -> None:
    while True:
        with store.reading() as transaction:
            if (transaction.value(text("SELECT max(place) FROM effect")) or 0) >= effects:
                return
        assert all(process.poll() in {None, 0} for process in running)
        time.sleep(0.002)


def check(store: Store, lines: Path, many: int, subjects: int, told: int) -> None:
    with store.reading() as transaction:
        effects = transaction.rows(text("SELECT event, subject, n FROM effect ORDER BY place"))
        assert transaction.rows(select(held_table)) == []
    assert len(effects) == many, "exactly once"
    assert len({row["event"] for row in effects}) == many
    each = many // subjects
    heard: dict[str, list[int]] = defaultdict(list)
    for row in effects:
        heard[row["subject"]].append(row["n"])
    assert all(numbers == list(range(1, each + 1)) for numbers in heard.values()), "in order"
    outside: dict[str, list[int]] = defaultdict(list)
    ids: dict[str, set[Any]] = defaultdict(set)
    for line in lines.read_text(encoding="utf-8").splitlines():
        id_, subject, n = line.split()
        ids[id_].add((subject, n))
        if outside[subject][-1:] != [int(n)]:  # told again: the same id, and nothing of its subject in between
            outside[subject].append(int(n))
    assert all(numbers == list(range(told, each + 1, told)) for numbers in outside.values())
    assert len(outside) == subjects
    assert len(ids) == sum(map(len, outside.values()))
    assert all(len(known) == 1 for known in ids.values())


@pytest.mark.real
def test_nothing_is_lost_doubled_or_out_of_order_when_deliverers_are_killed(store: Store, tmp_path: Path) -> None:
    many, subjects, told = 2_000, 40, 10
    put_events(store, many, subjects, told)
    assert run_and_kill(store, tmp_path / "lines", many, kills=4) == 4
    check(store, tmp_path / "lines", many, subjects, told)


@pytest.mark.real
@pytest.mark.drill
def test_a_hundred_thousand_events_and_fifty_kills(store: Store, tmp_path: Path, capsys: Any) -> None:
    many, subjects, told = 100_000, 1_000, 20
    put_events(store, many, subjects, told)
    started = time.monotonic()
    killed = run_and_kill(store, tmp_path / "lines", many, kills=50)
    seconds = time.monotonic() - started
    check(store, tmp_path / "lines", many, subjects, told)
    with capsys.disabled():
        print(f"\noutbox, {store.dialect}: {many} events, 10 % of tries fail, {killed} kills: {seconds:.0f} s")
    assert killed == 50
