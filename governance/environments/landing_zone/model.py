"""The frozen landing-zone spec: what all environments of one cloud stand on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import ConfigDict, with_config

from governance.environments.model import Protection, Zone

_STRICT = ConfigDict(extra="forbid")


class Managed(StrEnum):
    """纳管: how far a region of the layer is managed. Only an ``applied`` one is ever built in."""

    REGISTERED = "registered"
    READ = "read"
    APPLIED = "applied"


class LockMode(StrEnum):
    """Who may shorten the archive's retention: nobody (``compliance``), or who is let (``governance``)."""

    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


class Guardrail(StrEnum):
    """The guardrail policies there are; what each denies is ``infra``'s."""

    STAY = "stay-in-organisation"
    TRAIL = "keep-trail"
    ARCHIVE = "keep-archive"
    KEYS = "keep-keys"
    ROOT = "no-root-user"
    REGIONS = "approved-regions"
    ENCRYPTION = "encrypt-storage"
    HUB = "only-through-hub"
    PRIVATE = "no-public-network"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class LevelSpec:
    """An administrative level 省市县乡村, as data."""

    code: str
    zh: str
    en: str


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class RegionSpec:
    """A region of the layer: whose it is, of which level, and how far it is managed."""

    region: str
    owner: str
    level: str
    managed: Managed = Managed.REGISTERED


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """Where an agency keeps systems: one zone at one protection level. ``account`` names one that exists already."""

    zone: Zone
    protection: Protection
    account: str = ""


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class AgencySpec:
    """A using agency 使用单位 and its places."""

    agency: str
    level: str
    places: tuple[PlaceSpec, ...]


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class PeeringSpec:
    """Two agencies that may reach each other, and the number of the approval that says so."""

    between: tuple[str, str]
    approval: str


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class HubSpec:
    """The hub network: its addresses, over how many zones, and its private autonomous system number."""

    cidr: str
    zones: int = 2
    asn: int = 64512


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """An environment's network that is joined to the hub: whose it is, its zone and addresses, its attachment's id."""

    environment: str
    agency: str
    zone: Zone
    cidr: str
    attachment_id: str


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A shared service, reached from every environment on one port."""

    name: str
    port: int
    protocol: str = "tcp"


@with_config(_STRICT)
@dataclass(frozen=True, slots=True)
class ArchiveSpec:
    """The central log archive: how long nothing in it can be deleted, and by whom that could be shortened."""

    retention_days: int = 180
    mode: LockMode = LockMode.COMPLIANCE


@dataclass(frozen=True, slots=True)
class LandingZoneSpec:
    """The ground of one cloud. ``environment`` is its own name, which its resources carry; ``agency`` who runs it.

    ``organisation``: the cloud has organisations, so each place is an account of its own; otherwise the agencies'
    networks lie in this one account. ``email_domain`` is where the accounts' addresses are. ``services`` are the
    shared services, each with a network inside the hub's; ``networks`` the environments joined to it so far.
    """

    environment: str
    agency: str
    system: str
    project: str
    fund_source: str
    home_region: str
    regions: tuple[RegionSpec, ...]
    levels: tuple[LevelSpec, ...]
    agencies: tuple[AgencySpec, ...]
    hub: HubSpec
    organisation: bool = False
    email_domain: str = ""
    deployer_role: str = "guanyun-deployer"
    services: tuple[ServiceSpec, ...] = ()
    peerings: tuple[PeeringSpec, ...] = ()
    networks: tuple[NetworkSpec, ...] = ()
    archive: ArchiveSpec = ArchiveSpec()
    guardrails: tuple[Guardrail, ...] = tuple(Guardrail)

    def region(self, name: str) -> RegionSpec | None:
        """The region of that name; None where the layer has none."""
        return next((one for one in self.regions if one.region == name), None)

    def may_reach(self, one: str, other: str) -> bool:
        """Whether a peering of the two agencies was approved; an agency reaches itself."""
        return one == other or any({one, other} == set(peering.between) for peering in self.peerings)
