"""Create, read, update, delete: one way for every kind.

Everything that can change in place is a ``Change``, made whenever the cloud differs from what is wanted. So a create
is *birth, then converge*, an adoption is *find, then converge*, an update is *converge*, and a step that a crash left
undone is done by whoever comes next.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from infra.provider.adoption import Orphans, token
from infra.provider.clients import Clients
from infra.provider.context import ANYTHING, Context, without_absent
from infra.provider.differing import differs
from infra.provider.errors import (
    AlreadyThere,
    AnswerLost,
    CloudRefused,
    Forsaken,
    NotConfigured,
    NotFound,
    ProviderError,
)
from infra.provider.kind import Kind, Plain, Properties, Property, View
from infra.provider.naming import ENVIRONMENT_TAG, TOKEN_TAG
from infra.provider.normal import normal
from infra.provider.paths import search
from infra.provider.sweep import find

_BIRTHS = 3
_IN_USE = frozenset({"DependencyViolation", "VolumeInUse", "DeleteConflict", "OperationAborted", "IncorrectState"})
_IN_USE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: its id and everything the state keeps of it (inputs, outputs, token)."""

    id: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The four verbs in one environment of one cloud. ``orphans`` is there after a deployment that did not end."""

    clients: Clients
    environment: str
    deployment: str
    orphans: Orphans | None = None
    sleep: Callable[[float], None] = time.sleep

    def create(self, kind: Kind, urn: str, inputs: Properties) -> Resource:
        """Make the resource, or finish the one that an unfinished deployment made; whole or not at all."""
        if not self.environment or not self.deployment:
            raise NotConfigured(variable="GUANYUN_ENVIRONMENT, GUANYUN_DEPLOYMENT")
        context = self._context(kind, token(self.deployment, urn, inputs), urn)
        adopted = self._adopt(context, inputs)
        if adopted is not None:
            return self._complete(context, adopted, inputs)
        for attempt in range(_BIRTHS):
            identity = self._bear(replace(context, attempt=attempt), inputs)
            try:
                return self._complete(context, identity, inputs)
            except NotFound:
                # A client token that the cloud remembers answers with a machine that was taken back since.
                if not kind.dying or attempt == _BIRTHS - 1:
                    raise
            except ProviderError as failure:
                self._take_back(context, identity, inputs, failure)
                raise
        raise AssertionError("the loop returns or raises")

    def _complete(self, context: Context, identity: str, inputs: Properties) -> Resource:
        main = context.until(identity, context.kind.ready or ANYTHING)
        return self._converge(context, identity, inputs, main)

    def read(self, kind: Kind, identity: str, state: Properties) -> Resource | None:
        """The resource as it is; ``state`` gives what the cloud does not tell."""
        context = self._context(kind)
        view = context.view(identity)
        if view is None:
            return None
        return Resource(identity, self._properties(context, identity, view, state))

    def update(self, kind: Kind, urn: str, identity: str, state: Properties, inputs: Properties) -> Resource:
        """Bring the resource to the inputs, from whatever it is now."""
        context = self._context(kind, str(state.get("token", "")), urn)
        return self._converge(context, identity, inputs)

    def delete(self, kind: Kind, identity: str, state: Properties) -> None:
        """Delete and wait until it is gone; one that is gone already is fine."""
        context = self._context(kind)
        try:
            if kind.before_delete is not None:
                kind.before_delete(context, identity, state)
            self._delete_when_free(context, identity)
        except CloudRefused as refusal:
            if refusal.reason not in {*kind.delete.absent, *kind.describe.absent}:
                raise
        if kind.gone:
            context.until_gone(identity, kind.gone)

    def _context(self, kind: Kind, made_by: str = "", urn: str = "") -> Context:
        return Context(self.clients, kind, self.environment, made_by, urn, sleep=self.sleep)

    def _adopt(self, context: Context, inputs: Properties) -> str | None:
        if self.orphans is None:
            return None
        identity = self.orphans.take(context.kind, context.token, str(inputs.get("name", "")))
        if identity is not None and context.kind.named:
            self._require_ours(context, identity)
        return identity

    def _bear(self, context: Context, inputs: Properties) -> str:
        """The create call. Where its answer is lost, look for what it made before asking again."""
        kind = context.kind
        if kind.named and context.describe(str(inputs["name"])) is not None:
            raise AlreadyThere(kind=kind.short, id=inputs["name"])
        for attempt in range(1, _BIRTHS + 1):
            try:
                answer = context.call(kind.create, inputs)
                return str(inputs["name"] if kind.named else search(kind.identity, answer))
            except AnswerLost:
                identity = self._born(context, inputs)
                if identity is not None:
                    return identity
                if attempt == _BIRTHS:
                    raise
        raise AssertionError("the loop returns or raises")

    def _born(self, context: Context, inputs: Properties) -> str | None:
        if context.kind.named:
            name = str(inputs["name"])
            if context.describe(name) is None:
                return None
            self._require_ours(context, name)
            return name
        found = find(self.clients, self.environment, context.kind)
        known = self.orphans.taken if self.orphans else frozenset()
        return next((one.id for one in found if one.token == context.token and one.id not in known), None)

    def _require_ours(self, context: Context, identity: str) -> None:
        """A named resource is ours by its name or path; another environment's tag denies it."""
        tags = _tags(context.kind, context.view(identity) or {})
        if tags.get(ENVIRONMENT_TAG, self.environment) != self.environment:
            raise AlreadyThere(kind=context.kind.short, id=identity)

    def _converge(self, context: Context, identity: str, inputs: Properties, main: View | None = None) -> Resource:
        """Make the changes that are needed; the result is what was seen, with what was changed."""
        kind = context.kind
        view = context.view(identity, main)
        if view is None:
            raise NotFound(kind=kind.short, id=identity)
        actual = self._properties(context, identity, view, {})
        untagged = ENVIRONMENT_TAG not in _tags(kind, view)
        wrong = {"tags"} if untagged else set()
        for one in kind.properties:
            if one.path and differs(one, actual.get(one.name), inputs.get(one.name)):
                wrong.add(one.name)
        for change in kind.changes:
            if wrong.intersection(change.properties):
                for call in change.calls:
                    context.call(call, inputs, identity)
                if change.step is not None:
                    change.step(context, identity, actual, inputs)
        final = {one.name: _final(one, one.name in wrong, actual, inputs) for one in kind.properties}
        made_by = actual.get("token") or context.token
        return Resource(identity, without_absent({**actual, **final, "token": made_by}))

    def _properties(self, context: Context, identity: str, view: View, state: Properties) -> Properties:
        kind = context.kind
        shown: Properties = {}
        for one in kind.properties:
            value = search(one.path, view) if one.path else state.get(one.name)
            shown[one.name] = normal(one.shape, one.read(value) if one.read else value)
        outputs = {name: search(path, view) for name, path in kind.outputs.items()}
        cloud = self.clients
        account = cloud.account if "{account}" in kind.arn else ""
        arn = kind.arn.format(partition=cloud.partition, region=cloud.region, account=account, id=identity)
        made_by = _tags(kind, view).get(TOKEN_TAG) or state.get("token")
        return without_absent({**shown, "arn": arn, **outputs, "token": made_by})

    def _delete_when_free(self, context: Context, identity: str) -> None:
        deadline = time.monotonic() + _IN_USE_SECONDS
        pause = 0.1
        while True:
            try:
                context.call(context.kind.delete, {}, identity)
                return
            except CloudRefused as refusal:
                if refusal.reason not in _IN_USE or time.monotonic() > deadline:
                    raise
            self.sleep(pause)
            pause = min(5.0, pause * 2)

    def _take_back(self, context: Context, identity: str, inputs: Properties, failure: ProviderError) -> None:
        """There is no partial create in the engine's protocol: what is not whole must not stay."""
        try:
            self.delete(context.kind, identity, inputs)
        except ProviderError:
            raise Forsaken(kind=context.kind.short, id=identity, reason=failure.text("en")) from failure


def _final(one: Property, was_wrong: bool, actual: Properties, inputs: Properties) -> Plain:
    """What the state keeps of one property: what the cloud shows, or what it was just told."""
    seen, desired = actual.get(one.name), inputs.get(one.name)
    if desired is None and one.offered:
        return seen
    return desired if was_wrong or seen is None else seen


def _tags(kind: Kind, view: View) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in search(kind.tags_path, view) or []}
