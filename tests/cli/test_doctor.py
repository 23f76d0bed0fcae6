"""``guanyun doctor`` as a command: its words, its JSON, its exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from wiring.doctor import CHECKS, Check, examining

InProcess = Callable[..., int]


@pytest.fixture(autouse=True)
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the checks that start a program."""
    monkeypatch.setattr(examining, "CHECKS", tuple(check for check in CHECKS if check.name != "pulumi"))


def test_a_home_in_order_ends_with_0_without_a_login(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_process("doctor") == 0
    told = capsys.readouterr().out
    assert "没有错误 · no errors" in told
    assert "✔ 数据库 database" in told


def test_an_error_ends_with_1_and_json_has_every_check(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.folder / "keys" / "operator.evidence.pem").chmod(0o644)
    assert in_process("doctor") == 1
    assert "chmod 600" in capsys.readouterr().out
    assert in_process("doctor", "--json") == 1
    told = {row["check"]: row for row in json.loads(capsys.readouterr().out)}
    assert told["keys"]["severity"] == "error"
    assert told["keys"]["findings"][0]["code"] == "doctor.not-private"
    assert list(told) == [check.name for check in examining.CHECKS]


def test_a_check_that_breaks_shows_nobody_a_traceback(
    home: Any, in_process: InProcess, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(patient: Any) -> Any:
        raise RuntimeError("inside")

    checks = (Check("broken", "坏", "broken", look=breaks), CHECKS[0])
    monkeypatch.setattr(examining, "CHECKS", checks)
    assert in_process("doctor") in {0, 1}
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err


def test_without_an_installation_it_still_looks(
    home: Any,
    in_process: InProcess,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GUANYUN_HOME", str(home.folder / "nothing"))
    assert in_process("doctor") == 1
    assert "guanyun demo init" in capsys.readouterr().out
