"""What a scrape says, against the rows; and what it costs when very many runs have ended."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, insert, text

from foundation.store import Scope, Store
from foundation.work.due.tables import rule_table
from foundation.work.leases import lease_table
from foundation.work.metrics import Ended, Watched, registry
from foundation.work.outbox import Event, Subscriber, deliver, publish
from foundation.work.runs.tables import IS_OPEN, IS_WAITING, pause_table, run_table, runs, worker_table

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
EVERYBODY = Scope(None)
_NUMBERS = itertools.count(1)


@dataclass
class Rows:
    """Writes runs as they might stand."""

    store: Store
    kept: list[dict[str, Any]] = field(default_factory=list)

    def run(self, kind: str, state: str, *, failures: int = 0, ago: timedelta = timedelta()) -> None:
        number = next(_NUMBERS)
        self.kept.append(
            {
                **dict.fromkeys(("agency", "subject", "account", "person", "asked", "worker", "note"), ""),
                **dict.fromkeys(("reason", "reason_zh", "reason_en"), ""),
                **dict.fromkeys(("attempt", "deaths", "worker_number", "done", "total", "reason_exit"), 0),
                **dict.fromkeys(("enqueued_at", "updated_at", "not_before"), NOW - ago),
                "id": f"run_{number}",
                "kind": kind,
                "version": 1,
                "inputs": {},
                "input_digest": "0" * 64,
                "key": str(number),
                "priority": 5,
                "state": state,
                "failures": failures,
            }
        )

    def write(self) -> None:
        with self.store.transaction() as transaction:
            transaction.write(insert(run_table), self.kept)
        self.kept.clear()


def watched(store: Store, *listeners: Subscriber) -> Watched:
    return Watched(store, EVERYBODY, lambda: NOW, listeners, {"version": "1.2", "schema": "0002"})


def scraped(store: Store, *listeners: Subscriber) -> Mapping[tuple[str, frozenset[tuple[str, str]]], float]:
    return read(generate_latest(registry(watched(store, *listeners))).decode())


def read(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation.endswith(".") for family in families)
    assert all(family.name.startswith("guanyun_") for family in families)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value for each in families for sample in each.samples
    }


def labels(**pairs: str) -> frozenset[tuple[str, str]]:
    return frozenset(pairs.items())


def test_runs_are_counted_by_kind_and_state_with_the_age_of_the_oldest_open_one(store: Store) -> None:
    rows = Rows(store)
    rows.run("deploy", "queued", ago=timedelta(minutes=10))
    rows.run("deploy", "queued", ago=timedelta(minutes=2))
    rows.run("deploy", "parked", failures=2, ago=timedelta(hours=1))
    rows.run("close", "succeeded", failures=1, ago=timedelta(days=3))
    rows.run("close", "failed", failures=5)
    rows.write()
    told = scraped(store)
    assert told["guanyun_work_runs", labels(kind="deploy", state="queued")] == 2
    assert told["guanyun_work_runs", labels(kind="deploy", state="parked")] == 1
    assert told["guanyun_work_runs", labels(kind="close", state="succeeded")] == 1
    assert told["guanyun_work_runs", labels(kind="close", state="failed")] == 1
    assert told["guanyun_work_oldest_seconds", labels(kind="deploy", state="queued")] == 600
    assert ("guanyun_work_oldest_seconds", labels(kind="close", state="succeeded")) not in told
    assert told["guanyun_work_failures_total", labels(kind="close")] == 6
    assert told["guanyun_work_failures_total", labels(kind="deploy")] == 2


def test_leases_workers_and_paused_kinds_are_told(store: Store) -> None:
    holder = "host 12 99 boot/pid:[1]"
    with store.transaction() as transaction:
        held = {"name": "worker:a", "holder": holder, "number": 3, "expires_at": NOW + timedelta(seconds=20)}
        over = {"name": "worker:b", "holder": holder, "number": 1, "expires_at": NOW - timedelta(seconds=1)}
        transaction.write(insert(lease_table), [held, over])
        common = {"holder": holder, "host": "host", "pid": 12, "version": "1", "kinds": {}, "started_at": NOW}
        transaction.write(
            insert(worker_table), [{"name": "a", "number": 3, **common}, {"name": "b", "number": 1, **common}]
        )
        transaction.write(insert(pause_table).values(kind="deploy", account="li", reason="storm", paused_at=NOW))
    told = scraped(store)
    assert told["guanyun_lease_held", labels(name="worker:a", holder="host (pid 12)")] == 1
    assert told["guanyun_lease_left_seconds", labels(name="worker:a", holder="host (pid 12)")] == 20
    assert ("guanyun_lease_held", labels(name="worker:b", holder="host (pid 12)")) not in told
    assert told["guanyun_worker_up", labels(name="a")] == 1
    assert told["guanyun_worker_up", labels(name="b")] == 0
    assert told["guanyun_work_kind_paused", labels(kind="deploy")] == 1


def test_due_work_that_is_late_or_awaits_a_calendar_is_told(store: Store) -> None:
    common = {
        **dict.fromkeys(("agency", "subject", "trouble", "trouble_zh", "trouble_en"), ""),
        "kind": "remind",
        "inputs": {},
        "rule": {"every": "day", "at": "09:00:00"},
        "working_days": False,
        "catch_up": "once",
        "grace_seconds": 0,
        "priority": 5,
        "digest": "0",
        "active": True,
        "since": NOW,
        "last_at": None,
        "changed_at": NOW,
        "retry_at": None,
    }
    rows = [
        {"name": "late", "next_at": NOW - timedelta(minutes=5), "awaiting_year": None},
        {"name": "just now", "next_at": NOW - timedelta(seconds=30), "awaiting_year": None},
        {"name": "waiting", "next_at": None, "awaiting_year": 2027},
    ]
    with store.transaction() as transaction:
        transaction.write(insert(rule_table), [common | row for row in rows])
    told = scraped(store)
    assert told["guanyun_due_late", labels(kind="remind")] == 1
    assert told["guanyun_due_late_seconds", labels(kind="remind")] == 300
    assert told["guanyun_due_awaiting_calendar", labels()] == 1
    assert told["guanyun_due_set_aside", labels()] == 0


def test_events_behind_and_dead_are_told_by_subscriber(store: Store) -> None:
    def fails(transaction: Any, happened: Event) -> None:
        raise ValueError(happened.subject)

    listener = Subscriber("accounts", "paid", fails)
    with store.transaction() as transaction:
        publish(transaction, Event("paid", "bill:1", {}), clock=lambda: NOW - timedelta(minutes=3))
    deliver(store, [listener], clock=lambda: NOW)
    told = scraped(store, listener)
    assert told["guanyun_outbox_waiting", labels(subscriber="accounts")] == 1
    assert told["guanyun_outbox_oldest_seconds", labels(subscriber="accounts")] == 180
    assert told["guanyun_outbox_dead", labels(subscriber="accounts")] == 0


def test_a_label_with_every_awkward_character_survives(store: Store) -> None:
    rows = Rows(store)
    rows.run('q"\\u\n种类', "queued")
    rows.write()
    assert scraped(store)["guanyun_work_runs", labels(kind='q"\\u\n种类', state="queued")] == 1


def test_a_database_that_is_away_is_told_and_nothing_else(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from foundation.store import DatabaseUnavailable

    def away(self: Store) -> None:
        raise DatabaseUnavailable(reason="gone")

    monkeypatch.setattr(Store, "reading", away)
    assert {name: value for (name, _), value in scraped(store).items()} == {
        "guanyun_build_info": 1,
        "guanyun_database_up": 0,
    }


# What it costs


def test_ended_runs_are_told_only_once_every_block_was_seen(store: Store) -> None:
    rows = Rows(store)
    for _ in range(100):
        rows.run("close", "succeeded")
    rows.write()
    ended = Ended(size=10, seconds=0.0)  # no time for older blocks but the two newest of each look and one more
    looks = 0
    while not ended.complete:
        with store.reading() as transaction:
            ended.look(transaction, EVERYBODY)
        looks += 1
        assert looks < 100
    assert ended.many() == {("close", "succeeded"): 100}
    assert looks > 1


def test_a_run_retried_after_its_end_is_counted_anew_some_looks_later(store: Store) -> None:
    rows = Rows(store)
    for _ in range(50):
        rows.run("close", "failed", failures=1)
    rows.write()
    ended = Ended(size=10)

    def look() -> None:
        with store.reading() as transaction:
            ended.look(transaction, EVERYBODY)

    look()
    assert ended.many() == {("close", "failed"): 50}
    assert ended.failures() == {"close": 50}
    with store.transaction() as transaction:
        oldest = runs.update(EVERYBODY).where(run_table.c.number == 1)
        assert transaction.write(oldest.values(state="queued", failures=0)) == 1
    for _ in range(20):
        look()
    assert ended.many() == {("close", "failed"): 49}
    assert ended.failures() == {"close": 50}  # a counter never goes back


def test_open_runs_are_counted_over_their_own_indexes(store: Store) -> None:
    explain = "EXPLAIN QUERY PLAN" if store.dialect == "sqlite" else "EXPLAIN"
    with store.transaction() as transaction:
        if store.dialect == "postgresql":
            transaction.write(text("SET LOCAL enable_seqscan = off"))
        for condition, index in ((IS_WAITING, "ix_work_run_waiting"), (IS_OPEN, "ix_work_run_open")):
            counting = f"SELECT kind, state, count(*), min(number) FROM work_run WHERE {condition} GROUP BY 2, 1"
            plan = transaction.rows(text(f"{explain} {counting}"))
            assert any(index in str(value) for row in plan for value in row.values())


def test_no_statement_of_a_scrape_reads_more_than_a_few_blocks(store: Store) -> None:
    rows = Rows(store)
    for _ in range(300):
        rows.run("close", "succeeded")
    rows.write()
    told = registry(watched(store))
    generate_latest(told)
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    generate_latest(told)
    counting = [each for each in statements if "work_run" in each and "count(" in each.lower()]
    assert counting
    assert all("BETWEEN" in each or "state = '" in each or "state IN ('" in each for each in counting)
