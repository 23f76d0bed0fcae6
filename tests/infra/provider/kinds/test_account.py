from __future__ import annotations

import contextlib
from typing import Any

import pytest

from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kinds.account import ACCOUNT
from infra.provider.lifecycle import Lifecycle, Resource
from tests.infra.provider.kinds.example import Example, Made
from tests.infra.provider.kinds.test_organizational_unit import root, unit


def inputs(made: Made, unit: str, agency: str, mailbox: str = "education") -> dict[str, Any]:
    return {
        "name": "Education",  # not changed: the sandbox has no PutAccountName
        "email": f"{mailbox}-{made.environment}@example.gov.cn",
        "parent_id": made[unit].id,
        "closed_parent_id": root(made),
        "tags": {"agency": agency},
    }


EXAMPLE = Example(
    kind=ACCOUNT,
    needs={"old": unit("old"), "new": unit("new")},
    create=lambda made: inputs(made, "old", "a"),
    update=lambda made: inputs(made, "new", "b"),
    replace=lambda made: inputs(made, "new", "b", mailbox="health"),
)


def account(clients: Clients, environment: str, **more: Any) -> Resource:
    given = {"name": "Education", "email": f"{environment}@example.gov.cn", **more}
    checked, failures = check(ACCOUNT, given, environment)
    assert not failures
    urn = f"urn:pulumi:{environment}::guanyun::{ACCOUNT.type_name}::a"
    return Lifecycle(clients, environment, "deployment-1").create(ACCOUNT, urn, checked)


@pytest.fixture
def organized(clients: Clients) -> Clients:
    with contextlib.suppress(CloudRefused):  # there is one already
        clients.call("organizations", "CreateOrganization", {"FeatureSet": "ALL"})
    return clients


@pytest.mark.real
def test_a_deleted_account_is_closed_and_counts_as_gone(organized: Clients) -> None:
    made = account(organized, "env-account-closed")
    lifecycle = Lifecycle(organized, "env-account-closed", "deployment-1")
    lifecycle.delete(ACCOUNT, made.id, made.properties)
    assert lifecycle.read(ACCOUNT, made.id, made.properties) is None
    shown = organized.call("organizations", "DescribeAccount", {"AccountId": made.id})["Account"]
    assert shown["Status"] == "SUSPENDED"


class Answering(Clients):
    """A cloud that answers what a test says, in that order."""

    answers: list[tuple[str, dict[str, Any]]]

    def call(self, service: str, operation: str, parameters: Any) -> dict[str, Any]:
        expected, answer = self.answers.pop(0)
        assert operation == expected
        return answer


def status(state: str, **more: Any) -> dict[str, Any]:
    return {"CreateAccountStatus": {"Id": "car-1", "AccountName": "Education", "State": state, **more}}


def waiting(*answers: dict[str, Any]) -> str:
    cloud = Answering(endpoint="http://127.0.0.1:9", region="cn-north-1", access_key="a", secret_key="b")
    cloud.answers = [("DescribeCreateAccountStatus", answer) for answer in answers[1:]]
    assert callable(ACCOUNT.identity)
    return ACCOUNT.identity(Context(cloud, ACCOUNT, "env", sleep=lambda _: None), answers[0])


def test_the_id_is_known_when_the_cloud_has_made_the_account() -> None:
    made = status("SUCCEEDED", AccountId="111122223333")
    assert waiting(status("IN_PROGRESS"), status("IN_PROGRESS"), made) == "111122223333"


def test_a_creation_that_fails_says_why() -> None:
    with pytest.raises(CloudRefused, match="EMAIL_ALREADY_EXISTS"):
        waiting(status("IN_PROGRESS"), status("FAILED", FailureReason="EMAIL_ALREADY_EXISTS"))
