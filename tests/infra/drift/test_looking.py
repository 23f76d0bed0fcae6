"""Looks over fakes: what they record, what keeps them from seeing, kills, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from foundation.work import LeaseHeld
from governance.authority import viewing
from governance.errors import NotFound, Refused
from infra.cloud import CloudIdentity
from infra.deployments import apply_plan, plan_environment
from infra.drift import Change, Ending, LookOutcome, TrailState, Who, accept_finding, revert, show_finding
from infra.drift.errors import AcceptanceUnfit, FindingEnded, NeverApplied
from infra.drift.looking import end_of_the_terminated, look_unseen
from infra.engine.errors import EngineFailed
from infra.errors import CloudUnreachable, DifferentCloud
from infra.provider.errors import CredentialsRefused
from infra.topics import DRIFT_FOUND, DRIFT_UNSEEN
from tests.infra.deployments.fakes import Killed
from tests.infra.drift.conftest import ENVIRONMENT, Sky


def test_an_environment_as_it_was_applied_has_no_drift(sky: Sky) -> None:
    made = sky.look()
    assert (made.outcome, made.found, made.fresh) == (LookOutcome.CLEAN, 0, 0)
    assert sky.findings() == []
    assert sky.announced(DRIFT_FOUND) == []


def test_what_changed_is_found_once_with_who_and_when(sky: Sky) -> None:
    at = sky.office.clocks.real()
    machine = sky.change("instance", "web-1", type="c5.xlarge")
    disk, orphan = sky.delete("volume", "web-1-data"), sky.create("volume", {"size": 1})
    sky.trail.known[machine.id] = Who(TrailState.KNOWN, "li.si", "ModifyInstanceAttribute", "192.0.2.7", at)
    first = sky.look()
    assert (first.outcome, first.found, first.fresh) == (LookOutcome.DRIFTED, 3, 3)
    found = {one.seen.change: one for one in sky.findings()}
    assert found[Change.CHANGED].who.person == "li.si"
    assert (found[Change.CHANGED].seen.expected, found[Change.CHANGED].seen.found) == ("c5.large", "c5.xlarge")
    assert found[Change.DELETED].seen.cloud_id == disk.id
    assert found[Change.ORPHAN].seen.cloud_id == orphan.id
    assert found[Change.ORPHAN].who.state is TrailState.NOTHING

    again = sky.look()
    assert (again.found, again.fresh, again.ended) == (3, 0, 0)
    after = {one.seen.change: one for one in sky.findings()}
    assert {one.id for one in after.values()} == {one.id for one in found.values()}
    assert after[Change.CHANGED].first_seen < after[Change.CHANGED].last_seen
    assert after[Change.CHANGED].who.person == "li.si"
    # The trail is asked about each resource once, and only when it is new.
    assert sorted(sky.trail.asked) == sorted({machine.id, disk.id, orphan.id})
    (told,) = sky.announced(DRIFT_FOUND)
    assert (told["party"], told["fresh"], told["changed"], told["deleted"], told["orphan"]) == ("hrss", 3, 1, 1, 1)
    assert sky.audited() == ["drift.found"]


def test_a_second_change_of_the_same_value_is_asked_about_anew_and_loses_its_acceptance(sky: Sky) -> None:
    machine = sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()
    (found,) = sky.findings()
    until = sky.office.clocks.real() + timedelta(days=1)
    with viewing(sky.office, sky.operator) as view:
        until = view.now + timedelta(days=1)
    accept_finding(sky.office, sky.world.tokens["hrss-1"], found.id, because="割接", until=until)
    sky.trail.known[machine.id] = Who(TrailState.KNOWN, "wang.wu", at=sky.office.clocks.real())
    sky.change("instance", "web-1", type="c5.4xlarge")
    sky.look()
    (after,) = sky.findings()
    assert (after.id, after.seen.found, after.who.person) == (found.id, "c5.4xlarge", "wang.wu")
    assert after.acceptance is None


def test_what_somebody_took_back_is_gone_and_a_recurrence_is_a_finding_of_its_own(sky: Sky) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()
    sky.change("instance", "web-1", type="c5.large")
    assert sky.look().outcome is LookOutcome.CLEAN
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()
    every = sky.findings(standing=False)
    assert [one.ending for one in every] == [Ending.OPEN, Ending.GONE]
    assert every[0].identity == every[1].identity


def test_a_revert_is_an_ordinary_plan_that_says_what_it_settles(sky: Sky) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.create("volume", {"size": 1})
    sky.look()
    made = revert(sky.world.deployer, sky.operator, ENVIRONMENT)
    assert [one.seen.change for one in made.settled] == [Change.CHANGED]
    assert [one.seen.change for one in made.left] == [Change.ORPHAN]
    assert {one.plan for one in sky.findings()} == {"", made.planned.plan.id}
    apply_plan(sky.world.deployer, sky.operator, ENVIRONMENT, made.planned.plan.digest)
    assert sky.look().ended == 1
    assert {one.ending for one in sky.findings(standing=False)} == {Ending.REVERTED, Ending.OPEN}
    assert sky.audited()[-1] == "drift.ended"


def test_what_is_adopted_by_a_new_approval_ends_as_adopted(sky: Sky) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()
    spec = sky.world.approved[ENVIRONMENT].spec
    first, *rest = spec.instances  # type: ignore[union-attr]
    sky.world.approve(replace(spec, instances=(replace(first, instance_type="c5.xlarge"), *rest)))  # type: ignore[arg-type]
    sky.apply()
    sky.look()
    assert [one.ending for one in sky.findings(standing=False)] == [Ending.ADOPTED]


def test_a_newer_approval_that_is_not_applied_is_no_drift(sky: Sky) -> None:
    sky.world.approve(sky.world.with_image("ami-2"))
    assert sky.look().outcome is LookOutcome.CLEAN


def test_a_look_changes_neither_cloud_nor_state(sky: Sky) -> None:
    sky.create("volume", {"size": 1})
    sky.delete("volume", "web-1-data")
    made, known = dict(sky.world.cloud.made[ENVIRONMENT]), dict(sky.world.engine.known[ENVIRONMENT])
    sky.world.engine.calls.clear()
    sky.look()
    assert sky.world.cloud.made[ENVIRONMENT] == made
    assert sky.world.engine.known[ENVIRONMENT] == known
    assert set(sky.world.engine.calls) <= {"preview", "end processes"}


def test_what_was_never_applied_has_nothing_to_compare_with(sky: Sky) -> None:
    with pytest.raises(NeverApplied):
        sky.look("nowhere")


def test_a_deployment_that_runs_puts_the_look_off_and_that_is_on_record(sky: Sky) -> None:
    deployer = replace(sky.world.deployer, holder="somebody else")
    with deployer.holding(ENVIRONMENT), pytest.raises(LeaseHeld):
        sky.look()
    (made,) = sky.looks()
    assert (made.outcome, made.outcome.seen) == (LookOutcome.BUSY, False)
    assert sky.announced(DRIFT_UNSEEN) == []
    assert sky.look().outcome is LookOutcome.CLEAN


def test_a_deployment_that_did_not_end_is_said_and_not_looked_through(sky: Sky) -> None:
    sky.world.approve(sky.world.with_image("ami-2"))
    sky.change("instance", "web-2", type="c5.xlarge")

    def die(point: str) -> None:
        raise Killed(point)

    sky.world.engine.trip = die
    with pytest.raises(Killed):
        sky.apply()
    made = sky.look()
    assert made.outcome is LookOutcome.UNFINISHED
    assert "resume-environment" in made.en
    assert sky.findings() == []


FAILURES = [
    (CloudUnreachable(endpoint="http://127.0.0.1:1", reason="refused"), LookOutcome.UNREACHABLE),
    (CredentialsRefused(operation="GetCallerIdentity", reason="ExpiredToken", message="x"), LookOutcome.CREDENTIALS),
    (EngineFailed(environment=ENVIRONMENT, action="plan", detail="500"), LookOutcome.FAILED),
]


@pytest.mark.parametrize(("failure", "outcome"), FAILURES, ids=lambda one: str(one)[:20])
def test_what_keeps_a_look_from_seeing_is_its_outcome_and_never_no_drift(
    sky: Sky, monkeypatch: pytest.MonkeyPatch, failure: Exception, outcome: LookOutcome
) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()

    def fail() -> CloudIdentity:
        raise failure

    monkeypatch.setattr(sky.world.cloud, "identity", fail)
    made = sky.look()
    assert (made.outcome, made.outcome.seen) == (outcome, False)
    assert made.zh
    assert made.en
    assert made.code
    # What stood still stands: nobody saw that it went.
    assert len(sky.findings()) == 1
    assert [one.id for one in sky.looks(unseen=True)] == [made.id]
    # One notice stands for every look of the day that fails for the same reason.
    sky.look()
    assert len(sky.announced(DRIFT_UNSEEN)) == 1
    monkeypatch.undo()
    sky.later()
    assert sky.look().outcome is LookOutcome.DRIFTED
    assert sky.looks(unseen=True) == []


def test_an_emptied_cloud_is_told_from_one_where_everything_was_deleted(sky: Sky) -> None:
    sky.world.cloud.marker = None
    made = sky.look()
    assert (made.outcome, made.code) == (LookOutcome.DIFFERENT_CLOUD, DifferentCloud.code)
    assert sky.findings() == []


def test_a_cloud_that_cannot_even_be_addressed_is_an_outcome_too(sky: Sky) -> None:
    failure = CloudUnreachable(endpoint="-", reason="no sandbox runs")
    made = look_unseen(sky.office, sky.office.clocks.real, sky.reach, ENVIRONMENT, failure)
    assert made.outcome is LookOutcome.UNREACHABLE
    assert [one.id for one in sky.looks(unseen=True)] == [made.id]


def test_a_look_killed_in_its_middle_leaves_nothing_and_is_done_again(
    sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")

    def die(*_: object) -> dict[str, frozenset[str]]:
        raise Killed("in the sweep")

    monkeypatch.setattr(sky.world.cloud, "sweep", die)
    with pytest.raises(Killed):
        sky.look()
    assert sky.looks() == []
    monkeypatch.undo()
    assert sky.look().fresh == 1
    assert len(sky.findings()) == 1


def test_an_agency_sees_its_own_findings_and_looks_and_nobody_elses(sky: Sky) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()
    (found,) = sky.findings("hrss-1")
    assert sky.looks("hrss-1")
    assert sky.findings("housing-1") == []
    assert sky.looks("housing-1") == []
    with viewing(sky.office, sky.world.tokens["housing-1"]) as view, pytest.raises(NotFound):
        show_finding(view, found.id)
    with pytest.raises(NotFound):
        accept_finding(sky.office, sky.world.tokens["housing-1"], found.id, because="x", until=found.first_seen)


def test_agency_and_bureau_accept_until_a_day_and_the_operator_does_not(sky: Sky) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()
    (found,) = sky.findings()
    with viewing(sky.office, sky.operator) as view:
        now = view.now
    until = now + timedelta(days=10)
    with pytest.raises(Refused):
        accept_finding(sky.office, sky.operator, found.id, because="自己的活自己判", until=until)
    for account in ("hrss-1", "bureau-1"):
        accepted, new = accept_finding(sky.office, sky.world.tokens[account], found.id, because=account, until=until)
        assert new
        assert not accepted.open(now)
        assert accepted.open(until)
    again, new = accept_finding(sky.office, sky.world.tokens["bureau-1"], found.id, because="bureau-1", until=until)
    assert not new
    # Accepted, it is looked at still, and stays accepted while it stays as it was.
    sky.look()
    (after,) = sky.findings()
    assert after.acceptance == again.acceptance
    assert sky.audited().count("drift.accepted") == 2


def test_an_acceptance_has_an_end_and_a_finding_that_is_over_takes_none(sky: Sky) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()
    (found,) = sky.findings()
    token = sky.world.tokens["hrss-1"]
    with viewing(sky.office, token) as view:
        now = view.now
    for until in (now, now + timedelta(days=181)):
        with pytest.raises(AcceptanceUnfit):
            accept_finding(sky.office, token, found.id, because="x", until=until)
    sky.change("instance", "web-1", type="c5.large")
    sky.look()
    with pytest.raises(FindingEnded):
        accept_finding(sky.office, token, found.id, because="x", until=now + timedelta(days=1))


def test_the_findings_of_an_environment_that_is_no_more_end_with_it(sky: Sky) -> None:
    sky.change("instance", "web-1", type="c5.xlarge")
    sky.look()
    assert end_of_the_terminated(sky.office, frozenset({ENVIRONMENT})) == 0
    assert end_of_the_terminated(sky.office, frozenset()) == 1
    assert [one.ending for one in sky.findings(standing=False)] == [Ending.TERMINATED]


def test_a_plan_with_drift_in_it_is_refused_once_somebody_changed_the_cloud_again(sky: Sky) -> None:
    sky.world.approve(sky.world.with_image("ami-2"))
    planned = plan_environment(sky.world.deployer, sky.operator, ENVIRONMENT)
    sky.change("instance", "web-2", type="c5.xlarge")
    with pytest.raises(Refused):  # it replaces: the second person is asked first
        apply_plan(sky.world.deployer, sky.operator, ENVIRONMENT, planned.plan.digest)
    assert sky.look().found == 1
