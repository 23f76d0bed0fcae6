"""The frozen environment spec: what is approved, by its digest, and what is built.

Everything here is resolved: sizes are types, purposes are networks, counts are machines. The short form a person
writes is ``written``'s. A field marked ``_SECOND`` is left out of the document while it has its default, so that
a spec written before the field was there keeps its digest.
"""

from __future__ import annotations

import dataclasses
import re
from enum import IntEnum, StrEnum

NAME = re.compile(r"[a-z][a-z0-9-]{0,38}[a-z0-9]")
LANDING_ZONE = "landing-zone"
"""The name of an installation's landing zone, which is planned like an environment: no environment is called so."""
SINCE = "since"
_SECOND = {SINCE: 2}


class Baseline(IntEnum):
    """Which security baseline an environment is built on; a version once used never changes what it makes."""

    FIRST = 1
    SECOND = 2


class Zone(StrEnum):
    """政务外网 or 互联网."""

    EXTRANET = "government-extranet"
    INTERNET = "internet"


class Protection(StrEnum):
    """等保二级 or 等保三级."""

    LEVEL_2 = "level-2"
    LEVEL_3 = "level-3"


class Purpose(StrEnum):
    """What a subnet is for: the front, the application, or data. Traffic between them is named rule by rule."""

    WEB = "web"
    APP = "app"
    DATA = "data"


class Engine(StrEnum):
    """The relational databases on offer."""

    POSTGRESQL = "postgresql"
    MYSQL = "mysql"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return 5432 if self is Engine.POSTGRESQL else 3306


class BalancerProtocol(StrEnum):
    """What a load balancer speaks to its clients: ``https`` ends TLS with a certificate, ``tcp`` passes through."""

    TCP = "tcp"
    HTTP = "http"
    HTTPS = "https"


class PersonRole(StrEnum):
    """What people of the agency and the operator may take up: run machines, look, read logs and trails."""

    OPERATE = "operate"
    READ = "read"
    AUDIT = "audit"


@dataclasses.dataclass(frozen=True, slots=True)
class SubnetSpec:
    """One subnet: its CIDR inside the environment's, which availability zone (0, 1, …) it sits in, what it is for."""

    name: str
    cidr: str
    zone_index: int = 0
    purpose: Purpose | None = dataclasses.field(default=None, metadata=_SECOND)


@dataclasses.dataclass(frozen=True, slots=True)
class IngressRule:
    """What may come in: ``protocol`` tcp or udp, one port, from one CIDR."""

    protocol: str
    port: int
    source: str


@dataclasses.dataclass(frozen=True, slots=True)
class TierRule:
    """Who may talk to whom: ``source`` is a purpose or a CIDR, ``target`` the tier that listens on ``port``."""

    source: str
    target: Purpose
    port: int
    protocol: str = "tcp"


@dataclasses.dataclass(frozen=True, slots=True)
class VolumeSpec:
    """A data or system disk in whole GB."""

    name: str
    size_gb: int


@dataclasses.dataclass(frozen=True, slots=True)
class InstanceSpec:
    """A virtual machine: the catalogue ``plan`` it is charged by, the cloud's type and image, its disks."""

    name: str
    plan: str
    instance_type: str
    image: str
    subnet: str
    volumes: tuple[VolumeSpec, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class BucketSpec:
    """Object storage, always encrypted and private; ``versioning`` keeps old objects; charged by ``plan`` if any."""

    name: str
    versioning: bool = True
    plan: str = dataclasses.field(default="", metadata=_SECOND)


@dataclasses.dataclass(frozen=True, slots=True)
class DatabaseSpec:
    """A relational database in the data subnets; with ``multi_zone`` a standby in another zone."""

    name: str
    plan: str
    engine: Engine
    version: str
    instance_class: str
    storage_gb: int
    multi_zone: bool


@dataclasses.dataclass(frozen=True, slots=True)
class LoadBalancerSpec:
    """A load balancer in front of instances; internal unless ``public``. ``sources`` are the CIDRs it serves."""

    name: str
    plan: str
    protocol: BalancerProtocol
    port: int
    target_port: int
    targets: tuple[str, ...]
    sources: tuple[str, ...]
    public: bool = False
    certificate: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class FileSystemSpec:
    """A shared file system, reached from the subnets of one purpose; ``size_gb`` is what is agreed and charged."""

    name: str
    plan: str
    size_gb: int
    purpose: Purpose


@dataclasses.dataclass(frozen=True, slots=True)
class SecretSpec:
    """A place for a secret. Its value is put there by who knows it, and never stands in a spec."""

    name: str
    description: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class KeySpec:
    """An encryption key of the system's own, besides the one that everything here is encrypted with."""

    name: str
    description: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class BackupSpec:
    """The backup plan of disks, databases and file systems: daily, kept so many days."""

    retention_days: int


@dataclasses.dataclass(frozen=True, slots=True)
class FlowLogSpec:
    """Records of every connection, kept so many days in the environment's log bucket."""

    retention_days: int


@dataclasses.dataclass(frozen=True, slots=True)
class PeerSpec:
    """Another environment that may be reached, its addresses, and the number of the approval that says so."""

    environment: str
    cidr: str
    approval: str


@dataclasses.dataclass(frozen=True, slots=True)
class AdoptSpec:
    """Something of this environment that the cloud has already: its ``kind`` and ``name`` here, its ``id`` there."""

    kind: str
    name: str
    id: str


@dataclasses.dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """One business system's isolated place 租户环境.

    ``region`` and ``account`` "" are the installation's own. Everything after ``buckets`` but ``region``,
    ``account`` and ``adopt`` needs ``baseline`` 2.
    """

    environment: str
    agency: str
    system: str
    project: str
    fund_source: str
    zone: Zone
    protection: Protection
    cidr: str
    subnets: tuple[SubnetSpec, ...]
    ingress: tuple[IngressRule, ...] = ()
    instances: tuple[InstanceSpec, ...] = ()
    buckets: tuple[BucketSpec, ...] = ()
    baseline: Baseline = dataclasses.field(default=Baseline.FIRST, metadata=_SECOND)
    region: str = dataclasses.field(default="", metadata=_SECOND)
    account: str = dataclasses.field(default="", metadata=_SECOND)
    allow: tuple[TierRule, ...] = dataclasses.field(default=(), metadata=_SECOND)
    databases: tuple[DatabaseSpec, ...] = dataclasses.field(default=(), metadata=_SECOND)
    load_balancers: tuple[LoadBalancerSpec, ...] = dataclasses.field(default=(), metadata=_SECOND)
    file_systems: tuple[FileSystemSpec, ...] = dataclasses.field(default=(), metadata=_SECOND)
    secrets: tuple[SecretSpec, ...] = dataclasses.field(default=(), metadata=_SECOND)
    keys: tuple[KeySpec, ...] = dataclasses.field(default=(), metadata=_SECOND)
    backup: BackupSpec | None = dataclasses.field(default=None, metadata=_SECOND)
    flow_logs: FlowLogSpec | None = dataclasses.field(default=None, metadata=_SECOND)
    roles: tuple[PersonRole, ...] = dataclasses.field(default=(), metadata=_SECOND)
    peers: tuple[PeerSpec, ...] = dataclasses.field(default=(), metadata=_SECOND)
    adopt: tuple[AdoptSpec, ...] = dataclasses.field(default=(), metadata=_SECOND)

    def subnets_for(self, purpose: Purpose) -> tuple[SubnetSpec, ...]:
        """The subnets of one purpose, by zone and name."""
        found = (subnet for subnet in self.subnets if subnet.purpose is purpose)
        return tuple(sorted(found, key=lambda subnet: (subnet.zone_index, subnet.name)))
