"""Calls to the AWS API: one client a service, retries that never make a second resource, errors that can be told.

botocore's own retries are off: they repeat a create whose answer was lost. Here a throttled request (refused, so
surely not carried out) and a connection that was never made are tried again with growing pauses, for any operation;
a lost answer only for operations that may be repeated. How long is bounded by time, not by count.
"""

from __future__ import annotations

import copy
import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Self

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, UnknownRegionError
from botocore.model import ServiceModel
from botocore.parsers import ResponseParserError

from infra.provider.errors import NotConfigured
from infra.provider.sending import judge
from infra.provider.sessions import endpoint_key, endpoints_of, new_session
from infra.provider.together import Together

if TYPE_CHECKING:
    from infra.provider.clouds import Clouds

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 10.0

Guard = Callable[[], AbstractContextManager[None]]
"""Entered round every request; it raises where nothing may be sent any more."""


class Clients:
    """The services of one account in one region of one cloud. Safe for many threads."""

    def __init__(  # noqa: PLR0913  # what the AWS tools are told by variables, and three parts a test replaces
        self,
        *,
        endpoint: str,
        region: str,
        access_key: str = "",
        secret_key: str = "",
        session_token: str = "",
        endpoints: Mapping[str, str] | None = None,
        session: botocore.session.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``endpoint`` "" is AWS's own, ``endpoints`` are those of single services (``EC2``, ``KMS``).

        Without keys botocore looks for credentials as the AWS tools do; where an endpoint is set, only in variables
        and files of this machine. ``session`` brings credentials of its own. ``clouds`` and ``place`` are set by
        ``Clouds``: whose clients these are, and of which account and region.
        """
        self.endpoint = endpoint
        self.endpoints = dict(endpoints or {})
        self.region = region
        self._keys = (access_key or None, secret_key or None, session_token or None)
        self._sleep = sleep
        self._chance = chance
        self._clock = clock
        self.session = session or new_session(offline=bool(endpoint or endpoints))
        self._account: list[str] = []
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self.guard: Guard = nullcontext
        self.together = Together()
        self.clouds: Clouds | None = None
        self.place = ("", "")
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
            endpoints=endpoints_of(environ),
            region=region,
            access_key=environ.get("AWS_ACCESS_KEY_ID", ""),
            secret_key=environ.get("AWS_SECRET_ACCESS_KEY", ""),
            session_token=environ.get("AWS_SESSION_TOKEN", ""),
        )

    def guarded(self, guard: Guard) -> Self:
        """The same clients, with ``guard`` entered round every request."""
        other = copy.copy(self)
        other.guard = guard
        return other

    @property
    def keys(self) -> dict[str, str]:
        """The keys it was given, as the constructor takes them."""
        names = ("access_key", "secret_key", "session_token")
        return {name: key or "" for name, key in zip(names, self._keys, strict=True)}

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn``, ``aws-us-gov``, …, by the region's name; ``aws`` for a private cloud's own."""
        try:
            return str(self.session.get_partition_for_region(self.region))
        except UnknownRegionError:
            return "aws"

    @property
    def account(self) -> str:
        """The account the credentials belong to; asked once."""
        if not self._account:
            self._account.append(str(self.call("sts", "GetCallerIdentity", {})["Account"]))
        return self._account[0]

    def model(self, service: str) -> ServiceModel:
        """What botocore knows of a service: its operations and their shapes."""
        return self.session.get_service_model(service)

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one operation.

        Raises ``CloudRefused`` (``CredentialsRefused``), ``CloudSilent``, ``UnsupportedHere``, or ``AnswerLost``
        where a repetition might do it twice.
        """
        start = self._clock()
        pause = _FIRST_PAUSE
        while True:
            try:
                with self.guard():
                    answer: dict[str, Any] = self._client(service)._make_api_call(operation, dict(parameters))
                answer.pop("ResponseMetadata", None)
                return answer
            except (ClientError, BotoCoreError, ResponseParserError) as cause:
                judgement = judge(service, operation, cause)
                if self._clock() - start + pause > judgement.patience:
                    raise judgement.failure from None
            self._sleep(pause * (0.5 + self._chance() / 2))
            pause = min(_LONGEST_PAUSE, pause * 2)

    def pages(self, service: str, operation: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Every page of a listing."""
        paginator = self.session.get_component("data_loader").load_service_model(service, "paginators-1")
        page = paginator["pagination"].get(operation)
        answers = [self.call(service, operation, parameters)]
        while page and isinstance(page["output_token"], str) and answers[-1].get(page["output_token"]):
            following = {**parameters, page["input_token"]: answers[-1][page["output_token"]]}
            answers.append(self.call(service, operation, following))
        return answers

    def warm(self, *services: str) -> None:
        """Make the clients of these services now, so that the first request need not."""
        for service in services:
            self._client(service)

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                access_key, secret_key, session_token = self._keys
                own = self.endpoints and self.endpoints.get(endpoint_key(self.model(service).service_id))
                self._clients[service] = self.session.create_client(
                    service,
                    region_name=self.region,
                    endpoint_url=own or self.endpoint or None,
                    config=self._config,
                    aws_access_key_id=access_key,
                    aws_secret_access_key=secret_key,
                    aws_session_token=session_token,
                )
            return self._clients[service]
