"""Logs: one JSON form for our own and everybody else's lines, without secrets, tracebacks in the file alone."""

from __future__ import annotations

import io
import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from wiring import logs
from wiring.logs import configure, last_lines, log_file, masked, prepare, to_file_only, without_secrets


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The logging of the test session is put back."""
    root = logging.getLogger()
    level, told = root.level, logging.raiseExceptions
    yield
    root.setLevel(level)
    logging.raiseExceptions = told
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_has_time_level_event_process_and_the_ids_in_hand(tmp_path: Path) -> None:
    to_file_only("worker", tmp_path)
    with structlog.contextvars.bound_contextvars(run="run_1", request="request_2"):
        structlog.get_logger("guanyun.work").info("work.run-started", kind="deploy")
    (line,) = lines(log_file(tmp_path, "worker"))
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "event": "work.run-started",
        "process": "worker",
        "kind": "deploy",
        "run": "run_1",
        "request": "request_2",
    }


@pytest.mark.parametrize("name", ["dbos", "uvicorn.error", "apscheduler.scheduler", "sqlalchemy.pool"])
def test_lines_of_libraries_take_the_same_form(tmp_path: Path, name: str) -> None:
    to_file_only("worker", tmp_path)
    logging.getLogger(name).error("lost %s", "postgresql://guanyun:hunter2@db/records")
    (line,) = lines(log_file(tmp_path, "worker"))
    assert (line["event"], line["logger"], line["process"]) == (
        "lost postgresql://guanyun:***@db/records",
        name,
        "worker",
    )


def test_lines_of_an_engine_started_before_its_log_was_set_up_take_the_same_form(tmp_path: Path) -> None:
    engine = logging.getLogger("dbos")
    own = io.StringIO()  # as DBOS sets itself up where nobody has
    engine.addHandler(logging.StreamHandler(own))
    engine.propagate = False
    to_file_only("worker", tmp_path)
    engine.error("lost %s", "it")
    (line,) = lines(log_file(tmp_path, "worker"))
    assert (line["event"], own.getvalue()) == ("lost it", "")


def test_a_traceback_is_in_the_file_without_local_variables(tmp_path: Path) -> None:
    to_file_only("worker", tmp_path)
    try:
        raise_with_a_local("Zhang" + " Min")
    except ValueError:
        structlog.get_logger().exception("worker.defect")
    (line,) = lines(log_file(tmp_path, "worker"))
    assert "Traceback" in line["exception"]
    assert "raise_with_a_local" in line["exception"]
    assert "Zhang Min" not in line["exception"]


def raise_with_a_local(name: str) -> None:
    raise ValueError(len(name))


def test_a_terminal_gets_no_traceback_and_the_file_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr("sys.stderr", terminal)
    path = configure("worker", tmp_path, terminal=True)
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger().exception("worker.defect", password="hunter2")
    assert "worker.defect" in terminal.getvalue()
    assert "ValueError" in terminal.getvalue()
    assert "Traceback" not in terminal.getvalue()
    assert "hunter2" not in terminal.getvalue()
    assert "Traceback" in lines(path)[0]["exception"]


def test_without_a_terminal_standard_error_is_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    path = configure("portal", tmp_path, terminal=False)
    structlog.get_logger().warning("portal.something")
    assert json.loads(stream.getvalue())["event"] == "portal.something"
    assert not path.exists()


@pytest.mark.parametrize(
    "name", ["token", "new_token", "password", "PASSWD", "client_secret", "Authorization", "cookie", "api_key"]
)
def test_what_is_named_like_a_secret_is_dropped_at_any_depth(name: str) -> None:
    event: Any = {"event": "x", name: "hunter2", "facts": [{name: "hunter2", "kept": 1}]}
    assert without_secrets(None, "info", event) == {"event": "x", "facts": [{"kept": 1}]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://u:p@ss/w@host/db", "postgresql://u:***@host/db"),
        ("at https://host/path:8080 now", "at https://host/path:8080 now"),
        ("connection password=hunter2 host=db", "connection password=*** host=db"),
        ("Authorization: Bearer abcdefgh12345", "Authorization: Bearer ***"),
        ("the basic idea", "the basic idea"),
    ],
)
def test_secrets_inside_a_text_are_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


@given(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1).filter(lambda text: "***" not in text))
def test_no_password_of_an_address_comes_through(password: str) -> None:
    found = masked(f"cannot reach postgresql://guanyun:{password}@db.example/records: refused")
    assert found == "cannot reach postgresql://guanyun:***@db.example/records: refused"


def test_a_log_is_private_and_a_large_one_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_BYTES", 10)
    path = log_file(tmp_path, "worker")
    for number in range(6):
        prepare(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{number} is long enough\n")
    kept = sorted(each.name for each in path.parent.iterdir())
    assert kept == ["worker.log", "worker.log.1", "worker.log.2", "worker.log.3"]
    assert [path.with_name(name).read_text(encoding="utf-8")[0] for name in kept] == ["5", "4", "3", "2"]


def test_the_last_lines_are_readable_whatever_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    assert last_lines(path) == []
    path.write_bytes(b'{"time": "T", "level": "error", "event": "e", "code": 7}\nFatal: out of memory\n\xff\xfe\n[1]\n')
    assert last_lines(path, 4) == ["T error e code=7", "Fatal: out of memory", "��", "[1]"]
