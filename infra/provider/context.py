"""What a lifecycle step works with: the cloud, the environment, and the one resource it is about."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused, NotFound, TookTooLong
from infra.provider.kind import Call, Kind, Look, Plain, Properties, View
from infra.provider.naming import ENVIRONMENT_TAG, NAME_TAG, TOKEN_TAG, URN_TAG, bucket_prefix, role_path
from infra.provider.paths import search

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0
_APPEAR_SECONDS = 30.0
_S3_HOME = "us-east-1"  # the one region that S3 refuses to have named
ANYTHING = "`true`"
_NOT_IN_A_TAG = re.compile(r"[^\w .:/=+\-@]")
_NOT_IN_A_GROUP_NAME = re.compile(r"[^A-Za-z0-9 ._\-]")


@dataclass(frozen=True, slots=True)
class Context:
    """One operation on one resource. ``token`` and ``urn`` are empty where nothing is created."""

    clients: Clients
    kind: Kind
    environment: str
    token: str = ""
    urn: str = ""
    attempt: int = 0
    sleep: Callable[[float], None] = field(default=time.sleep)
    seconds: float = 600.0

    def call(self, call: Call, properties: Mapping[str, Plain], identity: str = "") -> dict[str, Any]:
        """Fill a call's template and carry it out."""
        service = call.service or self.kind.service
        return self.clients.call(service, call.operation, self.fill(call.parameters, properties, identity))

    def send(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Carry out an operation of the kind's service with these very parameters: no template."""
        return self.clients.call(self.kind.service, operation, parameters)

    def fill(
        self, template: Mapping[str, Plain], properties: Mapping[str, Plain], identity: str = ""
    ) -> dict[str, Any]:
        """The parameters a template means for one resource."""
        values: dict[str, Plain] = {
            **properties,
            "id": identity or None,
            "client_token": f"{self.token[:60]}-{self.attempt}" if self.attempt else self.token or None,
            "environment": self.environment,
            "path": role_path(self.environment),
            "bucket_prefix": bucket_prefix(self.environment),
            "location": None if self.clients.region == _S3_HOME else self.clients.region,
            "unique_name": f"{_NOT_IN_A_GROUP_NAME.sub('-', str(properties.get('name')))[:200]}-{self.token[:8]}",
            "tags": [{"Key": key, "Value": value} for key, value in sorted(self.all_tags(properties).items())],
        }
        filled: dict[str, Any] = _filled(template, values)
        return filled

    def all_tags(self, properties: Mapping[str, Plain]) -> dict[str, str]:
        """Our tags and the program's."""
        named = {} if self.kind.named else {NAME_TAG: str(properties["name"])} if properties.get("name") else {}
        ours = {ENVIRONMENT_TAG: self.environment}
        if self.token:
            ours[TOKEN_TAG] = self.token
        if self.urn:
            ours[URN_TAG] = _NOT_IN_A_TAG.sub("_", self.urn.rpartition("::")[2])[-256:]
        return {**(properties.get("tags") or {}), **named, **ours}

    def describe(self, identity: str) -> View | None:
        """The resource as the describe call shows it; nothing where there is none."""
        try:
            answer = self.call(self.kind.describe, {}, identity)
        except CloudRefused as refusal:
            if refusal.reason in self.kind.describe.absent:
                return None
            raise
        shown: View | None = search(self.kind.view_path, answer)
        return None if shown is None else {**shown, "identity": identity}

    def view(self, identity: str, main: View | None = None) -> View | None:
        """The resource with all its looks; ``main`` is what was just described."""
        main = main or self.describe(identity)
        if main is None or self.holds(self.kind.dying, main):
            return None
        looks = {name: self._look(call, identity) for name, call in self.kind.looks.items()}
        return {**main, **looks}

    def _look(self, look: Call | Look, identity: str) -> Any:
        if not isinstance(look, Call):
            return look(self, identity)
        try:
            return self.call(look, {}, identity)
        except CloudRefused as refusal:
            if refusal.reason in look.absent:
                return None
            raise

    def until(self, identity: str, wanted: str) -> View:
        """Describe until the expression holds. A new resource may take a while to show."""
        main = self._poll(identity, lambda seen, elapsed: self._settled(seen, elapsed, wanted), wanted)
        if main is None:
            raise NotFound(kind=self.kind.short, id=identity)
        return main

    def until_gone(self, identity: str, gone: str) -> None:
        """Describe until the resource is gone, or shows itself as such."""
        self._poll(identity, lambda seen, _: seen is None or self.holds(gone, seen), gone)

    def _settled(self, seen: View | None, elapsed: float, wanted: str) -> bool:
        if seen is None:
            return elapsed > _APPEAR_SECONDS
        if self.holds(self.kind.dying, seen):
            raise NotFound(kind=self.kind.short, id=seen["identity"])
        return self.holds(wanted, seen)

    def _poll(self, identity: str, done: Callable[[View | None, float], bool], wanted: str) -> View | None:
        start = time.monotonic()
        pause = _FIRST_PAUSE
        while True:
            seen = self.describe(identity)
            elapsed = time.monotonic() - start
            if done(seen, elapsed):
                return seen
            if elapsed > self.seconds:
                raise TookTooLong(kind=self.kind.short, id=identity, wanted=wanted)
            self.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)

    @staticmethod
    def holds(expression: str, view: View) -> bool:
        """Whether an expression is true of a view; an empty one never is."""
        return bool(expression) and search(expression, view) is True


def _filled(template: Plain, values: Mapping[str, Plain]) -> Plain:
    if isinstance(template, str) and template.startswith("$"):
        return values.get(template[1:])
    if isinstance(template, Mapping):
        pairs = ((key, _filled(value, values)) for key, value in template.items())
        return {key: value for key, value in pairs if value is not None and value != {}}
    if isinstance(template, list | tuple):
        items = (_filled(value, values) for value in template)
        return [value for value in items if value is not None]
    return template


def without_absent(properties: Properties) -> Properties:
    """Only what has a value."""
    return {key: value for key, value in properties.items() if value is not None}
