"""Proposals of the landing zone and the regions of its layer, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from governance.environments.landing_zone import LandingZoneSpec, Managed

_REACH = (Managed.REGISTERED, Managed.READ, Managed.APPLIED)


class ProposalState(StrEnum):
    """``PROPOSED`` waits for the bureau. The newest approved one is what stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"proposed": "待审批", "approved": "已批准", "rejected": "已驳回"}[self.value]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A landing-zone spec that the operator put forward; ``agency`` is the operator's party.

    ``decided`` counts what was approved, in order: the greatest is what stands; 0 of what was not.
    """

    id: str
    agency: str
    spec: LandingZoneSpec
    digest: str
    state: ProposalState
    proposed_by: str
    proposed_at: datetime
    decided_by: str = ""
    note: str = ""
    decided: int = 0

    @property
    def subject(self) -> str:
        """What decisions and audit entries call it."""
        return f"landing-zone:{self.id}"


@dataclass(frozen=True, slots=True)
class ManagedRegion:
    """A region of the layer: how far the landing zone names it, how far its own level said so, and what follows."""

    region: str
    owner: str
    level: str
    named: Managed
    word: Managed | None
    managed: Managed


def reached(named: Managed, word: Managed) -> Managed:
    """The lesser of two: nobody manages a region further than its own level says."""
    return min(named, word, key=_REACH.index)
