from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from infra.provider.clients import Clients
from infra.provider.errors import (
    AnswerLost,
    CloudBroken,
    CloudRefused,
    CloudSilent,
    CredentialsRefused,
    NotConfigured,
    QuotaReached,
    UnsupportedHere,
)
from infra.provider.sending import BUSY_SECONDS, SILENT_SECONDS


def refused(code: str, status: int = 400, message: str = "m") -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "op")  # type: ignore[arg-type]


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


class Time:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def clock(self) -> float:
        return sum(self.pauses)


def scripted(*answers: Any) -> tuple[Clients, Script, Time]:
    time = Time()
    clients = Clients(
        endpoint="http://127.0.0.1:9",
        region="cn-north-1",
        access_key="a",
        secret_key="b",
        sleep=time.sleep,
        clock=time.clock,
        chance=lambda: 1.0,
    )
    script = Script(*answers)
    clients._clients["ec2"] = script
    return clients, script, time


def test_a_throttled_create_is_tried_again_with_growing_pauses() -> None:
    throttled = refused("RequestLimitExceeded", 503)
    clients, script, time = scripted(throttled, throttled, throttled, {"Vpc": {}})
    assert clients.call("ec2", "CreateVpc", {}) == {"Vpc": {}}
    assert script.calls == 4
    assert time.pauses == pytest.approx([0.1, 0.2, 0.4])


@pytest.mark.parametrize(
    "failure",
    [
        refused("Throttling"),
        refused("TooManyRequestsException", 429),
        refused("429", 429),
        refused("ConcurrentModificationException"),
    ],
)
def test_a_cloud_that_says_not_now_is_asked_for_about_two_minutes_and_no_longer(failure: Exception) -> None:
    clients, _, time = scripted(failure)
    with pytest.raises(CloudRefused):
        clients.call("ec2", "CreateVpc", {})
    assert BUSY_SECONDS - 10 <= time.clock() <= BUSY_SECONDS
    assert max(time.pauses) <= 10


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (refused("Throttling"), CloudBroken),
        (refused("InternalError", 500), CloudBroken),
        (refused("VpcLimitExceeded"), QuotaReached),
        (refused("ServiceQuotaExceededException"), QuotaReached),
        (refused("InstanceQuotaExceededFault"), QuotaReached),
        (refused("TooManyBuckets"), QuotaReached),
        (refused("RequestLimitExceeded"), CloudBroken),
        (refused("InvalidParameterValue"), CloudRefused),
    ],
)
def test_what_is_used_up_and_what_is_broken_are_told_apart(failure: Exception, told: type[CloudRefused]) -> None:
    clients, _, _ = scripted(failure)
    with pytest.raises(CloudRefused) as raised:
        clients.call("ec2", "DescribeVpcs", {})
    assert type(raised.value) is told


def test_a_minute_of_errors_is_outlived() -> None:
    class Minute(Script):
        def _make_api_call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
            self.calls += 1
            if time.clock() < 60:
                raise refused("InternalError", 500)
            return {"Vpcs": []}

    clients, _, time = scripted({})
    clients._clients["ec2"] = Minute({})
    assert clients.call("ec2", "DescribeVpcs", {}) == {"Vpcs": []}


@pytest.mark.parametrize("failure", [ReadTimeoutError(endpoint_url="x"), refused("InternalError", 500)])
def test_a_create_whose_answer_is_lost_is_never_sent_twice(failure: Exception) -> None:
    clients, script, _ = scripted(failure, {"Vpc": {}})
    with pytest.raises(AnswerLost):
        clients.call("ec2", "CreateVpc", {})
    assert script.calls == 1


@pytest.mark.parametrize("operation", ["DescribeVpcs", "DeleteVpc", "ModifyVpcAttribute", "CreateTags", "TagResource"])
def test_what_may_be_done_twice_is_tried_again_after_a_lost_answer(operation: str) -> None:
    clients, script, _ = scripted(ReadTimeoutError(endpoint_url="x"), {})
    clients.call("ec2", operation, {})
    assert script.calls == 2


@pytest.mark.parametrize("failure", [EndpointConnectionError(endpoint_url="x"), ConnectTimeoutError(endpoint_url="x")])
def test_a_connection_never_made_is_tried_again_even_for_a_create(failure: Exception) -> None:
    clients, script, _ = scripted(failure, {})
    clients.call("ec2", "RunInstances", {})
    assert script.calls == 2
    clients, script, time = scripted(failure)
    with pytest.raises(CloudSilent):
        clients.call("ec2", "RunInstances", {})
    assert 5 < time.clock() <= SILENT_SECONDS


def test_a_plain_refusal_is_final() -> None:
    clients, script, _ = scripted(refused("InvalidParameterValue"))
    with pytest.raises(CloudRefused, match="InvalidParameterValue"):
        clients.call("ec2", "CreateVpc", {})
    assert script.calls == 1


@pytest.mark.parametrize(
    "failure",
    [
        refused("ExpiredToken"),
        refused("ExpiredTokenException", 403),
        refused("RequestExpired"),
        refused("UnrecognizedClientException"),
        refused("AuthFailure", 401),
        NoCredentialsError(),
    ],
)
def test_credentials_that_ended_are_said_in_words_of_both_languages(failure: Exception) -> None:
    clients, script, _ = scripted(failure)
    with pytest.raises(CredentialsRefused) as error:
        clients.call("ec2", "CreateVpc", {})
    assert script.calls == 1
    assert "凭证" in error.value.text("zh")
    assert "renew" in error.value.text("en")


@pytest.mark.parametrize(
    "failure",
    [
        refused("NotImplemented", 501),
        refused("InvalidAction"),
        refused("UnknownOperationException"),
        refused("404", 404, "<p>The requested URL was not found on the server."),
        refused("InternalFailure", 500, "The x action has not been implemented"),
    ],
)
def test_what_the_cloud_lacks_is_said_so_and_never_taken_for_done(failure: Exception) -> None:
    clients, script, _ = scripted(failure)
    with pytest.raises(UnsupportedHere) as error:
        clients.call("ec2", "CreateCoipPool", {})
    assert script.calls == 1
    assert error.value.facts == {"kind": "ec2", "operation": "CreateCoipPool"}


def test_every_page_is_read() -> None:
    clients, *_ = scripted({"Vpcs": [1], "NextToken": "t"}, {"Vpcs": [2]})
    assert [page["Vpcs"] for page in clients.pages("ec2", "DescribeVpcs", {})] == [[1], [2]]


def test_a_region_is_needed() -> None:
    with pytest.raises(NotConfigured, match="AWS_REGION"):
        Clients.from_environment({})


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws"), ("gov-private-1", "aws")],
)
def test_the_partition_is_the_regions(region: str, partition: str) -> None:
    assert Clients(endpoint="http://127.0.0.1:9", region=region).partition == partition


def test_a_service_may_have_an_endpoint_of_its_own() -> None:
    clients = Clients.from_environment(
        {
            "AWS_REGION": "cn-north-1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:10",
            "AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API": "http://127.0.0.1:11",
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
        }
    )
    clients.warm("ec2", "kms", "resourcegroupstaggingapi")
    endpoints = {name: client.meta.endpoint_url for name, client in clients._clients.items()}
    assert endpoints == {
        "ec2": "http://127.0.0.1:9",
        "kms": "http://127.0.0.1:10",
        "resourcegroupstaggingapi": "http://127.0.0.1:11",
    }


def test_with_an_endpoint_nothing_else_is_asked_for_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """No metadata address, no container's, no single sign-on: offline there are variables and files only."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/never")

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", never)
    with pytest.raises(CredentialsRefused):
        Clients(endpoint="http://127.0.0.1:9", region="cn-north-1").call("ec2", "DescribeVpcs", {})
