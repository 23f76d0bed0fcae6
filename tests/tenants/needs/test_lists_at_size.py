"""An inbox or a list costs the same whatever other agencies have.

CI size: what a read costs is counted (instructions of SQLite, pages of PostgreSQL) before and after the others have ten
times as much. Drill size: 2,000 agencies, 100,000 requests, needs and tasks, every read timed.
"""

from __future__ import annotations

import json
import time as stopwatch
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.engine import Connection

from foundation.store import Store, Transaction
from governance.authority import Office, View, viewing
from governance.parties import Duty, Party, PartyKind, add_party
from governance.tasks import inbox
from governance.tasks.tables import task_table
from tenants.needs import NeedState, needs, temporaries
from tenants.needs.tables import need_table
from tenants.needs.urgent_tables import temporary_table
from tenants.requests import RequestState
from tenants.requests.reading import requests_page
from tenants.requests.tables import request_table
from tests.conftest import MARCH
from wiring.tables import gather

gather()
OWN = 25
"""How many of each thing every agency has."""
LIMIT_SECONDS = 0.05

Read = Callable[[View], Any]
READS: Mapping[str, Read] = {
    "inbox": inbox,
    "inbox, second page": lambda view: inbox(view, after=inbox(view, limit=5)[-1].number),
    "needs": lambda view: needs(view.transaction, view.scope, limit=20),
    "needs of a state": lambda view: needs(view.transaction, view.scope, states=[NeedState.AGREED], limit=20),
    "needs of a round": lambda view: needs(view.transaction, view.scope, round_id="R-hrss", limit=20),
    "temporary quotas": lambda view: temporaries(view, running=True, limit=20),
    "requests": lambda view: requests_page(view.transaction, view.scope, limit=20),
    "requests of a state": lambda view: requests_page(
        view.transaction, view.scope, state=RequestState.REQUESTED, limit=20
    ),
    "requests awaiting": lambda view: requests_page(view.transaction, view.scope, awaiting="bureau", limit=20),
}
READERS = {"hrss-1": Duty.REQUEST, "bureau-1": Duty.APPROVE}
BUREAUS_ONLY = frozenset({"requests awaiting"})


def asked() -> Iterator[tuple[str, str, Read]]:
    """Every reader with every read of theirs."""
    for reader in READERS:
        for name, read in READS.items():
            if reader == "bureau-1" or name not in BUREAUS_ONLY:
                yield reader, name, read


@contextmanager
def looking(office: Office, people: Mapping[str, str], reader: str) -> Iterator[View]:
    """A view under the one duty of a real login."""
    with viewing(office, people[reader]) as view:
        yield replace(view, actor=replace(view.actor, duties=frozenset({READERS[reader]})))


def fill(store: Store, agencies: int, *, first: int = 0, own: int = OWN) -> None:
    """So many agencies, each with requests, needs, something lent, and tasks for itself and for the bureau."""
    names = ["hrss"] * (first == 0) + [f"agency-{number}" for number in range(first, first + agencies)]
    with store.transaction() as transaction:
        for name in names:
            if name != "hrss":
                add_party(transaction, Party(name, PartyKind.AGENCY, name, name))
        for at in range(0, len(names), 100):
            _fill(transaction, names[at : at + 100], own)


def _fill(transaction: Transaction, names: list[str], each: int) -> None:
    own = [(name, number) for name in names for number in range(each)]
    needs_, requests, tasks = [], [], []
    for name, number in own:
        at, key = MARCH + timedelta(minutes=number), f"{name}-{number:04d}"
        state = ("stated", "agreed", "approved")[number % 3]
        needs_.append(
            _row(need_table.table, number=f"N-{key}", agency=name, zh=key, en=key, round=f"R-{name}", version=1)
            | {"state": state, "participants": [], "stated_at": at, "moved_at": at}
        )
        requests.append(
            _row(request_table.table, number=f"Q-{key}", agency=name, kind="create", environment=f"E-{key}")
            | {"state": ("requested", "approved")[number % 2], "awaiting": "bureau", "requested_at": at}
            | {"estimate_breakdown": [], "requested": {}, "differences": [], "steps": []}
        )
        for party, duty in ((name, "request"), ("bureau", "approve")):
            tasks.append(
                _row(task_table.table, party=party, duty=duty, kind="need.agree", subject=f"need:N-{key}", about=name)
                | {"opened_at": at, "ranked_at": at}
            )
    lent = [
        _row(temporary_table.table, need=f"N-{name}-0000", agency=name, use={}, granted_at=MARCH)
        | {"until": MARCH + timedelta(days=9), "papers_by": MARCH}
        for name in names
    ]
    for table, rows in (
        (need_table, needs_),
        (request_table, requests),
        (task_table, tasks),
        (temporary_table, lent),
    ):
        transaction.write(insert(table.table), rows)


def _row(table: Any, **given: Any) -> dict[str, Any]:
    """A row with something in every column that must not be empty."""
    empty: dict[type, Any] = {str: "", int: 0, bool: False}
    needed = [column for column in table.columns if not column.nullable and column.autoincrement is not True]
    made = {column.name: empty.get(_type_of(column), "") for column in needed if column.name not in given}
    made.pop("number", None)
    return {**{name: value for name, value in made.items() if not name.endswith("_at")}, **given}


def _type_of(column: Any) -> type:
    try:
        found: type = column.type.python_type
    except NotImplementedError:
        found = str
    return found


def analyse(store: Store) -> None:
    """Let the database know how much there is, as its own housekeeping does."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


@contextmanager
def counted(view: View) -> Iterator[list[int]]:
    """What the reads inside cost: instructions on SQLite, pages on PostgreSQL."""
    connection: Connection = view.transaction._connection
    driver: Any = connection.connection.dbapi_connection
    spent = [0]
    if connection.dialect.name == "sqlite":

        def tick() -> int:
            spent[0] += 1
            return 0

        driver.set_progress_handler(tick, 1)
        yield spent
        driver.set_progress_handler(None, 1)
        return
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        seen.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    yield spent
    event.remove(connection, "before_cursor_execute", note)
    with driver.cursor() as cursor:
        # Tables of a few pages are read whole and sorted, and rightly: what is asked is the way along an index.
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        for statement, parameters in seen:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
            (said,) = cursor.fetchone()
            plan = (json.loads(said) if isinstance(said, str) else said)[0]["Plan"]
            spent[0] += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def costs(office: Office, people: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """What every read costs every reader."""
    found = {}
    for reader, name, read in asked():
        with looking(office, people, reader) as view:
            read(view)  # what is compiled and planned once is not counted
            with counted(view) as spent:
                assert read(view), name
            found[reader, name] = spent[0]
    return found


def test_a_read_costs_no_more_when_the_others_have_ten_times_as_much(office: Office, people: dict[str, str]) -> None:
    fill(office.store, 20)
    analyse(office.store)
    before = costs(office, people)
    fill(office.store, 200, first=20)
    analyse(office.store)
    after = costs(office, people)
    # A tree that is one level higher is one page more for each look into it.
    grown = {key: (before[key], after[key]) for key in before if after[key] > before[key] * 1.2 + 6}
    assert grown == {}


@pytest.mark.drill
def test_every_inbox_and_list_answers_in_time_with_2000_agencies(
    office: Office, people: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    fill(office.store, 2_000, own=50)
    analyse(office.store)
    slow = {}
    for reader, name, read in asked():
        times = []
        for _ in range(11):
            with looking(office, people, reader) as view:
                began = stopwatch.perf_counter()
                assert read(view)
                times.append(stopwatch.perf_counter() - began)
        took = f"{median(times) * 1000:.1f} ms (at most {max(times) * 1000:.1f})"
        with capsys.disabled():
            print(f"{office.store.dialect} {reader} {name}: {took}")
        if median(times) > LIMIT_SECONDS:
            slow[reader, name] = took
    assert slow == {}
