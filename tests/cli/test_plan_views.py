"""What ``plan show`` prints of a view, and the list of guardrails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.commands.plan import _print_view
from infra.guardrails import RULES
from infra.views import PlanView
from tests.infra.views.conftest import judgement, view

__all__ = ["judgement", "view"]  # fixtures


def test_the_table_is_for_a_terminal(view: PlanView, capsys: Any) -> None:
    _print_view(view, "table", None)
    told = capsys.readouterr().out
    assert "image_id: ami-0 → ami-1" in told
    assert "[" not in told.splitlines()[0]


def test_json_is_one_line_of_the_stable_schema(view: PlanView, capsys: Any) -> None:
    _print_view(view, "json", None)
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert json.loads(told)["schema"] == "guanyun.plan-view/1"


@pytest.mark.parametrize(("how", "begins"), [("html", "<!doctype html>"), ("json", "{"), ("table", "环境")])
def test_each_format_may_go_into_a_file(view: PlanView, tmp_path: Path, capsys: Any, how: str, begins: str) -> None:
    out = tmp_path / "folder" / "plan"
    _print_view(view, how, out)
    assert out.read_text(encoding="utf-8").startswith(begins)
    assert str(out) in capsys.readouterr().out.replace("\n", "")


def test_the_rules_are_listed_and_shown(in_process: Callable[..., int], home: Any, capfd: Any) -> None:
    assert in_process("guardrail", "list", "--json") == 0
    assert [row["rule"] for row in json.loads(capfd.readouterr().out)] == [rule.id for rule in RULES]
    assert in_process("guardrail", "show", "GR-S3-001", "--json") == 0
    assert json.loads(capfd.readouterr().out)["remedy_en"].startswith("set block_public_access")
    assert in_process("guardrail", "show", "GR-S3-999") == 2
    assert "GR-S3-002" in capfd.readouterr().err
