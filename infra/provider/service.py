"""The provider as the engine meets it: requests in, the lifecycle on a thread, answers out."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import (
    CheckFailure,
    CheckRequest,
    CheckResponse,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    DiffRequest,
    DiffResponse,
    GetSchemaRequest,
    GetSchemaResponse,
    PropertyDiff,
    PropertyDiffKind,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from infra.provider.adoption import Orphans
from infra.provider.checking import check
from infra.provider.clients import Clients
from infra.provider.differing import How, differ, differs
from infra.provider.errors import NotConfigured
from infra.provider.kind import Kind, Properties
from infra.provider.kinds import KINDS, kind_of
from infra.provider.lifecycle import Lifecycle
from infra.provider.normal import UNKNOWN, contains_unknown
from infra.provider.plain import secret_names, to_plain, to_values
from infra.provider.schema import schema

_THREADS = 64
_DETAILS = {
    (How.ADD, False): PropertyDiffKind.ADD,
    (How.ADD, True): PropertyDiffKind.ADD_REPLACE,
    (How.DELETE, False): PropertyDiffKind.DELETE,
    (How.DELETE, True): PropertyDiffKind.DELETE_REPLACE,
    (How.UPDATE, False): PropertyDiffKind.UPDATE,
    (How.UPDATE, True): PropertyDiffKind.UPDATE_REPLACE,
}


class CloudProvider(Provider):  # type: ignore[misc]
    """Check, Diff, Create, Read, Update and Delete for every registered kind."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """``environ`` is the process's environment: the provider has no other configuration."""
        self._environ = environ
        self._environment = environ.get("GUANYUN_ENVIRONMENT", "")
        self._threads = ThreadPoolExecutor(_THREADS)

    @classmethod
    def from_process(cls) -> Self:
        """With the environment of this process."""
        return cls(os.environ)

    @cached_property
    def _lifecycle(self) -> Lifecycle:
        clients = Clients.from_environment(self._environ)
        adoption = self._environ.get("GUANYUN_ADOPTION")
        orphans = Orphans.read(Path(adoption), clients, self._environment) if adoption else None
        return Lifecycle(clients, self._environment, self._environ.get("GUANYUN_DEPLOYMENT", ""), orphans)

    async def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:
        """What ``pulumi import`` and other tools ask."""
        return GetSchemaResponse(schema=json.dumps(schema(KINDS.values())))

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Inputs in normal form, or every failure with its path."""
        kind = kind_of(request.type)
        if not self._environment:
            raise NotConfigured(variable="GUANYUN_ENVIRONMENT")
        checked, failures = check(kind, to_plain(request.new_inputs), self._environment)
        return CheckResponse(
            inputs=to_values(checked, _secrets(kind, request.new_inputs)),
            failures=[CheckFailure(failure.path, failure.reason) for failure in failures],
        )

    async def diff(self, request: DiffRequest) -> DiffResponse:
        """Against the state's outputs, which hold every input too: the engine gives no old inputs here."""
        kind = kind_of(request.type)
        ignored = {path.partition(".")[0].partition("[")[0] for path in request.ignore_changes}
        old = to_plain(request.old_state)
        new = to_plain(request.new_inputs)
        new |= {name: old[name] for name in ignored if name in old}
        found = differ(kind, old, new)
        return DiffResponse(
            changes=bool(found.items),
            replaces=list(found.replaces),
            diffs=list(found.properties),
            delete_before_replace=found.delete_first,
            detailed_diff={item.path: PropertyDiff(_DETAILS[item.how, item.replaces], True) for item in found.items},
        )

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Make it, or say what is not known before."""
        kind = kind_of(request.type)
        inputs = to_plain(request.properties)
        secrets = _secrets(kind, request.properties)
        if request.preview or contains_unknown(inputs):
            return CreateResponse(properties=to_values(_foreseen(kind, inputs, {}), secrets))
        made = await self._run(self._create, kind, request.urn, inputs)
        return CreateResponse(made.id, to_values(made.properties, secrets))

    async def read(self, request: ReadRequest) -> ReadResponse:
        """The resource as it is, for refresh and import; an empty answer where it is gone."""
        kind = kind_of(request.type)
        state = to_plain(request.properties)
        old_inputs = to_plain(request.inputs)
        found = await self._run(self._read, kind, request.resource_id, {**old_inputs, **state})
        if found is None:
            return ReadResponse(resource_id="")
        secrets = _secrets(kind, request.properties, request.inputs)
        inputs = _seen_inputs(kind, found.properties, old_inputs)
        return ReadResponse(found.id, to_values(found.properties, secrets), to_values(inputs, secrets))

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """Bring it to the new inputs in place."""
        kind = kind_of(request.type)
        state, inputs = to_plain(request.olds), to_plain(request.news)
        secrets = _secrets(kind, request.news)
        if request.preview or contains_unknown(inputs):
            return UpdateResponse(to_values(_foreseen(kind, inputs, state), secrets))
        made = await self._run(self._update, kind, request.urn, request.resource_id, state, inputs)
        return UpdateResponse(to_values(made.properties, secrets))

    async def delete(self, request: DeleteRequest) -> None:
        """Delete it; gone already is fine."""
        await self._run(self._delete, kind_of(request.type), request.resource_id, to_plain(request.properties))

    async def _run(self, function: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    def _create(self, *arguments: Any) -> Any:
        return self._lifecycle.create(*arguments)

    def _read(self, *arguments: Any) -> Any:
        return self._lifecycle.read(*arguments)

    def _update(self, *arguments: Any) -> Any:
        return self._lifecycle.update(*arguments)

    def _delete(self, *arguments: Any) -> Any:
        return self._lifecycle.delete(*arguments)


def _secrets(kind: Kind, *given: Mapping[str, PropertyValue]) -> frozenset[str]:
    return secret_names(*given) | {one.name for one in kind.properties if one.secret}


def _foreseen(kind: Kind, inputs: Properties, state: Properties) -> Properties:
    """What a preview can say: the inputs, what stays of the state, and unknowns for what the cloud will choose."""
    chosen = {"arn", "token", *kind.outputs, *(one.name for one in kind.properties if one.offered)}
    outputs = {name: state.get(name, UNKNOWN) for name in chosen if name not in inputs}
    return {**outputs, **inputs}


def _seen_inputs(kind: Kind, seen: Properties, old: Properties) -> Properties:
    """The inputs a program would have to write for what was seen.

    An input that means the same keeps its spelling, and what the cloud chose by itself stays its choice.
    """
    inputs: Properties = {}
    for one in kind.properties:
        value, before = seen.get(one.name), old.get(one.name)
        if value is None or (one.offered and before is None):
            continue
        inputs[one.name] = before if before is not None and not differs(one, value, before) else value
    return inputs
