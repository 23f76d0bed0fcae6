"""The provider as the engine meets it: requests in, the lifecycle, answers out. A thread for each call."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from typing import Self, TypeVar
from weakref import WeakKeyDictionary

from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from google.protobuf.struct_pb2 import Struct  # type: ignore[import-untyped]
from pulumi.runtime.proto.provider_pb2 import (
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
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)

from infra.provider.adoption import Orphans
from infra.provider.checking import check
from infra.provider.clouds import Clouds, Place
from infra.provider.differing import How, differ, differs
from infra.provider.kind import Kind, Properties
from infra.provider.kinds import KINDS, kind_of
from infra.provider.lifecycle import Lifecycle, Resource
from infra.provider.normal import UNKNOWN, contains_unknown
from infra.provider.plain import secret_names, secret_properties, to_plain, to_struct
from infra.provider.schema import schema
from infra.provider.work import Begun, Works, type_of

_T = TypeVar("_T")
_ELSEWHERE = re.compile(r"(?P<id>.+)@(?P<account>\d{12})?/(?P<region>[a-z0-9-]*)")
_DETAILS = {
    (How.ADD, False): PropertyDiff.ADD,
    (How.ADD, True): PropertyDiff.ADD_REPLACE,
    (How.DELETE, False): PropertyDiff.DELETE,
    (How.DELETE, True): PropertyDiff.DELETE_REPLACE,
    (How.UPDATE, False): PropertyDiff.UPDATE,
    (How.UPDATE, True): PropertyDiff.UPDATE_REPLACE,
}


class CloudProvider:
    """Check, Diff, Create, Read, Update and Delete for every registered kind, in every environment worked on."""

    def __init__(self, works: Works, clouds: Clouds) -> None:
        """``works`` says for which environments anything may be done, ``clouds`` where."""
        self._works = works
        self._clouds = clouds
        self._orphans: WeakKeyDictionary[Begun, Orphans] = WeakKeyDictionary()
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """A provider that an engine started: one environment, by the variables of its process."""
        return cls(Works.from_environment(environ), Clouds.from_environment(environ))

    def warm(self) -> None:
        """Make the clients of every service now, so that the first environment does not wait for them."""
        self._clouds.home.warm(*sorted({kind.service for kind in KINDS.values()}))

    def get_schema(self, request: GetSchemaRequest) -> GetSchemaResponse:
        """What ``pulumi import`` and other tools ask."""
        return GetSchemaResponse(schema=json.dumps(schema(KINDS.values())))

    def check(self, request: CheckRequest) -> CheckResponse:
        """Inputs in normal form, or every failure with its path."""
        kind = kind_of(type_of(request.urn))
        work = self._works.of(request.urn)
        checked, failures = check(kind, to_plain(request.news), work.environment)
        return CheckResponse(
            inputs=to_struct(checked, _secrets(kind, request.news)),
            failures=[CheckFailure(property=failure.path, reason=failure.reason) for failure in failures],
        )

    def diff(self, request: DiffRequest) -> DiffResponse:
        """Against the state's outputs, which hold every input too: the engine gives no old inputs here."""
        kind = kind_of(type_of(request.urn))
        ignored = {path.partition(".")[0].partition("[")[0] for path in request.ignoreChanges}
        old = to_plain(request.olds)
        new = to_plain(request.news)
        new |= {name: old[name] for name in ignored if name in old}
        found = differ(kind, old, new)
        return DiffResponse(
            changes=DiffResponse.DIFF_SOME if found.items else DiffResponse.DIFF_NONE,
            replaces=found.replaces,
            diffs=found.properties,
            deleteBeforeReplace=found.delete_first,
            hasDetailedDiff=True,
            detailedDiff={
                item.path: PropertyDiff(kind=_DETAILS[item.how, item.replaces], inputDiff=True) for item in found.items
            },
        )

    def create(self, request: CreateRequest) -> CreateResponse:
        """Make it, or say what is not known before."""
        kind = kind_of(type_of(request.urn))
        inputs = to_plain(request.properties)
        secrets = _secrets(kind, request.properties)
        if request.preview or contains_unknown(inputs):
            there = self._given(kind, request.urn, inputs)
            if there is not None:
                foreseen = _foreseen(kind, inputs, there.properties)
                return CreateResponse(id=there.id, properties=to_struct(foreseen, secrets))
            return CreateResponse(properties=to_struct(_foreseen(kind, inputs, {}), secrets))
        made: Resource = self._run(request.urn, inputs, lambda one: one.create(kind, request.urn, inputs))
        return CreateResponse(id=made.id, properties=to_struct(made.properties, secrets))

    def _given(self, kind: Kind, urn: str, inputs: Properties) -> Resource | None:
        """What exists already and is to be adopted, as it is: with its id, what refers to it is known beforehand."""
        identity = self._works.of(urn).given_to(kind.short, urn)
        if not identity:
            return None
        found: Resource | None = self._run(urn, inputs, lambda one: one.read(kind, identity, {}))
        return found

    def read(self, request: ReadRequest) -> ReadResponse:
        """The resource as it is, for refresh and import; an empty answer where it is gone.

        What is imported from another account or region is called ``ID@ACCOUNT/REGION``, either of which may be empty.
        """
        kind = kind_of(type_of(request.urn))
        state = to_plain(request.properties)
        old_inputs = to_plain(request.inputs)
        known = {**old_inputs, **state}
        identity = str(request.id)
        elsewhere = None if known else _ELSEWHERE.fullmatch(identity)
        if elsewhere is not None:
            identity = elsewhere["id"]
            known = {name: elsewhere[name] for name in ("account", "region") if elsewhere[name]}
        found = self._run(request.urn, known, lambda one: one.read(kind, identity, known))
        if found is None:
            return ReadResponse()
        secrets = _secrets(kind, request.properties, request.inputs)
        inputs = _seen_inputs(kind, found.properties, old_inputs)
        return ReadResponse(
            id=found.id, properties=to_struct(found.properties, secrets), inputs=to_struct(inputs, secrets)
        )

    def update(self, request: UpdateRequest) -> UpdateResponse:
        """Bring it to the new inputs in place."""
        kind = kind_of(type_of(request.urn))
        state, inputs = to_plain(request.olds), to_plain(request.news)
        secrets = _secrets(kind, request.news)
        if request.preview or contains_unknown(inputs):
            return UpdateResponse(properties=to_struct(_foreseen(kind, inputs, state), secrets))
        made: Resource = self._run(
            request.urn, state, lambda one: one.update(kind, request.urn, request.id, state, inputs)
        )
        return UpdateResponse(properties=to_struct(made.properties, secrets))

    def delete(self, request: DeleteRequest) -> Empty:
        """Delete it; gone already is fine."""
        kind, state = kind_of(type_of(request.urn)), to_plain(request.properties)
        self._run(request.urn, state, lambda one: one.delete(kind, request.id, state))
        return Empty()

    def _run(self, urn: str, where: Properties, act: Callable[[Lifecycle], _T]) -> _T:
        begun = self._works.begun(urn)
        with begun.operation(urn):
            clients = self._clouds.at(*Place.of(where)).guarded(begun.sending)
            work = begun.work
            orphans = self._orphans_of(begun)
            return act(
                Lifecycle(clients, work.environment, work.deployment, orphans, work.given_to, births=work.births)
            )

    def _orphans_of(self, begun: Begun) -> Orphans | None:
        """What an unfinished deployment left; looked at once in a work, however many creates ask."""
        work = begun.work
        if work.adoption is None:
            return None
        with self._lock:
            if begun not in self._orphans:
                home = self._clouds.home.guarded(begun.sending)
                self._orphans[begun] = Orphans.read(work.adoption, home, work.environment)
            return self._orphans[begun]


def _secrets(kind: Kind, *given: Struct) -> frozenset[str]:
    """What must be secret: what came as one, and what the kind declares, however it came."""
    return secret_names(*given) | secret_properties(kind)


def _foreseen(kind: Kind, inputs: Properties, state: Properties) -> Properties:
    """What a preview can say: the inputs, what stays of the state, and unknowns for what the cloud will choose."""
    chosen = {"arn", "token", *kind.outputs, *(one.name for one in kind.inputs if one.offered)}
    outputs = {name: state.get(name, UNKNOWN) for name in chosen if name not in inputs}
    return {**outputs, **inputs}


def _seen_inputs(kind: Kind, seen: Properties, old: Properties) -> Properties:
    """The inputs a program would have to write for what was seen.

    An input that means the same keeps its spelling, and what the cloud chose by itself stays its choice.
    """
    inputs: Properties = {}
    for one in kind.inputs:
        value, before = seen.get(one.name), old.get(one.name)
        if value is None or (one.offered and before is None):
            continue
        inputs[one.name] = before if before is not None and not differs(one, value, before) else value
    return inputs
