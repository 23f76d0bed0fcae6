"""An S3 bucket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused
from infra.provider.kinds.bucket import BUCKET
from infra.provider.lifecycle import Lifecycle, Resource
from infra.provider.naming import bucket_name
from tests.infra.provider.kinds.example import Example, Made

KEY = "arn:aws-cn:kms:cn-north-1:123456789012:key/00000000-0000-4000-8000-000000000001"


def inputs(made: Made, short: str = "logs") -> dict[str, object]:
    name = bucket_name(made.environment, short)
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:DeleteBucket"],
        "Resource": [f"arn:aws-cn:s3:::{name}"],
    }
    return {
        "name": name,
        "encryption": "aws:kms",
        "kms_key_id": KEY,
        "policy": json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
        "versioning": True,
        "lifecycle_rules": [
            {"name": "all", "expire_days": 365, "expire_noncurrent_days": 30, "abort_upload_days": 7},
            {"name": "cold", "prefix": "archive/", "archive_days": 90, "archive_class": "DEEP_ARCHIVE"},
        ],
        "log_bucket": made["logs"].id,
        "log_prefix": "access/",
        "force_destroy": True,
        "tags": {"agency": "a"},
    }


def plain(made: Made) -> dict[str, object]:
    name = bucket_name(made.environment, "logs")
    return {"name": name, "block_public_access": False, "force_destroy": True}


def target(made: Made) -> dict[str, object]:
    name = bucket_name(made.environment, "access")
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": ["s3:PutObject"],
        "Resource": [f"arn:aws-cn:s3:::{name}/*"],
    }
    return {"name": name, "policy": json.dumps({"Version": "2012-10-17", "Statement": [allow]}), "force_destroy": True}


LOGS = Example(BUCKET, create=target, update=None, replace=None)
EXAMPLE = Example(
    BUCKET,
    create=inputs,
    update=plain,
    replace=lambda made: inputs(made, "elsewhere"),
    needs={"logs": LOGS},
)


def failures(**more: Any) -> list[str]:
    name = bucket_name("env", "b")
    return [failure.path for failure in check(BUCKET, {"name": name, **more}, "env")[1]]


def test_a_lock_needs_versions_and_a_retention_a_lock() -> None:
    assert failures(object_lock=True) == ["versioning"]
    assert failures(retention_mode="COMPLIANCE", retention_days=180) == ["retention_mode"]
    assert failures(object_lock=True, versioning=True, retention_mode="COMPLIANCE") == ["retention_days"]
    assert failures(object_lock=True, versioning=True, retention_mode="COMPLIANCE", retention_days=180) == []


def test_a_rule_that_does_nothing_is_refused() -> None:
    assert failures(lifecycle_rules=[{"name": "r"}]) == ["lifecycle_rules[0]"]
    assert failures(lifecycle_rules=[{"name": "r", "expire_days": 1}]) == []


def test_a_lock_is_put_on_in_place_and_only_a_new_bucket_is_without() -> None:
    replaces = BUCKET.named_property("object_lock").replaces
    assert replaces is not None
    assert not replaces(False, True)
    assert replaces(True, False)


def locked(clients: Clients, environment: str, **more: Any) -> tuple[Lifecycle, Resource]:
    given = {"name": bucket_name(environment, "b"), "versioning": True, "object_lock": True, **more}
    checked, found = check(BUCKET, given, environment)
    assert not found
    lifecycle = Lifecycle(clients, environment, "deployment-1")
    urn = f"urn:pulumi:{environment}::guanyun::{BUCKET.type_name}::b"
    return lifecycle, lifecycle.create(BUCKET, urn, checked)


@pytest.mark.real
def test_a_locked_bucket_keeps_its_default_retention(clients: Clients) -> None:
    lifecycle, made = locked(clients, "env_lock", retention_mode="COMPLIANCE", retention_days=180)
    assert lifecycle.read(BUCKET, made.id, made.properties) == made
    checked, _ = check(BUCKET, {**made.properties, "retention_days": 365}, "env_lock")
    given = {name: value for name, value in checked.items() if BUCKET.has(name)}
    changed = lifecycle.update(BUCKET, "urn:pulumi:env_lock::g::t::b", made.id, made.properties, given)
    assert changed.properties["retention_days"] == 365
    assert lifecycle.read(BUCKET, made.id, changed.properties) == changed


@pytest.mark.real
def test_force_does_not_reach_what_is_locked(clients: Clients) -> None:
    lifecycle, made = locked(
        clients, "env_lock_full", retention_mode="COMPLIANCE", retention_days=180, force_destroy=True
    )
    clients.call("s3", "PutObject", {"Bucket": made.id, "Key": "evidence"})
    with pytest.raises(CloudRefused, match="evidence"):
        lifecycle.delete(BUCKET, made.id, made.properties)
