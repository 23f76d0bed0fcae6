"""The figure: many agencies merged into fewer in one transaction; every open thing has one successor, no other changes.

Continuous integration merges 30 into 20; the drill 300 into 200:
``pytest -m drill tests/governance/reorganisation/test_figure.py``. Its lines go to docs/measurements.md.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import func, select

from foundation.store import Transaction
from governance.audit import entries as audit_entries
from governance.audit import first_break
from governance.authority import Office, machine_scope
from tenants.quotas.recounting import recount_all
from tenants.quotas.tables import limit_table
from tenants.register.tables import open_of
from tests.conftest import MARCH
from tests.governance.reorganisation.conftest import Reorganise
from tests.governance.reorganisation.province import MACHINES, SYSTEMS, Size, build, every_row, reorganisation
from wiring.tables import gather

OPEN = {
    "register_record": lambda row: row["closed"] is None and row["superseded_from"] is None,
    "environment": lambda row: row["state"] != "closed",
    "request": lambda row: row["state"] not in {"rejected", "withdrawn", "expired", "ended"},
    "task": lambda row: row["closed_at"] is None,
    "account": lambda row: row["until"] is None or row["until"] > MARCH,
    "membership": lambda row: row["until"] is None or row["until"] > MARCH,
    "party_leader": lambda row: row["until"] is None or row["until"] > MARCH,
    "project": lambda row: row["state"] not in {"stopped", "rejected"},
    "business_system": lambda row: True,
    "quota_limit": lambda row: row["ends_at"] is None or row["ends_at"] > MARCH,
    "quota_use": lambda row: row["state"] in {"reserved", "held"},
}
WHOSE = {"project": "lead", "task": "party", "account": "party", "membership": "party", "party_leader": "party"}


def snapshot(transaction: Transaction) -> dict[str, dict[str, dict[str, Any]]]:
    """Table → key → row, of everything that is over."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, is_open in OPEN.items():
        table = gather().tables[name]
        for row in every_row(transaction, table):
            if not is_open(row):
                key = "/".join(str(row[column.name]) for column in table.primary_key.columns)
                found.setdefault(name, {})[key] = dict(row)
    return found


def merge(office: Office, reorganise: Reorganise, size: Size) -> float:
    """Seconds of the publishing transaction, with everything checked afterwards."""
    with office.store.transaction() as transaction:
        build(transaction, size)
        over = snapshot(transaction)
    wanted = reorganisation(size)
    started = time.perf_counter()
    applied = reorganise(wanted)
    took = time.perf_counter() - started
    assert applied is not None
    old, new = set(wanted.moves.main), set(wanted.moves.main.values())
    assert (len(old), len(new)) == (size.agencies, size.left)
    with office.store.reading() as transaction:
        for name, is_open in OPEN.items():
            whose = WHOSE.get(name, "agency")
            rows = [row for row in every_row(transaction, gather().tables[name]) if is_open(row)]
            assert not [row for row in rows if row[whose] in old], name
            assert {row[whose] for row in rows} >= new, name
        standing = open_of(transaction, machine_scope(), new)
        assert (
            len({line.entry.resource for line in standing}) == len(standing) == size.agencies * (SYSTEMS - 1) * MACHINES
        )
        assert {line.entry.opened for line in standing} == {MARCH}
        for name, rows in over.items():
            table = gather().tables[name]
            after = {
                "/".join(str(row[column.name]) for column in table.primary_key.columns): dict(row)
                for row in every_row(transaction, table)
            }
            for key, row in rows.items():
                assert after[key] == row, (name, key, "what was over stays as it was")
        units = select(func.sum(limit_table.c.units)).where(limit_table.c.ends_at.is_(None))
        assert transaction.value(units.execution_options(guanyun_scoped="quota_limit")) == size.agencies * 10_000_000
        assert recount_all(transaction)[1] == ()
        assert first_break(audit_entries(transaction)) is None
    return took


def test_a_third_of_the_agencies_less_and_nothing_lost(office: Office, reorganise: Reorganise) -> None:
    assert merge(office, reorganise, Size(30)) < 10


@pytest.mark.drill
def test_three_hundred_agencies_become_two_hundred(
    office: Office, reorganise: Reorganise, capsys: pytest.CaptureFixture[str]
) -> None:
    size = Size(300)
    took = merge(office, reorganise, size)
    with capsys.disabled():
        entries = size.agencies * (SYSTEMS - 1) * MACHINES
        print(f"\n{office.store.dialect}: 300 → 200 agencies, {entries} open entries: {took:.2f} s")
    assert took < 10
