"""From a refresh preview and a sweep to differences, and from differences to how findings ended. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from foundation.evidence import plain
from infra.drift.model import SECRET, Change, Ending, Finding, Seen
from infra.engine.model import Operation, PlannedStep, PlanSummary, StackState
from infra.engine.plans import UNKNOWN
from infra.engine.properties import head, is_secret, leaves
from infra.engine.resume import OrphanReport

_ABSENT = object()
_CHANGING = frozenset({Operation.UPDATE, Operation.REPLACE})
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def differences(found: PlanSummary, applied: PlanSummary, state: StackState, report: OrphanReport) -> tuple[Seen, ...]:
    """What is otherwise in the cloud than it was applied, by resource and property.

    ``found`` is planned from what was applied, after a refresh; ``applied`` is the plan that ran; ``state`` and
    ``report`` (its comparison with a sweep) are of the same look. What a newer program would make otherwise, while the
    cloud holds what was applied, is no drift.
    """
    before = {step.urn: step for step in applied.steps if step.operation is not Operation.DELETE}
    seen: list[Seen] = []
    for step in found.steps:
        cloud_id = id_in(state, step)
        if step.operation is Operation.CREATE and step.urn in before:
            seen.append(Seen(Change.DELETED, step.kind, step.name, step.urn, cloud_id))
        elif step.operation in _CHANGING:
            seen += _changed(step, before.get(step.urn), cloud_id)
    for token, ids in sorted(report.orphans.items()):
        kind = token.rpartition(":")[2]
        seen += (Seen(Change.ORPHAN, kind, cloud_id=one) for one in sorted(ids))
    return tuple(seen)


def id_in(state: StackState, step: PlannedStep) -> str:
    """The cloud id the state has for a step's resource; empty where it tells none."""
    return state.outputs.get(_WORD.sub("-", step.kind).lower(), {}).get(step.name, "")


def _changed(step: PlannedStep, applied: PlannedStep | None, cloud_id: str) -> Iterator[Seen]:
    there, wanted = dict(leaves(plain(step.before))), dict(leaves(plain(step.after)))
    then = {} if applied is None else dict(leaves(plain(applied.after)))
    told = {head(one) for one in (*step.changed, *step.replace_reasons)}
    for path in sorted(there.keys() | wanted.keys()):
        old, new = wanted.get(path, _ABSENT), there.get(path, _ABSENT)
        if is_secret(old) or is_secret(new):
            # A secret's mark is known on one side only, so the engine's word is taken for whether it differs.
            if head(path) not in told:
                continue
        elif old == new or _within_unknown(old, new) or _as_applied(then.get(path, _ABSENT), new, applied):
            continue
        yield Seen(
            Change.CHANGED, step.kind, step.name, step.urn, cloud_id, path, expected=_kept(old), found=_kept(new)
        )


def _as_applied(then: Any, now: Any, applied: PlannedStep | None) -> bool:
    """Whether the cloud holds what was applied, so that only the program wants something else by now."""
    return applied is not None and bool(then == now)


def _within_unknown(wanted: Any, there: Any) -> bool:
    """Whether the two agree in all but what only the cloud will choose."""
    if wanted == UNKNOWN:
        return True
    if isinstance(wanted, Mapping) and isinstance(there, Mapping):
        return wanted.keys() == there.keys() and all(_within_unknown(wanted[key], there[key]) for key in wanted)
    if isinstance(wanted, list) and isinstance(there, list):
        return len(wanted) == len(there) and all(map(_within_unknown, wanted, there))
    return bool(wanted == there)


def _kept(value: Any) -> Any:
    """What may be kept of a value: no secret, nor its mark."""
    if value is _ABSENT:
        return None
    if is_secret(value):
        return SECRET
    if isinstance(value, Mapping):
        return {key: _kept(item) for key, item in value.items()}
    return [_kept(item) for item in value] if isinstance(value, list) else value


def ending_of(finding: Finding, found: PlanSummary, state: StackState, deployment: str) -> Ending:
    """How a finding came to its end that is no longer seen: by what runs now, and whether anything ran since."""
    if finding.seen.change is Change.ORPHAN:
        return Ending.ADOPTED if finding.seen.cloud_id in state.all_ids else Ending.GONE
    if finding.deployment == deployment:
        return Ending.GONE
    step = next((one for one in found.steps if one.urn == finding.seen.urn), None)
    if step is None:
        return Ending.ADOPTED
    if finding.seen.change is Change.DELETED:
        return Ending.REVERTED
    now = _kept(dict(leaves(plain(step.after))).get(finding.seen.path, _ABSENT))
    return Ending.ADOPTED if now == finding.seen.found else Ending.REVERTED


def settles(steps: Iterable[PlannedStep], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that a plan takes back: its step on that resource makes it again, or changes that property."""
    by_urn = {step.urn: step for step in steps}

    def settled(finding: Finding) -> bool:
        step = by_urn.get(finding.seen.urn)
        if step is None or finding.seen.change is Change.ORPHAN:
            return False
        if finding.seen.change is Change.DELETED:
            return step.operation in {Operation.CREATE, Operation.REPLACE}
        return step.operation is Operation.REPLACE or head(finding.seen.path) in map(head, step.changed)

    return tuple(finding for finding in findings if settled(finding))
