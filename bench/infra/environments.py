"""Environments of a given number of resources, as the benches build them on every side."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from governance.environments import (
    BucketSpec,
    EnvironmentSpec,
    IngressRule,
    InstanceSpec,
    Protection,
    SubnetSpec,
    VolumeSpec,
    Zone,
)

IMAGE = "ami-12c6146b"
_ALWAYS = 5
"""What an environment has without machines and buckets: a VPC, two subnets, a security group, a role."""


def environment(name: str, resources: int) -> EnvironmentSpec:
    """A spec of exactly so many resources, ten at least: machines with a volume each, and some buckets."""
    left = resources - _ALWAYS
    buckets = max(1, left // 8)
    buckets += (left - buckets) % 2
    machines = (left - buckets) // 2
    return EnvironmentSpec(
        environment=name,
        agency="bench",
        system="bench",
        project="bench-1",
        fund_source="bench",
        zone=Zone.EXTRANET,
        protection=Protection.LEVEL_3,
        cidr="10.20.0.0/16",
        subnets=(SubnetSpec("app", "10.20.1.0/24", 0), SubnetSpec("data", "10.20.2.0/24", 1)),
        ingress=(IngressRule("tcp", 443, "10.0.0.0/8"),),
        instances=tuple(
            InstanceSpec(f"web-{number}", "c4", "m5.large", IMAGE, "app", (VolumeSpec(f"web-{number}-a", 20),))
            for number in range(machines)
        ),
        buckets=tuple(BucketSpec(f"files-{number}") for number in range(buckets)),
    )


def fleet(prefix: str, count: int, resources: int) -> Iterator[EnvironmentSpec]:
    """So many environments that differ in their names alone."""
    one = environment(prefix, resources)
    for number in range(count):
        yield dataclasses.replace(one, environment=f"{prefix}-{number}")
