from __future__ import annotations

import json
from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.kinds.key import KEY
from infra.provider.lifecycle import Lifecycle
from infra.provider.naming import bucket_prefix
from tests.infra.provider.kinds.example import Example

ROOT_ONLY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws-cn:iam::123456789012:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}

ALLOWING = {
    "Version": "2012-10-17",
    "Statement": [*ROOT_ONLY["Statement"], {**ROOT_ONLY["Statement"][0], "Action": "kms:Decrypt"}],
}

EXAMPLE = Example(
    kind=KEY,
    create=lambda made: {
        "name": "教育局的密钥",
        "alias": f"alias/{bucket_prefix(made.environment)}example",
        "policy": json.dumps(ALLOWING),
        "description": "data of the bureau of education",
        "rotation": True,
        "deletion_window_days": 7,
        "tags": {"agency": "教育局"},
    },
    update=lambda made: {
        "name": "another name",
        "alias": f"alias/{bucket_prefix(made.environment)}other",
        "description": "",
        "policy": json.dumps(ROOT_ONLY),
        "rotation": False,
        "enabled": False,
        "deletion_window_days": 7,
        "tags": {"agency": "卫健委"},
    },
    replace=lambda made: {"name": "another kind of key", "key_spec": "RSA_2048", "rotation": False},
)


def lifecycle(clients: Clients, environment: str) -> Lifecycle:
    return Lifecycle(clients, environment, "deployment-1")


def key(clients: Clients, environment: str, **more: Any) -> Any:
    inputs, failures = check(KEY, {"name": "key", **more}, environment)
    assert not failures
    urn = f"urn:pulumi:{environment}::guanyun::{KEY.type_name}::{more.get('description', 'key')}"
    return lifecycle(clients, environment).create(KEY, urn, inputs)


def test_an_asymmetric_key_is_not_rotated() -> None:
    _, failures = check(KEY, {"name": "k", "key_spec": "RSA_2048", "rotation": True}, "env")
    assert [failure.path for failure in failures] == ["rotation"]


@pytest.mark.real
def test_a_deleted_key_waits_for_its_end_and_counts_as_gone(clients: Clients) -> None:
    made = key(clients, "env_key_deleted", deletion_window_days=9)
    lifecycle(clients, "env_key_deleted").delete(KEY, made.id, made.properties)
    shown = clients.call("kms", "DescribeKey", {"KeyId": made.id})["KeyMetadata"]
    assert shown["KeyState"] == "PendingDeletion"
    assert 8 <= (shown["DeletionDate"] - shown["CreationDate"]).days <= 9
    assert lifecycle(clients, "env_key_deleted").read(KEY, made.id, made.properties) is None


@pytest.mark.real
def test_an_alias_moves_to_the_key_that_replaces_and_stays_when_the_old_one_goes(clients: Clients) -> None:
    environment, alias = "env_key_alias", "alias/guanyun/moving"
    old = key(clients, environment, alias=alias, description="old")
    new = key(clients, environment, alias=alias, description="new")
    lifecycle(clients, environment).delete(KEY, old.id, old.properties)
    assert clients.call("kms", "DescribeKey", {"KeyId": alias})["KeyMetadata"]["KeyId"] == new.id


@pytest.mark.real
def test_another_environments_alias_is_not_taken(clients: Clients) -> None:
    alias = "alias/guanyun/taken"
    kept = key(clients, "env_key_first", alias=alias)
    with pytest.raises(Exception, match=alias):
        key(clients, "env_key_second", alias=alias)
    assert clients.call("kms", "DescribeKey", {"KeyId": alias})["KeyMetadata"]["KeyId"] == kept.id
