"""The landing zone by the commands a person types, as far as no cloud is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).resolve().parents[2] / "examples" / "environments" / "landing-zone.yaml"
OPERATOR, BUREAU, AGENCY = ("wang.fang", "operate"), ("li.qiang", "approve"), ("chen.jing", "request")
Do = Callable[..., Any]


@pytest.fixture
def do(in_process: Callable[..., int], home: Any, capfd: Any) -> Do:
    """Type a line as somebody; what it said, as JSON where asked for, else in words."""

    tokens: dict[tuple[str, str], str] = {}

    def typed(who: tuple[str, str], *words: object, code: int = 0) -> Any:
        if who not in tokens:
            tokens[who] = home.log_in(*who)
        home.session.write_text(json.dumps({"account": who[0], "token": tokens[who]}), encoding="utf-8")
        assert in_process("landing-zone", *words) == code, capfd.readouterr().err
        shown = capfd.readouterr()
        return json.loads(shown.out) if "--json" in words and code == 0 else shown.out + shown.err

    return typed


def test_it_is_proposed_approved_shown_and_its_regions_enrolled(do: Do) -> None:
    assert "infra.no-landing-zone" in do(OPERATOR, "show", code=3)
    proposed = do(OPERATOR, "propose", FILE, "--json")
    assert (proposed["new"], proposed["state"]) == (True, "proposed")
    assert not do(OPERATOR, "propose", FILE, "--json")["new"]
    words = ("approve", proposed["id"], "--digest", proposed["digest"])
    assert "R201" in do(OPERATOR, *words, code=6)
    assert "approved" in do(BUREAU, *words)
    assert "nothing changed" in do(BUREAU, *words)
    assert do(OPERATOR, "show", "--json")["environment"] == "landing-zone"
    assert do(OPERATOR, "networks", "--json") == []

    def managed() -> dict[str, str]:
        return {row["region"]: row["managed"] for row in do(OPERATOR, "regions", "--json")}

    assert managed() == {"cn-north-1": "applied", "cn-northwest-1": "registered"}
    assert "infra.region-not-readable" in do(OPERATOR, "read", "cn-northwest-1", code=3)
    do(BUREAU, "enrol", "cn-northwest-1", "applied")
    assert managed()["cn-northwest-1"] == "read"  # the landing zone names it no further
    assert "registered, read, applied" in do(BUREAU, "enrol", "cn-northwest-1", "owned", code=2)

    assert do(AGENCY, "list", "--json") == []
    assert "governance.refused" in do(AGENCY, "read", "cn-north-1", code=6)


def test_a_rejected_one_says_why(do: Do) -> None:
    proposed = do(OPERATOR, "propose", FILE, "--json")
    do(BUREAU, "reject", proposed["id"], "--digest", proposed["digest"], "--because", "暂不建组织")
    (row,) = do(OPERATOR, "list", "--json")
    assert (row["state"], row["note"]) == ("rejected", "暂不建组织")
    assert do(OPERATOR, "propose", FILE, "--json")["new"]
