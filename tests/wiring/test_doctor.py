"""The doctor: each fault is found in words a person can act on, none stops the others, nobody sees a traceback."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text, update

import governance.calendar.tables  # noqa: F401 - its table
from foundation.evidence import create_key
from foundation.store import Store
from foundation.values.findings import Finding, Severity
from foundation.work import Event, publish, this_process
from foundation.work.due.tables import rule_table
from foundation.work.leases import lease_table
from foundation.work.outbox import Retries, Subscriber, deliver
from foundation.work.runs import Job, enqueue
from foundation.work.runs.tables import pause_table, run_table, runs, worker_table
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Act, Grant, Office, machine_scope
from governance.authority.glass import add_grant
from governance.installation import installation_table
from tests.conftest import MARCH
from wiring import doctor
from wiring.application import Application
from wiring.database import HEAD
from wiring.doctor import CHECKS, Check, Checked, Patient, examine
from wiring.doctor import events as events_module
from wiring.doctor import machine as machine_module
from wiring.kinds import APPLY, kinds
from wiring.processes.records import recorded
from wiring.settings import Settings
from wiring.tables import gather

gather()
NOW = datetime(2026, 10, 20, 8, tzinfo=UTC)
HEAVY = {"pulumi", "packages"}
GONE = this_process().split(" ")
DEAD = f"{GONE[0]} 4194304 1 {GONE[-1]}"
"""A holder whose process id nobody has."""


@pytest.fixture
def settings(tmp_path: Path, store: Store) -> Settings:
    """A home in good order whose database is the test's."""
    home = tmp_path / "home"
    for folder in (home, home / "keys", home / "public-keys"):
        folder.mkdir(mode=0o700)
    for name in ("operator.evidence", "operator.billing"):
        create_key(home / "keys" / f"{name}.pem", home / "public-keys" / f"{name}.pub.pem")
    with store.transaction() as transaction:
        transaction.write(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        transaction.write(text("INSERT INTO alembic_version VALUES (:head)").bindparams(head=HEAD))
    return Settings(home=home, database=store.engine.url.render_as_string(hide_password=False))


@pytest.fixture
def opened(settings: Settings, office: Office) -> Application:
    """The installation, to put faults into."""
    application = Application(settings, office.store)
    application.__dict__["office"] = replace(office, clocks=replace(office.clocks, real=lambda: NOW))
    return application


def looked(settings: Settings, *, now: datetime = NOW) -> dict[str, Checked]:
    return {each.name: each for each in examine(settings, now=now, checks=[c for c in CHECKS if c.name not in HEAVY])}


def found(settings: Settings, check: str, *, now: datetime = NOW) -> list[tuple[str, str]]:
    (only,) = [each for each in CHECKS if each.name == check]
    return [(f.code, f.severity.value) for f in examine(settings, now=now, checks=[only])[0].findings]


def test_a_home_in_good_order_has_no_errors(settings: Settings, opened: Application) -> None:
    assert {name: each.findings for name, each in looked(settings).items() if each.severity is Severity.ERROR} == {}


def test_every_check_has_a_name_of_its_own_in_both_languages() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        assert re.search("[一-鿿]", check.zh)
        assert not re.search("[一-鿿]", check.en)
        assert (check.look is None) != (check.look_at_rows is None)


def test_a_check_that_fails_stops_no_other_and_shows_no_traceback(settings: Settings) -> None:
    def breaks(patient: Patient) -> Iterator[Finding]:
        raise RuntimeError("password=hunter2")
        yield

    checks = [Check("broken", "坏", "broken", look=breaks), CHECKS[0]]
    broken, well = examine(settings, now=NOW, checks=checks)
    (finding,) = broken.findings
    assert finding.code == "doctor.check-failed"
    assert "RuntimeError" in finding.en
    assert "hunter2" not in finding.en + finding.zh
    assert well.findings == ()


def test_without_an_installation_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    told = looked(Settings(home=tmp_path / "nothing"))
    assert [f.code for f in told["database"].findings] == ["doctor.wiring.no-installation"]
    assert [f.code for f in told["home"].findings] == ["doctor.home-missing"]
    skipped = {name for name, each in told.items() if each.skipped}
    assert skipped == {check.name for check in CHECKS if check.look_at_rows is not None}
    assert all("database is away" in told[name].findings[0].en for name in skipped)


def test_a_database_of_another_version_says_what_to_run(settings: Settings, store: Store) -> None:
    with store.transaction() as transaction:
        transaction.write(text("UPDATE alembic_version SET version_num = '0001'"))
    told = looked(settings)
    assert [f.code for f in told["database"].findings] == ["doctor.store.not-migrated"]
    assert "guanyun database upgrade" in told["database"].findings[0].en
    assert told["runs"].skipped


# Files


@pytest.mark.parametrize(
    ("path", "mode", "check", "code"),
    [
        (".", 0o777, "home", "doctor.home-writable"),
        (".", 0o755, "home", "doctor.home-readable"),
        ("keys", 0o755, "keys", "doctor.not-private"),
        ("keys/operator.evidence.pem", 0o644, "keys", "doctor.not-private"),
    ],
)
def test_what_others_can_reach_is_told_with_the_command_that_closes_it(
    settings: Settings, path: str, mode: int, check: str, code: str
) -> None:
    (settings.home / path).chmod(mode)
    assert code in {told for told, _ in found(settings, check)}
    (only,) = [each for each in CHECKS if each.name == check]
    findings = examine(settings, now=NOW, checks=[only])[0].findings
    assert any("chmod" in finding.en and "chmod" in finding.zh for finding in findings)


def test_a_missing_key_is_an_error_and_a_missing_public_key_a_warning(settings: Settings) -> None:
    (settings.keys_folder / "operator.evidence.pem").unlink()
    (settings.public_keys_folder / "operator.billing.pub.pem").unlink()
    assert found(settings, "keys") == [
        ("doctor.key-missing", "error"),
        ("doctor.public-key-missing", "warning"),
    ]


def test_a_disk_that_fills_is_told_before_it_is_full(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, expected in ((2**40, []), (2**30, ["warning"]), (2**20, ["error"])):
        usage = shutil._ntuple_diskusage(2**41, 2**41 - free, free)  # type: ignore[attr-defined]
        monkeypatch.setattr(shutil, "disk_usage", lambda path, usage=usage: usage)
        assert [severity for _, severity in found(settings, "disk")] == expected


def test_a_damaged_sqlite_file_is_found(settings: Settings, store: Store, tmp_path: Path) -> None:
    if store.dialect != "sqlite":
        pytest.skip("a file of SQLite")
    store.close()
    path = Path(settings.database.removeprefix("sqlite:///"))
    damaged = tmp_path / "damaged.db"
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = os.urandom(4096)
    damaged.write_bytes(content)
    there = settings.model_copy(update={"database": f"sqlite:///{damaged}"})
    # A damaged page of the schema keeps the file from being opened at all, which the check before this one says.
    told = {severity for check in ("database", "database-files") for _, severity in found(there, check)}
    assert "error" in told


# Clock


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOW + timedelta(seconds=30), []),
        (NOW - timedelta(seconds=30), []),
        (NOW - timedelta(hours=1), [("doctor.clock-behind", "error")]),
        (NOW + timedelta(days=40), [("doctor.clock-ahead", "warning")]),
    ],
)
def test_a_clock_that_jumped_is_seen_by_the_newest_audit_entry(
    settings: Settings, opened: Application, now: datetime, expected: list[tuple[str, str]]
) -> None:
    with opened.store.transaction() as transaction:
        audit.append(transaction, AuditEvent.CLOCK_SET, subject="x", facts={}, recorded_at=NOW, business_at=NOW)
    assert found(settings, "clock", now=now) == expected


# Work


def waiting(opened: Application, **values: Any) -> str:
    office = opened.office
    with office.store.transaction() as transaction:
        job = Job(APPLY, {"environment": "e", "digest": "d"}, office.ids("key"), agency="hrss")
        id_, _ = enqueue(transaction, job, kinds=kinds(opened), clock=office.clocks.real, ids=office.ids)
        if values:
            transaction.write(runs.update(machine_scope()).where(run_table.c.id == id_).values(**values))
    return id_


def lease(opened: Application, name: str, holder: str, *, seconds: int = 20) -> None:
    with opened.store.transaction() as transaction:
        row = {"name": name, "holder": holder, "number": 1, "expires_at": NOW + timedelta(seconds=seconds)}
        transaction.write(insert(lease_table).values(**row))
        if name.startswith("worker:"):
            own = {"name": name.removeprefix("worker:"), "number": 1, "holder": holder, "host": "h", "pid": 1}
            transaction.write(insert(worker_table).values(**own, version="1", kinds={}, started_at=NOW))


def test_no_worker_is_a_warning_and_an_error_once_something_waits(settings: Settings, opened: Application) -> None:
    assert found(settings, "workers") == [("doctor.no-worker", "warning")]
    waiting(opened)
    assert found(settings, "workers") == [("doctor.no-worker", "error")]
    lease(opened, "worker:guanyun", this_process())
    assert found(settings, "workers") == []


def test_a_worker_that_was_killed_is_none_while_its_lease_lasts(settings: Settings, opened: Application) -> None:
    lease(opened, "worker:guanyun", DEAD)
    assert found(settings, "workers") == [("doctor.no-worker", "warning")]
    assert found(settings, "leases") == [("doctor.lease-of-the-dead", "warning")]


def test_a_lease_that_ends_impossibly_late_is_told(settings: Settings, opened: Application) -> None:
    lease(opened, "environment:e", this_process(), seconds=10 * 86_400)
    assert found(settings, "leases") == [("doctor.lease-too-long", "warning")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, []),
        ({"state": "parked", "reason": "work.outcome-unknown"}, [("doctor.run-parked", "error")]),
        ({"state": "paused"}, [("doctor.run-paused", "note")]),
        ({"state": "failed", "ended_at": NOW - timedelta(hours=2)}, [("doctor.run-failed", "warning")]),
        ({"state": "failed", "ended_at": NOW - timedelta(days=2)}, []),
        ({"not_before": NOW - timedelta(hours=2)}, [("doctor.run-waiting", "warning")]),
        ({"not_before": NOW + timedelta(hours=2)}, []),
        ({"state": "running", "updated_at": NOW - timedelta(hours=7)}, [("doctor.run-still", "warning")]),
    ],
)
def test_a_run_that_needs_somebody_is_told(
    settings: Settings, opened: Application, values: Mapping[str, Any], expected: list[tuple[str, str]]
) -> None:
    waiting(opened, **values)
    assert found(settings, "runs") == expected


def test_of_many_parked_runs_a_few_are_named_and_the_rest_counted(settings: Settings, opened: Application) -> None:
    for _ in range(8):
        waiting(opened, state="parked")
    assert len(found(settings, "runs")) == 6


def test_a_kind_that_was_paused_and_forgotten_is_told(settings: Settings, opened: Application) -> None:
    with opened.store.transaction() as transaction:
        transaction.write(insert(pause_table).values(kind=APPLY, account="li", reason="storm", paused_at=NOW))
    assert found(settings, "kinds") == [("doctor.kind-paused", "warning")]


# Events, due work, calendar


def test_events_that_fail_are_noted_and_dead_letters_are_errors(
    settings: Settings, opened: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(transaction: Any, event: Event) -> None:
        raise ValueError

    def with_tries(tries: int) -> Subscriber:
        return Subscriber("test", "happened", fails, retries=Retries(tries=tries))

    monkeypatch.setattr(events_module, "subscribers", lambda application: [with_tries(2)])
    with opened.store.transaction() as transaction:
        publish(transaction, Event("happened", "thing:1", {}), clock=lambda: NOW - timedelta(minutes=10))
    assert found(settings, "outbox") == [("doctor.events-waiting", "warning")]
    deliver(opened.store, [with_tries(2)], clock=lambda: NOW)
    assert ("doctor.events-retrying", "note") in found(settings, "outbox")
    deliver(opened.store, [with_tries(2)], clock=lambda: NOW + timedelta(minutes=1))
    assert found(settings, "outbox") == [("doctor.dead-letter", "error")]


def test_due_work_that_is_late_set_aside_or_waiting_is_told(settings: Settings, opened: Application) -> None:
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
        "awaiting_year": None,
        "next_at": None,
    }
    rows = [
        {"name": "late", "next_at": NOW - timedelta(minutes=5)},
        {"name": "aside", "trouble": "work.unknown-kind"},
        {"name": "waiting", "awaiting_year": 2027},
    ]
    with opened.store.transaction() as transaction:
        transaction.write(insert(rule_table), [common | row for row in rows])
    assert found(settings, "due") == [
        ("doctor.due-late", "error"),
        ("doctor.due-set-aside", "error"),
        ("doctor.due-awaiting", "note"),
    ]


def test_a_break_glass_review_is_noted_and_once_overdue_an_error_that_says_who_and_how(
    settings: Settings, opened: Application, people: dict[str, str]
) -> None:
    """On the business clock, which in a demo is not the machine's."""
    grant = Grant(
        id="glass_1",
        account="bureau-1",
        person="person-bureau-1",
        act=Act.REQUEST_APPROVE,
        subject="request:1",
        reason="夜间断网",
        asked_by="person-bureau-1",
        asked_at=MARCH,
        ends_at=MARCH + timedelta(hours=8),
        opened_by="person-bureau-2",
        opened_at=MARCH,
        review_due_at=MARCH + timedelta(hours=80),
    )
    assert found(settings, "break-glass") == []
    with opened.store.transaction() as transaction:
        add_grant(transaction, grant)
    assert found(settings, "break-glass") == [("doctor.glass-to-review", "note")]
    with opened.store.transaction() as transaction:
        transaction.write(update(installation_table).values(business_now=MARCH + timedelta(hours=80)))
    (finding,) = looked(settings)["break-glass"].findings
    assert (finding.code, finding.severity, finding.expected) == (
        "doctor.glass-review-overdue",
        Severity.ERROR,
        "2026-03-04T00:00:00Z",
    )
    assert "somebody of auditor with" in finding.en
    assert "审计局" in finding.zh
    assert "guanyun breakglass review glass_1" in finding.en
    assert "guanyun breakglass review glass_1" in finding.zh


def test_next_years_calendar_is_asked_for_from_november(settings: Settings, opened: Application) -> None:
    assert found(settings, "calendar", now=datetime(2026, 10, 31, 15, 59, tzinfo=UTC)) == []
    november = datetime(2026, 10, 31, 16, tzinfo=UTC)  # midnight in Shanghai
    assert found(settings, "calendar", now=november) == [("governance.calendar.missing", "warning")]


# This machine


def test_a_process_that_died_and_one_that_is_silent_are_told(settings: Settings) -> None:
    assert found(settings, "processes") == []
    settings.work_folder.mkdir()
    with recorded(settings.work_folder, "portal", host="127.0.0.1", port=9, now=NOW):
        assert found(settings, "processes") == [("doctor.process-silent", "error")]
        record = settings.work_folder / "portal.json"
        record.write_text(record.read_text(encoding="utf-8").replace('"started": "', '"started": "9'), encoding="utf-8")
        assert found(settings, "processes") == [("doctor.process-died", "error")]


def test_a_damaged_journal_of_the_sandbox_is_found_and_a_torn_last_line_is_none(settings: Settings) -> None:
    from infra.sandbox.journal import Journal

    settings.sandbox_folder.mkdir()
    path = settings.sandbox_folder / "journal"
    journal = Journal.open(path, "life")
    for number in range(3):
        journal.append(NOW, {"number": str(number)}, {}, b"x")
    assert found(settings, "sandbox") == [("doctor.sandbox-down", "note")]
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    assert found(settings, "sandbox") == [("doctor.sandbox-down", "note")]
    path.write_bytes(whole.replace(b'"number":1', b'"number":7'))
    assert ("doctor.sandbox-journal", "error") in found(settings, "sandbox")


def test_packages_that_differ_from_the_lock_file_are_told(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib.metadata import version

    lock = tmp_path / "lock"
    lock.write_text(
        f"sqlalchemy=={version('sqlalchemy')} \\\n    --hash=sha256:0\n"
        "only-on-another-machine==1 ; sys_platform == 'win32' \\\n"
        "structlog==0.1 ; python_full_version < '3.12' \\\n"
        f"structlog=={version('structlog')} ; python_version >= '3' \\\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(machine_module, "LOCK", lock)
    assert found(settings, "packages") == []
    lock.write_text("sqlalchemy==0.1 \\\nnobody-has-this==2 \\\n", encoding="utf-8")
    assert found(settings, "packages") == [("doctor.packages-differ", "warning")]
    monkeypatch.setattr(machine_module, "LOCK", tmp_path / "missing")
    assert found(settings, "packages") == []


def test_a_missing_engine_is_told_in_its_own_words(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XDG_CACHE_HOME", "/nowhere")
    ((code, severity),) = found(settings, "pulumi")
    assert severity == "error"
    assert code.startswith("doctor.")
    assert "check-failed" not in code


def test_every_finding_speaks_both_languages(settings: Settings, opened: Application) -> None:
    waiting(opened, state="parked")
    lease(opened, "worker:guanyun", DEAD)
    (settings.keys_folder / "operator.evidence.pem").chmod(0o644)
    for each in looked(settings).values():
        for finding in each.findings:
            assert re.search("[一-鿿]", finding.zh), finding
            assert not re.search("[一-鿿]", finding.en), finding
    assert doctor.__all__
