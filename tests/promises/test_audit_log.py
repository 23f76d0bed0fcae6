"""Promise 7: any edit, deletion, reorder or truncation of the audit log is found up to the last head handed out; after
it, every change inside the tail is, and the tail is never called anchored.

Two adversaries: one who changes rows, and one who also computes every later hash anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from billing.live.audit_chain import check_audit
from billing.verification.result import Report
from foundation.evidence import FileSigner, read_handed_out
from foundation.store import Transaction
from foundation.values.findings import Severity
from governance import audit
from governance.audit import GENESIS, Entry, audit_head_table, audit_table, entry_hash
from tests.promises.city import City

Chain = list[Entry]


@dataclass
class Log:
    """An audit log out of its triggers' reach, and what its readers kept."""

    city: City
    chain: Chain
    roots: Any
    last_head: int

    @contextmanager
    def holding(self, chain: Chain) -> Iterator[Transaction]:
        """The log with another content, until the end of the block."""
        with self.city.store.engine.connect() as connection, connection.begin() as boundary:
            transaction = Transaction(connection)
            transaction.write(delete(audit_table))
            rows = [{name: getattr(entry, name) for name in Entry.__slots__} for entry in chain]
            transaction.write(insert(audit_table), rows)
            head = {"number": len(chain), "hash": chain[-1].hash}  # whoever changes rows changes this one too
            transaction.write(update(audit_head_table).values(**head))
            yield transaction
            boundary.rollback()

    def found(self, chain: Chain) -> list[tuple[str, str]]:
        """(code, entry) of every difference."""
        report = Report(file="")
        with self.holding(chain) as transaction:
            check_audit(transaction, self.roots, report)
        return [
            (each.code.rpartition(".")[2], each.place.field or "")
            for each in report.findings
            if each.severity is Severity.ERROR
        ]

    def anchored(self, chain: Chain) -> tuple[int, int]:
        """Up to where the log is said to be anchored, and how long its tail is."""
        report = Report(file="")
        with self.holding(chain) as transaction:
            check_audit(transaction, self.roots, report)
        return report.checked["audit entries anchored"], report.checked["audit entries unanchored"]


@pytest.fixture(scope="module")
def log(built_cities: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """The whole city's log; its last head was handed out at the last statement, so it has a long tail."""
    folder = Path(shutil.copytree(built_cities["paid"], tmp_path_factory.mktemp("log") / "city"))
    city = City(folder)
    with city.store.engine.begin() as connection:
        for verb in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER audit_entry_no_{verb}")
    with city.store.reading() as transaction:
        chain = list(audit.entries(transaction))
    assert isinstance(city.signer("evidence"), FileSigner)
    roots = read_handed_out(city.handed_out, city.ring, owner="operator.evidence")
    heads = [body["number"] for body in roots.values() if body["kind"] == "audit"]
    yield Log(city, chain, roots, max(heads))
    city.store.close()


def rechained(chain: Chain) -> Chain:
    """The adversary's care: numbers in a row, every hash right."""
    previous, made = GENESIS, []
    for number, entry in enumerate(chain, 1):
        bare = replace(entry, number=number, previous=previous, hash="")
        made.append(replace(bare, hash=entry_hash(bare)))
        previous = made[-1].hash
    return made


def edited(entry: Entry, field: str) -> Entry:
    """The entry with one field changed."""
    value: object = getattr(entry, field)
    changed: Any = f"{value}x"[-60:]
    if isinstance(value, datetime):
        changed = value + timedelta(microseconds=1)
    elif isinstance(value, Mapping):
        changed = {**value, "more": 1}
    return replace(entry, **{field: changed})


FIELDS = ("recorded_at", "business_at", "event", "person", "account", "subject", "facts", "previous")
QUICKLY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_the_log_as_it_is_holds_and_says_how_far_it_is_anchored(log: Log) -> None:
    assert log.found(log.chain) == []
    assert log.anchored(log.chain) == (log.last_head, len(log.chain) - log.last_head)
    assert 10 < log.last_head < len(log.chain) - 10, "there must be both an anchored part and a tail"


@QUICKLY
@given(data=st.data())
def test_an_edited_entry_is_named(log: Log, data: st.DataObject) -> None:
    """In the anchored part and in the tail alike."""
    at = data.draw(st.integers(0, len(log.chain) - 1))
    chain = list(log.chain)
    chain[at] = edited(chain[at], data.draw(st.sampled_from(FIELDS)))
    assert ("audit-entry", str(at + 1)) in log.found(chain)
    assert log.anchored(chain)[0] <= at


@QUICKLY
@given(data=st.data())
def test_a_deleted_entry_is_named(log: Log, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log.chain) - 2))
    chain = log.chain[:at] + log.chain[at + 1 :]
    assert ("audit-entry", str(at + 1)) in log.found(chain)


@QUICKLY
@given(data=st.data())
def test_entries_in_another_order_are_named(log: Log, data: st.DataObject) -> None:
    first, second = sorted(data.draw(st.lists(st.integers(0, len(log.chain) - 1), min_size=2, max_size=2, unique=True)))
    chain = list(log.chain)
    chain[first], chain[second] = (
        replace(chain[second], number=first + 1),
        replace(chain[first], number=second + 1),
    )
    assert ("audit-entry", str(first + 1)) in log.found(chain)


@QUICKLY
@given(data=st.data())
def test_an_entry_put_in_is_named(log: Log, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log.chain) - 1))
    forged = replace(log.chain[at], subject="forged", hash="")
    moved = [replace(entry, number=entry.number + 1) for entry in log.chain[at:]]
    chain = [*log.chain[:at], replace(forged, hash=entry_hash(forged)), *moved]
    codes = log.found(chain)
    assert any(code == "audit-entry" and int(entry) <= at + 2 for code, entry in codes), codes


@QUICKLY
@given(data=st.data())
def test_a_cut_is_found_up_to_the_last_head_and_the_rest_is_never_called_anchored(
    log: Log, data: st.DataObject
) -> None:
    kept = data.draw(st.integers(1, len(log.chain) - 1))
    chain = log.chain[:kept]
    if kept < log.last_head:
        assert any(code == "audit-head" and int(entry) > kept for code, entry in log.found(chain))
    assert log.anchored(chain)[0] <= min(kept, log.last_head)


@QUICKLY
@given(data=st.data())
def test_a_change_with_every_later_hash_made_anew_is_found_up_to_the_last_head(log: Log, data: st.DataObject) -> None:
    changes: dict[str, Callable[[Chain, int], Chain]] = {
        "edit": lambda chain, at: [*chain[:at], edited(chain[at], "subject"), *chain[at + 1 :]],
        "delete": lambda chain, at: chain[:at] + chain[at + 1 :],
        "swap": lambda chain, at: [*chain[:at], chain[at + 1], chain[at], *chain[at + 2 :]],
        "insert": lambda chain, at: [*chain[:at], replace(chain[at], subject="forged"), *chain[at:]],
    }
    change = changes[data.draw(st.sampled_from(sorted(changes)))]
    at = data.draw(st.integers(0, log.last_head - 1))
    chain = rechained(change(list(log.chain), at))
    found = log.found(chain)
    assert found, "found nothing"
    assert all(code == "audit-head" for code, _ in found)
    assert int(found[0][1]) > at, "a head before the change still holds"
    assert log.anchored(chain)[0] <= at


def test_no_entry_is_changed_while_the_triggers_stand(city_at: Callable[[str], City]) -> None:
    city = city_at("confirmed")
    for statement in (delete(audit_table), audit_table.update().values(subject="x")):
        with pytest.raises(DBAPIError, match="append-only"), city.store.transaction() as transaction:
            transaction.write(statement)
    with city.store.reading() as transaction:
        assert transaction.rows(select(audit_table.c.number).limit(1))
