"""What holds for every registered kind: its spec, and its life in a real cloud."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.model import OperationNotFoundError, Shape, StructureShape
from pulumi.provider.experimental.provider import (
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    ReadRequest,
    UpdateRequest,
)

import infra.resources
from infra.provider.clients import Clients
from infra.provider.context import Context
from infra.provider.kind import Kind
from infra.provider.kinds import KINDS
from infra.provider.naming import ENVIRONMENT_TAG, TOKEN_TAG
from infra.provider.plain import to_plain, to_values
from infra.provider.schema import schema
from infra.provider.service import CloudProvider
from infra.provider.sweep import sweep
from infra.sandbox import SandboxStatus

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.short)


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
            pytest.fail(f"{call.operation} is no operation of {kind.service}")
        assert not unknown_parameters(shape, call.parameters), call.operation


@every_kind
def test_every_name_in_a_template_has_a_meaning(kind: Kind, offline: Clients) -> None:
    context = Context(offline, kind, "env", "0" * 64, "urn:pulumi:s::p::t::n", attempt=1)
    properties = {one.name: "x" for one in kind.properties} | {"tags": {}}
    for call in kind.operations():
        for name in placeholders(call.parameters):
            filled = context.fill({"value": f"${name}"}, properties, "id")
            assert "value" in filled, f"{call.operation}: ${name}"


def placeholders(template: Any) -> set[str]:
    if isinstance(template, str) and template.startswith("$"):
        return {template[1:]}
    children = template.values() if isinstance(template, Mapping) else template if isinstance(template, list) else ()
    return {name for child in children for name in placeholders(child)}


@every_kind
def test_every_property_that_can_change_has_a_way_to_change(kind: Kind) -> None:
    changed_in_place = {name for change in kind.changes for name in change.properties}
    for one in kind.properties:
        assert one.replaces or one.name in changed_in_place or not one.path, one.name
    assert changed_in_place <= {one.name for one in kind.properties}


@every_kind
def test_the_program_side_names_the_same_properties(kind: Kind) -> None:
    arguments = getattr(infra.resources, f"{kind.short}Args")
    fields = {one.name: one for one in dataclasses.fields(arguments)}
    assert set(fields) == {one.name for one in kind.properties}
    for one in kind.properties:
        required = fields[one.name].default is dataclasses.MISSING
        required &= fields[one.name].default_factory is dataclasses.MISSING
        assert required == one.required, one.name
    resource = getattr(infra.resources, kind.short)
    assert resource.kind == kind.type_name
    offered = {one.name for one in kind.properties if one.offered}
    assert set(resource.computed) - offered == {"arn", *kind.outputs}


def test_the_schema_tells_of_every_kind() -> None:
    resources = schema(KINDS.values())["resources"]
    assert set(resources) == set(KINDS)
    assert resources["guanyun:cloud:Instance"]["inputProperties"]["user_data"]["secret"] is True


class Engine:
    """Speaks to the provider as Pulumi's engine does."""

    def __init__(self, provider: CloudProvider, kind: Kind, urn: str) -> None:
        self.provider, self.kind, self.urn = provider, kind, urn

    def check(self, inputs: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in inputs.items() if value is not None}
        answer = asyncio.run(self.provider.check(CheckRequest(self.urn, {}, to_values(given, ()), b"")))
        assert not answer.failures, [(failure.property, failure.reason) for failure in answer.failures]
        return to_plain(answer.inputs)

    def create(self, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        answer = asyncio.run(self.provider.create(CreateRequest(self.urn, to_values(inputs, ()), 60, preview=False)))
        return answer.resource_id, to_plain(answer.properties)

    def read(self, identity: str, state: dict[str, Any], inputs: dict[str, Any]) -> tuple[str, dict[str, Any], Any]:
        request = ReadRequest(self.urn, identity, to_values(state, ()), to_values(inputs, ()))
        answer = asyncio.run(self.provider.read(request))
        return answer.resource_id, to_plain(answer.properties), to_plain(answer.inputs)

    def diff(self, identity: str, state: dict[str, Any], inputs: dict[str, Any]) -> Any:
        request = DiffRequest(self.urn, identity, to_values(state, ()), to_values(inputs, ()), [])
        return asyncio.run(self.provider.diff(request))

    def update(self, identity: str, state: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
        request = UpdateRequest(self.urn, identity, to_values(state, ()), to_values(inputs, ()), 60, [], preview=False)
        return to_plain(asyncio.run(self.provider.update(request)).properties)

    def delete(self, identity: str, state: dict[str, Any]) -> None:
        asyncio.run(self.provider.delete(DeleteRequest(self.urn, identity, to_values(state, ()), 60)))


@pytest.mark.real
@every_kind
def test_the_whole_life_of_a_kind(
    kind: Kind, world: Any, scenario: Callable[[Kind], Any], sandbox: SandboxStatus
) -> None:
    """create → read → import → update in place → replace → delete, each seen in the cloud itself."""
    plan = scenario(kind)
    provider = CloudProvider(
        {
            "AWS_ENDPOINT_URL": str(sandbox.endpoint),
            "AWS_REGION": "cn-north-1",
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "GUANYUN_ENVIRONMENT": world.environment,
            "GUANYUN_DEPLOYMENT": "deployment-1",
        }
    )
    engine = Engine(provider, kind, world.urn(kind))
    before = sweep(world.clients, world.environment)

    def new_in_the_cloud() -> set[str]:
        after = sweep(world.clients, world.environment)
        assert {name: after[name] for name in after if name != kind.type_name} == {
            name: before[name] for name in before if name != kind.type_name
        }
        return set(after[kind.type_name] - before[kind.type_name])

    inputs = engine.check(plan["inputs"])
    first, state = engine.create(inputs)
    assert new_in_the_cloud() == {first}
    assert state["arn"].startswith("arn:aws-cn:")
    assert not engine.diff(first, state, inputs).changes

    assert engine.read(first, state, inputs) == (first, state, inputs)
    imported, seen, seen_inputs = engine.read(first, {}, {})
    assert imported == first
    hidden = {one.name for one in kind.properties if not one.path}
    assert {name: seen.get(name) for name in state if name not in hidden} == {
        name: state[name] for name in state if name not in hidden
    }
    assert set(seen_inputs) <= {one.name for one in kind.properties}

    view = Context(world.clients, kind, world.environment).view(first)
    assert view is not None
    tags = {tag["Key"]: tag["Value"] for tag in view.get("Tags") or view["tagged"]["TagSet"]}
    assert tags[ENVIRONMENT_TAG] == world.environment
    assert tags[TOKEN_TAG] == state["token"]
    assert tags.items() >= plan["inputs"].get("tags", {}).items()

    changed = engine.check({**plan["inputs"], **plan["in_place"]})
    difference = engine.diff(first, state, changed)
    assert difference.changes
    assert not difference.replaces
    assert set(difference.diffs) == set(plan["in_place"])
    state = engine.update(first, state, changed)
    assert new_in_the_cloud() == {first}
    assert not engine.diff(first, state, changed).changes
    refreshed = engine.read(first, state, changed)
    assert refreshed == (first, state, changed)

    replacing = engine.check({**plan["inputs"], **plan["in_place"], **plan["replacing"]})
    difference = engine.diff(first, state, replacing)
    assert set(difference.replaces) == set(plan["replacing"])
    if difference.delete_before_replace:
        engine.delete(first, state)
    second, second_state = engine.create(replacing)
    assert second != first
    if not difference.delete_before_replace:
        engine.delete(first, state)
    assert new_in_the_cloud() == {second}

    engine.delete(second, second_state)
    engine.delete(second, second_state)
    assert new_in_the_cloud() == set()
    assert engine.read(second, second_state, replacing)[0] == ""


@pytest.mark.real
@every_kind
def test_a_change_made_behind_our_back_shows_on_read_and_is_undone_by_update(
    kind: Kind, world: Any, scenario: Callable[[Kind], Any]
) -> None:
    plan = scenario(kind)
    lifecycle = world.lifecycle()
    inputs = world.checked(kind, plan["inputs"])
    made = lifecycle.create(kind, world.urn(kind), inputs)
    drifted = world.checked(kind, {**plan["inputs"], **plan["in_place"]})
    lifecycle.update(kind, world.urn(kind), made.id, made.properties, drifted)
    seen = lifecycle.read(kind, made.id, made.properties)
    assert seen is not None
    assert seen != made
    assert lifecycle.update(kind, world.urn(kind), made.id, seen.properties, inputs) == made
