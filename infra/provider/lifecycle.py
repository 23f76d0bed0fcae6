"""Create, read, update, delete: one way for every kind.

Everything that can change in place is a ``Change``, made whenever the cloud differs from what is wanted. So a create
is *birth, then converge*, an adoption is *find, then converge*, an update is *converge*, and a step that a crash left
undone is done by whoever comes next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from infra.provider.adoption import Orphans, token
from infra.provider.births import note_birth
from infra.provider.clients import Clients
from infra.provider.composite import filled, from_cloud, nothing
from infra.provider.context import ANYTHING, Context, without_absent
from infra.provider.differing import differ, differs
from infra.provider.errors import (
    AlreadyThere,
    AnswerLost,
    CloudRefused,
    Forsaken,
    NotConfigured,
    NotFound,
    ProviderError,
    Unadoptable,
)
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, View
from infra.provider.membership import converge_members, remove_members
from infra.provider.naming import ENVIRONMENT_TAG, OWN_TAGS, TOKEN_TAG
from infra.provider.normal import normal, tag_map
from infra.provider.paths import search
from infra.provider.sending import BUSY_SECONDS
from infra.provider.sweep import find
from infra.provider.templates import names

_BIRTHS = 3
_BIRTH_PAUSE = 1.0
_IN_USE = frozenset({"DependencyViolation", "VolumeInUse", "DeleteConflict", "OperationAborted", "IncorrectState"})
_IN_USE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: its id and everything the state keeps of it (inputs, outputs, token)."""

    id: str
    properties: Properties


def _nothing_given(kind: str, urn: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The four verbs in one environment of one cloud. ``orphans`` is there after a deployment that did not end;
    ``given`` tells by kind and URN the id of what exists already and is adopted instead of made, "" for none;
    ``births`` is the file that creates are noted in."""

    clients: Clients
    environment: str
    deployment: str
    orphans: Orphans | None = None
    given: Callable[[str, str], str] = _nothing_given
    births: Path | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def create(self, kind: Kind, urn: str, inputs: Properties) -> Resource:
        """Make the resource, or finish the one that an unfinished deployment made; whole or not at all."""
        if not self.environment or not self.deployment:
            raise NotConfigured(variable="GUANYUN_ENVIRONMENT, GUANYUN_DEPLOYMENT")
        context = self._context(kind, token(self.deployment, urn, inputs), urn)
        adopted = self._take_given(context, inputs) or self._adopt(context, inputs)
        if adopted is not None:
            return self._complete(context, adopted, inputs, {})
        for attempt in range(_BIRTHS):
            identity, answer = self._bear(replace(context, attempt=attempt), inputs)
            if self.births is not None:
                note_birth(self.births, kind=kind.short, token=context.token, id=identity)
            try:
                return self._complete(context, identity, inputs, kind.newborn if answer is not None else {}, answer)
            except NotFound:
                # A client token that the cloud remembers answers with a machine that was taken back since.
                if not kind.dying or attempt == _BIRTHS - 1:
                    raise
            except ProviderError as failure:
                self._take_back(context, identity, inputs, failure)
                raise
        raise AssertionError("the loop returns or raises")

    def _complete(
        self,
        context: Context,
        identity: str,
        inputs: Properties,
        newborn: Mapping[str, Any],
        answer: View | None = None,
    ) -> Resource:
        at_birth = context.kind.shown_at_birth
        shown = search(at_birth, answer) if at_birth and answer is not None else None
        main = context.until(identity, context.kind.ready or ANYTHING, shown)
        looked = (*main.get("looked", ()), *newborn)
        return self._converge(context, identity, inputs, {**newborn, **main, "looked": looked})

    def read(self, kind: Kind, identity: str, state: Properties) -> Resource | None:
        """The resource as it is; ``state`` gives what the cloud does not tell."""
        context = self._context(kind)
        view = context.view(identity)
        if view is None:
            return None
        return Resource(identity, _shown(context, identity, view, state))

    def tags(self, kind: Kind, identity: str) -> dict[str, str] | None:
        """Every tag of the resource, ours too; None where it is not there."""
        view = self._context(kind).view(identity)
        return None if view is None else _tags(kind, view)

    def update(self, kind: Kind, urn: str, identity: str, state: Properties, inputs: Properties) -> Resource:
        """Bring the resource to the inputs, from whatever it is now."""
        context = self._context(kind, str(state.get("token", "")), urn)
        return self._converge(context, identity, inputs, before=state)

    def delete(self, kind: Kind, identity: str, state: Properties) -> None:
        """Delete and wait until it is gone; one that is gone already, or going, is fine."""
        context = self._context(kind)
        if not kind.dying or _there(context, identity):
            try:
                self._empty(context, identity)
                if kind.before_delete is not None:
                    kind.before_delete(context, identity, state)
                self._delete_when_free(context, identity, state)
            except CloudRefused as refusal:
                absent = kind.delete.absent if isinstance(kind.delete, Call) else ()
                if refusal.reason not in {*absent, *kind.describe.absent}:
                    raise
            except AnswerLost:
                if _there(context, identity):
                    raise
        if kind.gone:
            context.until_gone(identity, kind.gone)

    def _empty(self, context: Context, identity: str) -> None:
        emptied = [change for change in context.kind.changes if change.emptied]
        view = context.view(identity) if emptied else None
        if view is not None:
            actual = _shown(context, identity, view, {})
            for change in emptied:
                remove_members(context, identity, change, view, actual)

    def _context(self, kind: Kind, made_by: str = "", urn: str = "") -> Context:
        return Context(self.clients, kind, self.environment, made_by, urn, sleep=self.sleep)

    def _take_given(self, context: Context, inputs: Properties) -> str:
        """The id of what exists already, once it is sure that it can become what is wanted as it stands."""
        identity = self.given(context.kind.short, context.urn)
        if not identity:
            return ""
        there = self.read(context.kind, identity, {})
        if there is None:
            raise NotFound(kind=context.kind.short, id=identity)
        self._require_ours(context, identity)
        fixed = differ(context.kind, there.properties, inputs).replaces
        if fixed:
            raise Unadoptable(kind=context.kind.short, id=identity, properties=", ".join(fixed))
        return identity

    def _adopt(self, context: Context, inputs: Properties) -> str | None:
        if context.kind.existing is not None:
            there = context.kind.existing(context, inputs)
            if there is not None:
                self._require_ours(context, there)
                return there
        if self.orphans is None:
            return None
        recorded = self.orphans.recorded(context.token)
        if recorded is not None and _there(context, recorded):
            return recorded
        foreseen = context.foreseen(inputs)
        identity = self.orphans.take(context.kind, context.token, foreseen, self.clients)
        if identity is not None and foreseen:
            self._require_ours(context, identity)
        return identity

    def _bear(self, context: Context, inputs: Properties) -> tuple[str, View | None]:
        """The create call: the id, and the call's answer if it was made this instant.

        Where its answer is lost, look for what it made before asking again.
        """
        kind = context.kind
        foreseen = context.foreseen(inputs)
        if foreseen and not kind.create.present and _there(context, foreseen):
            raise AlreadyThere(kind=kind.short, id=foreseen)
        start = self.clock()
        pause = _BIRTH_PAUSE
        while True:
            try:
                answer = context.call(kind.create, inputs)
                return context.born(answer, inputs), answer
            except AnswerLost:
                identity = self._born(context, inputs)
                if identity is not None:
                    return identity, None
                if self.clock() - start + pause > BUSY_SECONDS:
                    raise
            except CloudRefused as refusal:
                if refusal.reason in kind.create.present:
                    raise AlreadyThere(kind=kind.short, id=foreseen or inputs.get("name", "")) from refusal
                raise
            self.sleep(pause)
            pause *= 2

    def _born(self, context: Context, inputs: Properties) -> str | None:
        foreseen = context.foreseen(inputs)
        if foreseen:
            if not _there(context, foreseen):
                return None
            self._require_ours(context, foreseen)
            return foreseen
        found = find(self.clients, self.environment, context.kind)
        known = self.orphans.taken if self.orphans else frozenset()
        return next((one.id for one in found if one.token == context.token and one.id not in known), None)

    def _require_ours(self, context: Context, identity: str) -> None:
        """A named resource is ours by its name or path; another environment's tag denies it."""
        tags = _tags(context.kind, context.view(identity) or {})
        if tags.get(ENVIRONMENT_TAG, self.environment) != self.environment:
            raise AlreadyThere(kind=context.kind.short, id=identity)

    def _converge(
        self,
        context: Context,
        identity: str,
        inputs: Properties,
        main: View | None = None,
        before: Properties | None = None,
    ) -> Resource:
        """Make the changes that are needed; the result is what was seen, with what was changed.

        ``before`` is the state, if there is one: by it a change is known of what the cloud does not tell.
        """
        kind = context.kind
        view = context.view(identity, main)
        if view is None:
            raise NotFound(kind=kind.short, id=identity)
        held = {one.name: inputs.get(one.name) for one in kind.properties if one.held is not None}
        actual = _shown(context, identity, view, held)
        wrong = {one.name for one in kind.properties if _wrong(kind, one, actual, inputs, before)}
        if kind.tags_path and ENVIRONMENT_TAG not in _tags(kind, view):
            wrong.add("tags")
        made = [change for change in kind.changes if wrong.intersection(change.properties)]
        for change in made:
            _make(context, identity, change, view, actual, inputs)
        if any(change.until for change in made):
            actual = _shown(context, identity, context.view(identity) or view, {})
        final = {one.name: _final(one, one.name in wrong, actual, inputs) for one in kind.inputs}
        made_by = actual.get("token") or context.token
        return Resource(identity, without_absent({**actual, **final, "token": made_by}))

    def _delete_when_free(self, context: Context, identity: str, state: Properties) -> None:
        deadline = time.monotonic() + _IN_USE_SECONDS
        pause = 0.1
        while True:
            try:
                if isinstance(context.kind.delete, Call):
                    context.call(context.kind.delete, state, identity)
                else:
                    context.kind.delete(context, identity, state)
                return
            except CloudRefused as refusal:
                if refusal.reason not in {*_IN_USE, *context.kind.busy} or time.monotonic() > deadline:
                    raise
            self.sleep(pause)
            pause = min(5.0, pause * 2)

    def _take_back(self, context: Context, identity: str, inputs: Properties, failure: ProviderError) -> None:
        """There is no partial create in the engine's protocol: what is not whole must not stay."""
        try:
            self.delete(context.kind, identity, inputs)
        except ProviderError:
            raise Forsaken(kind=context.kind.short, id=identity, reason=failure.text("en")) from failure


def _there(context: Context, identity: str) -> bool:
    """Whether a name is taken: what is going does not count where the kind can tell."""
    view = context.describe(identity)
    return view is not None and not context.holds(context.kind.dying, view)


def _shown(context: Context, identity: str, view: View, state: Properties) -> Properties:
    """Everything the state keeps, as the cloud shows it; ``state`` gives what it does not tell."""
    kind = context.kind
    shown = {one.name: _seen(context, one, view, state) for one in kind.inputs}
    outputs = {name: search(context.expression(path, identity), view) for name, path in kind.outputs.items()}
    made_by = _tags(kind, view).get(TOKEN_TAG) or state.get("token")
    return without_absent({**shown, "arn": context.arn(identity), **outputs, "token": made_by})


def _seen(context: Context, one: Property, view: View, state: Properties) -> Plain:
    if not one.path:
        believed = state.get(one.name)
        if one.held is not None and not nothing(believed) and not one.held(view, believed):
            return None
        return normal(one.shape, believed)
    value = search(context.expression(one.path, str(view["identity"])), view)
    if one.read is not None:
        value = one.read(value)
    elif one.shape is Shape.TAGS:
        value = {key: text for key, text in tag_map(value).items() if key not in OWN_TAGS and key[:4] != "aws:"}
    else:
        value = from_cloud(one.shape, value)
    return normal(one.shape, value)


def _wrong(kind: Kind, one: Property, actual: Properties, inputs: Properties, before: Properties | None) -> bool:
    """Whether a property must be changed. One that is never shown must where the state differs, or where the create
    call did not carry it."""
    if one.path or one.held:
        return differs(one, actual.get(one.name), inputs.get(one.name))
    if before is not None:
        return differs(one, before.get(one.name), inputs.get(one.name))
    carried = {name.partition(".")[0] for name in names(kind.create.parameters)}
    return one.name not in carried and not nothing(inputs.get(one.name))


def _make(context: Context, identity: str, change: Change, view: View, actual: Properties, inputs: Properties) -> None:
    for call in change.calls:
        context.call(call, inputs, identity)
    if change.step is not None:
        change.step(context, identity, actual, inputs)
    if change.add is not None or change.remove is not None:
        converge_members(context, identity, change, view, actual.get(change.properties[0]), inputs)
    if change.until:
        context.until(identity, change.until)


def _final(one: Property, was_wrong: bool, actual: Properties, inputs: Properties) -> Plain:
    """What the state keeps of one property: what the cloud shows, or what it was just told."""
    seen, desired = actual.get(one.name), inputs.get(one.name)
    if desired is None and one.offered:
        return seen
    return filled(one.shape, seen, desired) if was_wrong or seen is None else seen


def _tags(kind: Kind, view: View) -> dict[str, str]:
    return tag_map(search(kind.tags_path, view)) if kind.tags_path else {}
