"""The tables of takeover: imports of a room, and the remembered mapping of its machines to systems. Append-only.

An import holds machines of several agencies, or of none yet, so it is the operator's and the bureau's to read. What has
been assigned belongs to one agency a row and is reached only through a scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Column, ForeignKeyConstraint, Integer, RowMapping, String, Table, func, insert, select

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from foundation.values.findings import Finding
from takeover.rooms import Machine, Room
from takeover.systems import BusinessSystem, Origin, SystemAssignment

room_table = Table(
    "takeover_room",
    metadata,
    Column("room", String(40), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("inventory", Document, nullable=False),
    Column("findings", Document, nullable=False),
    Column("account", String(120), nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)

assignment_table = Table(
    "takeover_assignment",
    metadata,
    Column("room", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("account", String(120), nullable=False),
    Column("confirmed_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    ForeignKeyConstraint(["room", "revision"], ["takeover_room.room", "takeover_room.revision"]),
)

_system_table = Table(
    "takeover_system",
    metadata,
    Column("room", String(40), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("code", String(40), primary_key=True),
    Column("agency", String(60), nullable=False),
    Column("position", Integer, nullable=False),
    Column("origin", String(20), nullable=False),
    Column("system", Document, nullable=False),
    Column("machines", Document, nullable=False),
    ForeignKeyConstraint(["room", "version"], ["takeover_assignment.room", "takeover_assignment.version"]),
)
systems = AgencyOwned(_system_table, "agency")

_ROOM = TypeAdapter(Room)
_FINDINGS = TypeAdapter(tuple[Finding, ...])
_SYSTEM = TypeAdapter(BusinessSystem)
_MACHINES = TypeAdapter(tuple[Machine, ...])


@dataclass(frozen=True, slots=True)
class RoomImport:
    """One recorded import: revision 1 is a room's first."""

    code: str
    revision: int
    digest: str
    room: Room
    findings: tuple[Finding, ...]
    account: str
    imported_at: datetime


@dataclass(frozen=True, slots=True)
class AssignedRoom:
    """The systems in scope of a room's newest assignment, and a room of just their machines, as last imported then."""

    code: str
    version: int
    room: Room
    systems: tuple[SystemAssignment, ...]


def inventory_digest(room: Room) -> str:
    """The SHA-256 of what the room holds, whatever its file was called."""
    return sha256_hex(canonical_bytes({"hosts": plain(room.hosts), "machines": plain(room.machines)}))


def assignment_digest(assigned: Sequence[SystemAssignment], room: Room) -> str:
    """The SHA-256 of an assignment, which covers the machines as they were when it was made."""
    return sha256_hex(canonical_bytes({"systems": plain(tuple(assigned)), "inventory": inventory_digest(room)}))


def newest_import(transaction: Transaction, code: str) -> RoomImport | None:
    """The last import of a room."""
    newest = select(func.max(room_table.c.revision)).where(room_table.c.room == code).scalar_subquery()
    row = transaction.row(select(room_table).where(room_table.c.room == code, room_table.c.revision == newest))
    return None if row is None else _import(row)


def newest_imports(transaction: Transaction) -> tuple[RoomImport, ...]:
    """The last import of every room, by code."""
    codes = transaction.rows(select(room_table.c.room).distinct().order_by(room_table.c.room))
    found = (newest_import(transaction, row["room"]) for row in codes)
    return tuple(one for one in found if one is not None)


def add_import(transaction: Transaction, one: RoomImport, *, recorded_at: datetime) -> None:
    """Record an import under its revision."""
    transaction.write(
        insert(room_table).values(
            room=one.code,
            revision=one.revision,
            digest=one.digest,
            inventory=plain(one.room),
            findings=plain(one.findings),
            account=one.account,
            imported_at=one.imported_at,
            recorded_at=recorded_at,
        )
    )


def newest_version(transaction: Transaction, code: str) -> tuple[int, str]:
    """(version, digest) of a room's last assignment; (0, "") where there is none."""
    query = select(assignment_table.c.version, assignment_table.c.digest).where(assignment_table.c.room == code)
    row = next(iter(transaction.rows(query.order_by(assignment_table.c.version.desc()).limit(1))), None)
    return (0, "") if row is None else (row["version"], row["digest"])


def assigned_room(transaction: Transaction, scope: Scope, code: str) -> AssignedRoom | None:
    """The newest assignment as ``scope`` may see it; None where there is none, or nothing of it is in scope."""
    version, _ = newest_version(transaction, code)
    query = systems.select(scope).where(systems.c.room == code, systems.c.version == version)
    rows = transaction.rows(query.order_by(systems.c.position))
    if not rows:
        return None
    machines = tuple(machine for row in rows for machine in _MACHINES.validate_python(row["machines"]))
    in_file_order = tuple(sorted(machines, key=lambda machine: machine.row))
    return AssignedRoom(code, version, Room(code, (), in_file_order), tuple(_assignment(row) for row in rows))


def add_assignment(
    transaction: Transaction,
    imported: RoomImport,
    version: int,
    assigned: Sequence[SystemAssignment],
    *,
    account: str,
    confirmed_at: datetime,
    recorded_at: datetime,
) -> None:
    """Record an assignment of the machines of ``imported``; systems without machines are kept as well."""
    transaction.write(
        insert(assignment_table).values(
            room=imported.code,
            version=version,
            revision=imported.revision,
            digest=assignment_digest(assigned, imported.room),
            account=account,
            confirmed_at=confirmed_at,
            recorded_at=recorded_at,
        )
    )
    by_name = {machine.name: machine for machine in imported.room.machines}
    transaction.write(
        systems.insert(),
        [
            {
                "room": imported.code,
                "version": version,
                "code": one.system.code,
                "agency": one.system.agency,
                "position": position,
                "origin": one.origin.value,
                "system": plain(one.system),
                "machines": [plain(by_name[name]) for name in one.machines],
            }
            for position, one in enumerate(assigned)
        ],
    )


def _import(row: RowMapping) -> RoomImport:
    return RoomImport(
        code=row["room"],
        revision=row["revision"],
        digest=row["digest"],
        room=_ROOM.validate_python(row["inventory"]),
        findings=_FINDINGS.validate_python(row["findings"]),
        account=row["account"],
        imported_at=row["imported_at"],
    )


def _assignment(row: RowMapping) -> SystemAssignment:
    machines: list[dict[str, Any]] = row["machines"]
    return SystemAssignment(
        system=_SYSTEM.validate_python(row["system"]),
        machines=tuple(machine["name"] for machine in machines),
        origin=Origin(row["origin"]),
    )
