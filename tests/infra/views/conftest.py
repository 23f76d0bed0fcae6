"""One plan with everything in it: created, changed, replaced, deleted, secrets, long values, findings, costs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from foundation.evidence import plain
from governance.environments import (
    BucketSpec,
    EnvironmentSpec,
    InstanceSpec,
    Protection,
    SubnetSpec,
    VolumeSpec,
    Zone,
)
from governance.environments.model import (
    BalancerProtocol,
    Baseline,
    DatabaseSpec,
    Engine,
    LoadBalancerSpec,
    PeerSpec,
    Purpose,
)
from infra.deployments.model import Coverage, Plan, Reason, risk_of, steps_of
from infra.engine.model import Operation, PlannedStep, PlanSummary
from infra.engine.plans import UNKNOWN
from infra.guardrails import Judgement, context_of, judge, published_policy
from infra.views import PlanView, cost_difference, draw, plan_view, scene_of_plan

LONG = "arn:aws-cn:kms:cn-north-1:123456789012:key/" + "0123456789abcdef" * 8
HMAC = "9f" * 32
SPEC = EnvironmentSpec(
    environment="hrss-employment",
    agency="hrss",
    system="employment",
    project="P-HRSS-2026-01",
    fund_source="就业补助资金",
    zone=Zone.EXTRANET,
    protection=Protection.LEVEL_3,
    cidr="10.72.0.0/23",
    subnets=(
        SubnetSpec("web-a", "10.72.0.0/26", 0, Purpose.WEB),
        SubnetSpec("web-b", "10.72.0.64/26", 1, Purpose.WEB),
        SubnetSpec("app-a", "10.72.0.128/26", 0, Purpose.APP),
        SubnetSpec("app-b", "10.72.0.192/26", 1, Purpose.APP),
        SubnetSpec("data-a", "10.72.1.0/26", 0, Purpose.DATA),
        SubnetSpec("data-b", "10.72.1.64/26", 1, Purpose.DATA),
    ),
    instances=(
        InstanceSpec("app-1", "general-4c16g", "m5.xlarge", "ami-1", "app-a", (VolumeSpec("app-1-data", 100),)),
        InstanceSpec("app-2", "general-4c16g", "m5.xlarge", "ami-1", "app-b"),
        InstanceSpec("web-1", "general-2c4g", "c5.large", "ami-1", "web-a"),
    ),
    buckets=(BucketSpec("files"), BucketSpec("site")),
    baseline=Baseline.SECOND,
    databases=(DatabaseSpec("main", "rds-pg", Engine.POSTGRESQL, "16", "db.m5.large", 200, True),),
    load_balancers=(LoadBalancerSpec("front", "lb", BalancerProtocol.HTTPS, 443, 8443, ("web-1",), ("10.0.0.0/8",)),),
    peers=(PeerSpec("housing-permits", "10.80.0.0/24", "市政数函〔2026〕18号"),),
)


def step(
    kind: str,
    name: str,
    operation: Operation,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    *,
    because: tuple[str, ...] = (),
) -> PlannedStep:
    """One step."""
    old, new = before or {}, after or {}
    changed = tuple(sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key)))
    urn = f"urn:pulumi:hrss-employment::guanyun::guanyun:cloud:{kind}::{name}"
    return PlannedStep(urn, kind, name, operation, changed, because, old, new)


TAGS = {
    "guanyun:agency": "hrss",
    "guanyun:system": "employment",
    "guanyun:project": "P-HRSS-2026-01",
    "guanyun:fund-source": "就业补助资金",
}
STEPS = (
    step("Vpc", "hrss-employment", Operation.SAME, {"cidr_block": "10.72.0.0/23"}, {"cidr_block": "10.72.0.0/23"}),
    *(step("Subnet", one.name, Operation.SAME, {"cidr_block": one.cidr}, {}) for one in SPEC.subnets[:4]),
    *(step("Subnet", one.name, Operation.CREATE, {}, {"cidr_block": one.cidr}) for one in SPEC.subnets[4:]),
    step("Subnet", "old-data", Operation.DELETE, {"cidr_block": "10.72.1.128/26"}),
    step(
        "Instance",
        "app-1",
        Operation.REPLACE,
        {"image_id": "ami-0", "instance_type": "m5.large", "user_data": {"secret": "unchanged"}, "tags": TAGS},
        {"image_id": "ami-1", "instance_type": "m5.xlarge", "user_data": {"secret": HMAC}, "tags": TAGS},
        because=("image_id",),
    ),
    step(
        "Instance",
        "app-2",
        Operation.CREATE,
        {},
        {"image_id": "ami-1", "subnet_id": UNKNOWN, "user_data": {"secret": HMAC}, "tags": TAGS},
    ),
    step(
        "SecurityGroup",
        "baseline",
        Operation.UPDATE,
        {"ingress": [], "tags": TAGS},
        {
            "ingress": [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "10.0.0.0/8"}],
            "tags": TAGS | {"note": "<script>alert(1)</script>"},
        },
    ),
    step(
        "Volume",
        "app-1-data",
        Operation.UPDATE,
        {"size_gb": 50, "kms_key_id": "alias/old"},
        {"size_gb": 100, "kms_key_id": LONG},
    ),
    step("Bucket", "site", Operation.CREATE, {}, {"name": "site", "block_public_access": False, "tags": TAGS}),
    step("RouteTable", "main", Operation.CREATE, {}, {"routes": [{"cidr": "10.80.0.0/24", "peering_id": UNKNOWN}]}),
    step("TransitGatewayAttachment", "hub", Operation.CREATE, {}, {"transit_gateway_id": "tgw-1"}),
)
SUMMARY = PlanSummary("hrss-employment", "5" * 64, "1", STEPS, "e" * 64)
NO_PRICE = {"zh": "数据库 main 没有价格", "en": "database main has no price"}
BEFORE = [
    {"service": "cloud-host", "plan": "general-2c4g", "meter": "vcpu", "amount": 12_000, "resources": ["a"]},
    {"service": "block-storage", "plan": "ssd", "meter": "size_gb", "amount": 3_500, "resources": ["v"]},
]
AFTER = [
    {"service": "cloud-host", "plan": "general-2c4g", "meter": "vcpu", "amount": 12_000, "resources": ["a"]},
    {"service": "cloud-host", "plan": "general-4c16g", "meter": "vcpu", "amount": 60_000, "resources": ["b", "c"]},
    {"service": "block-storage", "plan": "ssd", "meter": "size_gb", "amount": 7_000, "resources": ["v"]},
    {
        "unpriced": True,
        "amount": 0,
        "resources": ["db"],
        "zh": "数据库 main 没有价格",
        "en": "database main has no price",
    },
]
WORDS = {"cloud-host": ("云主机", "cloud host"), "block-storage": ("块存储", "block storage")}


def recorded() -> Plan:
    """The plan as it is on record."""
    document = plain(SUMMARY.document())
    return Plan(
        number=7,
        id="plan_7",
        environment="hrss-employment",
        agency="hrss",
        digest=SUMMARY.digest,
        terminate=False,
        request="REQ-2026-0007",
        spec=SPEC,
        spec_digest=SUMMARY.spec_digest,
        cost=79_000,
        risk=risk_of(SUMMARY),
        steps=steps_of(document),
        document=document,
        planned_by="p-1",
        planned_at=datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
    )


@pytest.fixture(scope="session")
def judgement() -> Judgement:
    return judge(SUMMARY, context_of(SPEC, published_policy()))


@pytest.fixture(scope="session")
def view(judgement: Judgement) -> PlanView:
    reasons = (Reason("replace", "计划含替换", "the plan replaces resources"),)
    coverage = Coverage(
        reasons=reasons, forbidden=(Reason("guardrail", "护栏 GR-S3-001 不满足", "guardrail GR-S3-001"),)
    )
    cost = cost_difference(BEFORE, AFTER, WORDS)
    return plan_view(recorded(), coverage, judgement, cost, picture=draw(scene_of_plan(SPEC, SUMMARY)))
