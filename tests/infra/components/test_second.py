"""The second baseline: what a spec becomes, resource by resource."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from governance.environments import EnvironmentSpec, Purpose, spec_document, spec_from_document
from infra.components import (
    BACKUP_SELECTION,
    HubPlace,
    NoHub,
    NoPasswords,
    Placement,
    TenantEnvironment,
    TenantEnvironmentArgs,
    derived,
)
from infra.components.tags import cost_tags
from infra.engine.model import Operation, PlannedStep, PlanSummary
from infra.guardrails import context_of, judge, published_policy
from infra.provider.kinds import KINDS
from tests.infra.components.recording import PLACEMENT, Recording, record
from tests.infra.components.specs import level_2, level_3

HUB = replace(PLACEMENT, hub=HubPlace("tgw-1", ("10.60.0.0/20",)))


def built(spec: EnvironmentSpec, placement: Placement = HUB) -> Recording:
    args = TenantEnvironmentArgs(spec=spec, placement=placement, passwords=derived(b"seed"))
    return record(lambda: TenantEnvironment(spec.environment, args))


@pytest.fixture(scope="module")
def strict() -> Recording:
    return built(level_3())


@pytest.fixture(scope="module")
def plain() -> Recording:
    return built(level_2())


def tags_of(recording: Recording) -> Mapping[str, Any]:
    """The tags of every resource that could carry some."""
    able = {kind.short for kind in KINDS.values() if kind.has("tags")}
    return {f"{kind}/{name}": inputs.get("tags") for (kind, name), inputs in recording.made.items() if kind in able}


@pytest.mark.parametrize("spec", [level_2(), level_3()], ids=["level-2", "level-3"])
def test_everything_that_takes_tags_carries_all_who_pay(spec: EnvironmentSpec) -> None:
    tags = tags_of(built(spec))
    assert len(tags) > 15
    assert all(each == cost_tags(spec) for each in tags.values())
    assert set(cost_tags(spec)) == {"guanyun:agency", "guanyun:system", "guanyun:project", "guanyun:fund-source"}


def test_the_same_spec_gives_the_same_resources(strict: Recording) -> None:
    again, _ = spec_from_document(spec_document(level_3()))
    assert again is not None
    assert built(again).made == strict.made


def test_each_tier_has_its_subnets_over_the_zones_its_routes_and_its_group(strict: Recording) -> None:
    zones = {name: inputs["availability_zone"] for name, inputs in strict.of("Subnet").items()}
    assert {zones["data-1"], zones["data-2"]} == {"cn-north-1a", "cn-north-1b"}
    for kind in ("RouteTable", "SecurityGroup", "NetworkAcl"):
        assert {"tier-web", "tier-app", "tier-data"} <= strict.of(kind).keys()
    assert strict.of("RouteTable")["tier-app"]["subnet_ids"] == ["subnet-app-1", "subnet-app-2"]


def test_network_acls_are_level_3_s(strict: Recording, plain: Recording) -> None:
    assert set(strict.of("NetworkAcl")) == {"tier-web", "tier-app", "tier-data"}
    assert plain.of("NetworkAcl") == {}
    data = strict.of("NetworkAcl")["tier-data"]["ingress"]
    assert not any(rule["cidr"] == "10.0.0.0/8" for rule in data)


@pytest.mark.parametrize("spec", [level_2(), level_3()], ids=["level-2", "level-3"])
def test_nothing_has_a_public_address_and_all_storage_is_under_the_key(spec: EnvironmentSpec) -> None:
    recording = built(spec)
    for kind in ("InternetGateway", "NatGateway", "ElasticIp"):
        assert recording.of(kind) == {}
    key = "arn:key-guanyun-environment"
    kept = [*recording.of("Volume").values(), *recording.of("Bucket").values(), *recording.of("FileSystem").values()]
    assert kept
    assert all(one["kms_key_id"] == key for one in kept)
    assert all(bucket["encryption"] == "aws:kms" and bucket["versioning"] for bucket in recording.of("Bucket").values())


def test_the_agency_s_own_key_stands_in_where_the_landing_zone_made_one() -> None:
    arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/agency"
    recording = built(level_3(), replace(HUB, agency_key=arn))
    assert recording.of("Key") == {}
    assert {volume["kms_key_id"] for volume in recording.of("Volume").values()} == {arn}


def test_every_connection_is_recorded_into_the_environment_s_log_bucket(strict: Recording) -> None:
    log, bucket = strict.of("FlowLog")["network"], strict.of("Bucket")["guanyun-logs"]
    assert (log["traffic_type"], log["resource_id"]) == ("ALL", "vpc-hrss-insurance")
    assert log["destination_arn"] == f"arn:aws-cn:s3:::{bucket['name']}"
    (rule,) = bucket["lifecycle_rules"]
    assert rule["expire_days"] == bucket["retention_days"] == 180
    assert bucket["object_lock"] is True
    statements = {one["Sid"]: one for one in json.loads(bucket["policy"])["Statement"]}
    assert statements["DeliverLogs"]["Condition"]["StringEquals"]["aws:SourceAccount"] == "123456789012"
    assert statements["TlsOnly"]["Effect"] == "Deny"


def test_roles_are_bounded_by_a_policy_that_never_lets_identities_keys_or_logs_go(strict: Recording) -> None:
    roles = strict.of("Role")
    assert set(roles) == {"operate", "read", "audit", "backup"}
    people = [roles[name] for name in ("operate", "read", "audit")]
    assert {role["permissions_boundary"] for role in people} == {"arn:policy-boundary"}
    bound = json.loads(strict.of("Policy")["boundary"]["policy"])["Statement"]
    never = next(one for one in bound if one["Effect"] == "Deny")["Action"]
    assert {"iam:*", "kms:ScheduleKeyDeletion", "logs:Delete*", "organizations:*"} <= set(never)
    allowed = json.dumps([one for one in bound if one["Effect"] == "Allow"])
    assert '"*:*"' not in allowed


def test_a_balancer_that_passes_tcp_through_stands_inside_in_the_web_tier(strict: Recording) -> None:
    (balancer,) = strict.of("LoadBalancer").values()
    assert (balancer["load_balancer_type"], balancer["scheme"]) == ("network", "internal")
    assert balancer["subnet_ids"] == ["subnet-web-1", "subnet-web-2"]
    (targets,) = strict.of("TargetGroup").values()
    assert targets["targets"] == [{"id": f"instance-web-{number}", "port": 8443.0} for number in (1, 2)]


def front(**change: Any) -> dict[str, Any]:
    return {"name": "front", "port": 443, "targets": ["report"], "sources": ["10.9.0.0/16"], **change}


def test_a_balancer_that_ends_tls_has_a_group_of_its_own_and_new_tls_only() -> None:
    certificate = "arn:aws-cn:acm:cn-north-1:123456789012:certificate/1"
    told = front(protocol="https", certificate=certificate, target_port=8080)
    recording = built(level_2(load_balancers=[told]))
    group = recording.of("SecurityGroup")["balancer-front"]
    assert group["ingress"] == [{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.9.0.0/16"}]
    (listener,) = recording.of("Listener").values()
    assert (listener["protocol"], listener["certificate_arn"]) == ("HTTPS", certificate)
    assert "TLS13" in listener["ssl_policy"]


def test_a_public_balancer_opens_the_front_tier_alone_to_the_internet() -> None:
    told = front(public=True, sources=["0.0.0.0/0"])
    recording = built(level_2(zone="internet", load_balancers=[told], peers=[]))
    (balancer,) = recording.of("LoadBalancer").values()
    assert balancer["scheme"] == "internet-facing"
    tables = recording.of("RouteTable")
    assert {"cidr": "0.0.0.0/0", "gateway_id": "internetgateway-internet"} in tables["tier-app"]["routes"]
    assert not any(route["cidr"] == "0.0.0.0/0" for route in tables["tier-data"]["routes"])


def test_an_approved_peer_is_reached_by_the_hub_and_nobody_else_is(plain: Recording) -> None:
    (joined,) = plain.of("TransitGatewayAttachment").values()
    assert joined["transit_gateway_id"] == "tgw-1"
    assert len(joined["subnet_ids"]) == 2
    for table in plain.of("RouteTable").values():
        assert [route["cidr"] for route in table["routes"]] == ["10.60.0.0/20", "10.72.0.0/24"]
        assert {route["transit_gateway_id"] for route in table["routes"]} == {"tgw-1"}


def test_peers_without_a_hub_are_refused_with_their_names() -> None:
    with pytest.raises(NoHub) as refused:
        built(level_2(), PLACEMENT)
    assert "hrss-insurance" in refused.value.text("zh")


def test_without_a_hub_an_environment_stands_alone() -> None:
    recording = built(level_2(peers=[]), PLACEMENT)
    assert recording.of("TransitGatewayAttachment") == {}
    assert all(table["routes"] == [] for table in recording.of("RouteTable").values())


def test_an_account_and_a_region_are_told_to_every_resource() -> None:
    recording = built(level_2(account="210987654321", region="cn-northwest-1"))
    made = [inputs for key, inputs in recording.made.items() if key[0] not in {"Stack", "TenantEnvironment"}]
    assert all((one["account"], one["region"]) == ("210987654321", "cn-northwest-1") for one in made)
    role = recording.of("Role")["operate"]
    assert "arn:aws-cn:iam::210987654321:root" in role["assume_role_policy"]


def test_machines_stand_in_their_tier_with_their_disks_in_its_zone(strict: Recording) -> None:
    machine, disk = strict.of("Instance")["app-2"], strict.of("Volume")["app-2-system"]
    assert machine["security_group_ids"] == [f"securitygroup-tier-{Purpose.APP}"]
    assert disk["availability_zone"] == strict.of("Subnet")["app-2"]["availability_zone"]
    assert disk["instance_id"] == "instance-app-2"


def test_a_database_stands_in_the_data_subnets_and_lets_in_whom_the_rules_name(strict: Recording) -> None:
    database = strict.of("Database")["main"]
    assert (database["engine"], database["port"], database["multi_zone"]) == ("postgres", 5432, True)
    assert (database["publicly_accessible"], database["storage_encrypted"]) == (False, True)
    assert (database["kms_key_id"], database["backup_days"]) == ("arn:key-guanyun-environment", 35)
    assert strict.of("DatabaseSubnetGroup")["main"]["subnet_ids"] == ["subnet-data-1", "subnet-data-2"]
    sources = {rule["cidr"] for rule in strict.of("SecurityGroup")["database-main"]["ingress"]}
    assert sources == {subnet["cidr_block"] for name, subnet in strict.of("Subnet").items() if name.startswith("app-")}


def test_a_database_s_first_password_is_a_secret_and_the_same_every_time(strict: Recording) -> None:
    told = strict.of("Database")["main"]["master_password"]
    assert told == strict.of("Secret")["database-main"]["value"]
    assert told == built(level_3()).of("Database")["main"]["master_password"]
    assert derived(b"seed")("hrss-insurance", "main") in json.dumps(told)


def test_a_database_without_a_source_of_passwords_is_refused() -> None:
    spec = level_2(peers=[])
    with pytest.raises(NoPasswords):
        record(lambda: TenantEnvironment("env", TenantEnvironmentArgs(spec=spec, placement=PLACEMENT)))


def test_a_secret_that_the_spec_names_has_no_value(plain: Recording) -> None:
    secret = plain.of("Secret")["figures-password"]
    assert secret.get("value") is None
    assert secret["kms_key_id"] == "arn:key-guanyun-environment"


def test_files_are_reached_from_their_purpose_s_subnets_in_each_zone(plain: Recording) -> None:
    assert plain.of("FileSystem")["exchange"]["kms_key_id"] == "arn:key-guanyun-environment"
    assert {one["subnet_id"] for one in plain.of("MountTarget").values()} == {"subnet-app-1", "subnet-app-2"}
    rules = plain.of("SecurityGroup")["files-exchange"]["ingress"]
    assert {rule["from_port"] for rule in rules} == {2049}
    assert {rule["cidr"] for rule in rules} == {"10.64.8.0/27", "10.64.8.32/27"}


def test_everything_of_the_environment_is_backed_up_nightly_and_kept_as_long_as_said(strict: Recording) -> None:
    plan, vault = strict.of("BackupPlan")["daily"], strict.of("BackupVault")["daily"]
    assert vault["kms_key_arn"] == "arn:key-guanyun-environment"
    assert [rule["delete_after_days"] for rule in plan["rules"]] == [35]
    assert plan["selected_tags"] == [{"key": "guanyun:environment", "value": "hrss-insurance"}]
    assert plan["role_arn"] == "arn:role-backup"


def test_where_the_cloud_cannot_choose_by_tags_no_choice_is_pretended() -> None:
    recording = built(level_3(), replace(HUB, lacks=(BACKUP_SELECTION,)))
    assert recording.of("BackupPlan")["daily"].get("selected_tags") in (None, [])
    assert "backup" not in recording.of("Role")


@pytest.mark.parametrize("spec", [level_2(), level_3()], ids=["level-2", "level-3"])
def test_what_is_built_passes_every_guardrail(spec: EnvironmentSpec) -> None:
    recording = built(spec)
    judged = judge(planned(spec.environment, recording), context_of(spec, published_policy()))
    assert [(finding.rule, finding.kind, finding.name) for finding in judged.findings] == []


def whole(number: str) -> int:
    """The SDK writes every number as a binary fraction."""
    return int(Decimal(number))


def planned(environment: str, recording: Recording) -> PlanSummary:
    """The recording as a plan that creates it all."""
    components = {"Stack", "TenantEnvironment"}
    steps = tuple(
        PlannedStep(
            urn=f"urn:pulumi:{environment}::guanyun::guanyun:cloud:{kind}::{name}",
            kind=kind,
            name=name,
            operation=Operation.CREATE,
            after=json.loads(json.dumps(inputs), parse_float=whole),
        )
        for (kind, name), inputs in recording.made.items()
        if kind not in components
    )
    return PlanSummary(environment=environment, spec_digest="", provider_version="", steps=steps, engine_plan="")
