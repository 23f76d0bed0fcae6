"""An estimate is the bill of a whole month at the prices of today, by the code that bills."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from billing.estimate import estimate, unpriced
from foundation.values.errors import InvalidValue
from foundation.values.instant import SHANGHAI
from governance.catalogue import PriceVersion, Service
from governance.catalogue.price_checks import versions_from
from governance.environments import (
    EnvironmentSpec,
    InstanceSpec,
    Protection,
    SubnetSpec,
    VolumeSpec,
    Zone,
    read_environment,
)
from tests import examples

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def services() -> tuple[Service, ...]:
    return examples.catalogue().services


@pytest.fixture(scope="module")
def versions() -> list[PriceVersion]:
    return [version for price_list in examples.prices().lists[:1] for version in versions_from(price_list)]


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


def test_databases_balancers_and_files_are_priced_by_their_plans_and_the_rest_is_said_in_words(
    services: tuple[Service, ...], versions: list[PriceVersion]
) -> None:
    reporting, findings = read_environment(EXAMPLES / "environments" / "reporting.yaml")
    assert reporting is not None, findings
    rated = estimate(reporting, services, versions, MARCH_2)
    by_meter = {(line.service, line.meter): line.amount for line in rated.lines}
    assert by_meter["domestic-database", "disk"] == 100 * 90
    assert by_meter["domestic-database", "vcpu"] == 4 * 9500
    assert by_meter["file-storage", "capacity"] == 500 * 55
    assert rated.charged == sum(by_meter.values())
    said = unpriced(reporting, rated)
    assert {note["kind"] for note in said} == {"secret", "key", "backup", "flow-log", "peer"}
    assert all(note["zh"] and note["en"] and note["amount"] == 0 for note in said)


def test_a_plan_without_a_price_in_force_is_said_in_words(services: tuple[Service, ...]) -> None:
    whole = spec(machine("m"))
    rated = estimate(whole, services, [], MARCH_2)
    assert rated.charged == 0
    assert {note["resources"][0] for note in unpriced(whole, rated)} == {"env/instance/m"}
    assert len(unpriced(whole, rated)) == 2
