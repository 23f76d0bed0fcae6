from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pulumi.runtime.proto.provider_pb2 import (
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    UpdateRequest,
)

from infra.provider.adoption import Orphans
from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.clouds import Clouds
from infra.provider.kind import Kind, Properties
from infra.provider.lifecycle import Lifecycle, Resource
from infra.provider.plain import to_plain, to_struct
from infra.provider.service import CloudProvider
from infra.provider.sweep import sweep
from infra.provider.work import Work, Works
from tests.infra.provider.kinds.example import Example, Made, examples


@dataclass
class World:
    """One environment in the sandbox, with what a resource under test stands on."""

    clients: Clients
    environment: str
    deployment: str = "deployment-1"
    made: dict[Example, Resource] = field(default_factory=dict)

    def lifecycle(self, **changes: Any) -> Lifecycle:
        settings = {"clients": self.clients, "environment": self.environment, "deployment": self.deployment}
        return Lifecycle(**{**settings, **changes})

    def checked(self, kind: Kind, inputs: Properties) -> Properties:
        checked, failures = check(kind, inputs, self.environment)
        assert not failures, [(failure.path, failure.reason) for failure in failures]
        return checked

    def urn(self, kind: Kind, name: str = "under-test") -> str:
        return f"urn:pulumi:{self.environment}::guanyun::{kind.type_name}::{name}"

    def standing(self, example: Example) -> Made:
        """What an example needs, made where it is not there yet."""
        made = Made(self.clients, self.environment)
        for name, needed in example.needs.items():
            if needed not in self.made:
                inputs = self.checked(needed.kind, needed.create(self.standing(needed)))
                urn = self.urn(needed.kind, f"needed-{len(self.made)}")
                self.made[needed] = self.lifecycle().create(needed.kind, urn, inputs)
            made.resources[name] = self.made[needed]
        return made

    def inputs(self, kind: Kind) -> Properties:
        """The checked inputs of a kind's example, with what it needs made."""
        example = examples()[kind.type_name]
        return self.checked(kind, example.create(self.standing(example)))

    def orphans(self, *state_ids: str) -> Orphans:
        known = {resource.id for resource in self.made.values()}
        return Orphans(self.clients, self.environment, frozenset(state_ids) | known)

    def there(self, kind: Kind) -> set[str]:
        """The resources of a kind in the cloud, but for those that others stand on."""
        known = {resource.id for resource in self.made.values()}
        return set(sweep(self.clients, self.environment, [kind])[kind.type_name] - known)

    def clear(self) -> None:
        """Take down what was made to stand on, the last first."""
        for example, resource in reversed(list(self.made.items())):
            self.lifecycle().delete(example.kind, resource.id, resource.properties)
        self.made.clear()


@pytest.fixture
def world(clients: Clients) -> Iterator[World]:
    """A new environment, and empty afterwards of what it stood on."""
    world = World(clients, f"env_{uuid.uuid4().hex}")
    yield world
    world.clear()


class Engine:
    """Speaks to the provider as Pulumi's engine does."""

    def __init__(self, world: World) -> None:
        self.world = world
        works = Works()
        works.begin(Work(world.environment, world.deployment))
        self.provider = CloudProvider(works, Clouds(world.clients))

    def check(self, kind: Kind, inputs: Properties) -> Properties:
        given = {name: value for name, value in inputs.items() if value is not None}
        request = CheckRequest(urn=self.world.urn(kind), news=to_struct(given))
        answer = self.provider.check(request)
        assert not answer.failures, [(failure.property, failure.reason) for failure in answer.failures]
        return to_plain(answer.inputs)

    def create(self, kind: Kind, inputs: Properties) -> tuple[str, Properties, Any]:
        """The id, the state, and the state as the engine gets it."""
        request = CreateRequest(urn=self.world.urn(kind), properties=to_struct(inputs))
        answer = self.provider.create(request)
        return answer.id, to_plain(answer.properties), answer.properties

    def read(self, kind: Kind, identity: str, state: Properties, inputs: Properties) -> tuple[str, Properties, Any]:
        request = ReadRequest(
            urn=self.world.urn(kind), id=identity, properties=to_struct(state), inputs=to_struct(inputs)
        )
        answer = self.provider.read(request)
        return answer.id, to_plain(answer.properties), to_plain(answer.inputs)

    def diff(self, kind: Kind, identity: str, state: Properties, inputs: Properties) -> Any:
        request = DiffRequest(urn=self.world.urn(kind), id=identity, olds=to_struct(state), news=to_struct(inputs))
        return self.provider.diff(request)

    def update(self, kind: Kind, identity: str, state: Properties, inputs: Properties) -> Properties:
        request = UpdateRequest(urn=self.world.urn(kind), id=identity, olds=to_struct(state), news=to_struct(inputs))
        return to_plain(self.provider.update(request).properties)

    def delete(self, kind: Kind, identity: str, state: Properties) -> None:
        self.provider.delete(DeleteRequest(urn=self.world.urn(kind), id=identity, properties=to_struct(state)))


@pytest.fixture
def engine(world: World) -> Engine:
    """A provider that works on this environment."""
    return Engine(world)
