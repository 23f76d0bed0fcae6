"""A cloud and an engine in memory, which can be killed between the cloud's answer and the state's write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from foundation.evidence import canonical_bytes, plain, sha256_hex
from governance.environments import EnvironmentSpec, spec_document
from infra.cloud import CloudIdentity
from infra.engine.errors import EngineFailed, EngineLocked, PlanChanged, StateUnreadable
from infra.engine.model import Operation, Outcome, PlannedStep, PlanSummary, StackState
from infra.ports import OnProgress

KINDS = {"vpc": "Vpc", "instance": "Instance", "volume": "Volume"}


class Killed(BaseException):
    """The process dies here: nothing may catch it."""


@dataclass(frozen=True)
class Made:
    """One resource."""

    kind: str
    name: str
    id: str
    inputs: Mapping[str, Any]
    token: str

    @property
    def type_token(self) -> str:
        return f"guanyun:cloud:{KINDS[self.kind]}"


@dataclass
class FakeCloud:
    """The ``Cloud`` port. ``made``: environment → resources by cloud id."""

    marker: str | None = None
    made: dict[str, dict[str, Made]] = field(default_factory=dict)
    count: int = 0

    def identity(self) -> CloudIdentity:
        return CloudIdentity("aws-cn", "123456789012", "http://127.0.0.1:1", self.marker)

    def mark(self) -> CloudIdentity:
        self.marker = self.marker or "cloud-1"
        return self.identity()

    def sweep(self, environment: str, places: object = ()) -> dict[str, frozenset[str]]:
        return by_type(self.made.get(environment, {}))

    def create(self, environment: str, kind: str, name: str, inputs: Mapping[str, Any], token: str) -> Made:
        self.count += 1
        made = Made(kind, name, f"{kind}-{self.count}", inputs, token)
        self.made.setdefault(environment, {})[made.id] = made
        return made


def by_type(made: Mapping[str, Made]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in made.values():
        found.setdefault(one.type_token, set()).add(one.id)
    return {kind: frozenset(ids) for kind, ids in found.items()}


def wanted(spec: EnvironmentSpec) -> dict[tuple[str, str], dict[str, Any]]:
    """The resources of a spec: (kind, name) → inputs."""
    found: dict[tuple[str, str], dict[str, Any]] = {("vpc", spec.environment): {"cidr": spec.cidr}}
    for instance in spec.instances:
        found["instance", instance.name] = {"image": instance.image, "type": instance.instance_type}
        for volume in instance.volumes:
            found["volume", volume.name] = {"size": volume.size_gb}
    return found


REPLACING = {"image", "cidr"}


@dataclass
class FakeEngine:
    """The ``ResumableEngine`` port. ``trip`` is called with a point's name wherever a kill may happen."""

    cloud: FakeCloud
    known: dict[str, dict[str, Made]] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    trip: Callable[[str], None] = lambda point: None

    def preview(self, spec: EnvironmentSpec, *, progress: OnProgress | None = None) -> PlanSummary:
        self.calls.append("preview")
        return self._plan(spec)

    def apply(
        self, spec: EnvironmentSpec, *, approved: str, deployment: str, progress: OnProgress | None = None
    ) -> Outcome:
        self.calls.append("apply")
        found = self._plan(spec)
        if found.digest != approved:
            raise PlanChanged(
                environment=spec.environment, approved=approved[:12], found=found.digest[:12], changes="?"
            )
        self.trip("before plan is settled")
        self.settled[deployment] = approved
        return self._up(spec, deployment, approved)

    def continue_apply(
        self, spec: EnvironmentSpec, *, approved: str, deployment: str, progress: OnProgress | None = None
    ) -> Outcome:
        self.calls.append("continue")
        if self.settled.get(deployment) != approved:
            return self.apply(spec, approved=approved, deployment=deployment)
        return self._up(spec, deployment, approved)

    def refresh(
        self, environment: str, *, clear_pending: bool = False, progress: OnProgress | None = None
    ) -> StackState:
        self.calls.append("refresh")
        there = self.cloud.made.get(environment, {})
        self.known[environment] = {key: one for key, one in self.known.get(environment, {}).items() if key in there}
        return self.state(environment)

    def destroy(self, environment: str, *, deployment: str, progress: OnProgress | None = None) -> None:
        self.calls.append("destroy")
        self._lock(environment)
        for cloud_id in list(self.known.get(environment, {})):
            del self.cloud.made[environment][cloud_id]
            self.trip("between delete and state")
            del self.known[environment][cloud_id]
        self.locked.discard(environment)

    def cancel(self, environment: str) -> None:
        self.calls.append("cancel")
        self.locked.discard(environment)

    def state(self, environment: str) -> StackState:
        known = self.known.get(environment, {})
        outputs: dict[str, dict[str, str]] = {}
        for one in known.values():
            outputs.setdefault(one.kind, {})[one.name] = one.id
        return StackState(environment, by_type(known), outputs)

    def state_ids(self, environment: str) -> Mapping[str, frozenset[str]]:
        return self.state(environment).ids

    def outputs(self, environment: str) -> Mapping[str, Mapping[str, str]]:
        return self.state(environment).outputs

    def end_left_behind(self, environment: str) -> tuple[str, ...]:
        self.calls.append("end processes")
        return ()

    def locks(self, environment: str) -> tuple[str, ...]:
        return ("a dead engine",) if environment in self.locked else ()

    def check_state(self, environment: str) -> None:
        if environment in self.damaged:
            raise StateUnreadable(environment=environment, file="state.json", reason="cut", copy="state.json.bak")

    def restore_state(self, environment: str) -> tuple[str, ...]:
        self.calls.append("restore state")
        self.damaged.discard(environment)
        return ("put back state.json.bak",)

    def end_deployment(self, deployment: str) -> None:
        self.settled.pop(deployment, None)

    def _lock(self, environment: str) -> None:
        if environment in self.locked:
            raise EngineLocked(environment=environment, holder="a dead engine")
        self.locked.add(environment)

    def _plan(self, spec: EnvironmentSpec) -> PlanSummary:
        there = self.cloud.made.get(spec.environment, {})
        known = {(one.kind, one.name): one for key, one in self.known.get(spec.environment, {}).items() if key in there}
        asked = wanted(spec)
        steps = []
        for kind, name in sorted(known.keys() | asked.keys()):
            before = known[kind, name].inputs if (kind, name) in known else {}
            after = asked.get((kind, name), {})
            changed = tuple(sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key)))
            steps.append(
                PlannedStep(
                    urn=f"urn::{kind}::{name}",
                    kind=KINDS[kind],
                    name=name,
                    operation=_operation(before, after, changed),
                    changed=changed,
                    before=before,
                    after=after,
                )
            )
        return PlanSummary(
            environment=spec.environment,
            spec_digest=sha256_hex(canonical_bytes(spec_document(spec))),
            provider_version="1",
            steps=tuple(steps),
            engine_plan=sha256_hex(canonical_bytes(plain(steps))),
        )

    def _up(self, spec: EnvironmentSpec, deployment: str, digest: str) -> Outcome:
        environment = spec.environment
        self._lock(environment)
        changes = {"create": 0}
        known = self.known.setdefault(environment, {})
        for (kind, name), inputs in wanted(spec).items():
            if inputs.get("image") == "ami-broken":
                self.locked.discard(environment)
                raise EngineFailed(environment=environment, action="apply", detail="no such image")
            there = next((one for one in known.values() if (one.kind, one.name) == (kind, name)), None)
            if there is not None and there.inputs == inputs:
                continue
            if there is not None and not REPLACING & {key for key in inputs if inputs[key] != there.inputs.get(key)}:
                known[there.id] = self.cloud.made[environment][there.id] = replace(there, inputs=inputs)
                continue
            token = f"{deployment}/{kind}/{name}"
            orphan = next((one for one in self.cloud.made.get(environment, {}).values() if one.token == token), None)
            self.trip("before the call")
            made = orphan or self.cloud.create(environment, kind, name, inputs, token)
            self.trip("between call and state")
            known[made.id] = made
            changes["create"] += 1
            if there is not None:
                del self.cloud.made[environment][there.id], known[there.id]
        for key, one in list(known.items()):
            if (one.kind, one.name) not in wanted(spec):
                del self.cloud.made[environment][key], known[key]
        self.trip("after the last write")
        self.locked.discard(environment)
        return Outcome(environment, deployment, digest, self.state(environment), changes)


def _operation(before: Mapping[str, Any], after: Mapping[str, Any], changed: tuple[str, ...]) -> Operation:
    if not before:
        return Operation.CREATE
    if not after:
        return Operation.DELETE
    if REPLACING & set(changed):
        return Operation.REPLACE
    return Operation.UPDATE if changed else Operation.SAME


@dataclass
class KillAt:
    """A trip that kills at one point, the n-th time it is passed."""

    point: str
    passing: int = 1

    def __call__(self, point: str) -> None:
        if point == self.point:
            self.passing -= 1
            if self.passing == 0:
                raise Killed(point)
