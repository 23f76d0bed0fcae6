"""``guanyun up | status | down``, ``worker`` and ``portal`` as an operator meets them: real processes of a home."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pytest

from foundation.work import Process
from wiring.processes.records import living, read_record

pytestmark = pytest.mark.real
ONE_MACHINE = {"GUANYUN_PORTAL_PORT": "0", "GUANYUN_AWS_ENDPOINT": "http://127.0.0.1:9"}
"""No sandbox (it has tests of its own) and no port that another test may have."""
SECONDS = 40.0


@pytest.fixture
def machine(home: Any) -> Iterator[Path]:
    """The home's work folder; whatever was left running there is ended."""
    folder: Path = home.folder / "work"
    yield folder
    for process in ("portal", "worker"):
        record = living(folder, process)
        if record is not None:
            with suppress(ProcessLookupError):
                os.kill(record.pid, signal.SIGKILL)


def until(done: Callable[[], Any], seconds: float = SECONDS) -> Any:
    end = time.monotonic() + seconds
    while not (found := done()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def asked(port: int, path: str) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
    except OSError:
        return 0, None
    finally:
        connection.close()
    return answer.status, json.loads(body) if body.startswith(b"{") else body.decode()


def start(home: Any, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "cli", *words],
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    try:
        out, err = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert "Traceback" not in out
    return process.returncode, err


def test_up_twice_starts_nothing_twice_what_died_is_started_again_and_down_stops_all(
    guanyun: Any, home: Any, machine: Path
) -> None:
    def rows(*words: str, code: int = 0) -> dict[str, Any]:
        told = guanyun(*words, "--json", env=ONE_MACHINE)
        assert told.code == code, told.err
        return {row["process"]: row for row in json.loads(told.out)}

    first = rows("up")
    assert {name: (row["ready"], row["changed"]) for name, row in first.items()} == {
        "worker": (True, True),
        "portal": (True, True),
    }
    again = rows("up")
    assert {name: row["pid"] for name, row in again.items()} == {name: row["pid"] for name, row in first.items()}
    assert not any(row["changed"] for row in again.values())
    assert all(row["ready"] for row in rows("status").values())

    port = int(first["portal"]["address"].rpartition(":")[2])
    status, page = asked(port, "/")
    assert (status, "管运" in page) == (200, True)
    os.kill(first["worker"]["pid"], signal.SIGKILL)
    assert until(lambda: living(machine, "worker") is None)
    told = rows("status", code=3)
    assert [reason["code"] for reason in told["worker"]["reasons"]] == ["process.died"]
    assert guanyun("doctor", env=ONE_MACHINE).code == 1
    mended = rows("up")
    assert mended["portal"]["pid"] == first["portal"]["pid"]
    assert mended["worker"]["pid"] != first["worker"]["pid"]

    stopped = rows("down")
    assert [name for name, row in stopped.items() if row["changed"]] == ["portal", "worker"]
    assert not any(Process.of(row["pid"]).alive for row in mended.values())
    assert rows("status", code=3)["worker"]["reasons"][0]["code"] == "process.down"
    assert not any(row["changed"] for row in rows("down").values())


def test_what_does_not_start_says_why_with_the_last_lines_of_its_log(guanyun: Any, home: Any, machine: Path) -> None:
    with sqlite3.connect(home.database) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    told = guanyun("up", env=ONE_MACHINE)
    assert told.code == 4
    assert "[wiring.not-started]" in told.err
    assert "guanyun database upgrade" in told.err
    assert "Traceback" not in told.err
    assert living(machine, "worker") is None


def test_a_second_worker_of_a_home_ends_with_5_and_harms_nothing(home: Any, machine: Path) -> None:
    worker = start(home, "worker")
    try:
        first = until(lambda: living(machine, "worker"))
        assert until(lambda: asked(first.port, "/ready")[0] == 200)
        code, err = ended(start(home, "worker"))
        assert code == 5
        assert "[wiring.already-runs]" in err
        assert living(machine, "worker") == first
        assert asked(first.port, "/ready") == (200, {"ready": True, "reasons": []})
    finally:
        worker.terminate()
    assert ended(worker)[0] == 0
    assert read_record(machine, "worker") is None


def test_a_worker_of_the_same_name_elsewhere_holds_the_lease(home: Any, machine: Path, tmp_path: Path) -> None:
    """Another home (another machine) on the same database."""
    worker = start(home, "worker")
    try:
        first = until(lambda: living(machine, "worker"))
        assert until(lambda: asked(first.port, "/ready")[0] == 200)
        other = tmp_path / "other"
        other.mkdir(mode=0o700)
        environment = home.environment | {
            "GUANYUN_HOME": str(other),
            "GUANYUN_DATABASE": f"sqlite:///{home.database}",
        }
        second = subprocess.run(
            [sys.executable, "-P", "-m", "cli", "worker"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert second.returncode == 5
        assert "[work.lease-held]" in second.stderr
    finally:
        worker.terminate()
    assert ended(worker)[0] == 0


def test_a_lost_lease_ends_the_worker_with_5(home: Any, machine: Path) -> None:
    worker = start(home, "worker")
    first = until(lambda: living(machine, "worker"))
    assert until(lambda: asked(first.port, "/ready")[0] == 200)
    with sqlite3.connect(home.database, timeout=20) as database:
        database.execute("UPDATE lease SET number = number + 1, holder = 'somebody else' WHERE name LIKE 'worker:%'")
    code, err = ended(worker)
    assert code == 5
    assert "[work.lease-lost]" in err
    assert read_record(machine, "worker") is None


def test_a_database_that_is_away_is_waited_for(home: Any, machine: Path) -> None:
    """SQLite: the file is put aside while the worker starts, and comes back."""
    aside = home.folder / "aside"
    shutil.move(home.database, aside)
    home.database.write_bytes(b"this is no database" * 100)
    worker = start(home, "worker")
    try:
        first = until(lambda: living(machine, "worker"))
        status, told = asked(first.port, "/ready")
        assert status == 503
        assert "store.unavailable" in {reason["code"] for reason in told["reasons"]}
        assert asked(first.port, "/live")[0] == 200
        assert "guanyun_database_up 0.0" in asked(first.port, "/metrics")[1]
        shutil.move(aside, home.database)
        assert until(lambda: asked(first.port, "/ready")[0] == 200)
    finally:
        worker.terminate()
    code, err = ended(worker)
    assert code == 0
    assert "worker.database-away" in err


def test_a_port_that_is_taken_is_told(home: Any, machine: Path) -> None:
    portal = start(home, "portal", "--port", "0")
    try:
        first = until(lambda: living(machine, "portal"))
        for words in (["worker", "--metrics-port", str(first.port)],):
            code, err = ended(start(home, *words))
            assert code == 4
            assert "[wiring.port-taken]" in err
    finally:
        portal.terminate()
    assert ended(portal)[0] == 0


def test_an_idle_worker_is_small(home: Any, machine: Path) -> None:
    """The limit of the issue is 150 MB; nothing that only a flow needs is loaded."""
    worker = start(home, "worker")
    try:
        first = until(lambda: living(machine, "worker"))
        assert until(lambda: asked(first.port, "/ready")[0] == 200)
        assert asked(first.port, "/metrics")[0] == 200
        time.sleep(3)
        process = psutil.Process(first.pid)
        assert process.memory_info().rss < 150 * 1000**2
        maps = Path(f"/proc/{first.pid}/maps").read_text(encoding="utf-8")
        assert [name for name in ("duckdb", "pyarrow", "pulumi", "grpc") if f"/{name}/" in maps] == []
    finally:
        worker.terminate()
    assert ended(worker)[0] == 0
