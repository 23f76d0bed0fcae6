"""The frozen environment spec and its one document form."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from ipaddress import IPv4Network, ip_network
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from foundation.values.findings import Finding, Place, Severity

_STRICT = ConfigDict(extra="forbid")
NAME = re.compile(r"[a-z][a-z0-9-]{0,38}[a-z0-9]")


class Zone(StrEnum):
    """政务外网 or 互联网."""

    EXTRANET = "government-extranet"
    INTERNET = "internet"


class Protection(StrEnum):
    """等保二级 or 等保三级."""

    LEVEL_2 = "level-2"
    LEVEL_3 = "level-3"


@with_config(_STRICT)
@dataclasses.dataclass(frozen=True, slots=True)
class SubnetSpec:
    """One subnet: its CIDR inside the environment's, and which availability zone (0, 1, …) it sits in."""

    name: str
    cidr: str
    zone_index: int = 0


@with_config(_STRICT)
@dataclasses.dataclass(frozen=True, slots=True)
class IngressRule:
    """What may come in: ``protocol`` tcp or udp, one port, from one CIDR."""

    protocol: str
    port: int
    source: str


@with_config(_STRICT)
@dataclasses.dataclass(frozen=True, slots=True)
class VolumeSpec:
    """A data or system disk in whole GB."""

    name: str
    size_gb: int


@with_config(_STRICT)
@dataclasses.dataclass(frozen=True, slots=True)
class InstanceSpec:
    """A virtual machine: the catalogue ``plan`` it is charged by, the cloud's type and image, its disks."""

    name: str
    plan: str
    instance_type: str
    image: str
    subnet: str
    volumes: tuple[VolumeSpec, ...] = ()


@with_config(_STRICT)
@dataclasses.dataclass(frozen=True, slots=True)
class BucketSpec:
    """Object storage, always encrypted and private; ``versioning`` keeps old objects."""

    name: str
    versioning: bool = True


@with_config(_STRICT)
@dataclasses.dataclass(frozen=True, slots=True)
class EnvironmentSpec:
    """One business system's isolated place 租户环境."""

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


_ADAPTER = TypeAdapter(EnvironmentSpec)


def spec_document(spec: EnvironmentSpec) -> dict[str, Any]:
    """The spec as plain JSON values; its canonical bytes are what an approval binds to."""
    document: dict[str, Any] = _ADAPTER.dump_python(spec, mode="json")
    return document


def spec_from_document(
    document: Mapping[str, Any], *, file: str = ""
) -> tuple[EnvironmentSpec | None, tuple[Finding, ...]]:
    """Read and check a document; on any finding there is no spec."""
    try:
        spec = _ADAPTER.validate_python(dict(document), strict=False)
    except ValidationError as error:
        return None, tuple(
            _finding(
                file,
                ".".join(str(part) for part in problem["loc"]) or "document",
                str(problem.get("input"))[:80],
                problem["msg"],
            )
            for problem in error.errors(include_url=False)
        )
    findings = tuple(_check(spec, file))
    return (None, findings) if findings else (spec, ())


def _finding(file: str, field: str, found: str, expected: str) -> Finding:
    return Finding(
        code="environment.invalid",
        severity=Severity.ERROR,
        place=Place(file=file, field=field),
        found=found,
        expected=expected,
        zh=f"环境说明的 {field} 不合要求:{expected}",
        en=f"environment spec, {field}: {expected}",
    )


def _check(spec: EnvironmentSpec, file: str) -> Iterable[Finding]:
    yield from _check_names(spec, file)
    try:
        network = IPv4Network(spec.cidr)
    except ValueError as cause:
        yield _finding(file, "cidr", spec.cidr, str(cause))
        return
    taken: list[tuple[str, IPv4Network]] = []
    for index, subnet in enumerate(spec.subnets):
        try:
            part = IPv4Network(subnet.cidr)
        except ValueError as cause:
            yield _finding(file, f"subnets.{index}.cidr", subnet.cidr, str(cause))
            continue
        if not part.subnet_of(network):
            yield _finding(file, f"subnets.{index}.cidr", subnet.cidr, f"inside {network}")
        yield from (
            _finding(file, f"subnets.{index}.cidr", subnet.cidr, f"no overlap with subnet {name}")
            for name, other in taken
            if part.overlaps(other)
        )
        taken.append((subnet.name, part))
    yield from _check_references(spec, file)


def _check_names(spec: EnvironmentSpec, file: str) -> Iterable[Finding]:
    named: dict[str, list[str]] = {
        "environment": [spec.environment],
        "subnets": [subnet.name for subnet in spec.subnets],
        "instances": [instance.name for instance in spec.instances],
        "volumes": [volume.name for instance in spec.instances for volume in instance.volumes],
        "buckets": [bucket.name for bucket in spec.buckets],
    }
    for field, names in named.items():
        for name in names:
            if not NAME.fullmatch(name):
                yield _finding(file, field, name, "2 to 40 of a-z, 0-9 and -, beginning with a letter")
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield _finding(file, field, name, "each name once")


def _check_references(spec: EnvironmentSpec, file: str) -> Iterable[Finding]:
    subnets = {subnet.name for subnet in spec.subnets}
    if not subnets:
        yield _finding(file, "subnets", "none", "at least one subnet")
    for index, instance in enumerate(spec.instances):
        if instance.subnet not in subnets:
            yield _finding(file, f"instances.{index}.subnet", instance.subnet, f"one of {sorted(subnets)}")
        for volume in instance.volumes:
            if volume.size_gb < 1:
                yield _finding(file, f"instances.{index}.volumes", str(volume.size_gb), "at least 1 GB")
    for index, rule in enumerate(spec.ingress):
        if rule.protocol not in {"tcp", "udp"} or not 0 < rule.port < 65536:
            yield _finding(file, f"ingress.{index}", f"{rule.protocol}/{rule.port}", "tcp or udp, port 1-65535")
        try:
            ip_network(rule.source)
        except ValueError as cause:
            yield _finding(file, f"ingress.{index}.source", rule.source, str(cause))
