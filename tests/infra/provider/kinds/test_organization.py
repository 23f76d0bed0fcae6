from __future__ import annotations

from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.errors import AlreadyThere, CloudRefused
from infra.provider.kinds.account import ACCOUNT
from infra.provider.kinds.organization import ORGANIZATION
from infra.provider.lifecycle import Lifecycle, Resource
from tests.infra.provider.kinds.example import Example, Made


def alone(made: Made) -> dict[str, Any]:
    """The sandbox has one organisation for all tests: the accounts that others closed would keep it for ever."""
    try:
        accounts = made.clients.call("organizations", "ListAccounts", {})["Accounts"]
    except CloudRefused:
        accounts = []
    for account in accounts:
        if account["Id"] != made.clients.account:
            made.clients.call("organizations", "RemoveAccountFromOrganization", {"AccountId": account["Id"]})
    return {
        "policy_types": ["SERVICE_CONTROL_POLICY"],
        "trusted_services": ["cloudtrail.amazonaws.com"],
        "tags": {"level": "province"},
    }


EXAMPLE = Example(
    kind=ORGANIZATION,
    create=alone,
    update=lambda made: {
        "policy_types": ["SERVICE_CONTROL_POLICY", "TAG_POLICY"],
        "trusted_services": ["ram.amazonaws.com"],
        "tags": {"level": "city"},
    },
    replace=None,  # there is only one
)


def organization(clients: Clients, environment: str, **more: object) -> Resource:
    inputs, failures = check(ORGANIZATION, more, environment)
    assert not failures
    urn = f"urn:pulumi:{environment}::guanyun::{ORGANIZATION.type_name}::o"
    return Lifecycle(clients, environment, "deployment-1").create(ORGANIZATION, urn, inputs)


def elsewhere(clients: Clients, account: str) -> Clients:
    """Another management account, so that the organisation can be deleted."""
    answer = clients.call(
        "sts",
        "AssumeRole",
        {"RoleArn": f"arn:aws-cn:iam::{account}:role/guanyun-deployer", "RoleSessionName": "test"},
    )["Credentials"]
    return Clients(
        endpoint=clients.endpoint,
        region=clients.region,
        access_key=answer["AccessKeyId"],
        secret_key=answer["SecretAccessKey"],
        session_token=answer["SessionToken"],
    )


@pytest.mark.real
def test_one_that_is_there_is_taken_over_and_not_made_again(clients: Clients) -> None:
    there = elsewhere(clients, "220000000001")
    found = there.call("organizations", "CreateOrganization", {"FeatureSet": "ALL"})["Organization"]
    assert organization(there, "env_organization_there").id == found["Id"]


@pytest.mark.real
def test_another_landing_zones_organization_is_not_taken_over(clients: Clients) -> None:
    there = elsewhere(clients, "220000000002")
    organization(there, "env_organization_one")
    with pytest.raises(AlreadyThere):
        organization(there, "env_organization_two")


@pytest.mark.real
def test_it_is_deleted_only_when_it_holds_no_other_account(clients: Clients) -> None:
    there = elsewhere(clients, "220000000003")
    environment = "env_organization_gone"
    made = organization(there, environment)
    lifecycle = Lifecycle(there, environment, "deployment-1")
    lifecycle.delete(ORGANIZATION, made.id, made.properties)
    assert lifecycle.read(ORGANIZATION, made.id, made.properties) is None
    again = organization(there, environment)
    urn = f"urn:pulumi:{environment}::guanyun::{ACCOUNT.type_name}::a"
    inputs, _ = check(ACCOUNT, {"name": "education", "email": "education@example.gov.cn"}, environment)
    lifecycle.create(ACCOUNT, urn, inputs)
    with pytest.raises(CloudRefused, match="NotEmpty"):
        lifecycle.delete(ORGANIZATION, again.id, again.properties)


@pytest.mark.real
def test_one_that_is_kept_is_let_go_and_anothers_from_then_on(clients: Clients) -> None:
    there = elsewhere(clients, "220000000004")
    made = organization(there, "env_organization_kept", keep=True)
    Lifecycle(there, "env_organization_kept", "d").delete(ORGANIZATION, made.id, made.properties)
    assert organization(there, "env_organization_next").id == made.id
