from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.kind import Kind
from infra.provider.kinds import KINDS
from infra.provider.lifecycle import Lifecycle, Resource
from infra.provider.naming import bucket_name, role_name

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
READ_ONLY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"}]}
WRITE_ONLY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:Put*"], "Resource": "*"}]}
RULE = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8"}


@dataclass
class World:
    """One environment in the sandbox, with what a resource under test stands on."""

    clients: Clients
    environment: str
    deployment: str = "deployment-1"
    made: dict[str, Resource] = field(default_factory=dict)

    def lifecycle(self, **changes: Any) -> Lifecycle:
        settings = {"clients": self.clients, "environment": self.environment, "deployment": self.deployment}
        return Lifecycle(**{**settings, **changes})

    def checked(self, kind: Kind, inputs: dict[str, Any]) -> dict[str, Any]:
        checked, failures = check(kind, inputs, self.environment)
        assert not failures, [(failure.path, failure.reason) for failure in failures]
        return checked

    def urn(self, kind: Kind, name: str = "under-test") -> str:
        return f"urn:pulumi:{self.environment}::guanyun::{kind.type_name}::{name}"

    def needs(self, short: str, key: str = "") -> str:
        """The id of a parent, made once; ``key`` for another one of the same kind."""
        name = f"{short}{key}"
        if name not in self.made:
            kind = KINDS[f"guanyun:cloud:{short}"]
            inputs = self.checked(kind, SCENARIOS[short](self, key)["inputs"])
            self.made[name] = self.lifecycle().create(kind, self.urn(kind, name), inputs)
        return self.made[name].id

    def image(self, index: int = 0) -> str:
        images = self.clients.call("ec2", "DescribeImages", {"Owners": ["amazon"]})["Images"]
        return sorted(str(image["ImageId"]) for image in images)[index]

    def key(self) -> str:
        return str(self.clients.call("kms", "CreateKey", {})["KeyMetadata"]["KeyId"])


Scenario = dict[str, dict[str, Any]]


def vpc(_world: World, key: str) -> Scenario:
    return {
        "inputs": {"name": f"网络{key}", "cidr_block": "10.0.0.0/16", "tags": {"agency": "教育局", "system": "a"}},
        "in_place": {"name": "another name", "dns_hostnames": True, "tags": {"agency": "卫健委"}},
        "replacing": {"cidr_block": "10.9.0.0/16"},
    }


def subnet(world: World, key: str) -> Scenario:
    return {
        "inputs": {
            "name": f"subnet{key}",
            "vpc_id": world.needs("Vpc"),
            "cidr_block": f"10.0.{len(key)}.0/24",
            "availability_zone": "cn-north-1a",
        },
        "in_place": {"name": "another", "tags": {"agency": "x"}},
        "replacing": {"availability_zone": "cn-north-1b"},
    }


def security_group(world: World, key: str) -> Scenario:
    return {
        "inputs": {
            "name": f"防火墙{key}",
            "description": "web",
            "vpc_id": world.needs("Vpc"),
            "ingress": [RULE, {"protocol": "-1", "cidr": "192.168.0.0/16", "description": "$id inside"}],
            "egress": [{"protocol": "-1", "cidr": "0.0.0.0/0"}],
        },
        "in_place": {"ingress": [{**RULE, "from_port": 22, "to_port": 22}], "egress": [], "tags": {"a": "b"}},
        "replacing": {"description": "database"},
    }


def instance(world: World, key: str) -> Scenario:
    return {
        "inputs": {
            "name": f"machine{key}",
            "image_id": world.image(),
            "instance_type": "t3.micro",
            "subnet_id": world.needs("Subnet"),
            "security_group_ids": [world.needs("SecurityGroup")],
            "user_data": "#!/bin/sh\necho not-for-messages",
            "tags": {"agency": "a"},
        },
        "in_place": {
            "instance_type": "t3.large",
            "security_group_ids": [world.needs("SecurityGroup"), world.needs("SecurityGroup", "-2")],
            "tags": {"agency": "b"},
        },
        "replacing": {"image_id": world.image(1)},
    }


def volume(world: World, key: str) -> Scenario:
    return {
        "inputs": {
            "name": f"disk{key}",
            "availability_zone": "cn-north-1a",
            "size_gb": 20,
            "kms_key_id": world.key(),
            "instance_id": world.needs("Instance"),
            "device": "/dev/sdf",
        },
        "in_place": {"size_gb": 30, "instance_id": world.needs("Instance", "-2"), "device": "/dev/sdg"},
        "replacing": {"size_gb": 8},
    }


def bucket(world: World, key: str) -> Scenario:
    name = bucket_name(world.environment, f"logs{key}")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": ["s3:DeleteBucket"], "Resource": [f"arn:aws-cn:s3:::{name}"]}
        ],
    }
    return {
        "inputs": {
            "name": name,
            "encryption": "aws:kms",
            "kms_key_id": world.key(),
            "policy": json.dumps(policy),
            "versioning": True,
            "force_destroy": True,
            "tags": {"agency": "a"},
        },
        "in_place": {
            "encryption": "AES256",
            "kms_key_id": None,
            "policy": None,
            "versioning": False,
            "block_public_access": False,
            "tags": {},
        },
        "replacing": {"name": bucket_name(world.environment, "elsewhere")},
    }


def role(world: World, key: str) -> Scenario:
    boundary = "arn:aws-cn:iam::aws:policy/PowerUserAccess"
    return {
        "inputs": {
            "name": role_name(world.environment, f"app{key}"),
            "assume_role_policy": json.dumps(TRUST),
            "description": "应用",
            "permissions_boundary": boundary,
            "inline_policies": {"read": json.dumps(READ_ONLY), "write": json.dumps(WRITE_ONLY)},
            "attached_policy_arns": ["arn:aws-cn:iam::aws:policy/ReadOnlyAccess"],
            "tags": {"agency": "a", "system": "s"},
        },
        "in_place": {
            "assume_role_policy": json.dumps(TRUST).replace("ec2.", "lambda."),
            "description": "",
            "permissions_boundary": None,
            "inline_policies": {"read": json.dumps(WRITE_ONLY)},
            "attached_policy_arns": ["arn:aws-cn:iam::aws:policy/job-function/ViewOnlyAccess"],
            "tags": {"agency": "b"},
        },
        "replacing": {"name": role_name(world.environment, "other")},
    }


SCENARIOS: dict[str, Callable[[World, str], Scenario]] = {
    "Vpc": vpc,
    "Subnet": subnet,
    "SecurityGroup": security_group,
    "Instance": instance,
    "Volume": volume,
    "Bucket": bucket,
    "Role": role,
}


@pytest.fixture
def world(clients: Clients) -> World:
    """A new environment."""
    return World(clients, f"env_{uuid.uuid4().hex}")


@pytest.fixture
def scenario(world: World) -> Callable[[Kind], Scenario]:
    """Inputs for a kind, with changes in place and a change that replaces; a new kind needs an entry."""
    return lambda kind: SCENARIOS[kind.short](world, "")
