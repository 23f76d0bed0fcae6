"""The provider dies at every point of every kind's life; the next one neither doubles nor loses anything.

The points are those at which the cloud may differ: before each request that changes it, after each, and when all is
done but nobody was told, which is also before the state's write. In lock and in cancel, what differs for a kind is that
the run which resumes dies as well; the engine's own part of that is in ``tests/infra/engine/test_killed.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from infra.provider.clients import Clients
from infra.provider.differing import differ
from infra.provider.kind import Kind, Properties
from infra.provider.kinds import KINDS
from infra.provider.lifecycle import Resource
from infra.provider.sending import reads
from infra.provider.together import Together
from tests.infra.provider.kinds.example import examples

EXAMPLES = examples()
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.short)


class Killed(BaseException):
    """The provider's process ended here."""


class Mortal(Clients):
    """A provider's line to the cloud that ends, and the provider with it, at one of its changing requests."""

    def __init__(self, clients: Clients, at: int = -1, *, sent: bool = False) -> None:
        # Making botocore's parts anew each time would take longer than all that is tried with them.
        vars(self).update(vars(clients))
        self.together = Together()
        self.at, self.sent = at, sent
        self.changing: list[str] = []

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        if reads(operation):
            return super().call(service, operation, parameters)
        self.changing.append(operation)
        here = len(self.changing) - 1 == self.at
        if here and not self.sent:
            raise Killed
        answer = super().call(service, operation, parameters)
        if here:
            raise Killed
        return answer


def deaths(clients: Clients, act: Callable[[Clients], object]) -> Iterator[str]:
    """Carry ``act`` out again and again, dying each time at the next point; the last time when all is done."""
    for at in range(100):
        for sent in (False, True):
            mortal = Mortal(clients, at, sent=sent)
            try:
                act(mortal)
            except Killed:
                yield f"{'after' if sent else 'before'} {mortal.changing[-1]} ({at})"
            else:
                yield "before the answer"
                return


def renewed(kind: Kind, world: Any) -> None:
    """Something new to stand on, where the sandbox does not let go of the old."""
    if "again" in EXAMPLES[kind.type_name].unsupported:
        world.clear()


@pytest.mark.real
@every_kind
def test_a_create_that_died_anywhere_is_finished_by_the_next(kind: Kind, world: Any) -> None:
    example = EXAMPLES[kind.type_name]
    if "adopt" in example.unsupported:
        pytest.skip("the sandbox drops the tags of the create call")
    urn = world.urn(kind)

    def begin(mortal: Clients) -> None:
        renewed(kind, world)
        world.lifecycle(clients=mortal).create(kind, urn, world.inputs(kind))

    for point in deaths(world.clients, begin):
        made = world.lifecycle(orphans=world.orphans()).create(kind, urn, world.inputs(kind))
        assert world.there(kind) == {made.id}, point
        if "read" not in example.unsupported:
            assert world.lifecycle().read(kind, made.id, made.properties) == made, point
        world.lifecycle().delete(kind, made.id, made.properties)
        assert world.there(kind) == set(), point
        # A deployment that has ended is another one: its tokens never come again.
        world.deployment = f"{world.deployment}'"


@pytest.mark.real
@every_kind
def test_a_resume_that_died_anywhere_is_finished_by_the_next(kind: Kind, world: Any) -> None:
    """The first run dies at its first act, the second while it takes over what that left: in lock, in cancel, again."""
    if "adopt" in EXAMPLES[kind.type_name].unsupported:
        pytest.skip("the sandbox drops the tags of the create call")
    urn = world.urn(kind)

    def die_and_resume(mortal: Clients) -> None:
        world.deployment = f"{world.deployment}'"
        renewed(kind, world)
        inputs = world.inputs(kind)
        with suppress(Killed):
            world.lifecycle(clients=Mortal(world.clients, 0, sent=True)).create(kind, urn, inputs)
        world.lifecycle(clients=mortal, orphans=world.orphans()).create(kind, urn, inputs)

    for point in deaths(world.clients, die_and_resume):
        made = world.lifecycle(orphans=world.orphans()).create(kind, urn, world.inputs(kind))
        assert world.there(kind) == {made.id}, point
        world.lifecycle().delete(kind, made.id, made.properties)
        assert world.there(kind) == set(), point


@pytest.mark.real
@every_kind
def test_an_update_that_died_anywhere_is_finished_by_the_next(kind: Kind, world: Any) -> None:
    example = EXAMPLES[kind.type_name]
    if example.update is None:
        pytest.skip("nothing of it changes in place")
    inputs = world.inputs(kind)
    changed = world.checked(kind, example.update(world.standing(example)))
    urn = world.urn(kind)
    first: Resource = world.lifecycle().create(kind, urn, inputs)

    def bring(clients: Clients, state: Properties, wanted: Properties) -> Resource:
        done: Resource = world.lifecycle(clients=clients).update(kind, urn, first.id, state, wanted)
        return done

    for point in deaths(world.clients, lambda mortal: bring(mortal, first.properties, changed)):
        finished = bring(world.clients, first.properties, changed)
        assert not differ(kind, finished.properties, changed).items, point
        if "read" not in example.unsupported:
            assert world.lifecycle().read(kind, first.id, finished.properties) == finished, point
        assert bring(world.clients, finished.properties, inputs) == first, point
        assert world.there(kind) == {first.id}, point
    world.lifecycle().delete(kind, first.id, first.properties)


@pytest.mark.real
@every_kind
def test_a_delete_that_died_anywhere_is_finished_by_the_next(kind: Kind, world: Any) -> None:
    urn = world.urn(kind)
    left: list[Resource] = []

    def live_and_die(mortal: Clients) -> None:
        world.deployment = f"{world.deployment}'"
        renewed(kind, world)
        left[:] = [world.lifecycle().create(kind, urn, world.inputs(kind))]
        world.lifecycle(clients=mortal).delete(kind, left[0].id, left[0].properties)

    for point in deaths(world.clients, live_and_die):
        world.lifecycle().delete(kind, left[0].id, left[0].properties)
        assert world.there(kind) == set(), point
        assert world.lifecycle().read(kind, left[0].id, left[0].properties) is None, point
