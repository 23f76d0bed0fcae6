"""A machine's processes: one of each, found again by id and start time, asked on loopback, stopped in order."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

import governance.calendar.tables  # noqa: F401 - its table
from foundation.store import DatabaseUnavailable, Store
from foundation.values.errors import InvalidValue
from foundation.work import Event, publish
from foundation.work.metrics import registry
from foundation.work.outbox import Subscriber
from foundation.work.runs import Job, UnknownKind, find_runs
from governance.authority import machine_scope
from wiring import subscriptions
from wiring.application import Application
from wiring.health import Reason
from wiring.kinds import kinds
from wiring.processes import beside as beside_module
from wiring.processes.asking import SILENT, reasons_of
from wiring.processes.beside import Deliveries, ticking
from wiring.processes.errors import AlreadyRuns, PortTaken
from wiring.processes.machine import command, expected
from wiring.processes.records import ProcessRecord, living, read_record, record_file, recorded, the_only_one
from wiring.processes.serving import probes, served
from wiring.processes.settings import ProcessSettings, process_settings
from wiring.processes.stopping import stopping_on_signal
from wiring.processes.watching import watched
from wiring.settings import Settings
from wiring.tables import gather

gather()
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
MANUAL = Path(__file__).resolve().parents[2] / "docs" / "operating.md"


# Records


def test_a_record_names_this_very_process_and_is_private_and_goes_with_it(tmp_path: Path) -> None:
    with recorded(tmp_path, "worker", host="127.0.0.1", port=4711, now=NOW) as record:
        assert read_record(tmp_path, "worker") == record
        assert (record.pid, record.since, record.address) == (
            os.getpid(),
            "2026-11-20T08:00:00Z",
            "http://127.0.0.1:4711",
        )
        assert living(tmp_path, "worker") == record
        assert stat.S_IMODE(record_file(tmp_path, "worker").stat().st_mode) == 0o600
    assert read_record(tmp_path, "worker") is None
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_was_given_the_same_id_is_not_mistaken_for_it(tmp_path: Path) -> None:
    other = ProcessRecord("worker", os.getpid(), "1", "2026-11-20T08:00:00Z", "127.0.0.1", 1)
    assert not other.alive


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "null", '{"a": 1}'])
def test_a_damaged_record_is_none(tmp_path: Path, content: str) -> None:
    record_file(tmp_path, "worker").write_text(content, encoding="utf-8")
    assert read_record(tmp_path, "worker") is None


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80"), ("10.0.0.3", "http://10.0.0.3:80")],  # noqa: S104
)
def test_the_address_can_be_asked_from_this_machine(host: str, address: str) -> None:
    assert ProcessRecord("portal", 1, "1", "", host, 80).address == address


def test_a_home_has_one_of_each_and_a_killed_one_makes_room(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from wiring.processes.records import the_only_one\n"
        "with the_only_one(Path(sys.argv[1]), 'worker'): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRuns) as refused, the_only_one(tmp_path, "worker"):
            pass
        assert refused.value.exit_status == 5
        with the_only_one(tmp_path, "portal"):
            pass
    finally:
        holder.kill()
        holder.wait()
    with the_only_one(tmp_path, "worker"):
        pass


# Answers


def metrics(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [b"guanyun_build_info 1\n"]


def asked(port: int, path: str, *, method: str = "GET") -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_the_worker_answers_live_ready_and_metrics_and_nothing_else() -> None:
    reasons: list[Reason] = []
    with served(probes(lambda: reasons, metrics), port=0, setting="X") as port:  # type: ignore[arg-type]
        address = f"http://127.0.0.1:{port}"
        assert reasons_of(address) == []
        reasons.append(Reason("store.unavailable", "不可用", "away"))
        assert reasons_of(address) == reasons
        assert asked(port, "/live") == (200, b'{"live": true}\n')
        assert asked(port, "/metrics") == (200, b"guanyun_build_info 1\n")
        assert [asked(port, path)[0] for path in ("/", "/../etc/passwd", "/ready/")] == [404, 404, 404]
        assert asked(port, "/ready", method="POST")[0] == 405
    assert reasons_of(address) == [SILENT]


def test_a_port_that_is_taken_is_told_with_the_setting_that_chooses_another() -> None:
    with served(probes(list, metrics), port=0, setting="X") as port:  # type: ignore[arg-type]
        with pytest.raises(PortTaken) as refused, served(probes(list, metrics), port=port, setting="SETTING"):  # type: ignore[arg-type]
            pass
        assert "SETTING" in refused.value.text("zh")


def test_whoever_answers_nonsense_is_not_ready() -> None:
    def nonsense(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"<html>"]

    with served(nonsense, port=0, setting="X") as port:  # type: ignore[arg-type]
        assert reasons_of(f"http://127.0.0.1:{port}") == [SILENT]


# Signals


def test_the_first_signal_asks_and_the_second_ends_at_once() -> None:
    asked, ended = threading.Event(), threading.Event()
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    before = signal.getsignal(signal.SIGTERM)
    with stopping_on_signal(asked.set, end=end):
        os.kill(os.getpid(), signal.SIGTERM)
        assert asked.wait(5)
        assert codes == []
        os.kill(os.getpid(), signal.SIGINT)
        assert ended.wait(5)
    assert codes == [130]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_child_process_hears_its_own_signals() -> None:
    with stopping_on_signal(lambda: None):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        time.sleep(0.3)
        child.terminate()
        assert child.wait(5) == -signal.SIGTERM


# Settings and what should run


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"worker_places": 0}, "GUANYUN_WORKER_PLACES"),
        ({"portal_port": 70_000}, "GUANYUN_PORTAL_PORT"),
        ({"worker_port": "many"}, "GUANYUN_WORKER_PORT"),
    ],
)
def test_a_setting_that_means_nothing_is_named(given: dict[str, Any], setting: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        process_settings(**given)
    assert setting in refused.value.text("en")


def test_what_is_said_on_the_command_line_stands_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUANYUN_WORKER_PLACES", "3")
    assert process_settings(worker_places=None).worker_places == 3
    assert process_settings(worker_places=5).worker_places == 5
    assert process_settings().portal_host == "127.0.0.1"


def test_the_sandbox_should_run_only_where_no_cloud_is_configured(tmp_path: Path) -> None:
    assert expected(Settings(home=tmp_path)) == ("sandbox", "worker", "portal")
    assert expected(Settings(home=tmp_path, aws_endpoint="https://cloud")) == ("worker", "portal")


def test_a_process_is_started_whatever_folder_one_stands_in(tmp_path: Path) -> None:
    (tmp_path / "cli.py").write_text("raise SystemExit(99)", encoding="utf-8")
    ended = subprocess.run([*command("worker"), "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "guanyun worker" in ended.stdout


# Beside the queue


@pytest.fixture
def opened(store: Store, tmp_path: Path) -> Application:
    """An installation over the test's database."""
    return Application(Settings(home=tmp_path), store)


def test_events_are_delivered_beside_the_queue(opened: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    listener = Subscriber("test", "happened", lambda transaction, event: heard.append(event.subject))
    monkeypatch.setattr(subscriptions, "subscribers", lambda application: [listener])
    deliveries = Deliveries(opened)
    deliveries.start()
    with opened.store.transaction() as transaction:
        publish(transaction, Event("happened", "thing:1", {}), clock=opened.office.clocks.real)
    until = time.monotonic() + 90
    while not heard and time.monotonic() < until:
        time.sleep(0.05)
    deliveries.stop()
    assert heard == ["thing:1"]


@pytest.mark.parametrize("error", [DatabaseUnavailable(reason="gone"), RuntimeError("a defect")])
def test_whatever_fails_in_delivering_the_worker_goes_on(
    opened: Application, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*more: Any, **named: Any) -> None:
        raise error

    monkeypatch.setattr(beside_module, "deliver_outstanding", fails)
    assert Deliveries(opened).once()


def test_what_the_tick_enqueues_stands_in_our_own_queue(opened: Application) -> None:
    bound = ticking(opened)
    name = next(iter(kinds(opened))).name
    with opened.store.transaction() as transaction:
        (id_,) = bound.enqueue(transaction, [Job(name, {}, "key")])
        assert [id_] == bound.enqueue(transaction, [Job(name, {}, "key")])
        assert [run.id for run in find_runs(transaction, machine_scope())] == [id_]
        assert bound.calendar(transaction).years
    with opened.store.transaction() as transaction, pytest.raises(UnknownKind):
        bound.enqueue(transaction, [Job("nobody.knows", {}, "key")])


def test_a_record_is_json_a_person_can_read(tmp_path: Path) -> None:
    with recorded(tmp_path, "worker", host="127.0.0.1", port=1, now=NOW):
        told = json.loads(record_file(tmp_path, "worker").read_text(encoding="utf-8"))
    assert set(told) == {"process", "pid", "started", "since", "host", "port"}


# The manual


def test_every_setting_of_a_process_stands_in_the_manual() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    assert [name for name in ProcessSettings.model_fields if f"`GUANYUN_{name.upper()}`" not in manual] == []


def test_every_metric_stands_in_the_manual(opened: Application) -> None:
    told = {metric.name for metric in registry(watched(opened)).collect()}
    manual = MANUAL.read_text(encoding="utf-8")
    assert [name for name in sorted(told) if f"`{name}" not in manual] == []
