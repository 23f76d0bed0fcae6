"""A request by what a person wrote: addresses from the plan, in one transaction with the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from foundation.values.findings import Finding
from governance.authority import viewing
from governance.errors import InvalidDocument, Refused
from tenants.addresses import address_blocks, publish_pools, read_pools
from tenants.requests import Request, RequestKind, Ruling, Written, reject_request, request_written, withdraw_request
from tenants.requests.writing import read_decided
from tests.tenants.requests.conftest import Bench

WRITTEN = {
    "environment": "hrss-archive",
    "agency": "hrss",
    "system": "portal",
    "project": "P-1",
    "fund_source": "本级财政",
    "zone": "government-extranet",
    "protection": "level-2",
    "cidr": "from-address-plan",
    "zones": 1,
    "image": "ami-1",
    "subnets": [{"purpose": "app", "prefix": 26}],
    "instances": [{"name": "web", "plan": "general-2c4g", "instance_type": "c5.large", "tier": "app"}],
}
Ask = Callable[..., tuple[Request, bool]]


@pytest.fixture
def ask(bench: Bench, tmp_path: Path) -> Ask:
    """Ask by a document, over one pool of two blocks of /26 that do not rest."""
    pool = {"id": "small", "zone": "government-extranet", "protection": "level-2", "cidr": "10.30.0.0/25"}
    file = tmp_path / "pools.yaml"
    pools = {"id": "A-1", "basis": "文号", "pools": [{**pool, "rest_days": 0}]}
    file.write_text(yaml.safe_dump(pools, allow_unicode=True), encoding="utf-8")
    document, findings = read_pools(file)
    assert document is not None, findings
    publish_pools(bench.office, bench.token("bureau-1"), document)

    def put(account: str = "hrss-1", kind: RequestKind = RequestKind.CREATE, **changed: Any) -> tuple[Request, bool]:
        written = Written({**WRITTEN, **changed}, "spec.yaml", {("cidr",): 9})
        return request_written(bench.office, bench.token(account), written, kind=kind, estimator=bench.desk)

    return put


def blocks(bench: Bench, account: str = "bureau-1") -> Mapping[str, str]:
    with viewing(bench.office, bench.token(account)) as view:
        return {block.holder: block.cidr for block in address_blocks(view.transaction, view.scope)}


def test_the_lowest_free_block_becomes_the_environment_s_and_stays_when_asked_again(bench: Bench, ask: Ask) -> None:
    request, new = ask()
    assert new
    assert request.content.specs[0].cidr == "10.30.0.0/26"
    assert [subnet.cidr for subnet in request.content.specs[0].subnets] == ["10.30.0.0/26"]
    assert ask() == (request, False)
    other, _ = ask(environment="hrss-second")
    assert other.content.specs[0].cidr == "10.30.0.64/26"
    assert blocks(bench) == {
        "environment:hrss-archive": "10.30.0.0/26",
        "environment:hrss-second": "10.30.0.64/26",
    }


def test_a_request_that_comes_to_nothing_gives_its_block_back(bench: Bench, ask: Ask) -> None:
    first, _ = ask()
    withdraw_request(bench.office, bench.token("hrss-1"), first.number)
    assert blocks(bench) == {}
    second, _ = ask(environment="hrss-second")
    assert second.content.specs[0].cidr == "10.30.0.0/26"
    reject_request(bench.office, bench.token("bureau-1"), second.number, digest=second.digest, reason="不必要")
    assert blocks(bench) == {}


def test_an_environment_that_is_gone_gives_its_block_back(bench: Bench, ask: Ask) -> None:
    request, _ = ask()
    bench.approve(request)
    bench.deployed(request)
    bench.deployed(request, terminated=True, instant="2026-03-04T02:00:00Z")
    assert blocks(bench) == {}


def test_a_plan_that_is_used_up_says_what_is_needed_and_what_is_free(bench: Bench, ask: Ask) -> None:
    ask()
    with pytest.raises(InvalidDocument) as too_large:
        ask(environment="hrss-large", subnets=[{"purpose": "app", "prefix": 25}])
    (finding,) = cast("tuple[Finding, ...]", too_large.value.facts["findings"])
    assert (finding.code, finding.place.file, finding.place.row) == ("environment.addresses-exhausted", "spec.yaml", 9)
    assert (finding.found, finding.expected) == ("/25", "/26 or smaller")
    assert "small" in finding.zh
    assert "/26" in finding.zh
    ask(environment="hrss-second")
    with pytest.raises(InvalidDocument, match="used up"):
        ask(environment="hrss-third")
    with pytest.raises(InvalidDocument, match="no pool for government-extranet level-3"):
        ask(environment="hrss-third", protection="level-3")
    assert len(blocks(bench)) == 2


def test_a_request_that_is_refused_takes_no_block(bench: Bench, ask: Ask) -> None:
    with pytest.raises(Refused):
        ask(agency="housing")
    with pytest.raises(InvalidDocument):
        ask(instances=[{"name": "web", "size": "smal", "tier": "app"}])
    assert blocks(bench) == {}


def test_another_agency_learns_nothing_of_a_block(bench: Bench, ask: Ask) -> None:
    ask()
    own = {"agency": "housing", "system": "permits", "project": "P-2"}
    with pytest.raises(Refused) as refused:
        ask("housing-1", **own, subnets=[{"purpose": "app", "prefix": 25}])
    assert "10.30" not in refused.value.text("en")
    peers = [{"environment": "hrss-archive", "approval": "文号"}]
    more = {"baseline": 2, "environment": "housing-forms", "peers": peers}
    with pytest.raises(InvalidDocument, match="not known"):
        ask("housing-1", **own, **more)
    assert blocks(bench, "housing-1") == {}


def test_subnets_stay_where_they_are_when_a_change_is_asked(bench: Bench, ask: Ask) -> None:
    subnets = [{"purpose": "app", "prefix": 28}]
    request, _ = ask(subnets=subnets, prefix=26)
    bench.approve(request)
    changed, _ = ask(kind=RequestKind.CHANGE, subnets=[{"purpose": "web", "prefix": 28}, *subnets], prefix=26)
    after = {subnet.name: subnet.cidr for subnet in changed.content.specs[0].subnets}
    assert after == {"app-1": "10.30.0.0/28", "web-1": "10.30.0.16/28"}


def test_a_decision_may_be_written_short_too_and_keeps_the_addresses_asked_for(bench: Bench, ask: Ask) -> None:
    machine = {"name": "web", "plan": "general-2c4g", "instance_type": "c5.large", "tier": "app"}
    request, _ = ask(instances=[{**machine, "count": 2}])
    less = Written({**WRITTEN, "instances": [{**machine, "count": 1}]}, "less.yaml")
    decided, findings = read_decided(less, request.now_asked)
    assert findings == ()
    assert decided is not None
    assert decided.specs[0].cidr == "10.30.0.0/26"
    granted = bench.approve(request, ruling=Ruling(decided=decided, because="规模过大"))
    assert [one.name for one in granted.now_asked.specs[0].instances] == ["web-1"]
