"""The calls to the cloud that make one environment: recorded once, then made bare for any other.

Bare means the same calls with the same parameters over the cloud's own SDK, each as soon as what it needs is there:
the calls about one resource one after the other, and none before the calls that gave the ids it names.
"""

from __future__ import annotations

import contextvars
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from infra.provider.clients import Clients
from infra.provider.lifecycle import Lifecycle
from infra.provider.naming import TOKEN_TAG, environment_digest

_MARK = "made-by-call:"
_SHORTEST_ID = 8


@dataclass(frozen=True)
class Sent:
    """One call: the resource it was about, and its answer."""

    lane: str
    service: str
    operation: str
    parameters: Mapping[str, Any]
    answer: Mapping[str, Any]


@contextmanager
def recording() -> Iterator[list[Sent]]:
    """Collects the calls of every create in this process."""
    sent: list[Sent] = []
    lane: contextvars.ContextVar[str] = contextvars.ContextVar("lane", default="")
    create, call = Lifecycle.create, Clients.call

    def marked(self: Lifecycle, kind: Any, urn: str, inputs: Any) -> Any:
        token = lane.set(urn)
        try:
            return create(self, kind, urn, inputs)
        finally:
            lane.reset(token)

    def noted(self: Clients, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        answer = call(self, service, operation, parameters)
        if lane.get():
            known = json.loads(json.dumps([parameters, answer], default=str))
            sent.append(Sent(lane.get(), service, operation, *known))
        return answer

    Lifecycle.create, Clients.call = marked, noted  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        Lifecycle.create, Clients.call = create, call  # type: ignore[method-assign]


@dataclass
class Script:
    """Recorded calls with their ids taken out: ``needs[n]`` are the calls that must have been answered before."""

    environment: str
    calls: list[Sent]
    texts: list[str] = field(default_factory=list)
    needs: list[set[int]] = field(default_factory=list)
    given: dict[int, dict[tuple[Any, ...], int]] = field(default_factory=dict)
    """Of a call, the paths in its answer that others need, with the number of the id there."""
    tokens: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, environment: str, calls: Sequence[Sent]) -> Script:
        """Find which call gave each id that a later one names."""
        script = cls(environment, list(calls))
        first: dict[str, tuple[int, tuple[Any, ...]]] = {}
        texts = [json.dumps(one.parameters) for one in calls]
        for number, one in enumerate(calls):
            for path, text in _leaves(one.answer):
                if len(text) >= _SHORTEST_ID and text not in first and not any(text in t for t in texts[: number + 1]):
                    first[text] = (number, path)
        wanted = {text: at for text, at in first.items() if any(text in t for t in texts[at[0] + 1 :])}
        named = sorted(wanted, key=len, reverse=True)
        lanes: dict[str, int] = {}
        for number, one in enumerate(calls):
            needs = {lanes[one.lane]} if one.lane in lanes else set()
            text = texts[number]
            for index, identity in enumerate(named):
                if identity in text:
                    text = text.replace(identity, f"{_MARK}{index}.")
                    needs.add(wanted[identity][0])
            lanes[one.lane] = number
            script.texts.append(text)
            script.needs.append(needs)
            script.tokens.update(_tokens(one.parameters))
        for index, identity in enumerate(named):
            number, path = wanted[identity]
            script.given.setdefault(number, {})[path] = index
        return script

    @property
    def services(self) -> list[str]:
        """The services it calls."""
        return sorted({one.service for one in self.calls})

    def play(self, clients: Mapping[str, Any], environment: str, threads: ThreadPoolExecutor) -> None:
        """Make the calls for another environment."""
        ids: dict[int, str] = {}
        done: list[Future[None]] = []
        for number, text in enumerate(self.texts):
            done.append(threads.submit(self._send, clients, environment, number, text, ids, done))
        for one in done:
            one.result()

    def _send(
        self,
        clients: Mapping[str, Any],
        environment: str,
        number: int,
        text: str,
        ids: dict[int, str],
        done: list[Future[None]],
    ) -> None:
        for need in self.needs[number]:
            done[need].result()
        for index, identity in list(ids.items()):
            text = text.replace(f"{_MARK}{index}.", identity)
        for token in self.tokens:
            other = hashlib.sha256(f"{environment} {token}".encode()).hexdigest()[: len(token)]
            text = text.replace(token[:60], other[:60]).replace(f"-{token[:8]}", f"-{other[:8]}")
        text = text.replace(environment_digest(self.environment), environment_digest(environment))
        text = text.replace(self.environment, environment)
        one = self.calls[number]
        answer = clients[one.service]._make_api_call(one.operation, json.loads(text))
        for path, index in self.given.get(number, {}).items():
            found = answer
            for key in path:
                found = found[key]
            ids[index] = str(found)


def bare_clients(cloud: Mapping[str, str], services: Sequence[str]) -> dict[str, Any]:
    """The cloud's own SDK, as it comes."""
    config = Config(max_pool_connections=64, s3={"addressing_style": "path"})
    session = boto3.session.Session(
        cloud["AWS_ACCESS_KEY_ID"], cloud["AWS_SECRET_ACCESS_KEY"], region_name=cloud["AWS_REGION"]
    )
    return {
        service: session.client(service, endpoint_url=cloud["AWS_ENDPOINT_URL"], config=config)  # type: ignore[call-overload]
        for service in services
    }


def save(script_of: str, calls: Sequence[Sent]) -> str:
    """As text, for another process."""
    return json.dumps({"environment": script_of, "calls": [vars(one) for one in calls]})


def load(text: str) -> Script:
    """What ``save`` gave."""
    read = json.loads(text)
    return Script.of(read["environment"], [Sent(**one) for one in read["calls"]])


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    elif isinstance(value, str):
        yield path, value


def _tokens(parameters: Any) -> Iterator[str]:
    if isinstance(parameters, Mapping):
        if parameters.get("Key") == TOKEN_TAG:
            yield str(parameters["Value"])
        for item in parameters.values():
            yield from _tokens(item)
    elif isinstance(parameters, list):
        for item in parameters:
            yield from _tokens(item)
