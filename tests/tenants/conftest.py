"""Two agencies, each with a system, and a small catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from foundation.values.instant import Interval
from foundation.values.month import Month
from governance.authority import Office
from governance.catalogue import Layer, Plan, Service, ServiceKind
from governance.catalogue.tables import add_services
from governance.contracts import BusinessSystem, Project, add_system
from governance.contracts.tables import add_project
from governance.environments import EnvironmentSpec, InstanceSpec, Protection, SubnetSpec, VolumeSpec, Zone
from governance.parties import account_of, add_account
from governance.parties.tables import session_table

SPEC = EnvironmentSpec(
    environment="hrss-portal",
    agency="hrss",
    system="portal",
    project="P-1",
    fund_source="本级财政",
    zone=Zone.EXTRANET,
    protection=Protection.LEVEL_2,
    cidr="10.10.0.0/24",
    subnets=(SubnetSpec("front", "10.10.0.0/25"),),
    instances=(InstanceSpec("web-1", "general-2c4g", "c5.large", "ami-1", "front", (VolumeSpec("web-1-data", 100),)),),
)


def _plan(code: str, vcpu: int, memory: int) -> Plan:
    return Plan(code, code, code, {"vcpu": Decimal(vcpu), "memory_gb": Decimal(memory)}, {"instance_type": "c5.large"})


@pytest.fixture
def spec() -> EnvironmentSpec:
    """One machine with one disk, of agency hrss."""
    return SPEC


@pytest.fixture
def governed(office: Office, people: dict[str, str]) -> Office:
    """The installation with systems and a catalogue."""
    service = Service(
        code="cloud-host",
        layer=Layer.INFRASTRUCTURE,
        kind=ServiceKind.RESOURCE,
        zh="云主机",
        en="Cloud host",
        plans=(_plan("general-2c4g", 2, 4), _plan("general-4c8g", 4, 8)),
        meters=(),
    )
    with office.store.transaction() as transaction:
        add_services(transaction, [service])
        for agency, project, system in (("hrss", "P-1", "portal"), ("housing", "P-2", "permits")):
            add_project(transaction, Project(project, project, project, agency, "文号", 1_000_000))
            add_system(transaction, BusinessSystem(system, system, system, agency, project, "本级财政"))
    return office


class FlatEstimator:
    """A hundred yuan a machine and month."""

    def __call__(
        self, transaction: Transaction, spec: EnvironmentSpec, at: datetime
    ) -> tuple[int, Sequence[Mapping[str, Any]]]:
        return 10_000 * len(spec.instances), [{"plan": one.plan, "amount": 10_000} for one in spec.instances]


@pytest.fixture
def estimator() -> FlatEstimator:
    return FlatEstimator()


@pytest.fixture
def housing_spec() -> EnvironmentSpec:
    """The other agency's."""
    return replace(
        SPEC,
        environment="housing-permits",
        agency="housing",
        system="permits",
        project="P-2",
        cidr="10.10.1.0/24",
        subnets=(SubnetSpec("front", "10.10.1.0/25"),),
    )


@pytest.fixture
def month() -> Callable[[int], Interval]:
    """A month of 2026 by number."""
    return lambda number: Month(2026, number).interval


@pytest.fixture
def log_in_also(governed: Office) -> Callable[[str, str], str]:
    """Give a natural person another account, at another party; returns its token."""

    def add(person_of: str, party: str) -> str:
        name = f"{person_of}-at-{party}"
        with governed.store.transaction() as transaction:
            first = account_of(transaction, person_of)
            assert first is not None
            add_account(transaction, replace(first, name=name, party=party), "no password")
            transaction.write(
                insert(session_table).values(
                    token_hash=sha256_hex(name.encode()), account=name, expires_at=datetime(2030, 1, 1, tzinfo=UTC)
                )
            )
        return name

    return add
