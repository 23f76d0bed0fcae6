"""The story's people have several duties and one login: each line is typed under the one it needs."""

from __future__ import annotations

import pytest
import yaml

from cli.story.duties import OTHERWISE, duty_of
from governance.authority import Act
from governance.parties import Duty
from wiring.demo import EXAMPLES

HELD = {
    entry["name"]: sorted(entry["duties"])
    for entry in yaml.safe_load((EXAMPLES / "parties.yaml").read_text(encoding="utf-8"))["accounts"]
}


@pytest.mark.parametrize(
    ("account", "words", "duty"),
    [
        ("wang.fang", ("clock", "set", "…"), "draft"),
        ("wang.fang", ("room", "confirm", "city"), "operate"),
        ("wang.fang", ("usage", "close", "2026-03"), "settle"),
        ("zhang.min", ("price", "publish", "P-2026-01"), "publish"),
        ("chen.jing", ("request", "approve", "REQ-2026-0001"), ""),
        ("wu.gang", ("settlement", "pay", "S-1"), "pay"),
        ("liu.yang", ("statement", "show", "US-1"), ""),
    ],
)
def test_a_line_is_typed_under_the_duty_its_act_needs(account: str, words: tuple[str, ...], duty: str) -> None:
    assert duty_of(words, HELD[account]) == duty


def test_what_is_said_otherwise_is_an_act_or_a_duty() -> None:
    assert set(OTHERWISE.values()) <= set(Act) | set(Duty)
