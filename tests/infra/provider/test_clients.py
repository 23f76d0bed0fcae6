from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from infra.provider.clients import Clients
from infra.provider.errors import AnswerLost, CloudRefused, CloudSilent, NotConfigured


def refused(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "op")


class Script:
    """A service whose answers are given in advance."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls = 0

    def _make_api_call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


def scripted(*answers: Any) -> tuple[Clients, Script, list[float]]:
    pauses: list[float] = []
    clients = Clients(
        endpoint="http://127.0.0.1:9",
        region="cn-north-1",
        access_key="a",
        secret_key="b",
        sleep=pauses.append,
        chance=lambda: 1.0,
    )
    script = Script(*answers)
    clients._clients["ec2"] = script
    return clients, script, pauses


def test_a_throttled_create_is_tried_again_with_growing_pauses() -> None:
    throttled = refused("RequestLimitExceeded", 503)
    clients, script, pauses = scripted(throttled, throttled, throttled, {"Vpc": {}})
    assert clients.call("ec2", "CreateVpc", {}) == {"Vpc": {}}
    assert script.calls == 4
    assert pauses == pytest.approx([0.1, 0.2, 0.4])


def test_throttling_without_end_is_passed_on() -> None:
    clients, script, pauses = scripted(refused("Throttling"))
    with pytest.raises(CloudRefused) as error:
        clients.call("ec2", "CreateVpc", {})
    assert error.value.reason == "Throttling"
    assert script.calls == 8
    assert max(pauses) <= 10


@pytest.mark.parametrize("failure", [ReadTimeoutError(endpoint_url="x"), refused("InternalError", 500)])
def test_a_create_whose_answer_is_lost_is_never_sent_twice(failure: Exception) -> None:
    clients, script, _ = scripted(failure, {"Vpc": {}})
    with pytest.raises(AnswerLost):
        clients.call("ec2", "CreateVpc", {})
    assert script.calls == 1


@pytest.mark.parametrize("operation", ["DescribeVpcs", "DeleteVpc", "ModifyVpcAttribute", "CreateTags"])
def test_what_may_be_done_twice_is_tried_again_after_a_lost_answer(operation: str) -> None:
    clients, script, _ = scripted(ReadTimeoutError(endpoint_url="x"), {})
    clients.call("ec2", operation, {})
    assert script.calls == 2


@pytest.mark.parametrize("failure", [EndpointConnectionError(endpoint_url="x"), ConnectTimeoutError(endpoint_url="x")])
def test_a_connection_never_made_is_tried_again_even_for_a_create(failure: Exception) -> None:
    clients, script, _ = scripted(failure, {})
    clients.call("ec2", "RunInstances", {})
    assert script.calls == 2
    clients, script, _ = scripted(failure)
    with pytest.raises(CloudSilent):
        clients.call("ec2", "RunInstances", {})
    assert script.calls == 8


def test_a_plain_refusal_is_final() -> None:
    clients, script, _ = scripted(refused("InvalidParameterValue"))
    with pytest.raises(CloudRefused, match="InvalidParameterValue"):
        clients.call("ec2", "CreateVpc", {})
    assert script.calls == 1


def test_every_page_is_read() -> None:
    clients, *_ = scripted({"Vpcs": [1], "NextToken": "t"}, {"Vpcs": [2]})
    assert [page["Vpcs"] for page in clients.pages("ec2", "DescribeVpcs", {})] == [[1], [2]]


def test_a_region_is_needed() -> None:
    with pytest.raises(NotConfigured, match="AWS_REGION"):
        Clients.from_environment({})
