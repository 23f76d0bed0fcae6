"""Every list, typed for real on a fresh demo: with ``--json`` its output is JSON and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

LISTS = [
    ("audit", "list"),
    ("audit", "list", "--refused"),
    ("catalogue", "diff", "2026-01-01", "2026-03-01"),
    ("catalogue", "history"),
    ("catalogue", "list"),
    ("catalogue", "versions"),
    ("clock", "show"),
    ("contract", "list"),
    ("contract", "systems"),
    ("database", "status"),
    ("env", "list"),
    ("evidence", "minutes", "2026-03"),
    ("item", "list", "C-2026-01", "2026-03"),
    ("party", "accounts"),
    ("party", "list"),
    ("plan", "list"),
    ("price", "gaps", "2026-03"),
    ("price", "list"),
    ("price", "lists"),
    ("price", "list", "--month", "2026-03"),
    ("register", "list"),
    ("register", "list", "--month", "2026-03", "--all"),
    ("request", "list"),
    ("room", "list"),
    ("runbook", "list"),
    ("runbook", "runs"),
    ("sandbox", "status"),
    ("settlement", "list"),
    ("statement", "list", "2026-03"),
    ("usage", "days", "2026-03"),
    ("usage", "quarantined", "2026-03"),
    ("whoami",),
]
ONE_THING = {("clock", "show"), ("database", "status"), ("sandbox", "status"), ("whoami",)}
UNKNOWN = [
    ("env", "status", "nowhere"),
    ("env", "show", "nowhere"),
    ("grade", "show", "C-2026-01", "2026-03"),
    ("plan", "show", "nowhere"),
    ("request", "show", "REQ-2026-0001"),
    ("room", "findings", "nowhere"),
    ("settlement", "show", "S-C-2026-01-2026-03"),
    ("statement", "show", "US-hrss-2026-03"),
]


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_a_list_is_json_and_nothing_else(
    in_process: Callable[..., int], home: Any, capfd: Any, words: tuple[str, ...]
) -> None:
    home.log_in("wang.fang")
    assert in_process(*words, "--json") == 0, capfd.readouterr().err
    shown = capfd.readouterr()
    assert isinstance(json.loads(shown.out), dict if words in ONE_THING else list)
    assert shown.out.count("\n") == 1
    assert shown.err == ""


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_a_list_is_a_table_for_a_person(
    in_process: Callable[..., int], home: Any, capfd: Any, words: tuple[str, ...]
) -> None:
    home.log_in("wang.fang")
    assert in_process(*words) == 0, capfd.readouterr().err
    assert capfd.readouterr().out.strip()


@pytest.mark.parametrize("words", UNKNOWN, ids=" ".join)
def test_what_is_not_there_is_wrong_input_in_both_languages(
    in_process: Callable[..., int], home: Any, capfd: Any, words: tuple[str, ...]
) -> None:
    home.log_in("wang.fang")
    assert in_process(*words, "--json") == 2
    shown = capfd.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 3
    assert shown.err.splitlines()[-1].startswith("[")
