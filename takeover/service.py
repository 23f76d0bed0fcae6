"""Use cases: import a room, confirm whose machines they are, look at both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from foundation.documents import Limits, read_workbook
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, blocking
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting, viewing
from governance.environments.model import NAME
from takeover.errors import RoomUnknown, RoomWithoutSystems
from takeover.rooms import SHEETS, RoomSummary, import_room, summarise
from takeover.systems import Assignment, Owner, StemRule, assign_systems, read_systems
from takeover.tables import (
    AssignedRoom,
    RoomImport,
    add_assignment,
    add_import,
    assigned_room,
    assignment_digest,
    inventory_digest,
    newest_import,
    newest_imports,
    newest_version,
)


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did: ``imported`` is None where a finding stopped it, ``new`` False where the same stood."""

    imported: RoomImport | None
    findings: tuple[Finding, ...]
    summary: RoomSummary
    new: bool


@dataclass(frozen=True, slots=True)
class ConfirmOutcome:
    """What confirming did. ``assignment`` is None where a finding stopped it; ``new`` False where the same stood."""

    assignment: Assignment | None
    version: int
    findings: tuple[Finding, ...]
    new: bool


def import_machine_room(
    office: Office, token: str, code: str, path: Path, *, limits: Limits | None = None
) -> ImportOutcome:
    """Read an RVTools workbook and record it as the newest revision of room ``code``, all or nothing.

    Findings never raise; the same inventory again records nothing. Raises ``Refused``, and ``InvalidValue`` for a code
    that is no name.
    """
    _check_code(code)
    workbook, findings = read_workbook(path, limits, sheets=SHEETS)
    room = None
    if workbook is not None:
        room, findings = import_room(workbook)
    summary = summarise(room, findings)
    subject = f"room:{code}"
    with acting(office, token, Act.ROOM_IMPORT, subject) as mandate:
        if room is None:
            return ImportOutcome(None, findings, summary, new=False)
        before = newest_import(mandate.transaction, code)
        digest = inventory_digest(room)
        if before is not None and before.digest == digest:
            return ImportOutcome(before, findings, summary, new=False)
        revision = 1 if before is None else before.revision + 1
        mandate.decide(f"{subject}.{revision}", digest=digest)
        imported = RoomImport(code, revision, digest, room, findings, mandate.actor.account, mandate.now)
        add_import(mandate.transaction, imported, recorded_at=mandate.recorded_at)
        mandate.audit(
            AuditEvent.ROOM_IMPORTED,
            subject,
            {"revision": revision, "digest": digest, "machines": summary.machines, "findings": len(findings)},
        )
        return ImportOutcome(imported, findings, summary, new=True)


def confirm_systems(
    office: Office,
    token: str,
    code: str,
    systems_file: Path | None = None,
    *,
    accept: Owner | None = None,
    rule: StemRule | None = None,
) -> ConfirmOutcome:
    """Assign the machines of a room's newest import to systems and remember it.

    The file comes first, then what is remembered, then proposals, which become systems of ``accept`` or else stay
    open. The same assignment again records nothing. Raises ``Refused``, ``RoomUnknown``.
    """
    subject = f"room:{code}"
    named, file_findings = read_systems(systems_file) if systems_file else (None, ())
    with acting(office, token, Act.SYSTEMS_CONFIRM, subject) as mandate:
        transaction = mandate.transaction
        imported = newest_import(transaction, code)
        if imported is None:
            raise RoomUnknown(room=code)
        version, digest_before = newest_version(transaction, code)
        if blocking(file_findings):
            return ConfirmOutcome(None, version, file_findings, new=False)
        remembered = assigned_room(transaction, mandate.scope, code)
        before = remembered.systems if remembered else ()
        assignment, findings = assign_systems(imported.room, named, before, accept=accept, rule=rule)
        if assignment is None or not assignment.systems:
            return ConfirmOutcome(assignment, version, findings, new=False)
        digest = assignment_digest(assignment.systems, imported.room)
        if digest == digest_before:
            return ConfirmOutcome(assignment, version, findings, new=False)
        mandate.decide(f"{subject}.systems.{version + 1}", digest=digest)
        add_assignment(
            transaction,
            imported,
            version + 1,
            assignment.systems,
            account=mandate.actor.account,
            confirmed_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        facts = {"version": version + 1, "revision": imported.revision, "digest": digest}
        mandate.audit(AuditEvent.SYSTEMS_CONFIRMED, subject, {**facts, "systems": len(assignment.systems)})
        return ConfirmOutcome(assignment, version + 1, findings, new=True)


def list_rooms(office: Office, token: str) -> tuple[RoomImport, ...]:
    """The newest import of every room; an agency sees none, since a room may hold another's machines."""
    with viewing(office, token) as view:
        return newest_imports(view.transaction) if view.scope.agencies is None else ()


def show_room(office: Office, token: str, code: str) -> RoomImport:
    """A room's newest import with its findings. Raises ``RoomUnknown``, also for an agency."""
    with viewing(office, token) as view:
        imported = newest_import(view.transaction, code) if view.scope.agencies is None else None
    if imported is None:
        raise RoomUnknown(room=code)
    return imported


def show_systems(office: Office, token: str, code: str) -> AssignedRoom:
    """The systems of a room that the asker may see, with their machines. Raises ``RoomWithoutSystems``."""
    with viewing(office, token) as view:
        assigned = assigned_room(view.transaction, view.scope, code)
    if assigned is None:
        raise RoomWithoutSystems(room=code)
    return assigned


def _check_code(code: str) -> None:
    if not NAME.fullmatch(code):
        raise InvalidValue(field="room", found=repr(code), expected=NAME.pattern)
