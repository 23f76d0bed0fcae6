"""Finishing a deployment whose run died: named steps, each safe to run again.

The caller holds the environment's lease from before the first step until after the last. The steps are run in order;
the runbook *resume-environment* names them one by one, ``resume`` runs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.components import Buildable
from infra.engine.model import Outcome, Progress
from infra.engine.port import ResumableEngine

Sweep = Callable[[str], Mapping[str, frozenset[str]]]
"""From an environment to the ids of all that carries its tag or name in the cloud, by type token."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The deployment to be finished: its spec, its id, and the digest of the plan that was approved for it."""

    spec: Buildable
    deployment: str
    approved: str

    @property
    def environment(self) -> str:
        """The environment it is about."""
        return self.spec.environment


@dataclass(frozen=True, slots=True)
class OrphanReport:
    """The cloud against the state, by type token: ``orphans`` only the cloud has, ``missing`` only the state has."""

    environment: str
    orphans: Mapping[str, frozenset[str]]
    missing: Mapping[str, frozenset[str]]

    @property
    def clean(self) -> bool:
        """Whether both hold exactly the same ids."""
        return not (self.orphans or self.missing)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step found and did, as lines for people; ``outcome`` and ``report`` where it made one."""

    step: str
    found: tuple[str, ...]
    outcome: Outcome | None = None
    report: OrphanReport | None = None


@dataclass(frozen=True, slots=True)
class ResumeContext:
    """What the steps work with."""

    engine: ResumableEngine
    sweep: Sweep
    unfinished: Unfinished
    progress: Callable[[Progress], None] | None = None


@dataclass(frozen=True, slots=True)
class ResumeStep:
    """One step: its stable name, what it does in both languages, and the function that does it."""

    name: str
    zh: str
    en: str
    run: Callable[[ResumeContext], StepResult] = field(repr=False)


def end_processes(context: ResumeContext) -> StepResult:
    """End the dead run's engine and wait until its driver lets go, so that nothing creates after us."""
    said = context.engine.end_left_behind(context.unfinished.environment)
    return StepResult("end-processes", said or ("nothing was left running",))


def release_lock(context: ResumeContext) -> StepResult:
    """Cancel the engine's lock, whose holder is dead by now."""
    environment = context.unfinished.environment
    locks = context.engine.locks(environment)
    if not locks:
        return StepResult("release-lock", ("no lock",))
    context.engine.cancel(environment)
    return StepResult("release-lock", tuple(f"released {lock}" for lock in locks))


def refresh_state(context: ResumeContext) -> StepResult:
    """Read what the state knows from the cloud again, and drop creates of which nobody knows how they ended."""
    environment = context.unfinished.environment
    before = context.engine.state(environment)
    if not before.ids and not before.pending:
        return StepResult("refresh-state", ("the state holds no resource",))
    after = context.engine.refresh(environment, clear_pending=True, progress=context.progress)
    lines = [f"was under way: {urn}" for urn in before.pending]
    gone = sorted(set(before.all_ids) - set(after.all_ids))
    lines += [f"no longer in the cloud: {one}" for one in gone]
    return StepResult("refresh-state", (*lines, f"{len(after.all_ids)} resources known"))


def finish(context: ResumeContext) -> StepResult:
    """Run the approved plan to its end under the same deployment id, adopting what was made and not recorded."""
    unfinished = context.unfinished
    outcome = context.engine.continue_apply(
        unfinished.spec,
        approved=unfinished.approved,
        deployment=unfinished.deployment,
        progress=context.progress,
    )
    said = ", ".join(f"{count} {operation}" for operation, count in sorted(outcome.changes.items()))
    return StepResult("finish", (said or "nothing to do",), outcome=outcome)


def compare(context: ResumeContext) -> StepResult:
    """Compare all that carries the environment's tag or name with the state; the difference is the orphan report."""
    environment = context.unfinished.environment
    report = compare_with_state(environment, context.sweep(environment), context.engine.state_ids(environment))
    lines = [f"orphan {kind} {one}" for kind, ids in report.orphans.items() for one in sorted(ids)]
    lines += [f"missing {kind} {one}" for kind, ids in report.missing.items() for one in sorted(ids)]
    return StepResult("compare", tuple(lines) or ("cloud and state hold the same",), report=report)


def compare_with_state(
    environment: str, cloud: Mapping[str, frozenset[str]], state: Mapping[str, frozenset[str]]
) -> OrphanReport:
    """The orphan report of one sweep."""
    none: frozenset[str] = frozenset()
    kinds = sorted(cloud.keys() | state.keys())
    orphans = {kind: cloud.get(kind, none) - state.get(kind, none) for kind in kinds}
    missing = {kind: state.get(kind, none) - cloud.get(kind, none) for kind in kinds}
    return OrphanReport(
        environment,
        {kind: ids for kind, ids in orphans.items() if ids},
        {kind: ids for kind, ids in missing.items() if ids},
    )


def restore_state(context: ResumeContext) -> StepResult:
    """Put the newest copy in the place of a state that cannot be read."""
    said = context.engine.restore_state(context.unfinished.environment)
    return StepResult("restore-state", said or ("the state can be read",))


RESTORE_STEP = ResumeStep(
    "restore-state",
    "放回最近的可读状态副本,损坏的原件留存",
    "put the newest readable copy of the state in its place, and keep the damaged one",
    restore_state,
)
RESUME_STEPS = (
    ResumeStep(
        "end-processes",
        "结束上一次运行遗留的引擎,等待其驱动进程放手",
        "end the engine that the last run left, and wait for its driver",
        end_processes,
    ),
    ResumeStep("release-lock", "解除已中断运行的引擎锁", "release the engine's lock of the dead run", release_lock),
    ResumeStep(
        "refresh-state",
        "按云上实际刷新状态,清除未完成的创建",
        "refresh the state from the cloud and clear unfinished creates",
        refresh_state,
    ),
    ResumeStep(
        "finish",
        "在原批准的计划和部署编号下完成部署,认领已建未记的资源",
        "finish under the approved plan and the same deployment id, adopting what was made and not recorded",
        finish,
    ),
    ResumeStep("compare", "把云上资源与状态逐一比对", "compare what the cloud holds with the state", compare),
)


def resume(
    context: ResumeContext, *, report: Callable[[ResumeStep, StepResult], None] | None = None
) -> tuple[StepResult, ...]:
    """Run every step in order; a step that raises ends the run, and running again begins at the first."""
    results = []
    for step in RESUME_STEPS:
        result = step.run(context)
        results.append(result)
        if report is not None:
            report(step, result)
    return tuple(results)
