"""A request takes from the quotas of its region, its agency, its project and its services, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tenants.addresses import publish_pools, read_pools
from tenants.errors import QuotaExceeded
from tenants.quotas.recounting import recount_all
from tenants.quotas.tables import counters
from tenants.requests import Request, RequestKind, RequestState, Ruling
from tenants.requests.policy import Weight
from tenants.requests.results import Verdict
from tests.tenants.requests.conftest import EVERY_CHECK_ADVISORY, Bench
from tests.tenants.requests.test_checks import found

Publish = Callable[..., None]
FLAT = {"service": "cloud-host", "plan": "general-2c4g", "amount": 10_000}


@pytest.fixture
def two_regions(bench: Bench, tmp_path: Path) -> None:
    """huizhou has 10.10.0.0/16, where the tests' environments are, zhongkai 10.20.0.0/16."""
    fields = {"zone": "government-extranet", "protection": "level-2", "rest_days": 0}
    regions = (("huizhou", "10.10.0.0/16"), ("zhongkai", "10.20.0.0/16"))
    pools = [{"id": region, "region": region, "cidr": cidr, **fields} for region, cidr in regions]
    file = tmp_path / "pools.yaml"
    file.write_text(yaml.safe_dump({"id": "A-1", "basis": "文号", "pools": pools}, allow_unicode=True), "utf-8")
    document, findings = read_pools(file)
    assert document is not None, findings
    publish_pools(bench.office, bench.token("bureau-1"), document)


def elsewhere(bench: Bench) -> Any:
    """The same environment in zhongkai."""
    subnet = replace(bench.spec.subnets[0], cidr="10.20.0.0/25")
    return replace(bench.spec, environment="hrss-archive", cidr="10.20.0.0/24", subnets=(subnet,))


def quota_of(bench: Bench, request: Request) -> tuple[Verdict, tuple[str, ...]]:
    check = found(bench, request)[-1]["quota"]
    return check.verdict, check.cites


def counted(bench: Bench, key: str) -> tuple[int, int]:
    with bench.office.store.reading() as transaction:
        assert recount_all(transaction)[1] == ()
        row = counters(transaction, [key])[key]
    return row["reserved"], row["held"]


@pytest.mark.usefixtures("two_regions")
def test_the_quota_of_a_region_is_for_environments_of_its_addresses(bench: Bench, publish_quota: Publish) -> None:
    publish_quota(*({"region": region, "limits": {"count.instance": 1}} for region in ("huizhou", "zhongkai")))
    here, there = bench.ask(), bench.ask(spec=elsewhere(bench))
    assert quota_of(bench, here) == (Verdict.PASSED, ("quota:count.instance|region=huizhou",))
    assert quota_of(bench, there) == (Verdict.PASSED, ("quota:count.instance|region=zhongkai",))
    bench.approve(here)
    assert counted(bench, "count.instance|region=huizhou") == (0, 10**6)
    assert counted(bench, "count.instance|region=zhongkai") == (10**6, 0)


@pytest.mark.usefixtures("two_regions")
def test_beyond_the_quota_of_its_region_nothing_is_approved(bench: Bench, publish_quota: Publish) -> None:
    publish_quota({"region": "huizhou", "limits": {"vcpu": 1}}, {"region": "zhongkai", "limits": {"vcpu": 100}})
    request = bench.ask()
    assert quota_of(bench, request)[0] is Verdict.FAILED
    assert quota_of(bench, bench.ask(spec=elsewhere(bench)))[0] is Verdict.PASSED


def test_an_installation_of_one_region_counts_everything_there(bench: Bench, publish_quota: Publish) -> None:
    """No pool names a region, the quotas name one: that is the installation's."""
    publish_quota({"region": "huizhou", "limits": {"vcpu": 2}})
    assert quota_of(bench, bench.ask()) == (Verdict.PASSED, ("quota:vcpu|region=huizhou",))


def test_a_change_takes_the_place_of_what_was_held_before_regions_were_told(
    bench: Bench, publish_quota: Publish
) -> None:
    bench.deployed(bench.approve(bench.ask()))
    publish_quota({"region": "huizhou", "limits": {"vcpu": 4}}, {"agency": "hrss", "limits": {"vcpu": 2}})
    without_disk = replace(bench.spec, instances=(replace(bench.spec.instances[0], volumes=()),))
    change = bench.ask(kind=RequestKind.CHANGE, spec=without_disk)
    assert quota_of(bench, change)[0] is Verdict.PASSED  # of two vCPU of the agency both are held, and kept
    assert bench.approve(change).state is RequestState.APPROVED
    assert counted(bench, "vcpu|agency=hrss") == (0, 2 * 10**6)
    assert counted(bench, "vcpu|region=huizhou") == (0, 2 * 10**6)


@pytest.mark.parametrize(
    ("key", "id_"),
    [
        ({"agency": "hrss"}, "vcpu|agency=hrss"),
        ({"project": "P-1"}, "vcpu|project=P-1"),
        ({"service": "cloud-host"}, "vcpu|service=cloud-host"),
        ({"region": "huizhou", "agency": "hrss"}, "vcpu|region=huizhou|agency=hrss"),
        (
            {"region": "huizhou", "agency": "hrss", "project": "P-1", "service": "cloud-host"},
            "vcpu|region=huizhou|agency=hrss|project=P-1|service=cloud-host",
        ),
    ],
)
def test_whatever_a_quota_names_bites(bench: Bench, publish_quota: Publish, key: dict[str, str], id_: str) -> None:
    bench.publish(checks={**EVERY_CHECK_ADVISORY, "quota": Weight.ADVISORY})
    publish_quota({**key, "limits": {"vcpu": 3}})
    assert quota_of(bench, bench.ask()) == (Verdict.PASSED, (f"quota:{id_}",))
    second = bench.ask(spec=elsewhere(bench))
    assert quota_of(bench, second) == (Verdict.FAILED, (f"quota:{id_}",))
    with pytest.raises(QuotaExceeded):
        bench.approve(second, ruling=Ruling(overruled={"quota": "急"}))


def test_a_budget_of_a_service_counts_what_the_estimate_says_of_it(
    bench: Bench, publish_quota: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.tenants.conftest.FlatEstimator.__call__", lambda *_: (15_000, [FLAT]))
    publish_quota(budgets=[{"service": "cloud-host", "yuan_a_month": "100.00"}, {"yuan_a_month": "150.00"}])
    assert quota_of(bench, bench.ask())[0] is Verdict.PASSED
    assert counted(bench, "fen_month|service=cloud-host") == (10_000, 0)
    assert counted(bench, "fen_month") == (15_000, 0)
