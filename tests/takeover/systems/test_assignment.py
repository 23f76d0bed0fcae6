"""No machine serves two systems, and a proposal is only a guess until a person confirms it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.errors import InvalidValue
from foundation.values.findings import Severity
from takeover.rooms import Room
from takeover.systems import Origin, Owner, StemRule, assign_systems, propose_systems, read_systems
from takeover.systems.proposals import stem
from takeover.systems.reading import parse_systems

ROOT = Path(__file__).resolve().parents[3]
ACCEPT = Owner(agency="hrss", project="P-1")


def _file(*entries: str) -> Any:
    systems, findings = parse_systems("systems:\n" + "\n".join(f"  - {entry}" for entry in entries), "systems.yaml")
    assert systems is not None, findings
    return systems


def _entry(code: str, rest: str) -> str:
    return f"{{code: {code}, name: {code}, agency: hrss, project: P-1, {rest}}}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("wspapp11", "wspapp"),
        ("BOWMFGSQAPROD05", "bowmfg"),
        ("wtableaup01-O - RIP", "wtableaup01-o"),
        ("BOWAB10JSDEV02", "bowab10js"),
        ("社保-应用-01", "社保-应用"),
        ("社保生产01", "社保"),
        ("BOWPROD1A", "bowprod"),
        ("公积金系统测试02", "公积金系统"),
        ("wbei01-bkp1", "wbei"),
        ("prod01", "prod"),
        ("x", "x"),
        ("007", "007"),
    ],
)
def test_a_stem_is_what_siblings_share(name: str, expected: str) -> None:
    assert stem(name, StemRule()) == expected


@given(st.text(min_size=1).filter(str.strip))
def test_a_stem_is_never_empty_and_never_longer(name: str) -> None:
    found = stem(name, StemRule())
    assert found
    assert len(found) <= len(name.casefold())


def test_proposals_group_by_stem_and_cluster_and_leave_templates_out(rows: Any) -> None:
    room = rows.room(
        rows.machine("gate-01"),
        rows.machine("gate-02"),
        rows.machine("GATE-test03"),
        rows.machine("gate-04", cluster="dmz"),
        rows.machine("tpl-01", template=True),
        rows.machine("db-01", power="poweredOff"),
    )
    assert [(one.code, one.machines) for one in propose_systems(room)] == [
        ("db-c1", ("db-01",)),
        ("gate-c1", ("gate-01", "gate-02", "GATE-test03")),
        ("gate-dmz", ("gate-04",)),
    ]


def test_proposals_stay_open_with_a_warning_each_until_accepted(rows: Any) -> None:
    room = rows.room(rows.machine("web-01"), rows.machine("app-01"))
    assignment, findings = assign_systems(room)
    assert assignment is not None
    assert assignment.systems == ()
    assert len(assignment.proposals) == len(findings) == 2
    assert {finding.code for finding in findings} == {"takeover.systems.proposed"}
    accepted, findings = assign_systems(room, accept=ACCEPT)
    assert accepted is not None
    assert findings == ()
    assert [(one.system.agency, one.origin) for one in accepted.systems] == [("hrss", Origin.CONFIRMED)] * 2


@pytest.mark.parametrize(("agency", "project"), [("", "P-1"), ("hrss", "")])
def test_nobody_accepts_systems_without_an_owner(rows: Any, agency: str, project: str) -> None:
    with pytest.raises(InvalidValue):
        assign_systems(rows.room(rows.machine("web-01")), accept=Owner(agency, project))


def test_what_was_confirmed_is_remembered_and_new_machines_are_proposed(rows: Any) -> None:
    before, _ = assign_systems(rows.room(rows.machine("web-01"), rows.machine("app-01")), accept=ACCEPT)
    assert before is not None
    room = rows.room(rows.machine("web-01"), rows.machine("mail-01"))
    after, _ = assign_systems(room, remembered=before.systems)
    assert after is not None
    assert [(one.system.code, one.machines) for one in after.systems] == [("web-c1", ("web-01",))]
    assert [one.machines for one in after.proposals] == [("mail-01",)]


def test_a_file_comes_before_memory_and_replaces_an_earlier_file(rows: Any) -> None:
    room = rows.room(rows.machine("web-01"), rows.machine("web-02"), rows.machine("app-01"))
    first, _ = assign_systems(room, _file(_entry("old", "machines: [app-01]")), accept=ACCEPT)
    assert first is not None
    second, _ = assign_systems(room, _file(_entry("new", "machines: [web-01]")), first.systems)
    assert second is not None
    assert [(one.system.code, one.machines) for one in second.systems] == [
        ("new", ("web-01",)),
        ("web-c1", ("web-02",)),
    ]
    assert [one.machines for one in second.proposals] == [("app-01",)]


def test_a_file_that_takes_over_a_confirmed_code_leaves_one_system_of_it(rows: Any) -> None:
    room = rows.room(rows.machine("web-01"), rows.machine("web-02"))
    first, _ = assign_systems(room, accept=ACCEPT)
    assert first is not None
    second, _ = assign_systems(room, _file(_entry("web-c1", "machines: [web-01]")), first.systems, accept=ACCEPT)
    assert second is not None
    codes = [one.system.code for one in second.systems]
    assert len(codes) == len(set(codes)) == 2


def test_a_machine_claimed_by_two_systems_is_an_error(rows: Any) -> None:
    room = rows.room(rows.machine("web-01"))
    file = _file(_entry("aa", "machines: [WEB-01]"), _entry("bb", 'patterns: ["web-*"]'))
    assignment, findings = assign_systems(room, file)
    assert assignment is None
    assert [(finding.code, finding.place.field, finding.place.row) for finding in findings] == [
        ("takeover.systems.machine-claimed-twice", "systems[1].patterns[0]", 3)
    ]


def test_a_name_that_is_not_in_the_room_is_an_error_and_a_pattern_a_warning(rows: Any) -> None:
    room = rows.room(rows.machine("web-01"))
    assignment, findings = assign_systems(room, _file(_entry("aa", 'machines: [ghost], patterns: ["x*", "web*"]')))
    assert assignment is None
    assert [finding.severity for finding in findings] == [Severity.ERROR, Severity.WARNING]


def test_the_examples_name_every_machine_but_the_template(example_room: Room) -> None:
    named, findings = read_systems(ROOT / "examples" / "systems.yaml")
    assert findings == ()
    assignment, findings = assign_systems(example_room, named)
    assert findings == ()
    assert assignment is not None
    assert assignment.proposals == ()
    assert {one.system.agency for one in assignment.systems} == {"hrss", "housing"}
    assert sum(len(one.machines) for one in assignment.systems) == 11


def test_every_machine_of_the_real_room_but_templates_is_proposed_once(real_room: Room) -> None:
    proposals = propose_systems(real_room)
    machines = [name for one in proposals for name in one.machines]
    assert len(machines) == len(set(machines)) == 795
    assert len({one.code for one in proposals}) == len(proposals)
    assert proposals == propose_systems(real_room)
    assignment, findings = assign_systems(real_room, accept=ACCEPT)
    assert assignment is not None
    assert findings == ()
