"""What a lifecycle step works with: the cloud, the environment, and the one resource it is about."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath

from infra.provider.clients import Clients
from infra.provider.errors import CloudRefused, NotFound, TookTooLong
from infra.provider.kind import Call, Kind, Plain, Properties, View
from infra.provider.naming import ENVIRONMENT_TAG, NAME_TAG, TOKEN_TAG, URN_TAG, role_path

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0
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
    sleep: Callable[[float], None] = field(default=time.sleep)
    seconds: float = 600.0

    def call(self, call: Call, properties: Mapping[str, Plain], identity: str = "") -> dict[str, Any]:
        """Fill a call's template and carry it out."""
        service = call.service or self.kind.service
        return self.clients.call(service, call.operation, self.fill(call.parameters, properties, identity))

    def fill(self, template: Mapping[str, Plain], properties: Mapping[str, Plain], identity: str = "") -> dict[str, Any]:
        """The parameters a template means for one resource."""
        values: dict[str, Plain] = {
            **properties,
            "id": identity or None,
            "token": self.token or None,
            "environment": self.environment,
            "path": role_path(self.environment),
            "region": self.clients.region,
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
        view: View | None = jmespath.search(self.kind.view_path, answer)
        return view

    def view(self, identity: str) -> View | None:
        """The resource with all its looks."""
        main = self.describe(identity)
        if main is None or self.holds(self.kind.dying, main):
            return None
        looks = {name: self._look(call, identity) for name, call in self.kind.looks.items()}
        return {**main, **looks}

    def _look(self, call: Call, identity: str) -> View | None:
        try:
            return self.call(call, {}, identity)
        except CloudRefused as refusal:
            if refusal.reason in call.absent:
                return None
            raise

    def wait(self, identity: str, wanted: str) -> View | None:
        """Describe until the expression holds; nothing if the resource went away meanwhile."""
        deadline = time.monotonic() + self.seconds
        pause = _FIRST_PAUSE
        while True:
            main = self.describe(identity)
            if main is None or self.holds(wanted, main):
                return main
            if time.monotonic() > deadline:
                raise TookTooLong(kind=self.kind.short, id=identity, wanted=wanted)
            self.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)

    def require(self, identity: str, wanted: str) -> View:
        """``wait`` for a resource that must not go away."""
        main = self.wait(identity, wanted)
        if main is None:
            raise NotFound(kind=self.kind.short, id=identity)
        return main

    @staticmethod
    def holds(expression: str, view: View) -> bool:
        """Whether an expression is true of a view; an empty one never is."""
        return bool(expression) and jmespath.search(expression, view) is True


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
