"""What a lifecycle step works with: the cloud, the environment, and the one resource it is about."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from infra.provider.clients import Clients
from infra.provider.clouds import Clouds
from infra.provider.composite import to_cloud
from infra.provider.errors import CloudRefused, NotFound, TookTooLong, UnsupportedHere
from infra.provider.kind import AnyShape, Call, Kind, Look, Plain, Properties, Shape, TagStyle, View
from infra.provider.naming import ENVIRONMENT_TAG, NAME_TAG, TOKEN_TAG, URN_TAG, bucket_prefix, role_path
from infra.provider.paths import search
from infra.provider.templates import expression, fill

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0
_APPEAR_SECONDS = 30.0
_S3_HOME = "us-east-1"  # the one region that S3 refuses to have named
ANYTHING = "`true`"
ID_SEPARATOR = ","
_NOT_IN_A_TAG = re.compile(r"[^\w .:/=+\-@]")
_NOT_IN_A_GROUP_NAME = re.compile(r"[^A-Za-z0-9 ._\-]")
_NOT_IN_A_SHORT_NAME = re.compile(r"[^A-Za-z0-9]+")
RESERVED = frozenset(
    {
        *("id", "arn", "tags", "surplus", "client_token", "short_token", "unique_name", "short_name", "environment"),
        *("path", "prefix", "bucket_prefix", "account", "region", "partition", "location", "item", "items", "handle"),
    }
)
"""The names in templates that are no property's."""


@dataclass(frozen=True, slots=True)
class Context:
    """One operation on one resource. ``token`` and ``urn`` are empty where nothing is created; ``seen`` is what was
    just described of it, while it is being looked at."""

    clients: Clients
    kind: Kind
    environment: str
    token: str = ""
    urn: str = ""
    attempt: int = 0
    seen: View | None = None
    sleep: Callable[[float], None] = field(default=time.sleep)

    def call(self, call: Call, properties: Mapping[str, Plain], identity: str = "", **extra: Plain) -> dict[str, Any]:
        """Fill a call's template and carry it out; ``extra`` are more names, such as ``item``."""
        return self._carry_out(
            call.service or self.kind.service, call.operation, self.fill(call.parameters, properties, identity, **extra)
        )

    def send(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """Carry out an operation of the kind's service with these very parameters: no template."""
        return self._carry_out(self.kind.service, operation, parameters)

    def send_to(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """The same of another service."""
        return self._carry_out(service, operation, parameters)

    def pages(self, call: Call, properties: Mapping[str, Plain], identity: str = "") -> list[dict[str, Any]]:
        """Every page of a listing."""
        filled = self.fill(call.parameters, properties, identity)
        try:
            return self.clients.pages(call.service or self.kind.service, call.operation, filled)
        except UnsupportedHere as lacking:
            raise UnsupportedHere(kind=self.kind.short, operation=lacking.facts["operation"]) from lacking

    def _carry_out(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self.clients.together.ask(self.clients, service, operation, parameters)
        except UnsupportedHere as lacking:
            raise UnsupportedHere(kind=self.kind.short, operation=operation) from lacking

    def elsewhere(self, account: str = "", region: str = "") -> Clients:
        """The cloud's clients in another account or region, for what takes two; empty is where this resource is."""
        clouds = self.clients.clouds or Clouds(self.clients)
        own_account, own_region = self.clients.place
        there = clouds.at(account or own_account, region or own_region)
        return there.guarded(self.clients.guard)

    def fill(
        self, template: Mapping[str, Plain], properties: Mapping[str, Plain], identity: str = "", **extra: Plain
    ) -> dict[str, Any]:
        """The parameters a template means for one resource."""
        filled: dict[str, Any] = fill(template, lambda name: self.value(name, properties, identity, extra))
        return filled

    def expression(self, text: str, identity: str = "", **extra: Plain) -> str:
        """A path with its names replaced."""
        return expression(text, lambda name: self.value(name, {}, identity, extra))

    def value(
        self, name: str, properties: Mapping[str, Plain], identity: str = "", extra: Mapping[str, Plain] | None = None
    ) -> Plain:
        """What a name in a template means here, in the cloud's form."""
        first, _, rest = name.partition(".")
        if first in {"item", "items", "handle", "surplus"}:
            return _inside((extra or {}).get(first), rest)
        if first == "id":
            return (self.parts(identity).get(rest) if rest else identity) or None
        if first in RESERVED:
            return self._reserved(first, properties, identity)
        if first in self.kind.derived:
            return self.kind.derived[first](self, dict(properties))
        if not self.kind.has(first):
            return properties.get(first)
        return _declared(self.kind.named_property(first).shape, properties.get(first), rest)

    def _reserved(self, name: str, properties: Mapping[str, Plain], identity: str) -> Plain:
        made: dict[str, Callable[[], Plain]] = {
            "arn": lambda: self.arn(identity) if identity else None,
            "tags": lambda: self.tags(self.all_tags(properties)),
            "client_token": lambda: f"{self.token[:60]}-{self.attempt}" if self.attempt else self.token or None,
            "short_token": lambda: f"{self.token[:30]}-{self.attempt}" if self.attempt else self.token[:32] or None,
            "unique_name": lambda: self._unique(_NOT_IN_A_GROUP_NAME, 200, properties),
            "short_name": lambda: self._unique(_NOT_IN_A_SHORT_NAME, 23, properties),
            "environment": lambda: self.environment,
            "path": lambda: role_path(self.environment),
            "prefix": lambda: self.kind.prefix(self.environment) if self.kind.prefix else None,
            "bucket_prefix": lambda: bucket_prefix(self.environment),
            "account": lambda: self.clients.account,
            "region": lambda: self.clients.region,
            "partition": lambda: self.clients.partition,
            "location": lambda: None if self.clients.region == _S3_HOME else self.clients.region,
        }
        return made[name]()

    def _unique(self, unfit: re.Pattern[str], length: int, properties: Mapping[str, Plain]) -> str:
        name = unfit.sub("-", str(properties.get("name") or self.kind.short))[:length]
        if unfit is _NOT_IN_A_SHORT_NAME:
            name = name.strip("-") or self.kind.short[:length]
        return f"{name}-{self.token[:8]}"

    def parts(self, identity: str) -> dict[str, str]:
        """The parts of an id made of several."""
        return dict(zip(self.kind.parts, identity.split(ID_SEPARATOR), strict=False)) if identity else {}

    def arn(self, identity: str) -> str:
        """The ARN as the kind says; empty where only the cloud tells it."""
        pattern = self.kind.arn
        account = self.clients.account if "{account}" in pattern else ""
        return pattern.format(
            partition=self.clients.partition,
            region=self.clients.region,
            account=account,
            id=identity,
            **self.parts(identity),
        )

    def foreseen(self, properties: Mapping[str, Plain]) -> str:
        """The id that the inputs alone make; empty where the cloud gives it."""
        if self.kind.named:
            return str(properties["name"])
        if not self.kind.made_of or not isinstance(self.kind.identity, Mapping):
            return ""
        return ID_SEPARATOR.join(str(self.value(path[1:], properties)) for path in self.kind.identity.values())

    def born(self, answer: View, properties: Mapping[str, Plain]) -> str:
        """The id in a create call's answer."""
        identity = self.kind.identity
        if self.kind.named:
            return str(properties["name"])
        if isinstance(identity, str):
            return str(search(identity, answer))
        if not isinstance(identity, Mapping):
            return identity(self, answer)
        parts = (
            self.value(path[1:], properties) if path.startswith("$") else search(path, answer)
            for path in identity.values()
        )
        return ID_SEPARATOR.join(str(part) for part in parts)

    def all_tags(self, properties: Mapping[str, Plain]) -> dict[str, str]:
        """Our tags and the program's."""
        named = {} if self.kind.named else {NAME_TAG: str(properties["name"])} if properties.get("name") else {}
        ours = {ENVIRONMENT_TAG: self.environment}
        if self.token:
            ours[TOKEN_TAG] = self.token
        if self.urn:
            ours[URN_TAG] = _NOT_IN_A_TAG.sub("_", self.urn.rpartition("::")[2])[-256:]
        return {**(properties.get("tags") or {}), **named, **ours}

    def tags(self, tags: Mapping[str, str]) -> Plain:
        """Tags as the kind's service takes them."""
        style = self.kind.tag_style
        if style is TagStyle.MAP:
            return dict(sorted(tags.items()))
        key, value = style.value.split(", ")
        return [{key: name, value: text} for name, text in sorted(tags.items())]

    def describe(self, identity: str) -> View | None:
        """The resource as the describe call shows it; nothing where there is none."""
        try:
            answer = self.call(self.kind.describe, {}, identity)
        except CloudRefused as refusal:
            if refusal.reason in self.kind.describe.absent:
                return None
            raise
        shown: View | None = search(self.expression(self.kind.view_path, identity), answer)
        return None if shown is None else self._as_view(identity, shown)

    def _as_view(self, identity: str, shown: View) -> View:
        return {**shown, "identity": identity, "parts": self.parts(identity)}

    def view(self, identity: str, main: View | None = None) -> View | None:
        """The resource with all its looks; ``main`` is what was just described."""
        main = main or self.describe(identity)
        if main is None or self.holds(self.kind.dying, main):
            return None
        looked = main.get("looked", ())
        seen = {**main, **{name: self._look(name, identity, main) for name in self.kind.looks if name not in looked}}
        return None if self.holds(self.kind.dying, seen) else seen

    def _look(self, name: str, identity: str, main: View) -> Any:
        look: Call | Look = self.kind.looks[name]
        if not isinstance(look, Call):
            return look(replace(self, seen=main), identity)
        try:
            return self.call(look, {}, identity)
        except CloudRefused as refusal:
            if refusal.reason in look.absent:
                return None
            raise

    def until(self, identity: str, wanted: str, shown: View | None = None) -> View:
        """Look until the expression holds; at once where what was ``shown`` by another call does. A new resource may
        take a while to show."""
        if shown is not None and self.holds(wanted, born := self._as_view(identity, shown)):
            return born
        main = self._poll(identity, lambda seen, elapsed: self._settled(seen, elapsed, wanted), wanted)
        if main is None:
            raise NotFound(kind=self.kind.short, id=identity)
        return main

    def until_gone(self, identity: str, gone: str) -> None:
        """Look until the resource is gone, or shows itself as such."""
        self._poll(identity, lambda seen, _: seen is None or self.holds(gone, seen), gone)

    def _settled(self, seen: View | None, elapsed: float, wanted: str) -> bool:
        if seen is None:
            return elapsed > _APPEAR_SECONDS
        if self.holds(self.kind.dying, seen):
            raise NotFound(kind=self.kind.short, id=seen["identity"])
        return self.holds(wanted, seen)

    def _poll(self, identity: str, done: Callable[[View | None, float], bool], wanted: str) -> View | None:
        """Describe, and with it the looks that the expressions speak of, in growing pauses."""
        looks = [name for name in self.kind.looks if re.search(rf"\b{name}\b", f"{wanted} {self.kind.dying}")]
        start = time.monotonic()
        pause = _FIRST_PAUSE
        while True:
            seen = self.describe(identity)
            if seen is not None and looks:
                seen |= {"looked": looks, **{name: self._look(name, identity, seen) for name in looks}}
            elapsed = time.monotonic() - start
            if done(seen, elapsed):
                return seen
            if elapsed > self.kind.seconds:
                raise TookTooLong(kind=self.kind.short, id=identity, wanted=wanted)
            self.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)

    def holds(self, text: str, view: View) -> bool:
        """Whether an expression is true of a view; an empty one never is."""
        return bool(text) and search(self.expression(text, str(view.get("identity", ""))), view) is True


def _inside(value: Plain, path: str) -> Plain:
    for name in path.split(".") if path else ():
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _declared(shape: AnyShape, value: Plain, path: str) -> Plain:
    """A property, or a field in it, in the cloud's form."""
    for name in path.split(".") if path else ():
        fields = getattr(shape, "fields", ())
        shape = next((one.shape for one in fields if one.name == name), Shape.TEXT)
        value = value.get(name) if isinstance(value, Mapping) else None
    return to_cloud(shape, value)


def without_absent(properties: Properties) -> Properties:
    """Only what has a value."""
    return {key: value for key, value in properties.items() if value is not None}
