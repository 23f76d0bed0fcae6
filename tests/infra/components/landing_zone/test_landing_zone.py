"""The landing zone: what its spec becomes, and that a region nobody agreed to is never built in."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings

from governance.environments import Zone
from governance.environments.landing_zone import LandingZoneSpec, LockMode, Managed, NetworkSpec, RegionSpec
from infra.components import (
    LandingZone,
    LandingZoneArgs,
    RegionNotApplied,
    build,
    input_document,
    may_read,
    require_applied,
)
from infra.components.landing_zone.guardrails import exempts
from infra.components.landing_zone.hub import subnet_plan
from infra.components.landing_zone.routes import Domain, reaches
from infra.components.tags import cost_tags
from infra.provider.kinds import KINDS
from tests.infra.components.landing_zone.test_routes import example, grounds
from tests.infra.components.recording import PLACEMENT, Recording, record

SHARED = "transitgatewayattachment-shared"


def built(spec: LandingZoneSpec) -> Recording:
    return record(lambda: LandingZone(spec.environment, LandingZoneArgs(spec=spec, placement=PLACEMENT)))


@pytest.fixture(scope="module")
def zone() -> Recording:
    return built(example())


def declared(recording: Recording) -> list[Domain]:
    """The hub's route tables as the resources say them."""
    return [
        Domain(name, tuple(told["associated_attachment_ids"]), tuple(told["propagated_attachment_ids"]))
        for name, told in recording.of("TransitGatewayRouteTable").items()
    ]


@settings(max_examples=10, deadline=None)
@given(grounds())
def test_what_is_declared_lets_agencies_reach_each_other_only_where_a_peering_was_approved(
    spec: LandingZoneSpec,
) -> None:
    tables = declared(built(spec))
    networks = {SHARED: spec.hub.cidr, **{one.attachment_id: one.cidr for one in spec.networks}}
    for one, other in combinations(spec.networks, 2):
        meant = one.zone is other.zone and spec.may_reach(one.agency, other.agency)
        assert reaches(tables, networks, one.attachment_id, other.attachment_id) == meant


def test_nobody_is_let_through_the_hub_by_default(zone: Recording) -> None:
    gateway = zone.of("TransitGateway")["hub"]
    for name in ("default_route_table_association", "default_route_table_propagation"):
        assert gateway[name] == "disable"


def test_the_hub_is_shared_with_the_accounts_of_the_agencies_and_with_nobody_else(zone: Recording) -> None:
    (share,) = zone.of("ResourceShare").values()
    accounts = {f"account-{name}" for name in zone.of("Account")}
    assert accounts
    assert set(share["principals"]) == accounts
    assert share["resource_arns"] == ["arn:transitgateway-hub"]
    assert not share.get("allow_external_principals")
    assert zone.of("TransitGateway")["hub"]["auto_accept_shared_attachments"] == "enable"
    assert "ram.amazonaws.com" in zone.of("Organization")["organisation"]["trusted_services"]


def test_an_account_that_was_there_before_is_shared_with_once_and_the_hub_s_own_never() -> None:
    spec = example()
    for account, told in (("210987654321", {"210987654321"}), (PLACEMENT.account, set())):
        agencies = tuple(
            replace(one, places=tuple(replace(place, account=account) for place in one.places)) for one in spec.agencies
        )
        recording = built(replace(spec, agencies=agencies))
        assert recording.of("Account") == {}
        shares = recording.of("ResourceShare").values()
        assert {one for share in shares for one in share["principals"]} == told
        assert all(len(share["principals"]) == len(told) for share in shares)


def test_each_agency_has_a_key_and_everything_the_tags_of_who_pays(zone: Recording) -> None:
    assert {"agency-hrss", "agency-housing"} <= zone.of("Key").keys()
    able = {kind.short for kind in KINDS.values() if kind.has("tags")}
    assert all(told["tags"] == cost_tags(example()) for key, told in zone.made.items() if key[0] in able)


def test_the_archive_takes_logs_and_lets_nothing_go(zone: Recording) -> None:
    bucket = zone.of("Bucket")["archive"]
    statements = {one["Sid"]: one for one in json.loads(bucket["policy"])["Statement"]}
    assert statements["TakeNothingAway"]["Effect"] == "Deny"
    assert "cloudtrail.amazonaws.com" in statements["Deliver"]["Principal"]["Service"]
    assert (bucket["versioning"], bucket["encryption"]) == (True, "aws:kms")
    assert (bucket["object_lock"], bucket["retention_mode"], bucket["retention_days"]) == (True, "COMPLIANCE", 365)
    trail = zone.of("Trail")["trail"]
    assert (trail["bucket_name"], trail["all_regions"], trail["validation"]) == (bucket["name"], True, True)
    assert trail["organization"] is True


def test_shared_services_are_reached_from_inside_on_their_own_port(zone: Recording) -> None:
    rules = zone.of("SecurityGroup")["names"]["ingress"]
    assert {(rule["protocol"], rule["from_port"]) for rule in rules} == {("udp", 53)}
    assert "0.0.0.0/0" not in {rule["cidr"] for rule in rules}


def test_the_hub_s_subnets_lie_apart_in_its_zones() -> None:
    plan = subnet_plan(example())
    assert len({cidr for cidr, _ in plan.values()}) == len(plan) == 8
    assert {zone for _, zone in plan.values()} == {0, 1}


def test_units_accounts_and_guardrails_hang_from_the_root(zone: Recording) -> None:
    made = zone.of("OrganizationalUnit")
    assert made["city"]["parent_id"] == "root-organisation"
    assert made["city-government-extranet-level-3"]["parent_id"] == "organizationalunit-city-government-extranet"
    account = zone.of("Account")["hrss-government-extranet-level-3"]
    assert account["parent_id"] == "organizationalunit-city-government-extranet-level-3"
    assert account["role_name"] == "guanyun-deployer"
    policies = zone.of("ControlPolicy")
    assert policies["guardrails-1"]["target_ids"] == ["root-organisation"]
    assert policies["network-guardrails-1"]["target_ids"] == ["organizationalunit-city-government-extranet"]
    assert all(len(one["policy"]) <= 5120 and exempts(one["policy"], "guanyun-deployer") for one in policies.values())


def test_without_organisations_the_agencies_networks_lie_in_the_one_account() -> None:
    recording = built(replace(example(), organisation=False))
    for kind in ("OrganizationalUnit", "Account", "ControlPolicy", "ResourceShare"):
        assert recording.of(kind) == {}
    # Nobody else sees the hub, and nothing joins it unasked.
    assert recording.of("TransitGateway")["hub"]["auto_accept_shared_attachments"] == "disable"
    assert set(recording.of("TransitGatewayRouteTable")) == {
        "shared",
        "hrss-government-extranet",
        "housing-government-extranet",
    }


def test_everything_is_in_the_home_region(zone: Recording) -> None:
    components = {"Stack", "LandingZone"}
    assert {told["region"] for key, told in zone.made.items() if key[0] not in components} == {"cn-north-1"}


@pytest.mark.parametrize("managed", [Managed.REGISTERED, Managed.READ])
def test_a_region_that_is_not_applied_is_never_planned_for_apply(managed: Managed) -> None:
    spec = replace(example(), regions=(RegionSpec("cn-north-1", "linjiang-county", "county", managed),))
    with pytest.raises(RegionNotApplied) as refused:
        built(spec)
    assert refused.value.code == "infra.region-not-applied"
    assert managed.value in refused.value.text("zh")
    with pytest.raises(RegionNotApplied):
        require_applied(spec, "", "hrss-portal")
    assert may_read(spec, "") == (managed is Managed.READ)


def test_a_region_that_nobody_registered_is_neither_built_in_nor_read() -> None:
    with pytest.raises(RegionNotApplied):
        require_applied(example(), "nowhere", "hrss-portal")
    assert not may_read(example(), "nowhere")
    require_applied(example(), "cn-north-1", "hrss-portal")


def test_the_program_s_input_says_which_component_it_is() -> None:
    spec = replace(
        example(),
        archive=replace(example().archive, mode=LockMode.GOVERNANCE),
        networks=(NetworkSpec("env", "hrss", Zone.EXTRANET, "10.64.0.0/22", "tgw-attach-1"),),
    )
    document: dict[str, Any] = json.loads(json.dumps(input_document(spec, PLACEMENT)))
    assert record(lambda: build(document)).made == built(spec).made
