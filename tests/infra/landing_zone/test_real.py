"""The landing zone as an approved, planned stack; what it gives environments; who reaches whom, by the cloud's word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from governance.environments import LANDING_ZONE, Zone
from governance.errors import NotFound, Refused
from infra.components import NO_GROUND
from infra.deployments import apply_plan, approve_plan, compare_with_cloud, environment_status
from infra.landing_zone import NetworksOverlap
from tests.infra.landing_zone.conftest import City, environment, example, names

pytestmark = pytest.mark.real


def test_agencies_reach_each_other_only_by_an_approved_peering_and_zones_never(city: City) -> None:
    city.build_ground(example())
    hrss, housing = environment("hrss", 1), environment("housing", 2)
    outside = environment("hrss", 3, zone=Zone.INTERNET)
    built = {spec.environment: city.build(spec) for spec in (hrss, housing, outside)}
    joined = {name: made["transit-gateway-attachment"]["hub"] for name, made in built.items()}
    one, other, internet = (joined[spec.environment] for spec in (hrss, housing, outside))

    # Attached, and still without any way: the landing zone has not been planned again.
    zone = city.plan()
    assert {name for kind, name in names(zone, "update") if kind == "TransitGatewayRouteTable"} == {
        "shared",
        "hrss-government-extranet",
        "housing-government-extranet",
        "hrss-internet",
    }
    assert [reason.code for reason in zone.coverage.reasons] == ["routes"]
    with pytest.raises(Refused, match="second operator person"):
        apply_plan(city.deployer, city.tokens["operator-1"], LANDING_ZONE, zone.plan.digest)
    tables = city.tables(city.apply(zone).deployment.outputs)
    shared = next(iter(tables["shared"][0]))
    assert tables["hrss-government-extranet"] == ({one}, {one, shared})
    assert tables["housing-government-extranet"] == ({other}, {other, shared})
    assert tables["hrss-internet"] == ({internet}, {internet, shared})
    assert city.plan().up_to_date

    city.settle(example(peered=True))
    peered = city.plan()
    assert set(names(peered, "update")) == {
        ("TransitGatewayRouteTable", "hrss-government-extranet"),
        ("TransitGatewayRouteTable", "housing-government-extranet"),
        ("TransitGatewayRouteTable", "housing-internet"),
    }
    tables = city.tables(city.apply(peered).deployment.outputs)
    assert tables["hrss-government-extranet"] == ({one}, {one, other, shared})
    assert tables["housing-government-extranet"] == ({other}, {one, other, shared})
    assert tables["hrss-internet"] == ({internet}, {internet, shared})

    # The peering ends: so does the way.
    city.settle(example())
    tables = city.tables(city.apply(city.plan()).deployment.outputs)
    assert tables["housing-government-extranet"] == ({other}, {other, shared})


def test_an_environment_from_before_keeps_its_key_and_joins_by_its_next_plan(city: City) -> None:
    early = environment("hrss", 1)
    before = city.build(early)
    assert "guanyun-environment" in before["key"]
    assert "transit-gateway-attachment" not in before
    ground = city.build_ground(example())
    assert environment_status(city.office, city.tokens["operator-1"], early.environment).plan is not None

    planned = city.plan(early.environment)
    assert set(names(planned, "create")) == {("TransitGatewayAttachment", "hub")}
    assert set(names(planned, "update")) == {("RouteTable", "tier-app")}
    assert planned.plan.ground.transit_gateway_id == ground["transit-gateway"]["hub"]
    after = city.apply(planned).deployment.outputs
    assert after["key"] == before["key"]

    late = city.build(environment("housing", 2))
    assert "guanyun-environment" not in late.get("key", {})
    plan = environment_status(city.office, city.tokens["operator-1"], "housing-gove").plan
    assert plan is not None
    assert plan.ground.agency_key.endswith(f":key/{ground['key']['agency-housing']}")
    with pytest.raises(NetworksOverlap):
        city.build(environment("housing", 1, zone=Zone.INTERNET))


def test_it_is_finished_after_a_kill_and_the_second_run_changes_nothing(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.settle(example())
    planned = city.plan()

    class KilledHere(BaseException):
        """The process dies here."""

    def die(*_: object, **__: object) -> None:
        raise KilledHere

    with monkeypatch.context() as patched:
        patched.setattr("infra.deployments.applying.record_end", die)
        with pytest.raises(KilledHere):
            city.apply(planned)
    operator = city.tokens["operator-1"]
    assert environment_status(city.office, operator, LANDING_ZONE).unfinished
    resumed = city.apply(planned)
    assert resumed.new
    assert resumed.report is not None
    assert resumed.report.clean
    assert not city.apply(planned).new
    assert city.plan().up_to_date
    assert compare_with_cloud(city.deployer, operator, LANDING_ZONE).clean

    # A delete takes a second person, who is not the one who planned it; the key of an agency is never deleted.
    city.settle(replace(example(), services=()))
    smaller = city.plan()
    assert [reason.code for reason in smaller.coverage.reasons] == ["delete"]
    with pytest.raises(Refused):
        approve_plan(city.deployer, operator, smaller.plan.digest)
    assert city.apply(smaller).new


def test_an_agency_sees_nothing_of_it(city: City) -> None:
    city.settle(example())
    city.plan()
    assert environment_status(city.office, city.tokens["hrss-1"], LANDING_ZONE).plan is None
    with pytest.raises(NotFound):
        compare_with_cloud(city.deployer, city.tokens["hrss-1"], LANDING_ZONE)


def test_each_agency_has_an_account_for_each_place_where_the_cloud_has_organisations(city: City) -> None:
    ground = city.build_ground(example(organisation=True))
    assert len(ground["account"]) == 4
    spec = environment("hrss", 1)
    city.build(spec)
    plan = environment_status(city.office, city.tokens["operator-1"], spec.environment).plan
    assert plan is not None
    assert plan.ground.account == ground["account"]["hrss-government-extranet-level-2"]
    assert plan.place == (plan.ground.account, "")
    # It is shared, yet the sandbox shows no account another's hub: it is left out, and not pretended, and said so.
    assert list(ground["resource-share"]) == ["hub"]
    assert plan.ground.transit_gateway_id == ""
    (warning,) = plan.warnings
    assert warning.code == "hub-unseen"
    for text in (warning.zh, warning.en):
        assert plan.ground.account in text
        assert ground["transit-gateway"]["hub"] in text
    # It is said every time, also where nothing is left to change.
    again = city.plan(spec.environment)
    assert again.up_to_date
    assert again.plan.warnings == plan.warnings
    assert city.plan().up_to_date
    assert {step["after"].get("account") for step in plan.document["steps"]} == {plan.ground.account}
    # Everything lies there, and the comparison looks there.
    assert compare_with_cloud(city.deployer, city.tokens["operator-1"], spec.environment).clean
    assert not any(city.deployer.cloud.sweep(spec.environment).values())


def test_without_organisations_the_same_spec_gives_a_network_in_the_one_account(city: City) -> None:
    ground = city.build_ground(example())
    assert "account" not in ground
    spec = environment("hrss", 1)
    assert len(city.build(spec)["vpc"]) == 1
    plan = environment_status(city.office, city.tokens["operator-1"], spec.environment).plan
    assert plan is not None
    assert plan.ground != NO_GROUND
    assert plan.place == ("", "")
    assert plan.warnings == ()
