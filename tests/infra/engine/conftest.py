"""A spec to build, and a real sandbox with a real engine over it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

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


@pytest.fixture
def spec() -> EnvironmentSpec:
    """An environment of eleven resources."""
    return EnvironmentSpec(
        environment="hrss-portal",
        agency="hrss",
        system="社保门户",
        project="hrss-2026-01",
        fund_source="一般公共预算",
        zone=Zone.EXTRANET,
        protection=Protection.LEVEL_3,
        cidr="10.20.0.0/16",
        subnets=(SubnetSpec("app", "10.20.1.0/24", 0), SubnetSpec("data", "10.20.2.0/24", 1)),
        ingress=(IngressRule("tcp", 443, "10.0.0.0/8"),),
        instances=(
            InstanceSpec("web-1", "c4", "m5.large", IMAGE, "app", (VolumeSpec("web-1-a", 20),)),
            InstanceSpec("db-1", "c8", "m5.xlarge", IMAGE, "data", (VolumeSpec("db-1-a", 50),)),
        ),
        buckets=(BucketSpec("documents"), BucketSpec("archive", versioning=False)),
    )


@dataclasses.dataclass(frozen=True)
class Ground:
    """A sandbox that runs, and how to reach it."""

    home: Path
    cloud: Mapping[str, str]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """One sandbox for a module of tests."""
    from infra import sandbox

    home = tmp_path_factory.mktemp("ground")
    status = sandbox.up(home / "sandbox")
    try:
        cloud = {
            "AWS_ENDPOINT_URL": str(status.endpoint),
            "AWS_REGION": "cn-north-1",
            "AWS_ACCESS_KEY_ID": "guanyun",
            "AWS_SECRET_ACCESS_KEY": "guanyun",
        }
        yield Ground(home, cloud)
    finally:
        sandbox.down(home / "sandbox")


@pytest.fixture
def named(spec: EnvironmentSpec) -> Callable[[str], EnvironmentSpec]:
    """The same spec under another environment's name."""
    return lambda environment: dataclasses.replace(spec, environment=environment)
