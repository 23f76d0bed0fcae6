"""An estimate is the bill of a whole month at the prices of today, by the code that bills."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from billing.estimate import estimate
from foundation.values.errors import InvalidValue
from foundation.values.instant import SHANGHAI
from governance.catalogue import PriceVersion, Service, read_catalogue, read_prices
from governance.catalogue.price_checks import versions_from
from governance.environments import EnvironmentSpec, InstanceSpec, Protection, SubnetSpec, VolumeSpec, Zone

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def services() -> tuple[Service, ...]:
    catalogue, findings = read_catalogue(EXAMPLES / "catalogue.yaml")
    assert catalogue is not None, findings
    return catalogue.services


@pytest.fixture(scope="module")
def versions() -> list[PriceVersion]:
    lists, findings = read_prices(EXAMPLES / "prices.yaml")
    assert lists is not None, findings
    return [version for price_list in lists[:1] for version in versions_from(price_list)]


def spec(*instances: InstanceSpec) -> EnvironmentSpec:
    return EnvironmentSpec(
        environment="env",
        agency="hrss",
        system="social-insurance",
        project="hrss-2026-01",
        fund_source="general-budget",
        zone=Zone.EXTRANET,
        protection=Protection.LEVEL_3,
        cidr="10.0.0.0/24",
        subnets=(SubnetSpec("a", "10.0.0.0/25"),),
        instances=instances,
    )


def machine(name: str, plan: str = "general-2c4g", *disks: int) -> InstanceSpec:
    volumes = tuple(VolumeSpec(f"{name}-{index}", size) for index, size in enumerate(disks))
    return InstanceSpec(name, plan, "c5.large", "image", "a", volumes)


MARCH_2 = datetime(2026, 3, 2, tzinfo=SHANGHAI)


def test_a_machine_costs_its_vcpu_memory_and_disks(services: tuple[Service, ...], versions: list[PriceVersion]) -> None:
    rated = estimate(spec(machine("m", "general-2c4g", 40, 60)), services, versions, MARCH_2)
    assert {line.meter: line.amount for line in rated.lines} == {
        "vcpu": 2 * 4800,
        "memory": 4 * 2150,
        "disk": 100 * 42,
    }
    assert rated.uncharged == ()


def test_it_is_the_same_in_a_short_month_and_in_a_long_one(
    services: tuple[Service, ...], versions: list[PriceVersion]
) -> None:
    whole = spec(machine("m", "general-2c4g", 100))
    at = [datetime(2026, month, 28, tzinfo=SHANGHAI) for month in (2, 3, 4)]
    assert len({estimate(whole, services, versions, instant).charged for instant in at}) == 1


def test_a_plan_that_is_not_on_offer_is_refused(services: tuple[Service, ...], versions: list[PriceVersion]) -> None:
    with pytest.raises(InvalidValue):
        estimate(spec(machine("m", "huge")), services, versions, MARCH_2)
