"""What holds for every registered kind: its spec, and its life in a real cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.model import OperationNotFoundError, Shape, StructureShape
from pulumi.runtime.proto.provider_pb2 import DiffResponse, PropertyDiff

from infra.provider.clients import Clients
from infra.provider.context import RESERVED, Context
from infra.provider.kind import Kind, Properties
from infra.provider.kinds import KINDS
from infra.provider.naming import ENVIRONMENT_TAG, TOKEN_TAG
from infra.provider.normal import tag_map
from infra.provider.paths import search
from infra.provider.plain import secret_names
from infra.provider.templates import names
from tests.infra.provider.kinds.example import Example, examples

EXAMPLES = examples()
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.short)


def example_of(kind: Kind) -> Example:
    if kind.type_name not in EXAMPLES:
        pytest.fail(f"{kind.type_name} has no EXAMPLE")
    return EXAMPLES[kind.type_name]


@every_kind
def test_a_kind_has_an_example(kind: Kind) -> None:
    example_of(kind)


def unknown_parameters(shape: Shape | None, parameters: Any, path: str = "") -> list[str]:
    """Names in a template that botocore's model of the operation does not have."""
    if isinstance(parameters, Mapping) and isinstance(shape, StructureShape):
        problems = [f"{path}.{name}" for name in parameters if name not in shape.members]
        for name, value in parameters.items():
            problems += unknown_parameters(shape.members.get(name), value, f"{path}.{name}")
        return problems
    if isinstance(parameters, list) and shape is not None:
        return [one for item in parameters for one in unknown_parameters(shape.member, item, f"{path}[]")]  # type: ignore[attr-defined]
    return []


@every_kind
def test_every_call_of_a_spec_exists_in_botocores_model_with_these_parameters(kind: Kind, offline: Clients) -> None:
    for call in kind.operations():
        model = offline.model(call.service or kind.service)
        try:
            shape = model.operation_model(call.operation).input_shape
        except OperationNotFoundError:
            pytest.fail(f"{call.operation} is no operation of {call.service or kind.service}")
        assert not unknown_parameters(shape, call.parameters), call.operation


@every_kind
def test_every_name_in_a_template_has_a_meaning(kind: Kind) -> None:
    for call in kind.operations():
        for name in names(call.parameters):
            first, _, rest = name.partition(".")
            assert first in RESERVED or first in kind.derived or kind.has(first), f"{call.operation}: ${name}"
            if first == "id" and rest:
                assert rest in kind.parts, f"{call.operation}: ${name}"


@every_kind
def test_every_property_that_can_change_has_a_way_to_change(kind: Kind) -> None:
    changed_in_place = {name for change in kind.changes for name in change.properties}
    for one in kind.properties:
        assert one.replaces or one.name in changed_in_place or not one.path, one.name
    assert changed_in_place <= {one.name for one in kind.properties}


@every_kind
def test_a_secret_that_an_example_names_is_declared(kind: Kind) -> None:
    assert set(example_of(kind).secret) <= {one.name for one in kind.properties if one.secret}


class Life:
    """One kind from its making to its end, each step seen in the cloud itself."""

    def __init__(self, kind: Kind, world: Any, engine: Any) -> None:
        self.kind, self.world, self.engine = kind, world, engine
        self.example = example_of(kind)
        self.made = world.standing(self.example)
        self.hidden = {one.name for one in kind.properties if not one.path}

    def supported(self, operation: str) -> bool:
        return operation not in self.example.unsupported

    def inputs(self, inputs: Properties) -> Properties:
        checked: Properties = self.engine.check(self.kind, inputs)
        return checked

    def is_at_rest(self, identity: str, state: Properties, inputs: Properties) -> None:
        """Read again it is the same, and nothing differs."""
        found = self.engine.diff(self.kind, identity, state, inputs)
        assert found.changes == DiffResponse.DIFF_NONE, found.detailedDiff
        if self.supported("read"):
            assert self.engine.read(self.kind, identity, state, inputs) == (identity, state, inputs)

    def is_imported(self, identity: str, state: Properties) -> None:
        imported, seen, inputs = self.engine.read(self.kind, identity, {}, {})
        assert imported == identity
        # What is made by inputs alone carries its token in the state only, where it has no tags.
        unseen = {*self.hidden, *(() if self.kind.tags_path else ("token",))}
        assert {name: seen.get(name) for name in state if name not in unseen} == {
            name: state[name] for name in state if name not in unseen
        }
        assert set(inputs) <= {one.name for one in self.kind.properties}

    def is_tagged(self, identity: str, state: Properties, tags: Mapping[str, str]) -> None:
        view = Context(self.world.clients, self.kind, self.world.environment).view(identity)
        assert view is not None
        if self.kind.tags_path:
            found = tag_map(search(self.kind.tags_path, view))
            assert found[ENVIRONMENT_TAG] == self.world.environment
            assert found[TOKEN_TAG] == state["token"]
            assert found.items() >= tags.items()

    def is_gone(self, identity: str, state: Properties, inputs: Properties) -> None:
        self.engine.delete(self.kind, identity, state)
        self.engine.delete(self.kind, identity, state)
        assert self.engine.read(self.kind, identity, state, inputs)[0] == ""


@pytest.mark.real
@every_kind
def test_the_whole_life_of_a_kind(kind: Kind, world: Any, engine: Any) -> None:
    """create → read → no difference → import → update in place → refresh → replace → delete."""
    life = Life(kind, world, engine)
    example, made = life.example, life.made
    given = example.create(made)
    inputs = life.inputs(given)
    first, state, sent = engine.create(kind, inputs)
    assert world.there(kind) == {first}
    assert secret_names(sent) >= set(example.secret) & set(state)
    assert not kind.arn or state["arn"].startswith("arn:aws-cn:")
    life.is_at_rest(first, state, inputs)
    life.is_tagged(first, state, given.get("tags", {}))
    if life.supported("import"):
        life.is_imported(first, state)

    if example.update is not None:
        changed = life.inputs(example.update(made))
        difference = engine.diff(kind, first, state, changed)
        assert difference.changes == DiffResponse.DIFF_SOME
        assert not difference.replaces
        state = engine.update(kind, first, state, changed)
        assert world.there(kind) == {first}
        life.is_at_rest(first, state, changed)
        inputs = changed

    if example.replace is not None:
        inputs = life.inputs(example.replace(made))
        difference = engine.diff(kind, first, state, inputs)
        assert difference.replaces
        assert any(PropertyDiff.Kind.Name(one.kind).endswith("_REPLACE") for one in difference.detailedDiff.values())
        if difference.deleteBeforeReplace:
            engine.delete(kind, first, state)
        second, second_state, _ = engine.create(kind, inputs)
        if not difference.deleteBeforeReplace:
            assert second != first
            engine.delete(kind, first, state)
        assert world.there(kind) == {second}
        life.is_at_rest(second, second_state, inputs)
        first, state = second, second_state

    life.is_gone(first, state, inputs)
    assert world.there(kind) == set()


@pytest.mark.real
@every_kind
def test_a_change_made_behind_our_back_shows_on_read_and_is_undone_by_update(kind: Kind, world: Any) -> None:
    example = example_of(kind)
    if example.update is None or {"read", "drift"} & set(example.unsupported):
        pytest.skip("nothing of it changes in place, or the sandbox does not show it")
    made = world.standing(example)
    lifecycle = world.lifecycle()
    inputs = world.checked(kind, example.create(made))
    first = lifecycle.create(kind, world.urn(kind), inputs)
    drifted = world.checked(kind, example.update(made))
    lifecycle.update(kind, world.urn(kind), first.id, first.properties, drifted)
    seen = lifecycle.read(kind, first.id, first.properties)
    assert seen is not None
    hidden = {one.name for one in kind.properties if not one.path}
    visible = {name for name in drifted if drifted[name] != inputs.get(name)} - hidden
    assert not visible or seen != first
    # What the cloud does not tell, the state knows.
    known = {**seen.properties, **{name: drifted.get(name) for name in hidden}}
    assert lifecycle.update(kind, world.urn(kind), first.id, known, inputs) == first
    lifecycle.delete(kind, first.id, first.properties)
