"""Importing and confirming are recorded once, all or nothing, and seen only by those in scope."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Table, func, select

from foundation.store import Scope, Store, UnscopedQuery
from foundation.values.errors import InvalidValue
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Office
from governance.errors import NotLoggedIn, Refused
from takeover import (
    RoomUnknown,
    RoomWithoutSystems,
    confirm_systems,
    import_machine_room,
    list_rooms,
    show_room,
    show_systems,
)
from takeover.systems import Owner
from takeover.tables import add_import, assigned_room, assignment_table, room_table, systems

ROOT = Path(__file__).resolve().parents[2]
ROOM = ROOT / "examples" / "room.xlsx"
SYSTEMS = ROOT / "examples" / "systems.yaml"


def _events(office: Office) -> list[AuditEvent]:
    with office.store.reading() as transaction:
        return [AuditEvent(entry.event) for entry in audit.entries(transaction)]


def _count(store: Store, table: Table) -> int:
    with store.reading() as transaction:
        return int(transaction.value(select(func.count()).select_from(table)))


def test_an_import_is_recorded_once_with_its_findings(office: Office, people: dict[str, str]) -> None:
    first = import_machine_room(office, people["operator-1"], "city", ROOM)
    assert first.new
    assert first.imported is not None
    assert (first.imported.revision, first.summary.machines) == (1, 12)
    again = import_machine_room(office, people["operator-2"], "city", ROOM)
    assert not again.new
    assert again.imported == first.imported
    assert _events(office).count(AuditEvent.ROOM_IMPORTED) == 1
    assert show_room(office, people["bureau-1"], "city") == first.imported
    assert [one.code for one in list_rooms(office, people["auditor-1"])] == ["city"]


def test_a_bad_workbook_leaves_nothing_behind(office: Office, people: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "room.xlsx"
    path.write_text("VM,CPUs")
    outcome = import_machine_room(office, people["operator-1"], "city", path)
    assert outcome.imported is None
    assert [finding.place.file for finding in outcome.findings] == ["room.xlsx"]
    assert _count(office.store, room_table) == 0
    assert AuditEvent.ROOM_IMPORTED not in _events(office)
    with pytest.raises(RoomUnknown):
        show_room(office, people["operator-1"], "city")


def test_another_inventory_is_a_new_revision_and_the_old_one_stays(office: Office, people: dict[str, str]) -> None:
    first = import_machine_room(office, people["operator-1"], "city", ROOM).imported
    assert first is not None
    import dataclasses

    fewer = dataclasses.replace(first.room, machines=first.room.machines[1:])
    with office.store.transaction() as transaction:
        changed = dataclasses.replace(first, revision=2, digest="0" * 64, room=fewer)
        add_import(transaction, changed, recorded_at=first.imported_at)
    third = import_machine_room(office, people["operator-1"], "city", ROOM)
    assert third.new
    assert third.imported is not None
    assert third.imported.revision == 3
    assert _count(office.store, room_table) == 3


def test_only_the_operator_imports_and_the_refusal_is_in_the_audit_log(office: Office, people: dict[str, str]) -> None:
    for account in ("hrss-1", "bureau-1"):
        with pytest.raises(Refused):
            import_machine_room(office, people[account], "city", ROOM)
    with pytest.raises(NotLoggedIn):
        import_machine_room(office, "", "city", ROOM)
    assert _events(office).count(AuditEvent.REFUSED) == 2
    assert _count(office.store, room_table) == 0


def test_a_rooms_code_is_a_name(office: Office, people: dict[str, str]) -> None:
    with pytest.raises(InvalidValue):
        import_machine_room(office, people["operator-1"], "City Hall", ROOM)


def test_systems_are_confirmed_once_and_remembered(office: Office, people: dict[str, str]) -> None:
    import_machine_room(office, people["operator-1"], "city", ROOM)
    first = confirm_systems(office, people["operator-1"], "city", SYSTEMS)
    assert (first.new, first.version, first.findings) == (True, 1, ())
    assert not confirm_systems(office, people["operator-1"], "city", SYSTEMS).new
    # without the file the memory stands
    assert not confirm_systems(office, people["operator-2"], "city").new
    assert _events(office).count(AuditEvent.SYSTEMS_CONFIRMED) == 1
    assert _count(office.store, assignment_table) == 1
    seen = show_systems(office, people["operator-1"], "city")
    assert len(seen.systems) == 4
    assert [machine.row for machine in seen.room.machines] == sorted(machine.row for machine in seen.room.machines)


def test_proposals_wait_until_accepted_and_then_are_remembered(office: Office, people: dict[str, str]) -> None:
    import_machine_room(office, people["operator-1"], "city", ROOM)
    waiting = confirm_systems(office, people["operator-1"], "city")
    assert waiting.assignment is not None
    assert (waiting.new, waiting.version) == (False, 0)
    assert len(waiting.assignment.proposals) == len(waiting.findings) > 4
    with pytest.raises(RoomWithoutSystems):
        show_systems(office, people["operator-1"], "city")
    accepted = confirm_systems(office, people["operator-1"], "city", accept=Owner("hrss", "P-1"))
    assert accepted.new
    again = confirm_systems(office, people["operator-1"], "city")
    assert (again.new, again.findings) == (False, ())


def test_a_bad_systems_file_records_nothing(office: Office, people: dict[str, str], tmp_path: Path) -> None:
    import_machine_room(office, people["operator-1"], "city", ROOM)
    path = tmp_path / "systems.yaml"
    path.write_text("systems:\n  - {code: aa, name: a, agency: hrss, project: P, machines: [ghost]}\n")
    outcome = confirm_systems(office, people["operator-1"], "city", path)
    assert (outcome.assignment, outcome.new) == (None, False)
    assert [finding.place.field for finding in outcome.findings] == ["systems[0].machines[0]"]
    path.write_text("systems: 1\n")
    assert confirm_systems(office, people["operator-1"], "city", path).assignment is None
    assert _count(office.store, assignment_table) == 0


def test_confirming_for_an_unknown_room_says_so(office: Office, people: dict[str, str]) -> None:
    with pytest.raises(RoomUnknown):
        confirm_systems(office, people["operator-1"], "city", SYSTEMS)


def test_an_agency_sees_its_own_systems_and_no_room(office: Office, people: dict[str, str]) -> None:
    import_machine_room(office, people["operator-1"], "city", ROOM)
    confirm_systems(office, people["operator-1"], "city", SYSTEMS)
    for agency in ("hrss", "housing"):
        seen = show_systems(office, people[f"{agency}-1"], "city")
        assert {one.system.agency for one in seen.systems} == {agency}
        assert {machine.name for machine in seen.room.machines} == {
            name for one in seen.systems for name in one.machines
        }
        assert list_rooms(office, people[f"{agency}-1"]) == ()
        with pytest.raises(RoomUnknown):
            show_room(office, people[f"{agency}-1"], "city")


def test_assigned_systems_are_not_read_without_a_scope(office: Office, people: dict[str, str]) -> None:
    import_machine_room(office, people["operator-1"], "city", ROOM)
    confirm_systems(office, people["operator-1"], "city", SYSTEMS)
    with office.store.reading() as transaction:
        with pytest.raises(UnscopedQuery):
            transaction.rows(select(systems.table))
        assert assigned_room(transaction, Scope(frozenset()), "city") is None


def test_the_real_room_is_imported_and_its_proposals_accepted(
    office: Office, people: dict[str, str], real_data: Path
) -> None:
    path = real_data / "rvtools" / "sizing-workshop.xlsx"
    imported = import_machine_room(office, people["operator-1"], "old-room", path)
    assert imported.summary.machines == 805
    outcome = confirm_systems(office, people["operator-1"], "old-room", accept=Owner("hrss", "P-1"))
    assert outcome.new
    seen = show_systems(office, people["hrss-1"], "old-room")
    assert len(seen.room.machines) == 795
    with pytest.raises(RoomWithoutSystems):
        show_systems(office, people["housing-1"], "old-room")
    assert not confirm_systems(office, people["operator-1"], "old-room").new
