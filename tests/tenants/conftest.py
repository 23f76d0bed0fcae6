"""Two agencies, each with a system, and a small catalogue."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from foundation.store import Transaction
from foundation.values.instant import Interval
from foundation.values.month import Month
from governance.authority import Office
from governance.catalogue import Layer, Plan, Service, ServiceKind
from governance.catalogue.offers import add_services
from governance.environments import EnvironmentSpec, InstanceSpec, Protection, SubnetSpec, VolumeSpec, Zone
from governance.parties import account_of, add_account
from governance.projects import BusinessSystem, Project, add_system
from governance.projects.tables import add_project
from tests.logins import leave_session

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
            return leave_session(transaction, name, name)

    return add


ATTEMPT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from foundation.store import open_store
url, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
store = open_store(url)
{setup}
def attempt(number):
    try:
        with store.transaction(alongside={alongside}) as transaction:
            {body}
    except {refusal}:
        return 0
    return 1
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(10) as pool:
    print(sum(pool.map(attempt, range(first, first + count))))
"""


@pytest.fixture
def at_once(governed: Office) -> Callable[..., int]:
    """Two hundred attempts at the same time, by four processes with ten threads each: how many won.

    ``body`` is Python over ``transaction`` and ``number``; ``refusal`` names the error that means "another won".
    """

    def attempt(setup: str, body: str, refusal: str, *, alongside: bool = False, attempts: int = 200) -> int:
        script = ATTEMPT.format(setup=setup, body=body, refusal=refusal, alongside=alongside)
        url = governed.store.engine.url.render_as_string(hide_password=False)
        part = attempts // 4
        running = [
            subprocess.Popen(
                [sys.executable, "-c", script, url, str(first), str(part)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for first in range(0, attempts, part)
        ]
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in running:  # nobody begins before all are there
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        ended = [process.communicate(timeout=120)[0] for process in running]
        assert [process.returncode for process in running] == [0] * 4
        return sum(int(said) for said in ended)

    return attempt
