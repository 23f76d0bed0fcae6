"""A project goes from the need to the evaluation of its effect, by other persons at every decision."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import update

from foundation.values.errors import InvalidValue
from governance import audit
from governance.authority import viewing
from governance.errors import NotFound, Refused
from governance.parties.tables import account_table
from governance.projects import (
    Evaluation,
    FundSource,
    GoalResult,
    Participant,
    ProjectState,
    accept_project,
    approve_project,
    changes,
    differences,
    evaluate_project,
    evaluation_of,
    file_project,
    in_state_to_request,
    project_digest,
    project_of,
    project_versions,
    projects,
    put_into_operation,
    reject_project,
    report_built,
    return_project,
    review_project,
    stop_project,
)
from governance.projects.errors import (
    ApprovedNotFiled,
    FiledNotApproved,
    InvalidProject,
    ProjectChanged,
    ProjectIdTaken,
    WrongProjectState,
)
from governance.tasks import inbox
from tests.governance.projects.conftest import STATED, Walk

RESULTS = (GoalResult("users", "12000", True), GoalResult("time", "5", False, "两个事项超期"))


def test_a_reviewer_who_came_to_a_participant_since_is_relied_on_no_more(walk: Walk) -> None:
    """As at the review itself: not the lead alone, nobody of any agency that takes part has a say."""
    walk.state()
    walk.review()
    with walk.office.store.transaction() as transaction:
        moved = update(account_table).where(account_table.c.name == "housing-2").values(person="person-bureau-1")
        transaction.write(moved.values(duties=["read"]))
    with pytest.raises(Refused, match="another organisation decides"):
        walk.approve()
    assert walk.now().state is ProjectState.REVIEWED


def test_a_project_walks_from_its_need_to_its_evaluation(walk: Walk) -> None:
    office, people = walk.office, walk.people
    assert walk.to_purchased().state is ProjectState.PURCHASED
    digest = walk.digest()
    assert report_built(office, people["operator-1"], "P-NEW-1", digest=digest, note="").state is ProjectState.BUILT
    assert accept_project(office, people["hrss-2"], "P-NEW-1", digest=digest, note="").state is ProjectState.ACCEPTED
    assert put_into_operation(office, people["hrss-2"], "P-NEW-1", digest=digest).state is ProjectState.IN_OPERATION
    done = evaluate_project(office, people["bureau-2"], Evaluation("P-NEW-1", RESULTS, "基本达到预期"), digest=digest)
    assert done.state is ProjectState.EVALUATED
    assert done.version == 8
    assert in_state_to_request(done)
    with viewing(office, people["hrss-1"]) as view:
        states = [each.state for each in project_versions(view.transaction, view.scope, "P-NEW-1")]
        judged = evaluation_of(view.transaction, view.scope, "P-NEW-1")
    assert [state.value for state in states] == [
        *("need", "reviewed", "approved", "purchased", "built", "accepted", "in-operation", "evaluated")
    ]
    assert judged is not None
    assert judged.document["document_number"] == "市政数立〔2026〕1号"
    assert [goal["target"] for goal in judged.document["goals"]] == ["10000", "≤ 3"]


def test_who_reviewed_does_not_approve_and_the_agency_decides_nothing(walk: Walk) -> None:
    walk.state()
    with pytest.raises(Refused, match="R73"):
        walk.approve("hrss-2")
    walk.review()
    with pytest.raises(Refused, match="R73"):
        walk.approve("bureau-1")
    with pytest.raises(Refused, match="R73"):
        walk.approve("operator-1")
    assert walk.now().state is ProjectState.REVIEWED
    assert walk.approve().document_number == "市政数立〔2026〕1号"


def test_an_approval_needs_a_review_and_binds_to_what_was_read(walk: Walk) -> None:
    walk.state()
    with pytest.raises(WrongProjectState):
        walk.approve()
    walk.review()
    with pytest.raises(ProjectChanged):
        approve_project(walk.office, walk.people["bureau-2"], "P-NEW-1", digest="0" * 64, document_number="1")


def test_a_step_taken_twice_is_taken_once(walk: Walk) -> None:
    walk.to_approved()
    with walk.office.store.reading() as transaction:
        before = audit.head(transaction)
    assert walk.approve().version == 3
    with walk.office.store.reading() as transaction:
        assert audit.head(transaction) == before


def test_a_returned_need_is_stated_anew_with_its_history(walk: Walk) -> None:
    walk.state()
    digest = walk.digest()
    with pytest.raises(InvalidValue):
        return_project(walk.office, walk.people["bureau-1"], "P-NEW-1", digest=digest, reason="")
    returned = return_project(walk.office, walk.people["bureau-1"], "P-NEW-1", digest=digest, reason="补充绩效目标")
    assert (returned.state, returned.reason) == (ProjectState.RETURNED, "补充绩效目标")
    again = walk.state(replace(STATED, ceiling=2_000_000))
    assert (again.state, again.version, again.reason) == (ProjectState.NEED, 3, "")
    with viewing(walk.office, walk.people["hrss-1"]) as view:
        first, _, third = project_versions(view.transaction, view.scope, "P-NEW-1")
    assert {each.field for each in differences(first, third)} == {"ceiling", "version"}


def test_the_same_need_returned_may_be_stated_again_and_reviewed_by_the_same_person(walk: Walk) -> None:
    walk.state()
    return_project(walk.office, walk.people["bureau-1"], "P-NEW-1", digest=walk.digest(), reason="材料不全")
    assert walk.state().state is ProjectState.NEED
    assert walk.review().state is ProjectState.REVIEWED
    assert walk.approve().state is ProjectState.APPROVED


def test_rejected_and_stopped_are_ends(walk: Walk) -> None:
    walk.state()
    walk.review()
    rejected = reject_project(walk.office, walk.people["bureau-2"], "P-NEW-1", digest=walk.digest(), reason="重复建设")
    assert rejected.state is ProjectState.REJECTED
    assert not in_state_to_request(rejected)
    with pytest.raises(WrongProjectState):
        walk.state(replace(STATED, ceiling=5))


def test_a_stopped_project_asks_for_nothing_more(walk: Walk) -> None:
    walk.to_approved()
    stopped = stop_project(walk.office, walk.people["bureau-2"], "P-NEW-1", digest=walk.digest(), reason="机构改革")
    assert stopped.state is ProjectState.STOPPED
    assert not in_state_to_request(stopped)


def test_a_project_without_funds_of_the_level_is_filed_instead(walk: Walk) -> None:
    walk.state(replace(STATED, funds=(FundSource("自筹", Decimal(1)),)))
    walk.review()
    with pytest.raises(FiledNotApproved):
        walk.approve()
    digest = walk.digest()
    filed = file_project(
        walk.office, walk.people["bureau-2"], "P-NEW-1", digest=digest, document_number="备〔2026〕1号"
    )
    assert filed.state is ProjectState.FILED
    assert in_state_to_request(filed)


def test_a_project_of_the_levels_funds_is_not_merely_filed(walk: Walk) -> None:
    walk.state()
    walk.review()
    digest = walk.digest()
    with pytest.raises(ApprovedNotFiled):
        file_project(walk.office, walk.people["bureau-2"], "P-NEW-1", digest=digest, document_number="备〔2026〕1号")


def test_nothing_is_purchased_on_a_coding_nobody_signed(walk: Walk) -> None:
    from governance.projects import purchase_project
    from governance.projects.errors import CodingUnsigned

    walk.to_purchased()  # with a signed coding it goes
    other = replace(STATED, id="P-NEW-2")
    walk.state(other)
    digest = project_digest(other)
    review_project(walk.office, walk.people["bureau-1"], "P-NEW-2", digest=digest, opinion="")
    approve_project(walk.office, walk.people["bureau-2"], "P-NEW-2", digest=digest, document_number="2号")
    with pytest.raises(CodingUnsigned):
        purchase_project(walk.office, walk.people["bureau-1"], "P-NEW-2", digest=digest, contract="C-2026-01")


def test_the_builder_neither_accepts_nor_evaluates_and_every_goal_is_judged(walk: Walk) -> None:
    office, people = walk.office, walk.people
    walk.to_purchased()
    digest = walk.digest()
    report_built(office, people["operator-1"], "P-NEW-1", digest=digest, note="")
    with pytest.raises(Refused):
        accept_project(office, people["operator-1"], "P-NEW-1", digest=digest, note="")
    with pytest.raises(Refused):
        accept_project(office, people["housing-1"], "P-NEW-1", digest=digest, note="")
    accept_project(office, people["hrss-2"], "P-NEW-1", digest=digest, note="")
    put_into_operation(office, people["hrss-2"], "P-NEW-1", digest=digest)
    with pytest.raises(InvalidProject) as caught:
        wrong = Evaluation("P-NEW-1", (RESULTS[0], GoalResult("other", "1", True)), "好")
        evaluate_project(office, people["bureau-2"], wrong, digest=digest)
    assert [finding.found for finding in caught.value.facts["findings"]] == ["time", "other"]  # type: ignore[attr-defined]


def test_shares_that_are_not_a_whole_are_all_found(walk: Walk) -> None:
    wrong = replace(
        STATED,
        participants=(Participant("housing", Decimal("0.5")), Participant("operator", Decimal("0.4"))),
        funds=(FundSource("a", Decimal("0.5")), FundSource("a", Decimal("0.4"))),
    )
    with pytest.raises(InvalidProject) as caught:
        walk.state(wrong)
    fields = [finding.place.field for finding in caught.value.facts["findings"]]  # type: ignore[attr-defined]
    assert fields == ["participants", "participants", "funds", "funds[1]", "participants[1]"]


def test_a_participant_sees_the_project_and_another_agency_does_not(walk: Walk) -> None:
    walk.state()
    with viewing(walk.office, walk.people["housing-1"]) as view:
        assert project_of(view.transaction, view.scope, "P-NEW-1").lead == "hrss"
        assert [each.id for each in projects(view.transaction, view.scope)] == ["P-NEW-1"]
    walk.state(replace(STATED, participants=()))
    with viewing(walk.office, walk.people["housing-1"]) as view:
        assert projects(view.transaction, view.scope) == []
        with pytest.raises(NotFound):
            project_of(view.transaction, view.scope, "P-NEW-1")
        with pytest.raises(NotFound):
            project_versions(view.transaction, view.scope, "P-NEW-1")


def test_nobody_states_for_another_agency_and_a_taken_id_says_no_more(walk: Walk) -> None:
    from governance.projects import state_project

    with pytest.raises(Refused):
        state_project(walk.office, walk.people["housing-1"], STATED)
    walk.state(replace(STATED, participants=()))
    with pytest.raises(ProjectIdTaken) as caught:
        state_project(walk.office, walk.people["housing-1"], replace(STATED, lead="housing", participants=()))
    assert "hrss" not in str(caught.value) + repr(caught.value.facts)


def test_somebody_of_a_participant_does_not_decide(walk: Walk) -> None:
    """Though the lead is another agency: their organisation takes part."""
    from governance.parties import Account, Duty, account_of, add_account
    from tests.conftest import MARCH, session_for

    walk.state()
    with walk.office.store.transaction() as transaction:
        first = account_of(transaction, "housing-1")
        assert first is not None
        second = Account("housing-1-at-bureau", first.person, "bureau", frozenset({Duty.REVIEW}), MARCH, None)
        add_account(transaction, second, "-")
    token = session_for(walk.office, "housing-1-at-bureau")
    with pytest.raises(Refused):
        review_project(walk.office, token, "P-NEW-1", digest=walk.digest(), opinion="")


# changes of a project that stands


def test_a_change_is_reviewed_and_approved_before_it_holds(walk: Walk) -> None:
    office, people = walk.office, walk.people
    walk.to_approved()
    more = replace(STATED, ceiling=3_000_000)
    assert walk.state(more).ceiling == STATED.ceiling
    digest = project_digest(more)
    with pytest.raises(WrongProjectState):
        approve_project(office, people["bureau-2"], "P-NEW-1", digest=digest, document_number="3号")
    review_project(office, people["bureau-1"], "P-NEW-1", digest=digest, opinion="")
    with pytest.raises(Refused):
        approve_project(office, people["bureau-1"], "P-NEW-1", digest=digest, document_number="3号")
    after = approve_project(office, people["bureau-2"], "P-NEW-1", digest=digest, document_number="3号")
    assert (after.ceiling, after.state, after.version, after.document_number) == (
        *(3_000_000, ProjectState.APPROVED),
        *(4, "3号"),
    )
    with viewing(office, people["hrss-1"]) as view:
        assert [each.outcome for each in changes(view.transaction, view.scope, "P-NEW-1")] == ["applied"]


def test_a_returned_change_leaves_the_project_as_it_was(walk: Walk) -> None:
    walk.to_approved()
    more = replace(STATED, ceiling=3_000_000)
    walk.state(more)
    digest = project_digest(more)
    same = return_project(walk.office, walk.people["bureau-1"], "P-NEW-1", digest=digest, reason="不必要")
    assert (same.ceiling, same.version, same.state) == (STATED.ceiling, 3, ProjectState.APPROVED)
    with pytest.raises(ProjectChanged):
        approve_project(walk.office, walk.people["bureau-2"], "P-NEW-1", digest=digest, document_number="3号")


def test_a_task_waits_for_whoever_is_next_and_for_nobody_else(walk: Walk) -> None:
    def kinds(who: str) -> set[str]:
        with viewing(walk.office, walk.people[who]) as view:
            return {task.kind for task in inbox(view) if task.subject == "project:P-NEW-1"}

    walk.state()
    assert kinds("bureau-1") == {"project.review"}
    walk.review()
    assert kinds("bureau-1") == {"project.decide"}
    walk.approve()
    assert kinds("bureau-1") == {"project.purchase"}
    assert kinds("hrss-1") == set()
