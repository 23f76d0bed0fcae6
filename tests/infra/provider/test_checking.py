from __future__ import annotations

from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.kinds import KINDS
from infra.provider.naming import bucket_name, bucket_prefix, role_name
from infra.provider.normal import UNKNOWN

ENVIRONMENT = "env_1"


def failures(short: str, **inputs: Any) -> dict[str, str]:
    _, found = check(KINDS[f"guanyun:cloud:{short}"], inputs, ENVIRONMENT)
    return {failure.path: failure.reason for failure in found}


def test_every_failure_is_told_at_once_and_by_path() -> None:
    found = failures(
        "SecurityGroup",
        name="",
        description="说明",
        ingress=[{"protocol": "tcp", "cidr": "10.0.0.0/8"}],
        egress=[{"protocol": "-1", "cidr": "10.0.0.0/8"}, {"protocol": "-1", "cidr": "10.0.0.1/8"}],
        tags={"Name": "x", "agency": "a" * 300},
        colour="red",
    )
    assert set(found) == {
        "name",
        "description",
        "vpc_id",
        "ingress[0].from_port",
        "egress[1].cidr",
        'tags["Name"]',
        'tags["agency"]',
        "colour",
    }


def test_a_reason_is_in_both_languages() -> None:
    assert failures("Vpc", name="v")["cidr_block"] == "必须填写 / is required"


@pytest.mark.parametrize("tag", ["guanyun:environment", "guanyun:token", "guanyun:urn", "Name", "aws:x"])
def test_our_own_tags_are_not_the_programs(tag: str) -> None:
    assert f'tags["{tag}"]' in failures("Vpc", name="v", cidr_block="10.0.0.0/16", tags={tag: "x"})


def test_what_a_preview_does_not_know_yet_passes() -> None:
    kind = KINDS["guanyun:cloud:Volume"]
    inputs = {"name": "d", "availability_zone": "a", "size_gb": 1, "instance_id": UNKNOWN, "device": "/dev/sdf"}
    checked, found = check(kind, inputs, ENVIRONMENT)
    assert not found
    assert checked["instance_id"] is UNKNOWN
    assert checked["volume_type"] == "gp3"


@pytest.mark.parametrize(
    ("path", "inputs"),
    [
        ("size_gb", {"size_gb": 0}),
        ("size_gb", {"size_gb": 1.5}),
        ("size_gb", {"size_gb": "10"}),
        ("size_gb", {"size_gb": True}),
        ("encrypted", {"encrypted": "yes"}),
        ("volume_type", {"volume_type": "tape"}),
        ("device", {"instance_id": "i-1"}),
        ("kms_key_id", {"kms_key_id": "alias/mine"}),
        ("kms_key_id", {"kms_key_id": "arn:aws-cn:kms:cn-north-1:1:alias/mine"}),
    ],
)
def test_a_volume_that_cannot_be(path: str, inputs: dict[str, Any]) -> None:
    assert path in failures("Volume", **{"name": "d", "availability_zone": "a", "size_gb": 8, **inputs})


def test_a_buckets_name_says_whose_it_is() -> None:
    assert "name" in failures("Bucket", name="logs-of-somebody")
    assert "name" in failures("Bucket", name=bucket_name("another", "logs"))
    assert not failures("Bucket", name=bucket_name(ENVIRONMENT, "logs"))


def test_a_key_needs_kms_encryption() -> None:
    assert "kms_key_id" in failures("Bucket", name=bucket_name(ENVIRONMENT, "logs"), kms_key_id="1234")


@pytest.mark.parametrize("policy", ["{", "[]", '"text"', ""])
def test_a_policy_is_a_json_object(policy: str) -> None:
    assert "assume_role_policy" in failures("Role", name="r", assume_role_policy=policy)


def test_long_names_are_cut_and_stay_different() -> None:
    one, other = bucket_name("env", "x" * 80), bucket_name("env", "x" * 79 + "y")
    assert len(one) == len(other) == 63
    assert one != other
    assert one.startswith(bucket_prefix("env"))
    assert len(role_name("env", "角" * 80)) == 64
