"""Calls to the AWS API: one client a service, retries that never make a second resource, errors that can be told.

botocore's own retries are off: they repeat a create whose answer was lost. Here a throttled request (refused, so
surely not carried out) and a connection that was never made are tried again with growing pauses, for any operation;
a lost answer only for operations that may be repeated.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
)
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserError

from infra.provider.errors import AnswerLost, CloudRefused, CloudSilent, NotConfigured

_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_REPEATABLE = re.compile(
    r"Describe|Get|List|Head|Delete|Terminate|Put|Modify|Create(Tags)$|Tag|Untag|Attach(Role)|Detach|Revoke|Stop|Start|Update"
)
_ATTEMPTS = 8
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0


class Clients:
    """The services of one cloud. Safe for many threads."""

    def __init__(
        self,
        *,
        endpoint: str,
        region: str,
        access_key: str = "",
        secret_key: str = "",
        session_token: str = "",
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``endpoint`` "" is AWS's own; without keys botocore looks for credentials as the AWS tools do."""
        self.endpoint = endpoint
        self.region = region
        self._keys = (access_key or None, secret_key or None, session_token or None)
        self._sleep = sleep
        self._chance = chance
        self._session = botocore.session.get_session()
        self._account = ""
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._config = Config(
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=64,
            s3={"addressing_style": "path"} if endpoint else {},
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """By the variables every AWS tool knows: ``AWS_ENDPOINT_URL``, ``AWS_REGION``, ``AWS_ACCESS_KEY_ID``, …"""
        region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or ""
        if not region:
            raise NotConfigured(variable="AWS_REGION")
        return cls(
            endpoint=environ.get("AWS_ENDPOINT_URL", ""),
            region=region,
            access_key=environ.get("AWS_ACCESS_KEY_ID", ""),
            secret_key=environ.get("AWS_SECRET_ACCESS_KEY", ""),
            session_token=environ.get("AWS_SESSION_TOKEN", ""),
        )

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn``, ``aws-us-gov``, …, by the region's name."""
        return str(self._session.get_partition_for_region(self.region))

    @property
    def account(self) -> str:
        """The account the credentials belong to; asked once."""
        if not self._account:
            self._account = str(self.call("sts", "GetCallerIdentity", {})["Account"])
        return self._account

    def model(self, service: str) -> ServiceModel:
        """What botocore knows of a service: its operations and their shapes."""
        return self._session.get_service_model(service)

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one operation.

        Raises ``CloudRefused``, ``CloudSilent``, or ``AnswerLost`` where a repetition might do it twice.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer: dict[str, Any] = self._client(service)._make_api_call(operation, dict(parameters))
                answer.pop("ResponseMetadata", None)
                return answer
            except (ClientError, BotoCoreError, ResponseParserError) as cause:
                failure, again = _judge(operation, cause)
                if not again or attempt == _ATTEMPTS:
                    raise failure from None
            self._sleep(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (attempt - 1)) * (0.5 + self._chance() / 2))
        raise AssertionError("the loop returns or raises")

    def pages(self, service: str, operation: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Every page of a listing."""
        paginator = self._session.get_component("data_loader").load_service_model(service, "paginators-1")
        page = paginator["pagination"].get(operation)
        answers = [self.call(service, operation, parameters)]
        while page and isinstance(page["output_token"], str) and answers[-1].get(page["output_token"]):
            following = {**parameters, page["input_token"]: answers[-1][page["output_token"]]}
            answers.append(self.call(service, operation, following))
        return answers

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                access_key, secret_key, session_token = self._keys
                self._clients[service] = self._session.create_client(
                    service,
                    region_name=self.region,
                    endpoint_url=self.endpoint or None,
                    config=self._config,
                    aws_access_key_id=access_key,
                    aws_secret_access_key=secret_key,
                    aws_session_token=session_token,
                )
            return self._clients[service]


def _judge(operation: str, cause: Exception) -> tuple[CloudRefused | CloudSilent | AnswerLost, bool]:
    """What happened, and whether to try again."""
    if isinstance(cause, ClientError):
        error = cause.response.get("Error", {})
        reason, message = str(error.get("Code", "?")), str(error.get("Message", ""))
        status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status >= 500 and reason not in _THROTTLED:
            if _REPEATABLE.match(operation):
                return CloudRefused(operation=operation, reason=reason, message=message), True
            return AnswerLost(operation=operation, message=f"{reason} {message}"), False
        return CloudRefused(operation=operation, reason=reason, message=message), reason in _THROTTLED
    if isinstance(cause, EndpointConnectionError | ConnectTimeoutError):
        return CloudSilent(operation=operation, message=str(cause)), True
    if isinstance(cause, HTTPClientError | ResponseParserError):
        return AnswerLost(operation=operation, message=str(cause)), _REPEATABLE.match(operation) is not None
    # Credentials missing, a parameter that the service's model does not know, …: never sent.
    return CloudRefused(operation=operation, reason=type(cause).__name__, message=str(cause)), False
