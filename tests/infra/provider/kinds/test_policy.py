from __future__ import annotations

import json
from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.kinds.policy import POLICY
from infra.provider.lifecycle import Lifecycle
from infra.provider.naming import role_name
from tests.infra.provider.kinds.example import Example


def document(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


EXAMPLE = Example(
    kind=POLICY,
    create=lambda made: {
        "name": role_name(made.environment, "read"),
        "policy": document("s3:Get*"),
        "description": "reads",
        "tags": {"agency": "a"},
    },
    update=lambda made: {
        "name": role_name(made.environment, "read"),
        "policy": document("s3:Get*", "s3:List*"),
        "description": "reads",
        "tags": {"agency": "b"},
    },
    replace=lambda made: {"name": role_name(made.environment, "write"), "policy": document("s3:Put*")},
)


def test_a_document_over_the_limit_is_refused() -> None:
    long = document(*(f"s3:Get{number:04}" for number in range(600)))
    _, failures = check(POLICY, {"name": "p", "policy": long}, "env")
    assert [failure.path for failure in failures] == ["policy"]
    assert "6144" in failures[0].en


@pytest.mark.real
def test_a_policy_changed_many_times_keeps_five_versions_and_goes_whole(clients: Clients) -> None:
    environment = "env_policy_versions"
    lifecycle = Lifecycle(clients, environment, "deployment-1")
    urn = f"urn:pulumi:{environment}::guanyun::{POLICY.type_name}::p"

    def inputs(number: int) -> dict[str, Any]:
        checked, failures = check(
            POLICY, {"name": role_name(environment, "p"), "policy": document(f"s3:Get{number}")}, environment
        )
        assert not failures
        return checked

    made = lifecycle.create(POLICY, urn, inputs(0))
    for number in range(1, 9):
        made = lifecycle.update(POLICY, urn, made.id, made.properties, inputs(number))
    versions = clients.call("iam", "ListPolicyVersions", {"PolicyArn": made.id})["Versions"]
    assert len(versions) == 5
    assert lifecycle.read(POLICY, made.id, made.properties) == made
    lifecycle.delete(POLICY, made.id, made.properties)
    assert lifecycle.read(POLICY, made.id, made.properties) is None
