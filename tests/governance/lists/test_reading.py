"""A file of lists is read whole or not at all, with every mistake."""

from __future__ import annotations

from pathlib import Path

from governance.lists import ListKind, Standing, read_lists
from tests.governance.lists.conftest import EXAMPLE


def test_the_example_has_the_five_kinds() -> None:
    read, findings = read_lists(EXAMPLE)
    assert findings == ()
    assert read is not None
    assert {each.kind for each in read} == set(ListKind)
    negative = next(each for each in read if each.kind is ListKind.NEGATIVE)
    assert negative.entries[0].matches.protections == {"level-4"}
    standing = next(each for each in read if each.kind is ListKind.RED_BLACK)
    assert [each.standing for each in standing.entries] == [Standing.RED, Standing.BLACK]
    assert standing.appeal_working_days == 10


def test_every_mistake_is_found(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for right, wrong in [
        ("    appeal_working_days: 10\n", ""),
        ("until: 2027-04-01", "until: 2026-04-01"),
        (", party: hrss", ""),
        ("{number: 2, zh: 核心", "{number: 1, zh: 核心"),
        ("matches: {services: [cloud-host]}", "matches: {services: [cloud-host]}, party: hrss"),
    ]:
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    path = tmp_path / "lists.yaml"
    path.write_text(text, encoding="utf-8")
    read, findings = read_lists(path)
    assert read is None
    assert sorted(each.place.field for each in findings) == [
        "lists[2].entries[1].number",
        "lists[3].entries[0].party",
        "lists[4].appeal_working_days",
        "lists[4].entries[0].party",
        "lists[4].until",
    ]
