"""Frozen values: a business system, what a file says of it, and the machines that serve it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from governance.environments import Protection, Zone


class Origin(StrEnum):
    """How a machine came to its system: named in a file, or proposed and then confirmed by a person."""

    NAMED = "named"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class BusinessSystem:
    """A business system 业务系统: ``code`` is unique in a takeover, ``agency`` and ``project`` are codes."""

    code: str
    name: str
    agency: str
    project: str
    zone: Zone
    protection: Protection


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """A system as ``systems.yaml`` has it: machine names, and shell patterns over them, without regard to case."""

    system: BusinessSystem
    machines: tuple[str, ...]
    patterns: tuple[str, ...]
    index: int
    row: int


@dataclass(frozen=True, slots=True)
class SystemsFile:
    """What one ``systems.yaml`` says."""

    file: str
    entries: tuple[SystemEntry, ...]


@dataclass(frozen=True, slots=True)
class SystemAssignment:
    """A system with the names of its machines, as the room spells them, in the room's order."""

    system: BusinessSystem
    machines: tuple[str, ...]
    origin: Origin
