"""The landing zone in the hands of its users: what is proposed and approved of it, and what it gives environments.

Owns the record of proposals, the word of each region's own level, who is joined to the hub, and the ground that an
environment is planned on. Its shape is ``governance.environments.landing_zone``'s, what it becomes is
``infra.components``'; it is planned and applied by ``infra.deployments``, as an environment is.
"""

from __future__ import annotations

from infra.landing_zone.enrolling import enrol_region, managed_regions
from infra.landing_zone.errors import LandingZoneError, NetworksOverlap, NoLandingZone, ProposalUnfit, RegionNotReadable
from infra.landing_zone.grounds import ground_of, joined_spec
from infra.landing_zone.model import ManagedRegion, Proposal, ProposalState
from infra.landing_zone.proposing import (
    approve_landing_zone,
    approved_landing_zone,
    list_proposals,
    propose_landing_zone,
    reject_landing_zone,
)
from infra.landing_zone.reading import FoundThere, read_region

__all__ = [
    "FoundThere",
    "LandingZoneError",
    "ManagedRegion",
    "NetworksOverlap",
    "NoLandingZone",
    "Proposal",
    "ProposalState",
    "ProposalUnfit",
    "RegionNotReadable",
    "approve_landing_zone",
    "approved_landing_zone",
    "enrol_region",
    "ground_of",
    "joined_spec",
    "list_proposals",
    "managed_regions",
    "propose_landing_zone",
    "read_region",
    "reject_landing_zone",
]
