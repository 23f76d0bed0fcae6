"""What a person decides about work: permitted, recorded once, and never seen across agencies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from foundation.evidence import canonical_text, sha256_hex
from foundation.work import Event, publish
from foundation.work.outbox import NoDeadLetter, ReasonMissing, Retries, Subscriber, deliver
from foundation.work.runs import (
    Job,
    RunState,
    UnknownKind,
    UnknownRun,
    WrongState,
    enqueue,
    find_runs,
    paused_kinds,
)
from foundation.work.runs.tables import run_table, runs
from governance import audit
from governance.authority import Office, machine_scope, viewing
from governance.errors import NotLoggedIn, Refused
from wiring import work_control
from wiring.application import Application
from wiring.kinds import APPLY, kinds
from wiring.processes.errors import HouseOnly
from wiring.settings import Settings

REASON = "李工说现场断电 (the site has no power)"


@pytest.fixture
def opened(office: Office, tmp_path: Path) -> Application:
    """The installation as the doors open it, under the test's clock and ids."""
    application = Application(Settings(home=tmp_path), office.store)
    application.__dict__["office"] = office
    return application


@pytest.fixture
def run(opened: Application) -> str:
    """A run of hrss that waits."""
    return waiting(opened, "hrss")


def waiting(opened: Application, agency: str, key: str = "1") -> str:
    office = opened.office
    with office.store.transaction() as transaction:
        job = Job(APPLY, {"environment": "e", "digest": "d"}, f"{agency}-{key}", agency=agency)
        return enqueue(transaction, job, kinds=kinds(opened), clock=office.clocks.real, ids=office.ids)[0]


def set_state(opened: Application, id_: str, **values: Any) -> None:
    with opened.store.transaction() as transaction:
        transaction.write(runs.update(machine_scope()).where(run_table.c.id == id_).values(**values))


def written(opened: Application, event: str) -> list[Mapping[str, Any]]:
    with opened.store.reading() as transaction:
        return [
            {"subject": entry.subject, "account": entry.account, **entry.facts}
            for entry in audit.entries(transaction)
            if entry.event == event
        ]


def test_cancelling_is_recorded_once_with_states_and_the_digest_of_the_reason(
    opened: Application, people: dict[str, str], run: str
) -> None:
    cancelled, new = work_control.cancel_run(opened, people["operator-1"], run, REASON)
    assert (cancelled.state, new) == (RunState.CANCELLED, True)
    assert REASON in cancelled.reason_zh
    assert work_control.cancel_run(opened, people["operator-2"], run, REASON) == (cancelled, False)
    assert written(opened, "work.controlled") == [
        {
            "subject": f"run:{run}",
            "account": "operator-1",
            "what": "cancel",
            "kind": APPLY,
            "from": "queued",
            "to": "cancelled",
            "because": sha256_hex(REASON.encode()),
        }
    ]
    with opened.store.reading() as transaction:
        assert "李工" not in canonical_text([entry.facts for entry in audit.entries(transaction)])
        assert audit.first_break(audit.entries(transaction)) is None


def test_a_run_is_paused_resumed_and_retried(opened: Application, people: dict[str, str], run: str) -> None:
    token = people["operator-1"]
    assert work_control.pause_run(opened, token, run, REASON)[0].state is RunState.PAUSED
    assert work_control.pause_run(opened, token, run, REASON)[1] is False
    assert work_control.resume_run(opened, token, run)[0].state is RunState.QUEUED
    assert work_control.resume_run(opened, token, run)[1] is False
    set_state(opened, run, state="failed", failures=5)
    again, new = work_control.retry_run(opened, token, run)
    assert (again.state, again.failures, new) == (RunState.QUEUED, 0, True)
    assert [entry["what"] for entry in written(opened, "work.controlled")] == ["pause", "resume", "retry"]


def test_a_running_run_is_asked_once_to_stop(opened: Application, people: dict[str, str], run: str) -> None:
    set_state(opened, run, state="running")
    asked, new = work_control.cancel_run(opened, people["operator-1"], run, REASON)
    assert (asked.state, asked.asked.value, new) == (RunState.RUNNING, "cancel", True)
    assert work_control.cancel_run(opened, people["operator-1"], run, REASON)[1] is False
    assert len(written(opened, "work.controlled")) == 1


def test_what_cannot_be_is_refused_and_nothing_is_written(
    opened: Application, people: dict[str, str], run: str
) -> None:
    token = people["operator-1"]
    set_state(opened, run, state="succeeded")
    for attempt in (
        lambda: work_control.cancel_run(opened, token, run, REASON),
        lambda: work_control.retry_run(opened, token, run),
        lambda: work_control.resolve_step(opened, token, run, "pay", happened=True, because=REASON),
    ):
        with pytest.raises(WrongState):
            attempt()
    with pytest.raises(UnknownRun):
        work_control.cancel_run(opened, token, "run_of_nobody", REASON)
    assert written(opened, "work.controlled") == []


@pytest.mark.parametrize("account", ["hrss-1", "bureau-1", "finance-1", "auditor-1"])
def test_only_the_operator_decides_about_work(
    opened: Application, people: dict[str, str], run: str, account: str
) -> None:
    token = people[account]
    for attempt in (
        lambda: work_control.cancel_run(opened, token, run, REASON),
        lambda: work_control.pause_run(opened, token, run, REASON),
        lambda: work_control.resume_run(opened, token, run),
        lambda: work_control.retry_run(opened, token, run),
        lambda: work_control.resolve_step(opened, token, run, "pay", happened=True, because=REASON),
        lambda: work_control.pause_all(opened, token, APPLY, REASON),
        lambda: work_control.resume_all(opened, token, APPLY),
        lambda: work_control.replay_event(opened, token, "x", 1, REASON),
        lambda: work_control.drop_event(opened, token, "x", 1, REASON),
    ):
        with pytest.raises(Refused):
            attempt()
    assert len(written(opened, "act.refused")) == 9
    with pytest.raises(NotLoggedIn):
        work_control.cancel_run(opened, "guessed", run, REASON)


@pytest.mark.parametrize("because", ["", "  ", "\n"])
def test_a_decision_needs_a_reason(opened: Application, people: dict[str, str], run: str, because: str) -> None:
    token = people["operator-1"]
    for attempt in (
        lambda: work_control.cancel_run(opened, token, run, because),
        lambda: work_control.pause_run(opened, token, run, because),
        lambda: work_control.pause_all(opened, token, APPLY, because),
        lambda: work_control.resolve_step(opened, token, run, "pay", happened=True, because=because),
        lambda: work_control.replay_event(opened, token, "x", 1, because),
    ):
        with pytest.raises(ReasonMissing):
            attempt()


def test_a_kind_is_paused_and_resumed_once(opened: Application, people: dict[str, str]) -> None:
    token = people["operator-1"]
    assert work_control.pause_all(opened, token, APPLY, REASON)
    assert not work_control.pause_all(opened, token, APPLY, REASON)
    with opened.store.reading() as transaction:
        assert list(paused_kinds(transaction)) == [APPLY]
    assert work_control.resume_all(opened, token, APPLY)
    assert not work_control.resume_all(opened, token, APPLY)
    assert [entry["what"] for entry in written(opened, "work.controlled")] == ["pause", "resume"]
    with pytest.raises(UnknownKind):
        work_control.pause_all(opened, token, "nobody.knows", REASON)


def test_an_agency_sees_its_own_runs_and_no_events(opened: Application, people: dict[str, str], run: str) -> None:
    other = waiting(opened, "housing")
    with viewing(opened.office, people["hrss-1"]) as view:
        assert [each.id for each in find_runs(view.transaction, view.scope)] == [run]
    with viewing(opened.office, people["auditor-1"]) as view:
        assert {each.id for each in find_runs(view.transaction, view.scope)} == {run, other}
    for look in (work_control.events_behind, work_control.dead_letters):
        assert look(opened, people["auditor-1"]) is not None
        with pytest.raises(HouseOnly):
            look(opened, people["hrss-1"])


# Dead letters


def dead(opened: Application, monkeypatch: pytest.MonkeyPatch) -> int:
    def fails(transaction: Any, event: Event) -> None:
        raise ValueError

    listener = Subscriber("test", "happened", fails, retries=Retries(tries=1))
    monkeypatch.setattr(work_control, "subscribers", lambda application: [listener])
    clock = opened.office.clocks.real
    with opened.store.transaction() as transaction:
        publish(transaction, Event("happened", "thing:1", {}), clock=clock)
    deliver(opened.store, [listener], clock=clock)
    with opened.store.reading() as transaction:
        from foundation.work.outbox import dead_letters

        return dead_letters(transaction, "test")[0].event.number


def test_a_dead_letter_is_replayed_and_dropped_by_a_named_person(
    opened: Application, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, token = dead(opened, monkeypatch), people["operator-1"]
    assert [each.event.number for each in work_control.dead_letters(opened, token)] == [number]
    assert [(each.waiting, each.dead) for each in work_control.events_behind(opened, token)] == [(0, 1)]
    assert work_control.replay_event(opened, token, "test", number, REASON)
    assert not work_control.replay_event(opened, token, "test", number, REASON)
    assert [entry["subscriber"] for entry in written(opened, "event.replayed")] == ["test"]
    with pytest.raises(NoDeadLetter):
        work_control.drop_event(opened, token, "test", number, REASON)
    assert written(opened, "event.dropped") == []


def test_a_dropped_letter_is_recorded_once(
    opened: Application, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, token = dead(opened, monkeypatch), people["operator-1"]
    assert work_control.drop_event(opened, token, "test", number, REASON)
    assert not work_control.drop_event(opened, token, "test", number, REASON)
    assert [entry["subject"] for entry in written(opened, "event.dropped")] == [f"event:{number}"]
    assert work_control.dead_letters(opened, token) == []
