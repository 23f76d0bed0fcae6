"""The form a spec is written in: the resolved fields, or their short words (``size``, ``count``, ``tier``, ``prefix``).

A resolved document is a written one too, so that what was approved can be read, changed and asked for again.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from governance.environments.model import (
    BalancerProtocol,
    Baseline,
    Engine,
    PersonRole,
    Protection,
    Purpose,
    Zone,
)
from governance.yaml_documents import Form

FROM_ADDRESS_PLAN = "from-address-plan"
"""In the place of a CIDR: the address plan gives one."""


def _named(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class WrittenSubnet(Form):
    """Either ``name`` and ``cidr``, or ``purpose`` and ``prefix``: then one subnet of that length in each zone."""

    name: str = ""
    cidr: str = ""
    zone_index: int = 0
    purpose: Purpose | None = None
    prefix: int | None = None


class WrittenRule(Form):
    """As ``IngressRule``."""

    protocol: str
    port: int
    source: str


class WrittenTierRule(Form):
    """As ``TierRule``."""

    source: str
    target: Purpose
    port: int
    protocol: str = "tcp"


class WrittenVolume(Form):
    """As ``VolumeSpec``; of several machines each name is preceded by its machine's."""

    name: str
    size_gb: int


class WrittenInstance(Form):
    """``size``, or ``plan`` and ``instance_type``; ``subnet``, or ``tier``: then spread over that tier's zones.

    With ``count`` the machines are named ``name-1`` … ``name-count``. ``spread`` false puts them all in one zone.
    """

    name: str
    plan: str = ""
    instance_type: str = ""
    size: str = ""
    image: str = ""
    subnet: str = ""
    tier: Purpose | None = None
    count: int | None = None
    spread: bool = True
    volumes: list[WrittenVolume] = Field(default_factory=list)


class WrittenBucket(Form):
    """As ``BucketSpec``."""

    name: str
    versioning: bool = True
    plan: str = ""


class WrittenDatabase(Form):
    """``size``, or ``plan`` and ``instance_class``."""

    name: str
    size: str = ""
    plan: str = ""
    engine: Engine
    version: str = ""
    instance_class: str = ""
    storage_gb: int
    multi_zone: bool | None = None


class WrittenBalancer(Form):
    """``size``, or ``plan``, or the first size there is; a target may name machines written with ``count`` at once."""

    name: str
    size: str = ""
    plan: str = ""
    protocol: BalancerProtocol = BalancerProtocol.TCP
    port: int
    target_port: int | None = None
    targets: list[str]
    sources: list[str]
    public: bool = False
    certificate: str = ""


class WrittenFileSystem(Form):
    """``size``, or ``plan``, or the first size there is."""

    name: str
    size: str = ""
    plan: str = ""
    size_gb: int
    purpose: Purpose = Purpose.APP


class WrittenNamed(Form):
    """A secret or a key: its name alone, or with a description."""

    name: str
    description: str = ""


class WrittenDays(Form):
    """A backup plan or flow logs."""

    retention_days: int


class WrittenPeer(Form):
    """As ``PeerSpec``; without ``cidr`` the address plan knows it."""

    environment: str
    cidr: str = ""
    approval: str = ""


class WrittenAdoption(Form):
    """As ``AdoptSpec``."""

    kind: str
    name: str
    id: str


Named = Annotated[WrittenNamed, BeforeValidator(_named)]


class WrittenEnvironment(Form):
    """An environment as a person writes it."""

    environment: str
    agency: str
    system: str
    project: str
    fund_source: str
    zone: Zone
    protection: Protection
    baseline: Baseline = Baseline.FIRST
    region: str = ""
    account: str = ""
    cidr: str
    prefix: int | None = None
    zones: Annotated[int, Field(ge=1, le=6)] | None = None
    image: str = ""
    subnets: list[WrittenSubnet]
    ingress: list[WrittenRule] = Field(default_factory=list)
    allow: list[WrittenTierRule] = Field(default_factory=list)
    instances: list[WrittenInstance] = Field(default_factory=list)
    buckets: list[WrittenBucket] = Field(default_factory=list)
    databases: list[WrittenDatabase] = Field(default_factory=list)
    load_balancers: list[WrittenBalancer] = Field(default_factory=list)
    file_systems: list[WrittenFileSystem] = Field(default_factory=list)
    secrets: list[Named] = Field(default_factory=list)
    keys: list[Named] = Field(default_factory=list)
    backup: WrittenDays | None = None
    flow_logs: WrittenDays | None = None
    roles: list[PersonRole] | None = None
    peers: list[WrittenPeer] = Field(default_factory=list)
    adopt: list[WrittenAdoption] = Field(default_factory=list)
