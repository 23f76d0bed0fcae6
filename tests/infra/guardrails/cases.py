"""Every rule, firing and not firing: what is broken, and the same put right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance.environments import Protection, Zone
from infra.engine.model import Operation, PlannedStep
from infra.engine.plans import UNKNOWN
from infra.guardrails import Room
from tests.infra.guardrails.conftest import TLS, step

POSTGRES = {"protocol": "tcp", "from_port": 5432, "to_port": 5432}
SSH = {"protocol": "tcp", "from_port": 22, "to_port": 22}
THREE = {"protection": Protection.LEVEL_3}


@dataclass(frozen=True)
class Case:
    """A plan that breaks the rule at ``where`` (property), and one that keeps it."""

    rule: str
    where: str
    broken: tuple[PlannedStep, ...]
    kept: tuple[PlannedStep, ...]
    context: Mapping[str, Any] = field(default_factory=dict)
    kept_context: Mapping[str, Any] | None = None


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*", **more}


def group(*rules: Mapping[str, Any], egress: tuple[Mapping[str, Any], ...] = ()) -> PlannedStep:
    return step("SecurityGroup", "baseline", ingress=list(rules), egress=list(egress))


def room(limit: int, wanted: int, *, money: bool) -> Room:
    return Room(
        "fen_month|project=P-1", "项目预算", "project budget", Decimal(limit), Decimal(100), Decimal(wanted), money
    )


def scp(text: str) -> PlannedStep:
    return step("ServiceControlPolicy", "baseline", content=text)


DENY = {"Sid": "NoLeave", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}
SPARED = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws-cn:iam::*:role/guanyun-deployer"}}

CASES = (
    Case(
        "GR-S3-001",
        "block_public_access",
        (step("Bucket", block_public_access=False, policy=TLS),),
        (step("Bucket", block_public_access=True, policy=TLS),),
    ),
    Case("GR-S3-001", "acl", (step("Bucket", acl="public-read", policy=TLS),), (step("Bucket", acl="private"),)),
    Case(
        "GR-S3-002",
        "policy",
        (step("Bucket", policy=policy(allow("*"))),),
        (step("Bucket", policy=policy(allow({"AWS": "arn:aws-cn:iam::1:root"}))),),
    ),
    Case(
        "GR-S3-002",
        "policy",
        (step("Queue", policy=policy(allow({"AWS": ["*"]}))),),
        (step("Queue", policy=policy(allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))),),
    ),
    Case(
        "GR-NET-001",
        "ingress",
        (group(SSH | {"cidr": "0.0.0.0/0"}),),
        (group({"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "0.0.0.0/0"}),),
    ),
    Case(
        "GR-NET-001",
        "ingress",
        (group({"protocol": "tcp", "from_port": 3000, "to_port": 4000, "cidr": "::/0"}),),
        (group(SSH | {"group": "sg-1"}),),
    ),
    Case(
        "GR-NET-001",
        "ingress",
        (group({"protocol": "-1", "cidr": "128.0.0.0/1"}),),
        (group({"protocol": "icmp", "cidr": "0.0.0.0/0"}),),
    ),
    Case(
        "GR-NET-002",
        "ingress",
        (group(POSTGRES | {"cidr": "0.0.0.0/0"}),),
        (group(POSTGRES | {"cidr": "10.10.0.0/25"}),),
    ),
    Case("GR-NET-003", "ingress", (group(SSH | {"cidr": "10.0.0.0/8"}),), (group(SSH | {"cidr": "10.10.0.128/25"}),)),
    Case("GR-NET-003", "ingress", (group(POSTGRES | {"cidr": "10.9.0.0/24"}),), (group(POSTGRES | {"cidr": UNKNOWN}),)),
    Case(
        "GR-DB-001",
        "publicly_accessible",
        (step("Database", publicly_accessible=True),),
        (step("Database", publicly_accessible=False),),
    ),
    Case("GR-TLS-001", "policy", (step("Bucket", policy=policy()),), (step("Bucket", policy=TLS),)),
    Case("GR-TLS-001", "policy", (step("Bucket"),), (step("Bucket", policy=UNKNOWN),)),
    Case(
        "GR-TLS-002",
        "protocol",
        (step("Listener", protocol="HTTP", default_action={"forward": {}}),),
        (step("Listener", protocol="HTTP", default_action={"redirect": {"protocol": "HTTPS"}}),),
    ),
    Case(
        "GR-TLS-003",
        "transit_encryption_enabled",
        (step("CacheCluster", transit_encryption_enabled=False),),
        (step("CacheCluster", transit_encryption_enabled=True),),
    ),
    Case("GR-ENC-001", "encrypted", (step("Volume", encrypted=False),), (step("Volume", encrypted=True),)),
    Case(
        "GR-ENC-001",
        "storage_encrypted",
        (step("Database", storage_encrypted=False),),
        (step("Database", storage_encrypted=True),),
    ),
    Case("GR-ENC-002", "kms_key_id", (step("Volume", encrypted=True),), (step("Volume", kms_key_id=UNKNOWN),)),
    Case(
        "GR-ENC-002",
        "kms_key_id",
        (step("Volume", kms_key_id="arn:aws:kms:::key/other"),),
        (step("Volume", kms_key_id="arn:aws:kms:::key/ours"),),
        {"keys": frozenset({"arn:aws:kms:::key/ours"})},
    ),
    Case("GR-ENC-003", "rotation", (step("Key", rotation=False),), (step("Key", rotation=True),)),
    Case("GR-IAM-001", "permissions_boundary", (step("Role"),), (step("Role", permissions_boundary="arn:b"),)),
    Case(
        "GR-IAM-002",
        "assume_role_policy",
        (step("Role", permissions_boundary="b", assume_role_policy=policy(allow({"AWS": "*"}))),),
        (step("Role", permissions_boundary="b", assume_role_policy=policy(allow({"Service": "ec2.amazonaws.com"}))),),
    ),
    Case(
        "GR-IAM-003",
        "inline_policies",
        (step("Role", inline_policies={"all": policy({"Effect": "Allow", "Action": "*", "Resource": ["*"]})}),),
        (
            step(
                "Role",
                inline_policies={"look": policy({"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"})},
            ),
        ),
    ),
    Case(
        "GR-IAM-003",
        "attached_policy_arns",
        (step("Role", attached_policy_arns=["arn:aws-cn:iam::aws:policy/AdministratorAccess"]),),
        (step("Role", attached_policy_arns=["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"]),),
    ),
    Case(
        "GR-ZONE-001",
        "kind",
        (step("InternetGateway", vpc_id=UNKNOWN),),
        (step("InternetGateway", vpc_id=UNKNOWN),),
        {},
        {"zone": Zone.INTERNET},
    ),
    Case("GR-ZONE-001", "connectivity_type", (step("NatGateway"),), (step("NatGateway", connectivity_type="private"),)),
    Case(
        "GR-ZONE-001",
        "scheme",
        (step("LoadBalancer", scheme="internet-facing"),),
        (step("LoadBalancer", scheme="internal"),),
    ),
    Case(
        "GR-ZONE-002",
        "egress",
        (group(egress=({"protocol": "-1", "cidr": "0.0.0.0/0"},)),),
        (group(egress=({"protocol": "-1", "cidr": "172.16.0.0/12"},)),),
    ),
    Case(
        "GR-PEER-001",
        "peer_vpc_id",
        (step("NetworkPeering", peer_vpc_id="vpc-2"),),
        (step("NetworkPeering", peer_vpc_id="vpc-2"),),
        {},
        {"peers": ("10.20.0.0/24",)},
    ),
    Case(
        "GR-PEER-001",
        "routes",
        (step("RouteTable", routes=[{"cidr": "10.30.0.0/24", "peering_id": UNKNOWN}]),),
        (step("RouteTable", routes=[{"cidr": "10.20.0.0/24", "peering_id": UNKNOWN}]),),
        {"peers": ("10.20.0.0/24",)},
    ),
    Case(
        "GR-LEVEL-001",
        "flow_log",
        (step("Vpc"),),
        (step("Vpc"), step("FlowLog", resource_id=UNKNOWN, traffic_type="ALL")),
    ),
    Case(
        "GR-LEVEL-002",
        "subnets",
        (step("Vpc"), step("Subnet")),
        (step("Vpc"), step("Subnet"), step("Subnet", "two")),
        THREE,
    ),
    Case(
        "GR-LEVEL-003",
        "subnet_ids",
        (step("Instance", subnet_id="subnet-1"), step("SubnetGroup", subnet_ids=["subnet-1", "subnet-2"])),
        (step("Instance", subnet_id="subnet-3"), step("SubnetGroup", subnet_ids=["subnet-1", "subnet-2"])),
        THREE,
    ),
    Case(
        "GR-LOG-001",
        "object_lock",
        (step("Trail", bucket="trail"), step("Bucket", name="trail", policy=TLS)),
        (step("Trail", bucket="trail"), step("Bucket", name="trail", policy=TLS, object_lock=True)),
    ),
    Case(
        "GR-LOG-002",
        "object_lock",
        (step("Bucket", name="x", tags={"guanyun:purpose": "logs"}),),
        (step("Bucket", name="x", tags={"guanyun:purpose": "web"}),),
    ),
    Case(
        "GR-LOG-002",
        "object_lock",
        (step("FlowLog", destination_arn="arn:aws-cn:s3:::flow/vpc"), step("Bucket", name="flow")),
        (step("FlowLog", destination_arn="arn:aws-cn:s3:::flow/vpc"), step("Bucket", name="other")),
    ),
    Case(
        "GR-TAG-001",
        "tags.guanyun:agency",
        (step("Vpc", tags={}),),
        (
            step(
                "Vpc",
                tags={
                    "guanyun:agency": "hrss",
                    "guanyun:system": "portal",
                    "guanyun:project": "P-1",
                    "guanyun:fund-source": "本级财政",
                },
            ),
        ),
    ),
    Case(
        "GR-DATA-001",
        "operation",
        (step("Volume", "data", Operation.DELETE, {"size_gb": 9}),),
        (step("Volume", "data", Operation.DELETE, {"size_gb": 9}),),
        {},
        {"terminate": True},
    ),
    Case(
        "GR-DATA-001",
        "operation",
        (step("Database", "db", Operation.REPLACE, {"engine": "mysql"}, engine="postgresql"),),
        (step("Instance", "web", Operation.REPLACE, {"image_id": "a"}, image_id="b"),),
    ),
    Case("GR-DATA-002", "force_destroy", (step("Bucket", force_destroy=True),), (step("Bucket", force_destroy=False),)),
    Case(
        "GR-PROT-001",
        "tags.guanyun:protected",
        (step("Instance", "web", Operation.DELETE, {"tags": {"guanyun:protected": "true"}}),),
        (step("Instance", "web", Operation.DELETE, {"tags": {"guanyun:protected": "false"}}),),
    ),
    Case(
        "GR-PROT-001",
        "deletion_protection",
        (step("Database", "db", Operation.REPLACE, {"deletion_protection": True}, deletion_protection=False),),
        (step("Database", "db", Operation.UPDATE, {"deletion_protection": True}, deletion_protection=False),),
    ),
    Case(
        "GR-BUDGET-001",
        "budget:fen_month|project=P-1",
        (step("Instance"),),
        (step("Instance"),),
        {"cost_before": 500, "cost_after": 901, "rooms": (room(1000, 901, money=True),)},
        {"cost_before": 500, "cost_after": 900, "rooms": (room(1000, 900, money=True),)},
    ),
    Case(
        "GR-QUOTA-001",
        "quota:fen_month|project=P-1",
        (step("Instance"),),
        (step("Instance"),),
        {"rooms": (room(102, 3, money=False),)},
        {"rooms": (room(102, 2, money=False),)},
    ),
    Case(
        "GR-SCP-001",
        "content",
        (scp(policy(DENY | {"Condition": SPARED, "Resource": ["x" * 5120]})),),
        (scp(json.dumps({"Statement": [DENY | {"Condition": SPARED}]}, indent=400)),),
    ),
    Case("GR-SCP-002", "content", (scp(policy(DENY)),), (scp(policy(DENY | {"Condition": SPARED})),)),
)
