"""The resume steps, over an engine that only remembers what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from governance.environments import EnvironmentSpec
from infra.engine.errors import EngineStillRunning
from infra.engine.model import Outcome, StackState
from infra.engine.resume import RESUME_STEPS, ResumeContext, Unfinished, compare_with_state, resume

VPC, ROLE = "guanyun:cloud:Vpc", "guanyun:cloud:Role"


@dataclass
class Remembering:
    """Stands for the engine: a lock, a state, and the calls in order."""

    held: tuple[str, ...] = ()
    known: StackState = field(default_factory=lambda: StackState("env", {}, {}))
    calls: list[str] = field(default_factory=list)
    processes: tuple[str, ...] = ()
    stubborn: bool = False

    def end_left_behind(self, environment: str) -> tuple[str, ...]:
        self.calls.append("end")
        if self.stubborn:
            raise EngineStillRunning(environment=environment, process=7)
        return self.processes

    def locks(self, environment: str) -> tuple[str, ...]:
        return self.held

    def cancel(self, environment: str) -> None:
        self.calls.append("cancel")
        self.held = ()

    def state(self, environment: str) -> StackState:
        return self.known

    def state_ids(self, environment: str) -> Any:
        return self.known.ids

    def refresh(self, environment: str, *, clear_pending: bool = False, progress: object = None) -> StackState:
        self.calls.append(f"refresh clear_pending={clear_pending}")
        return StackState("env", {VPC: frozenset({"vpc-1"})}, {})

    def continue_apply(
        self, spec: EnvironmentSpec, *, approved: str, deployment: str, progress: object = None
    ) -> Outcome:
        self.calls.append(f"continue {deployment} under {approved}")
        self.known = StackState("env", {VPC: frozenset({"vpc-1"}), ROLE: frozenset({"r"})}, {})
        return Outcome("env", deployment, approved, self.known, {"create": 1})


def context(engine: Remembering, spec: EnvironmentSpec, *cloud: str) -> ResumeContext:
    swept = {VPC: frozenset(one for one in cloud if one.startswith("vpc")), ROLE: frozenset(cloud) & {"r"}}
    return ResumeContext(engine, lambda _: swept, Unfinished(spec, "deployment-1", "digest-1"))  # type: ignore[arg-type]


def test_the_steps_come_in_the_order_that_lets_nothing_create_after_us(spec: EnvironmentSpec) -> None:
    engine = Remembering(held=("pid 7 on here",), known=StackState("env", {}, {}, ("creating urn",)))
    results = resume(context(engine, spec, "vpc-1", "r"))
    assert [result.step for result in results] == [step.name for step in RESUME_STEPS]
    assert engine.calls == ["end", "cancel", "refresh clear_pending=True", "continue deployment-1 under digest-1"]
    assert results[-1].report is not None
    assert results[-1].report.clean


def test_a_process_that_cannot_be_ended_stops_the_resume_before_anything_is_touched(spec: EnvironmentSpec) -> None:
    engine = Remembering(held=("pid 7 on here",), stubborn=True)
    with pytest.raises(EngineStillRunning):
        resume(context(engine, spec))
    assert engine.calls == ["end"]


def test_an_unlocked_empty_state_is_neither_cancelled_nor_refreshed(spec: EnvironmentSpec) -> None:
    engine = Remembering()
    found = [result.found for result in resume(context(engine, spec, "vpc-1", "r"))]
    assert engine.calls == ["end", "continue deployment-1 under digest-1"]
    assert found[1:3] == [("no lock",), ("the state holds no resource",)]


def test_what_only_the_cloud_has_is_an_orphan_and_what_only_the_state_has_is_missing(spec: EnvironmentSpec) -> None:
    last = resume(context(Remembering(), spec, "vpc-1", "vpc-2"))[-1]
    assert last.found == ("orphan guanyun:cloud:Vpc vpc-2", "missing guanyun:cloud:Role r")
    assert last.report is not None
    assert not last.report.clean


def test_a_kind_that_only_one_side_knows_is_compared_too() -> None:
    report = compare_with_state("env", {VPC: frozenset({"vpc-1"})}, {ROLE: frozenset({"r"})})
    assert report.orphans == {VPC: frozenset({"vpc-1"})}
    assert report.missing == {ROLE: frozenset({"r"})}
    assert compare_with_state("env", {VPC: frozenset()}, {}).clean


def test_every_step_says_what_it_does_in_both_languages() -> None:
    assert len({step.name for step in RESUME_STEPS}) == len(RESUME_STEPS)
    assert all(step.zh and step.en and step.run.__doc__ for step in RESUME_STEPS)
