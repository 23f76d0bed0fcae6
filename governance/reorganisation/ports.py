"""What each room says of its tables: how the open rows follow, or why they are history. Bound in ``wiring``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from foundation.store import Transaction
from governance.reorganisation.model import Moves


class Follows(Protocol):
    """Open rows of one table that go over to the successor."""

    @property
    def table(self) -> str:
        """The table's name."""
        ...

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """Let every open row of a predecessor follow its one successor; returns how many did. Closed rows stay."""
        ...


@dataclass(frozen=True, slots=True)
class HistoryStays:
    """A table whose rows never move, and why: they tell of what was."""

    table: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlongWith:
    """A table whose open rows move with those of ``leader``, by what ``leader`` said."""

    table: str
    leader: str


Said: TypeAlias = Follows | AlongWith | HistoryStays


class EnvironmentsOf(Protocol):
    """Which environments there are of these agencies: a split that names a system takes its environments along."""

    def __call__(self, transaction: Transaction, agencies: Collection[str]) -> Mapping[str, tuple[str, str]]:
        """Open environments: id → (agency, system)."""
        ...
