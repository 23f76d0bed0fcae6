"""The named party appeals; another person and organisation answers within working days; the entry stands or ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from foundation.store import UnscopedQuery
from governance.authority import viewing
from governance.errors import NotFound, Refused
from governance.lists import (
    ListKind,
    Outcome,
    answer_appeal,
    appeal_due,
    appeal_of,
    appeals,
    end_list_entry,
    entries_in_force,
    file_appeal,
)
from governance.lists.errors import AppealUnfit
from governance.lists.tables import appeal_table
from governance.tasks import inbox
from tests.conftest import MARCH
from tests.governance.lists.conftest import RED_BLACK, Desk


def test_an_upheld_entry_stands_and_an_ended_one_does_not(desk: Desk) -> None:
    desk.publish(RED_BLACK)
    token = desk.people["housing-1"]
    first = file_appeal(desk.office, token, "standing", 2, words="已清退")
    assert file_appeal(desk.office, token, "standing", 2, words="已清退!") == first
    answered = answer_appeal(desk.office, desk.people["bureau-3"], first.id, outcome=Outcome.UPHELD, answer="未见凭证")
    assert answered.outcome is Outcome.UPHELD
    second = file_appeal(desk.office, token, "standing", 2, words="附凭证")
    answer_appeal(desk.office, desk.people["bureau-3"], second.id, outcome=Outcome.ENDED, answer="属实,移出")
    with viewing(desk.office, token) as view:
        at = view.now + timedelta(seconds=1)
        assert [each.number for each in entries_in_force(view.transaction, ListKind.RED_BLACK, at)] == [1]
        said = [each.outcome for each in appeals(view.transaction, view.scope)]
        assert sorted(outcome.value for outcome in said if outcome) == ["ended", "upheld"]
    with pytest.raises(AppealUnfit):
        answer_appeal(desk.office, desk.people["bureau-3"], second.id, outcome=Outcome.UPHELD, answer="又维持")


def test_only_the_named_party_appeals_and_only_while_the_entry_holds(desk: Desk) -> None:
    desk.publish(RED_BLACK)
    with pytest.raises(AppealUnfit):
        file_appeal(desk.office, desk.people["hrss-1"], "standing", 2, words="不公")
    with pytest.raises(Refused):
        file_appeal(desk.office, desk.people["bureau-1"], "standing", 2, words="不公")
    with pytest.raises(NotFound):
        file_appeal(desk.office, desk.people["housing-1"], "standing", 9, words="不公")
    end_list_entry(desk.office, desk.people["bureau-2"], "standing", 2, because="误列")
    with pytest.raises(AppealUnfit):
        file_appeal(desk.office, desk.people["housing-1"], "standing", 2, words="不公")


def test_who_listed_does_not_answer_and_neither_does_the_party(desk: Desk) -> None:
    desk.publish(RED_BLACK)
    appeal = file_appeal(desk.office, desk.people["housing-1"], "standing", 2, words="不公")
    for other in ("bureau-1", "bureau-2", "housing-2", "operator-1"):
        with pytest.raises(Refused):
            answer_appeal(desk.office, desk.people[other], appeal.id, outcome=Outcome.ENDED, answer="移出")


def test_an_appeal_is_due_in_working_days_and_waits_in_the_owners_inbox(desk: Desk) -> None:
    desk.publish(RED_BLACK)
    appeal = file_appeal(desk.office, desk.people["housing-1"], "standing", 2, words="不公")
    with viewing(desk.office, desk.people["bureau-3"]) as view:
        due = appeal_due(view.transaction, appeal)
        waiting = [task for task in inbox(view) if task.subject == appeal.subject]
    # Sunday 1 March 2026; the tenth working day after it is Friday 13.
    assert due == datetime(2026, 3, 13, 16, tzinfo=UTC)
    assert [task.due_at for task in waiting] == [due]
    assert appeal.filed_at >= MARCH
    answer_appeal(desk.office, desk.people["bureau-3"], appeal.id, outcome=Outcome.UPHELD, answer="维持")
    with viewing(desk.office, desk.people["bureau-3"]) as view:
        assert [task for task in inbox(view) if task.subject == appeal.subject] == []


def test_an_appeal_is_seen_by_its_party_and_whoever_manages(desk: Desk) -> None:
    desk.publish(RED_BLACK)
    appeal = file_appeal(desk.office, desk.people["housing-1"], "standing", 2, words="不公")
    with viewing(desk.office, desk.people["bureau-1"]) as view:
        assert [each.id for each in appeals(view.transaction, view.scope, open_only=True)] == [appeal.id]
    with viewing(desk.office, desk.people["hrss-1"]) as view:
        assert appeals(view.transaction, view.scope) == []
        with pytest.raises(NotFound):
            appeal_of(view.transaction, view.scope, appeal.id)
        with pytest.raises(UnscopedQuery):
            view.transaction.rows(appeal_table.table.select())
