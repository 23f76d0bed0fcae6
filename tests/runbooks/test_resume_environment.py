"""The runbook brings an interrupted deployment to its end, and does nothing where nothing is broken."""

from __future__ import annotations

import pytest

from governance import audit
from governance.authority import Office
from governance.errors import Refused
from infra.deployments import apply_plan, environment_status, plan_environment
from infra.engine.errors import EngineFailed, StateUnreadable
from infra.engine.resume import RESUME_STEPS
from runbooks import RUNBOOKS, Outcome, RunState, UnknownRunbook, run_runbook, runs
from tests.infra.deployments.conftest import World, make_world
from tests.infra.deployments.fakes import KillAt, Killed

ENVIRONMENT, RESUME, RESTORE = "hrss-portal", "resume-environment", "restore-state"


@pytest.fixture
def world(office: Office, people: dict[str, str]) -> World:
    made = make_world(office, people)
    made.approve()
    return made


def interrupt(world: World, point: str = "between call and state") -> str:
    digest = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest
    world.engine.trip = KillAt(point, 2)
    with pytest.raises(Killed):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    return digest


def events(world: World) -> list[str]:
    with world.office.store.reading() as transaction:
        return [entry.event for entry in audit.entries(transaction)]


def test_every_runbook_speaks_both_languages_and_names_each_step_once() -> None:
    for runbook in RUNBOOKS.values():
        names = [step.id for step in runbook.steps]
        assert len(names) == len(set(names))
        assert all(step.zh and step.en for step in runbook.steps)
    assert [step.id for step in RUNBOOKS[RESUME].steps][:-1] == [step.name for step in RESUME_STEPS]


def test_an_interrupted_deployment_is_finished_step_by_step(world: World) -> None:
    digest = interrupt(world)
    seen = []
    result = run_runbook(
        world.deployer,
        world.tokens["operator-1"],
        RESUME,
        ENVIRONMENT,
        on_step=lambda step, record: seen.append((step.id, record.outcome, record.attempt)),
    )
    assert seen == [(step.id, Outcome.DONE, 1) for step in RUNBOOKS[RESUME].steps]
    assert result.applied is not None
    assert result.applied.deployment.digest == digest
    assert result.report is not None
    assert result.report.clean
    assert (world.cloud.count, world.engine.locked) == (4, set())
    assert not environment_status(world.office, world.tokens["operator-1"], ENVIRONMENT).unfinished
    assert events(world)[-4:] == ["deployment.resumed", "runbook.started", "deployment.ended", "runbook.ended"]


def test_running_it_again_changes_nothing(world: World) -> None:
    interrupt(world)
    run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT)
    before = events(world), list(world.engine.calls)
    assert not run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT).changed
    assert (events(world), world.engine.calls) == before


def test_an_environment_never_deployed_has_nothing_to_resume(world: World) -> None:
    assert not run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT).changed


def test_a_runbook_killed_in_its_middle_goes_on_with_the_same_run(world: World) -> None:
    interrupt(world)
    world.engine.trip = KillAt("between call and state")
    with pytest.raises(Killed):
        run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT)
    result = run_runbook(world.deployer, world.tokens["operator-2"], RESUME, ENVIRONMENT)
    (run,) = runs(world.office, world.tokens["operator-1"])
    assert result.run is not None
    assert (run.id, run.state) == (result.run.id, RunState.ENDED)
    finishing = [(one.attempt, one.outcome) for one in run.steps if one.step == "finish"]
    assert finishing == [(1, Outcome.BEGUN), (2, Outcome.DONE)]
    assert world.cloud.count == 4


def test_a_kill_after_the_end_leaves_a_run_that_the_next_one_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(world)

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(world.engine, "end_deployment", die)
        run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT)
    assert run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT).run is not None
    (run,) = runs(world.office, world.tokens["operator-1"])
    assert run.state is RunState.ENDED
    assert not run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT).changed


def test_a_step_that_fails_ends_the_run_as_failed(world: World) -> None:
    interrupt(world)

    def fail(point: str) -> None:
        world.engine.locked.clear()
        raise EngineFailed(environment=ENVIRONMENT, action="apply", detail="the cloud is away")

    world.engine.trip = fail
    with pytest.raises(EngineFailed):
        run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT)
    (run,) = runs(world.office, world.tokens["operator-1"])
    assert run.state is RunState.FAILED
    assert "the cloud is away" in run.steps[-1].found[0]
    world.engine.trip = lambda point: None
    assert run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT).changed
    assert len(runs(world.office, world.tokens["operator-1"])) == 2


def test_a_damaged_state_stops_an_apply_before_it_is_on_record_and_is_restored_by_its_runbook(world: World) -> None:
    digest = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest
    world.engine.damaged.add(ENVIRONMENT)
    with pytest.raises(StateUnreadable):
        apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert not environment_status(world.office, world.tokens["operator-1"], ENVIRONMENT).unfinished
    world.engine.damaged.clear()
    apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    assert not run_runbook(world.deployer, world.tokens["operator-1"], RESTORE, ENVIRONMENT).changed

    world.engine.damaged.add(ENVIRONMENT)
    result = run_runbook(world.deployer, world.tokens["operator-1"], RESTORE, ENVIRONMENT)
    assert result.changed
    assert result.report is not None
    assert result.report.clean
    (run,) = runs(world.office, world.tokens["operator-1"])
    assert run.state is RunState.ENDED
    assert [one.step for one in run.steps if one.outcome is Outcome.SKIPPED] == ["finish", "record-end"]


def test_a_damaged_state_of_an_unfinished_deployment_is_restored_and_the_deployment_finished(world: World) -> None:
    interrupt(world)
    world.engine.damaged.add(ENVIRONMENT)
    result = run_runbook(world.deployer, world.tokens["operator-1"], RESTORE, ENVIRONMENT)
    assert result.applied is not None
    assert result.report is not None
    assert result.report.clean
    assert (world.cloud.count, world.engine.damaged) == (4, set())


def test_a_lock_that_was_left_without_a_deployment_is_released(world: World) -> None:
    digest = plan_environment(world.deployer, world.tokens["operator-1"], ENVIRONMENT).plan.digest
    apply_plan(world.deployer, world.tokens["operator-1"], ENVIRONMENT, digest)
    world.engine.locked.add(ENVIRONMENT)
    result = run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT)
    assert (result.changed, result.applied, world.engine.locked) == (True, None, set())
    (run,) = runs(world.office, world.tokens["operator-1"])
    skipped = [one.step for one in run.steps if one.outcome is Outcome.SKIPPED]
    assert skipped == ["refresh-state", "finish", "record-end"]


def test_only_an_operator_runs_it_and_an_agency_sees_its_own_runs(world: World) -> None:
    interrupt(world)
    with pytest.raises(Refused):
        run_runbook(world.deployer, world.tokens["bureau-1"], RESUME, ENVIRONMENT)
    run_runbook(world.deployer, world.tokens["operator-1"], RESUME, ENVIRONMENT)
    assert len(runs(world.office, world.tokens["hrss-1"])) == 1
    assert runs(world.office, world.tokens["housing-1"]) == []


def test_an_unknown_runbook_names_those_there_are(world: World) -> None:
    with pytest.raises(UnknownRunbook, match=RESUME):
        run_runbook(world.deployer, world.tokens["operator-1"], "reboot-everything", ENVIRONMENT)
