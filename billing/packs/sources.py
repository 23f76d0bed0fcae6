"""Where a pack's facts come from."""

from __future__ import annotations

from dataclasses import dataclass

from billing.packs.ports import SliProofs
from billing.settlement.gathering import Sources as SettlementSources
from billing.statements.drawing import Sources as StatementSources


@dataclass(frozen=True, slots=True)
class PackSources:
    """The sources of statements and of settlements, and the proofs of SLI days."""

    statements: StatementSources
    settlements: SettlementSources
    sli: SliProofs
