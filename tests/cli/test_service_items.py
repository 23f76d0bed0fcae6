"""Service items without an environment by the commands a person types: asked for, changed, given back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HRSS, BUREAU, OPERATOR, ACCEPTS = (
    ("chen.jing", "request"),
    ("li.qiang", "approve"),
    ("wang.fang", "operate"),
    ("liu.yang", "confirm"),
)
DRAFTER, PUBLISHER = ("zhang.min", "draft"), ("li.qiang", "publish")
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
Do = Callable[..., Any]


@pytest.fixture
def do(in_process: Callable[..., int], home: Any, capfd: Any) -> Do:
    """Type a line as somebody; what it said, as JSON, or of a refusal in words."""

    tokens: dict[tuple[str, str], str] = {}

    def typed(who: tuple[str, str], *words: object, code: int = 0) -> Any:
        if who not in tokens:
            tokens[who] = home.log_in(*who)
        home.session.write_text(json.dumps({"account": who[0], "token": tokens[who]}), encoding="utf-8")
        assert in_process(*words) == code, capfd.readouterr().err
        shown = capfd.readouterr()
        return json.loads(shown.out) if "--json" in words and code == 0 else shown.err

    prices = EXAMPLES / "prices.yaml"
    typed(DRAFTER, "contract", "record", EXAMPLES / "contract.yaml")
    typed(DRAFTER, "catalogue", "draft", EXAMPLES / "catalogue.yaml")
    typed(PUBLISHER, "catalogue", "publish", "example-2026")
    typed(DRAFTER, "price", "draft", prices, "--only", "P-2026-01")
    typed(PUBLISHER, "price", "publish", "P-2026-01")
    return lambda *given, **how: typed(*given, "--json", **how)


@pytest.fixture
def file(tmp_path: Path) -> Callable[[int], Path]:
    """A file that asks for so many office licences."""

    def write(quantity: int) -> Path:
        answers = {"product": "办公套件", "seats": quantity}
        item = {"name": "office", "service": "software-licence", "plan": "licence-office", "quantity": quantity}
        path = tmp_path / f"{quantity}.json"
        path.write_text(json.dumps({"items": [item | {"answers": answers}]}), "utf-8")
        return path

    return write


def through(do: Do, request: dict[str, Any]) -> dict[str, Any]:
    """Decided and delivered."""
    do(BUREAU, "request", "approve", request["number"], "--digest", request["spec_digest"])
    delivered: dict[str, Any] = do(OPERATOR, "request", "deliver", request["number"])
    return delivered


def on_register(do: Do) -> list[tuple[str, str]]:
    rows = do(HRSS, "register", "at", "2026-02-25T00:00:00+08:00", "--agency", "hrss")
    return [(row["plan"], row["attributes"]) for row in rows if row["kind"] == "service.item"]


def test_items_are_asked_for_changed_and_given_back(do: Do, file: Callable[[int], Path]) -> None:
    first = do(HRSS, "request", "create", file(10), "--project", "P-HRSS-2026-01")
    assert through(do, first)["state"] == "delivered"
    assert do(ACCEPTS, "request", "accept", first["number"])["state"] == "accepted"
    assert on_register(do) == [("licence-office", "office_licence=10")]

    change = do(HRSS, "request", "change", file(25), "--of", first["number"])
    shown = do(HRSS, "request", "show", change["number"])
    assert [shown[name]["items"][0]["quantity"] for name in ("original", "requested")] == [10, 25]
    assert (shown["decided"], shown["first"]) == (None, first["number"])
    assert {row["check"] for row in do(BUREAU, "request", "checks", change["number"])} >= {"project", "quota"}
    assert through(do, change)["state"] == "delivered"
    assert do(HRSS, "request", "show", first["number"])["state"] == "ended"
    shown = do(HRSS, "request", "show", change["number"])
    assert shown["decided"]["items"][0]["quantity"] == 25
    assert [step["outcome"] for step in shown["decisions"]] == ["approved"]
    assert on_register(do) == [("licence-office", "office_licence=25")]

    ending = do(HRSS, "request", "terminate", "--of", first["number"])
    assert (ending["kind"], ending["estimate"]) == ("terminate", 0)
    assert through(do, ending)["state"] == "ended"
    assert on_register(do) == []
    assert "request" in do(HRSS, "request", "change", file(3), "--of", first["number"], code=3)


def test_a_change_or_an_end_names_what_it_is_about(do: Do, file: Callable[[int], Path]) -> None:
    for words in (("change",), ("terminate",)):
        do(HRSS, "request", *words, code=2)
