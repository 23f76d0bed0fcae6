"""One environment being written down: its spec, its place, and what it has got so far."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import pulumi

from infra.components.names import displayed
from infra.components.passwords import Passwords
from infra.components.placement import Placement
from infra.components.tags import Paid, cost_tags
from infra.provider.kind import Kind
from infra.resources import CloudResource


class Stated(Paid, Protocol):
    """What every spec says: which environment its parts belong to, and who pays."""

    @property
    def environment(self) -> str:
        """The environment's name."""
        ...


SpecT = TypeVar("SpecT", bound=Stated)


@dataclass(frozen=True)
class Site(Generic[SpecT]):
    """Makes the parts of one environment, each with its tags and in its account and region.

    ``made`` maps kind → name → resource, as the outputs will: kinds as ``load-balancer``, names as in ``names``.
    ``account`` and ``region`` "" are the credentials' own and the environment's default.
    """

    spec: SpecT
    placement: Placement
    options: pulumi.ResourceOptions
    account: str = ""
    region: str = ""
    passwords: Passwords | None = None
    made: dict[str, dict[str, CloudResource]] = field(default_factory=dict)

    def make(
        self, kind: Kind, short: str, /, *, output: str = "", after: Sequence[CloudResource] = (), **properties: Any
    ) -> CloudResource:
        """One resource, made ``after`` others that it does not name. It shows as environment and name where it is not
        told another ``name``; in the outputs it is of kind ``output``."""
        told: dict[str, Any] = {"name": displayed(self.spec.environment, short)} if kind.has("name") else {}
        if kind.has("tags"):
            told["tags"] = cost_tags(self.spec)
        if self.account:
            told["account"] = self.account
        if self.region:
            told["region"] = self.region
        options = self.options
        if after:
            options = pulumi.ResourceOptions.merge(options, pulumi.ResourceOptions(depends_on=list(after)))
        resource = CloudResource(kind, short, options, **{**told, **properties})
        self.made.setdefault(output or kebab(kind.short), {})[short] = resource
        return resource

    def outputs(self) -> Mapping[str, Mapping[str, pulumi.Output[str]]]:
        """Cloud ids by kind and name: what the register is opened from."""
        return {kind: {name: one.id for name, one in named.items()} for kind, named in self.made.items()}


def kebab(name: str) -> str:
    """``LoadBalancer`` as ``load-balancer``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
