"""The register at a reorganisation: each open entry closes for the agency of before and opens anew for its successor.

Months that are closed keep their entries; the month of the change is split at the instant, to the microsecond.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from foundation.store import Transaction
from governance.authority import machine_scope
from governance.reorganisation import Moves
from tenants.register import follow_entries, place_of_items, transfer_entries
from tenants.register.tables import open_in, open_of, register_table


@dataclass(frozen=True, slots=True)
class RegisterFollows:
    """Every open entry."""

    table: str = register_table.table.name

    def follow(self, transaction: Transaction, moves: Moves) -> int:
        """Environments that a split names go first, each to its part; the rest to the main successors."""
        moved = 0
        for (predecessor, environment), successor in sorted(moves.shares.get("environment", {}).items()):
            for place in (environment, place_of_items(environment)):
                lines = open_in(transaction, machine_scope(), place)
                if successor != predecessor and any(line.entry.agency == predecessor for line in lines):
                    at = max([moves.at, *(line.entry.opened for line in lines)])
                    moved += len(transfer_entries(transaction, place, successor, at).opened)
        for at, successors in self._by_instant(transaction, moves).items():
            moved += follow_entries(transaction, successors, at)
        return moved

    def _by_instant(self, transaction: Transaction, moves: Moves) -> dict[datetime, dict[str, str]]:
        """Instant → predecessor → successor. Where the reorganisation is applied late, an agency that opened something
        since changes hands at that opening: what was charged meanwhile was charged to it."""
        latest = dict.fromkeys(moves.main, moves.at)
        for line in open_of(transaction, machine_scope(), moves.main) if moves.main else ():
            latest[line.entry.agency] = max(latest[line.entry.agency], line.entry.opened)
        found: dict[datetime, dict[str, str]] = defaultdict(dict)
        for predecessor, at in latest.items():
            found[at][predecessor] = moves.main[predecessor]
        return found
