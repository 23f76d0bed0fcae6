"""Frozen values of a machine room's inventory."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

AddressText = str
"""An IPv4 or IPv6 address in its canonical text."""


class Power(StrEnum):
    """A machine's state when the export was made."""

    ON = "on"
    OFF = "off"
    SUSPENDED = "suspended"


class DiskSource(StrEnum):
    """What a machine's disk size rests on."""

    PARTITIONS = "partitions"
    PROVISIONED = "provisioned"


class OperatingSystemSource(StrEnum):
    """Who names a machine's operating system: the tools inside it, its configuration file, or nobody."""

    TOOLS = "tools"
    CONFIGURATION = "configuration"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Host:
    """One physical server; ``cores`` and ``memory_mb`` (MiB) are None where the export lacks them."""

    name: str
    datacenter: str
    cluster: str
    cores: int | None
    memory_mb: int | None
    vendor: str
    model: str
    serial: str
    row: int


@dataclass(frozen=True, slots=True)
class Machine:
    """One virtual machine as found. ``memory_mb`` is MiB, ``disk_gb`` whole GiB rounded up, ``row`` its vInfo row."""

    name: str
    power: Power
    template: bool
    vcpu: int
    memory_mb: int
    disk_gb: int
    disk_source: DiskSource
    host: str
    cluster: str
    datacenter: str
    operating_system: str
    operating_system_source: OperatingSystemSource
    dns_name: str
    uuid: str
    addresses: tuple[AddressText, ...]
    row: int

    @property
    def movable(self) -> bool:
        """Whether it may be in a batch: running, and not a template."""
        return self.power is Power.ON and not self.template


@dataclass(frozen=True, slots=True)
class Room:
    """The inventory of one export, in the file's order; machine names are unique whatever their case."""

    file: str
    hosts: tuple[Host, ...]
    machines: tuple[Machine, ...]
