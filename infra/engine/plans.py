"""From the engine's update plan and preview events to a ``PlanSummary``: pure, so that the digest can be recomputed.

Two previews of the same difference give the same summary: the engine's plan differs only in its time and seeds,
which are left out, in the order of dependencies, which are sets and are sorted, and in how secrets are encrypted,
which are replaced by their HMAC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pulumi.automation.events import EngineEvent, OpType, StepEventMetadata

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.evidence import plain as json_plain
from infra.engine.model import Operation, PlannedStep, PlanSummary

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks special values in JSON."""
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a public marker of the engine's file format
_HIDDEN = {"secret": "unchanged"}

MarkSecret = Callable[[str], str]
"""From a secret's ciphertext in the plan to the HMAC of what it encrypts, hexadecimal."""

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that only the cloud will choose."""

_COVERS = {
    Operation.CREATE: {Operation.CREATE, Operation.UPDATE},
    Operation.ADOPT: {Operation.ADOPT, Operation.UPDATE},
    Operation.UPDATE: {Operation.UPDATE},
    Operation.REPLACE: {Operation.REPLACE, Operation.CREATE, Operation.UPDATE},
    Operation.DELETE: {Operation.DELETE},
    Operation.SAME: set(),
}
"""What may be left of each approved operation after a crash: itself, or a smaller way to the same end."""

_ENGINE_TYPES = ("pulumi:pulumi:", "pulumi:providers:")
_REPLACING = {"replace", "create-replacement", "delete-replaced", "discard-replaced", "read-replacement"}


def summarise(
    *,
    environment: str,
    spec_digest: str,
    provider_version: str,
    engine_plan: Mapping[str, Any],
    events: Iterable[EngineEvent],
    mark_secret: MarkSecret,
) -> PlanSummary:
    """The plan of one preview; ``engine_plan`` is its saved update plan, ``events`` all it reported."""
    normal = normalise(engine_plan, mark_secret)
    seen, drifted = _read_events(events)
    steps = [
        _step(urn, planned, seen.get(urn, ()))
        for urn, planned in sorted(normal["resourcePlans"].items())
        if not _type_of(urn).startswith(_ENGINE_TYPES) and _is_resource(seen.get(urn, ()))
    ]
    return PlanSummary(
        environment=environment,
        spec_digest=spec_digest,
        provider_version=provider_version,
        steps=tuple(steps),
        engine_plan=sha256_hex(canonical_bytes(normal)),
        drifted=tuple(sorted(drifted)),
    )


def normalise(engine_plan: Mapping[str, Any], mark_secret: MarkSecret) -> dict[str, Any]:
    """The update plan without what differs between two previews of the same thing."""
    manifest = {key: value for key, value in engine_plan.get("manifest", {}).items() if key != "time"}
    resources = {
        urn: {key: _goal(value) if key == "goal" else value for key, value in planned.items() if key != "seed"}
        for urn, planned in engine_plan.get("resourcePlans", {}).items()
    }
    rest = {key: value for key, value in engine_plan.items() if key not in {"manifest", "resourcePlans"}}
    normal: dict[str, Any] = plain({**rest, "manifest": manifest, "resourcePlans": resources}, mark_secret)
    return normal


def _goal(goal: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if not goal:
        return goal
    by_property = {key: sorted(urns or ()) for key, urns in (goal.get("propertyDependencies") or {}).items()}
    return {**goal, "dependencies": sorted(goal.get("dependencies") or ()), "propertyDependencies": by_property}


def plain(value: Any, mark_secret: MarkSecret) -> Any:
    """JSON values without floats, each secret as ``{"secret": HMAC}``."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == SECRET_SIGNATURE:
            ciphertext = str(value.get("ciphertext", ""))
            return dict(_HIDDEN) if ciphertext == "[secret]" else {"secret": mark_secret(ciphertext)}
        return {str(key): plain(item, mark_secret) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, mark_secret) for item in value]
    if isinstance(value, float):
        # JSON has one kind of number and the engine writes whole ones without a point.
        return int(value) if value.is_integer() else Decimal(repr(value))
    return value


def no_secret(ciphertext: str) -> str:
    """For places that hold no ciphertext: events only say that there is a secret."""
    raise ValueError(ciphertext[:3])


def name_of(urn: str) -> str:
    """The resource's name in the spec."""
    return urn.rpartition("::")[2]


def kind_of(urn: str) -> str:
    """The resource's kind: ``Instance`` of ``guanyun:cloud:Instance``."""
    return _type_of(urn).rpartition(":")[2]


def _type_of(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _read_events(
    events: Iterable[EngineEvent],
) -> tuple[dict[str, list[StepEventMetadata]], set[str]]:
    steps: dict[str, list[StepEventMetadata]] = {}
    drifted: set[str] = set()
    for event in events:
        if event.resource_pre_event is not None:
            metadata = event.resource_pre_event.metadata
            if metadata.op != OpType.REFRESH:
                steps.setdefault(metadata.urn, []).append(metadata)
        elif event.res_outputs_event is not None:
            metadata = event.res_outputs_event.metadata
            if metadata.op == OpType.REFRESH and _differs(metadata):
                drifted.add(metadata.urn)
    return steps, drifted


def _differs(metadata: StepEventMetadata) -> bool:
    if metadata.old is None or metadata.new is None:
        return metadata.old is not metadata.new
    return bool(metadata.old.outputs != metadata.new.outputs)


def _is_resource(seen: Sequence[StepEventMetadata]) -> bool:
    """Whether the cloud knows it: components are only groups of resources."""
    states = [state for one in seen for state in (one.old, one.new) if state is not None]
    return not states or any(state.custom for state in states)


def _step(urn: str, planned: Mapping[str, Any], seen: Sequence[StepEventMetadata]) -> PlannedStep:
    operation = _operation(planned.get("steps") or ())
    chosen = _chosen(operation, seen)
    before = _inputs(None if chosen is None else chosen.old)
    after = {} if operation is Operation.DELETE else _inputs(None if chosen is None else chosen.new)
    goal = (planned.get("goal") or {}).get("inputDiff") or {}
    for part in ("adds", "updates"):
        # The plan holds the secrets' HMACs, the events hold all the rest.
        after.update({key: value for key, value in (goal.get(part) or {}).items() if key in after})
    detailed = {} if chosen is None else dict(chosen.detailed_diff or {})
    changed = sorted(detailed) or sorted((chosen.diffs if chosen is not None else None) or ())
    reasons = sorted(key for key, one in detailed.items() if one.diff_kind.value.endswith("-replace"))
    keys = sorted((chosen.keys if chosen is not None else None) or ())
    return PlannedStep(
        urn=urn,
        kind=kind_of(urn),
        name=name_of(urn),
        operation=operation,
        changed=tuple(changed),
        replace_reasons=tuple(reasons or keys) if operation is Operation.REPLACE else (),
        before=before,
        after=after,
    )


def _operation(ops: Sequence[str]) -> Operation:
    named = set(ops)
    if named & _REPLACING:
        return Operation.REPLACE
    for operation in (Operation.DELETE, Operation.CREATE, Operation.UPDATE):
        if operation.value in named:
            return operation
    # An operation this module does not know is shown as a change, never as nothing.
    return Operation.SAME if named <= {"same", "read", "refresh"} else Operation.UPDATE


def _chosen(operation: Operation, seen: Sequence[StepEventMetadata]) -> StepEventMetadata | None:
    for one in seen:
        if one.op.value == operation.value:
            return one
    return seen[0] if seen else None


def _inputs(state: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = {} if state is None or state.inputs is None else plain(state.inputs, no_secret)
    return inputs


def outside_plan(approved: PlanSummary, rest: PlanSummary) -> tuple[str, ...]:
    """What ``rest``, planned after a crash, would do that the approved plan does not hold; one line each.

    A step is inside when the approved plan reaches the same end for that resource by the same or a greater
    operation. Values the approved plan could not know yet are open.
    """
    if approved.spec_digest != rest.spec_digest or approved.environment != rest.environment:
        return ("another spec",)
    planned_before = {step.urn: step for step in approved.steps}
    lines = []
    for step in rest.changes:
        before = planned_before.get(step.urn)
        if (
            before is None
            or step.operation not in _COVERS[before.operation]
            or not _reaches(json_plain(before.after), json_plain(step.after))
        ):
            lines.append(f"{step.operation.value} {step.kind} {step.name}")
    return tuple(lines)


def _reaches(planned: Any, found: Any) -> bool:
    if planned == UNKNOWN:
        return True
    if isinstance(planned, Mapping) and isinstance(found, Mapping):
        return planned.keys() == found.keys() and all(_reaches(planned[key], found[key]) for key in planned)
    if isinstance(planned, list) and isinstance(found, list):
        return len(planned) == len(found) and all(map(_reaches, planned, found))
    return bool(planned == found)


def differences(approved: PlanSummary, found: PlanSummary) -> tuple[str, ...]:
    """Where two plans of one environment differ, as ``Kind name: operation → operation`` lines; for people."""
    first = {step.urn: step for step in approved.steps}
    second = {step.urn: step for step in found.steps}
    lines = []
    for urn in sorted(first.keys() | second.keys()):
        one, other = first.get(urn), second.get(urn)
        if one != other:
            said = [step.operation.value if step is not None else "-" for step in (one, other)]
            lines.append(f"{kind_of(urn)} {name_of(urn)}: {said[0]} → {said[1]}")
    return tuple(lines)
