"""Every mistake in a ``systems.yaml`` is a finding with its field path and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.findings import Finding
from governance.environments import Protection, Zone
from takeover.systems import read_systems
from takeover.systems.reading import parse_systems

GOOD = """
systems:
  - code: pension
    name: 社保网上服务
    agency: hrss
    project: P-1
    protection: level-3
    patterns: ["sb-*"]
  - code: jobs
    name: 就业登记
    agency: hrss
    project: P-1
    machines: [jy-01, jy-02]
"""


def _places(text: str) -> list[tuple[str, int | None]]:
    systems, findings = parse_systems(text, "systems.yaml")
    assert systems is None
    assert all(finding.zh and finding.en and finding.place.file == "systems.yaml" for finding in findings)
    return [(finding.place.field, finding.place.row) for finding in findings]


def test_a_good_file_names_its_systems() -> None:
    systems, findings = parse_systems(GOOD, "systems.yaml")
    assert findings == ()
    assert systems is not None
    first, second = systems.entries
    assert (first.system.code, first.system.name, first.system.protection) == (
        "pension",
        "社保网上服务",
        Protection.LEVEL_3,
    )
    assert (first.patterns, first.row) == (("sb-*",), 3)
    assert (second.machines, second.system.zone) == (("jy-01", "jy-02"), Zone.EXTRANET)


@pytest.mark.parametrize(
    ("before", "after", "field", "row"),
    [
        ("    agency: hrss\n    project: P-1\n    prot", "    project: P-1\n    prot", "systems[0].agency", 3),
        ("code: jobs", "code: Jobs!", "systems[1].code", 9),
        ("code: jobs", "code: pension", "systems[1].code", 9),
        ("level-3", "level-9", "systems[0].protection", 7),
        ("name: 就业登记", "nmae: 就业登记", "systems[1].name", 9),
        ("[jy-01, jy-02]", "[jy-01, 2]", "systems[1].machines[1]", 13),
        ("[jy-01, jy-02]", "[]", "systems[1].machines", 9),
        ("    agency: hrss\n    project: P-1\n    protection", "    agency: hrss\n    agency: x\n    protection",
         "systems[0].agency", 6),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_field_and_line(before: str, after: str, field: str, row: int) -> None:
    assert before in GOOD
    assert (field, row) in _places(GOOD.replace(before, after))


def test_all_mistakes_are_said_at_once() -> None:
    assert len(_places("systems:\n  - {code: a, name: b}\n  - {code: cc, name: d, agency: e, color: red}\n")) >= 4


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "systems:", "systems: []", "systems: {", "\tx", "- - -", "systems: &a [*a]", "a: &x 1\nb: *x",
        "!!python/x 1", "systems: " + "[" * 5000, "x: 2026-99-99", "\x00",
    ],
)  # fmt: skip
def test_what_is_no_systems_file_is_a_finding(text: str) -> None:
    assert _places(text)


@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    systems, findings = parse_systems(text, "systems.yaml")
    assert (systems is None) == bool(findings)


def _only(result: tuple[object, tuple[Finding, ...]]) -> str:
    systems, findings = result
    assert systems is None
    assert len(findings) == 1
    return findings[0].en


def test_files_that_cannot_be_read_are_findings(tmp_path: Path) -> None:
    assert _only(read_systems(tmp_path / "none.yaml")) == "the file does not exist"
    (tmp_path / "gbk.yaml").write_bytes("systems: # 中文".encode("utf-16"))
    assert _only(read_systems(tmp_path / "gbk.yaml")) == "the file is not UTF-8 text"
    (tmp_path / "large.yaml").write_bytes(b"#" * (2**18 + 1))
    assert _only(read_systems(tmp_path / "large.yaml")) == "larger than 256 KiB"
    assert _only(read_systems(tmp_path)).startswith("cannot be read")
