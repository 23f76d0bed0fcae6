"""What the cloud has already and becomes part of an environment 纳入: looked at before anything is touched.

The engine makes a step of it like any other create; the provider takes what is there and brings it to the spec in
place. So the plan says what is found and what would be different, and nothing is ever made anew in its stead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from governance.environments import AdoptSpec, EnvironmentSpec
from infra.components import Buildable, Grounded
from infra.engine.errors import AdoptionRefused
from infra.engine.model import Operation, PlannedStep, PlanSummary, StackState
from infra.engine.plans import UNKNOWN
from infra.provider import unknown
from infra.provider.clouds import Clouds, Place
from infra.provider.composite import nothing
from infra.provider.differing import differ
from infra.provider.errors import ProviderError
from infra.provider.kind import Kind, Properties
from infra.provider.kinds import KINDS
from infra.provider.lifecycle import Lifecycle
from infra.provider.naming import ENVIRONMENT_TAG
from infra.provider.plain import secret_properties

AGENCY_TAG = "guanyun:agency"
_KINDS = {kind.short: kind for kind in KINDS.values()}


class _Refused(Exception):
    """Why one thing cannot be adopted."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def adoptions_of(spec: Buildable | None) -> tuple[AdoptSpec, ...]:
    """What a spec wants to be adopted."""
    of = spec.spec if isinstance(spec, Grounded) else spec
    return of.adopt if isinstance(of, EnvironmentSpec) else ()


def awaited(adoptions: Iterable[AdoptSpec], state: StackState) -> dict[tuple[str, str], str]:
    """Ids by kind and name of what is still to be adopted: what the state has under its name is part of it already."""
    return {(one.kind, one.name): one.id for one in adoptions if (one.kind, one.name) not in state.held}


def with_adoptions(summary: PlanSummary, spec: Buildable, state: StackState, clouds: Clouds) -> PlanSummary:
    """The plan with a step *adopt* in the place of each create that takes over what exists.

    Its ``before`` is what the cloud shows now, with the ``id``. Raises ``AdoptionRefused`` with every reason: not
    there, another environment's or agency's, in state already, or different in what cannot be changed in place.
    """
    adoptions = adoptions_of(spec)
    steps = {(step.kind, step.name): step for step in summary.steps}
    refused: list[_Refused] = []
    for one in adoptions:
        key = one.kind, one.name
        try:
            if key in state.held:
                _check_held(one, state.held[key], steps.get(key), clouds, spec.environment)
            else:
                steps[key] = _adopted(one, steps.get(key), spec, state, clouds)
        except _Refused as why:
            refused.append(why)
        except ProviderError as failure:
            refused.append(_Refused(f"{one.kind} {one.id}:{failure.text('zh')}", f"{one.id}: {failure.text('en')}"))
    if refused:
        raise AdoptionRefused(
            environment=spec.environment,
            reasons_zh=";".join(why.zh for why in refused),
            reasons_en="; ".join(why.en for why in refused),
        )
    return replace(summary, steps=tuple(steps[step.kind, step.name] for step in summary.steps))


def _adopted(
    one: AdoptSpec, step: PlannedStep | None, spec: Buildable, state: StackState, clouds: Clouds
) -> PlannedStep:
    kind = _KINDS[one.kind]
    taken = next((name for (kind_, name), id_ in state.held.items() if (kind_, id_) == (one.kind, one.id)), None)
    if taken is not None:
        raise _Refused(
            f"{one.kind} {one.id} 已是本环境的 {taken}", f"{one.kind} {one.id} is this environment's {taken} already"
        )
    if step is None or step.operation is not Operation.CREATE:
        raise _Refused(f"计划中没有待建的 {one.kind} {one.name}", f"the plan makes no {one.kind} {one.name}")
    lifecycle = _lifecycle(clouds, spec.environment, step.after)
    tags = lifecycle.tags(kind, one.id)
    there = None if tags is None else lifecycle.read(kind, one.id, {})
    if tags is None or there is None:
        raise _Refused(f"云上没有 {one.kind} {one.id}", f"the cloud has no {one.kind} {one.id}")
    _check_whose(one, tags, spec)
    return _compared(one, kind, there.properties, step)


def _check_held(one: AdoptSpec, held: str, step: PlannedStep | None, clouds: Clouds, environment: str) -> None:
    """In state by another id: harmless where ours took its place since, or where the word is about what is gone."""
    if held == one.id:
        return
    lifecycle = _lifecycle(clouds, environment, {} if step is None else {**step.before, **step.after})
    if lifecycle.tags(_KINDS[one.kind], one.id) is not None:
        raise _Refused(
            f"{one.kind} {one.name} 在状态中已是 {held},不能再纳入 {one.id}",
            f"{one.kind} {one.name} is {held} in state already, {one.id} cannot be adopted in its place",
        )


def _check_whose(one: AdoptSpec, tags: Mapping[str, str], spec: Buildable) -> None:
    """What another environment or agency has is not named: whoever asks need not learn of it."""
    if tags.get(ENVIRONMENT_TAG, spec.environment) != spec.environment:
        raise _Refused(
            f"{one.kind} {one.id} 属于另一个环境", f"{one.kind} {one.id} belongs to another environment, by its tag"
        )
    if tags.get(AGENCY_TAG, spec.agency) != spec.agency:
        raise _Refused(
            f"{one.kind} {one.id} 属于另一个单位", f"{one.kind} {one.id} belongs to another agency, by its tag"
        )


def _compared(one: AdoptSpec, kind: Kind, seen: Properties, step: PlannedStep) -> PlannedStep:
    wanted = {name: value for name, value in step.after.items() if name not in secret_properties(kind)}
    found = differ(kind, {**seen, **_hidden(step.after, wanted)}, {**_told(wanted), **_hidden(step.after, wanted)})
    if found.replaces:
        said = ", ".join(f"{name}: {seen.get(name)} → {_short(step.after.get(name))}" for name in found.replaces)
        raise _Refused(
            f"{one.kind} {one.id} 与说明不同且不可就地修改({said})",
            f"{one.kind} {one.id} differs in what cannot be changed in place ({said})",
        )
    before: dict[str, Any] = {name: value for name, value in step.after.items() if name not in found.properties}
    before |= {name: seen[name] for name in found.properties if not nothing(seen.get(name))}
    return replace(step, operation=Operation.ADOPT, changed=found.properties, before={"id": one.id, **before})


def _hidden(after: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Secrets are known on no side here: they count as the same, and are set when it is adopted."""
    return {name: "" for name in after if name not in told}


def _told(value: Any) -> Any:
    """A plan's values as the provider compares them: what only the cloud will choose is unknown."""
    if value == UNKNOWN:
        return unknown.UNKNOWN
    if isinstance(value, Mapping):
        return {key: _told(one) for key, one in value.items()}
    return [_told(one) for one in value] if isinstance(value, list | tuple) else value


def _short(value: Any) -> str:
    return "«new»" if value == UNKNOWN else str(value)


def _lifecycle(clouds: Clouds, environment: str, where: Mapping[str, Any]) -> Lifecycle:
    return Lifecycle(clouds.at(*Place.of(dict(where))), environment, "")
