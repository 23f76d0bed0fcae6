"""A task waits in one party's inbox for one duty, and is there as long as somebody is to act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from foundation.values.working_days import AwaitingCalendar
from foundation.work import deliver_and_report
from foundation.work.outbox import outbox_table
from governance.authority import Office, viewing
from governance.calendar import Holiday, Notice, load_year
from governance.errors import NotFound, TaskNotFree
from governance.parties import Duty
from governance.tasks import (
    Task,
    Within,
    close_tasks,
    give_back_task,
    hand_over,
    inbox,
    move_open_tasks,
    open_task,
    take_task,
    task_deadlines,
    task_of,
    tasks_on,
)
from tests.conftest import MARCH


@dataclass
class Desk:
    """The installation, and everybody's tokens."""

    office: Office
    people: dict[str, str]

    def open(self, **changed: Any) -> Task:
        facts: dict[str, Any] = {
            "party": "bureau",
            "duty": Duty.APPROVE,
            "kind": "need.decide",
            "subject": "need:N-1",
            "agency": "hrss",
            "zh": "审批需求 N-1",
            "en": "decide on need N-1",
            "opened_at": MARCH,
        }
        with self.office.store.transaction() as transaction:
            return open_task(transaction, **{**facts, **changed})

    def inbox(self, account: str, **how: Any) -> list[Task]:
        with viewing(self.office, self.people[account]) as view:
            return list(inbox(view, **how))

    def do(self, what: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with self.office.store.transaction() as transaction:
            return what(transaction, *arguments, **named)

    def events(self, topic: str) -> list[dict[str, Any]]:
        with self.office.store.reading() as transaction:
            rows = transaction.rows(select(outbox_table).where(outbox_table.c.topic == topic))
            return [row["payload"] for row in rows]


@pytest.fixture
def desk(office: Office, people: dict[str, str]) -> Desk:
    return Desk(office, people)


def test_a_task_is_in_the_inbox_of_its_party_and_no_other(desk: Desk) -> None:
    task = desk.open()
    assert desk.inbox("bureau-1") == [task]
    for account in ("hrss-1", "operator-1", "auditor-1"):
        assert desk.inbox(account) == []
        with pytest.raises(NotFound), viewing(desk.office, desk.people[account]) as view:
            task_of(view, task.number)


def test_an_inbox_shows_only_the_duties_of_the_login(desk: Desk) -> None:
    task = desk.open()
    with viewing(desk.office, desk.people["bureau-2"]) as view:
        for duty, shown in ((Duty.DRAFT, []), (Duty.APPROVE, [task])):
            assert inbox(replace(view, actor=replace(view.actor, duties=frozenset({duty})))) == shown


def test_the_same_task_is_open_once_and_announced_once(desk: Desk) -> None:
    first, again = desk.open(), desk.open(zh="别的话")
    assert again == first
    assert [event["number"] for event in desk.events("task.opened")] == [first.number]


def test_a_task_that_is_done_leaves_every_inbox_and_can_be_opened_anew(desk: Desk) -> None:
    first = desk.open()
    desk.open(party="hrss", duty=Duty.REQUEST, kind="need.agree")
    assert desk.do(close_tasks, "need:N-1", kind="need.decide", closed_at=MARCH) == 1
    assert desk.inbox("bureau-1") == []
    assert len(desk.inbox("hrss-1")) == 1
    assert desk.do(close_tasks, "need:N-1", closed_at=MARCH) == 1
    assert desk.inbox("hrss-1") == []
    assert desk.open().number != first.number
    with viewing(desk.office, desk.people["bureau-1"]) as view:
        assert task_of(view, first.number).closed_at == MARCH


def test_the_most_pressing_comes_first_and_pages_follow_one_another(desk: Desk) -> None:
    dues = [None, MARCH + timedelta(days=9), MARCH + timedelta(days=2), None, MARCH + timedelta(days=2)]
    numbers = [desk.open(subject=f"need:{at}", due_at=due).number for at, due in enumerate(dues)]
    other = desk.open(subject="need:9", duty=Duty.DRAFT, due_at=MARCH + timedelta(days=5)).number
    wanted = [numbers[2], numbers[4], other, numbers[1], numbers[0], numbers[3]]
    assert [task.number for task in desk.inbox("bureau-1")] == wanted
    first = desk.inbox("bureau-1", limit=2)
    assert [task.number for task in first] == wanted[:2]
    assert [task.number for task in desk.inbox("bureau-1", limit=9, after=first[-1].number)] == wanted[2:]


def test_a_deadline_in_working_days_ends_with_its_last_day_in_shanghai(desk: Desk) -> None:
    task = desk.open(due_at=Within(MARCH, 5))  # 2026-03-01 is a Sunday
    assert task.due_at == datetime(2026, 3, 6, 16, tzinfo=UTC)
    assert not task.overdue(datetime(2026, 3, 6, 15, 59, tzinfo=UTC))
    assert task.overdue(datetime(2026, 3, 6, 16, tzinfo=UTC))


def test_a_deadline_of_a_year_nobody_loaded_waits_for_it_and_is_computed_then(desk: Desk) -> None:
    late = datetime(2026, 12, 30, 2, tzinfo=UTC)
    task = desk.open(due_at=Within(late, 5))
    assert task.due_at == AwaitingCalendar(2027)
    assert not task.overdue(datetime(2028, 1, 1, tzinfo=UTC))
    assert str(AwaitingCalendar(2027)) == desk.events("task.opened")[0]["due"]
    holidays = (
        Holiday("元旦", date(2027, 1, 1), date(2027, 1, 3)),
        Holiday("劳动节", date(2027, 5, 1), date(2027, 5, 5)),
    )
    load_year(
        desk.office, desk.people["bureau-1"], Notice(2027, "国办发明电〔2026〕1号", date(2026, 11, 1), holidays, ())
    )
    real = desk.office.clocks.real
    assert not deliver_and_report(desk.office.store, [task_deadlines()], clock=real).failed
    (found,) = desk.inbox("bureau-1")
    assert found.due_at == datetime(2027, 1, 7, 16, tzinfo=UTC)


def test_a_task_is_taken_by_one_person_and_given_back(desk: Desk) -> None:
    task = desk.open()
    taken, new = take_task(desk.office, desk.people["bureau-1"], task.number)
    assert (taken.taken_by, new) == ("person-bureau-1", True)
    assert take_task(desk.office, desk.people["bureau-1"], task.number) == (taken, False)
    for verb in (take_task, give_back_task):
        with pytest.raises(TaskNotFree):
            verb(desk.office, desk.people["bureau-2"], task.number)
    with pytest.raises(NotFound):
        take_task(desk.office, desk.people["operator-1"], task.number)
    assert give_back_task(desk.office, desk.people["bureau-1"], task.number)[0].taken_by == ""
    assert len(desk.events("task.returned")) == 1
    desk.do(close_tasks, task.subject, closed_at=MARCH)
    with pytest.raises(TaskNotFree):
        take_task(desk.office, desk.people["bureau-2"], task.number)


def test_what_somebody_who_leaves_had_taken_returns_to_the_inbox(desk: Desk) -> None:
    mine, other = desk.open(), desk.open(subject="need:N-2")
    take_task(desk.office, desk.people["bureau-1"], mine.number)
    take_task(desk.office, desk.people["bureau-2"], other.number)
    assert desk.do(hand_over, "person-bureau-1", at=MARCH, party="operator") == []
    returned = desk.do(hand_over, ["person-bureau-1", "an earlier id"], at=MARCH)
    assert [task.number for task in returned] == [mine.number]
    assert {task.number: task.taken_by for task in desk.inbox("bureau-2")} == {
        mine.number: "",
        other.number: "person-bureau-2",
    }


def test_open_tasks_follow_the_successor_once_each_and_closed_ones_stay(desk: Desk) -> None:
    done = desk.open(party="hrss", subject="need:N-0")
    desk.do(close_tasks, "need:N-0", closed_at=MARCH)
    moved = desk.open(party="hrss", subject="need:N-1")
    desk.open(party="hrss", subject="need:N-2")
    desk.open(party="housing", subject="need:N-2")
    about = desk.open(subject="need:N-3")
    take_task(desk.office, desk.people["hrss-1"], moved.number)
    assert desk.do(move_open_tasks, "hrss", "housing", at=MARCH) == 1
    assert desk.inbox("hrss-1") == []
    assert [(task.subject, task.taken_by) for task in desk.inbox("housing-1")] == [("need:N-1", ""), ("need:N-2", "")]
    with viewing(desk.office, desk.people["bureau-1"]) as view:
        assert task_of(view, about.number).about == "housing"
        assert {task.party for task in tasks_on(view.transaction, view.scope, "need:N-2")} == {"housing"}
    with viewing(desk.office, desk.people["hrss-1"]) as view:
        assert task_of(view, done.number).party == "hrss"


def test_an_event_of_a_task_says_what_its_party_may_read(desk: Desk) -> None:
    task = desk.open(due_at=MARCH)
    assert desk.events("task.opened") == [
        {
            "number": task.number,
            "party": "bureau",
            "duty": "approve",
            "kind": "need.decide",
            "subject": "need:N-1",
            "zh": "审批需求 N-1",
            "en": "decide on need N-1",
            "due": "2026-02-28T16:00:00Z",
        }
    ]
