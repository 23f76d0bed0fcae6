"""What a picture shows, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from governance.environments import Protection, Zone


class Mark(StrEnum):
    """How a thing stands: it is there, or what a plan does to it, or it is approved and not built yet."""

    THERE = "there"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    AWAITED = "awaited"

    @property
    def sign(self) -> str:
        """The sign beside the name."""
        return {"there": "", "create": "+", "update": "Δ", "replace": "±", "delete": "−", "awaited": "?"}[self.value]


@dataclass(frozen=True, slots=True)
class Piece:
    """So many of one kind."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class SubnetScene:
    """One subnet, its purpose in codes (empty: none said) and what stands in it."""

    name: str
    cidr: str = ""
    purpose: str = ""
    pieces: tuple[Piece, ...] = ()
    mark: Mark = Mark.THERE


@dataclass(frozen=True, slots=True)
class ZoneScene:
    """One availability zone, counted from 0; None where it is not known."""

    index: int | None
    subnets: tuple[SubnetScene, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """A way out of the network, or another environment that is reached: ``detail`` is an address range or approval."""

    kind: str
    name: str
    detail: str = ""
    mark: Mark = Mark.THERE


@dataclass(frozen=True, slots=True)
class Route:
    """Where traffic for ``cidr`` goes, by a table."""

    table: str
    cidr: str
    target: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One environment. ``shared`` is what stands in no subnet."""

    environment: str
    cidr: str
    zone: Zone | None
    protection: Protection | None
    zones: tuple[ZoneScene, ...]
    edges: tuple[Edge, ...] = ()
    shared: tuple[Piece, ...] = ()
    routes: tuple[Route, ...] = ()
