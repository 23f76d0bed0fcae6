"""Break-glass: two open it, it stands in for a duty and never for a separation, a third reviews it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from foundation.evidence import sha256_hex
from foundation.values.errors import InvalidValue
from foundation.work.outbox.tables import outbox_table
from governance import audit
from governance.authority import (
    Act,
    Grant,
    Office,
    acting,
    ask_glass,
    decisions_on,
    open_glass,
    review_glass,
    unreviewed,
    viewing,
)
from governance.authority.errors import GlassDone, GlassNotNeeded, GlassTooLong, GlassUnreviewed
from governance.errors import Refused
from governance.installation import installation_table
from governance.logins.tables import session_table
from governance.parties import Account, Duty, Person, add_account, add_person
from governance.parties.tables import account_table
from governance.tasks import tasks_on
from tests.conftest import MARCH

ENDS = MARCH + timedelta(hours=8)
People = Mapping[str, str]


def ask(
    office: Office, people: People, *, account: str = "night", act: Act = Act.REQUEST_APPROVE, **more: object
) -> Grant:
    told = {"subject": "request:1", "reason": "夜间断网", "ends": ENDS, **more}
    return ask_glass(office, people["bureau-1"], account=account, act=act, **told)  # type: ignore[arg-type]


def approve(office: Office, token: str) -> None:
    with acting(office, token, Act.REQUEST_APPROVE, "request:1") as mandate:
        mandate.decide("request:1", digest="d", owner="hrss")


def at(office: Office, hours: float) -> None:
    with office.store.transaction() as transaction:
        transaction.write(update(installation_table).values(business_now=MARCH + timedelta(hours=hours)))


def test_two_open_it_the_act_is_marked_and_a_third_reviews_it(
    office: Office, people: People, asked: str, night: str
) -> None:
    with pytest.raises(Refused, match="duty"):
        approve(office, night)
    grant = ask(office, people)
    with pytest.raises(Refused, match="duty"):
        approve(office, night)
    open_glass(office, people["bureau-2"], grant.id)
    approve(office, night)
    with office.store.reading() as transaction:
        assert [one.glass for one in decisions_on(transaction, asked)] == ["", grant.id]
        assert [one.id for one in unreviewed(transaction)] == [grant.id]
    with viewing(office, people["auditor-1"]) as view:
        assert [task.kind for task in tasks_on(view.transaction, view.scope, f"glass:{grant.id}")] == ["glass-review"]
    at(office, 9)
    review_glass(office, people["auditor-1"], grant.id, finding="属实")
    with office.store.reading() as transaction:
        assert unreviewed(transaction) == []
        events = [entry.event for entry in audit.entries(transaction, subject=f"glass:{grant.id}")]
        (announced,) = [
            row["payload"] for row in transaction.rows(outbox_table.select()) if row["topic"] == "glass.opened"
        ]
    assert events == ["glass.asked", "glass.opened", "glass.reviewed"]
    assert set(announced["told"]) == {"bureau", "auditor"}


def test_every_audit_entry_under_it_names_it(office: Office, people: People, asked: str, night: str) -> None:
    grant = ask(office, people)
    open_glass(office, people["bureau-2"], grant.id)
    with acting(office, night, Act.REQUEST_APPROVE, "request:1") as mandate:
        mandate.decide("request:1", digest="d", owner="hrss")
        entry = mandate.audit(audit.AuditEvent.REQUEST_APPROVED, "request:1", {})
    assert entry.facts["break_glass"] == grant.id


def test_who_asked_does_not_open_it_and_nobody_opens_their_own(
    office: Office, people: People, asked: str, night: str
) -> None:
    grant = ask(office, people)
    with office.store.transaction() as transaction:
        of = account_table.c.name
        transaction.write(update(account_table).where(of == "bureau-1").values(duties=["approve"]))
        transaction.write(update(account_table).where(of == "night").values(duties=["administer-security", "draft"]))
        transaction.write(update(account_table).where(of == "bureau-2").values(person="person-bureau-1"))
    with pytest.raises(Refused, match=r"R171: who asked"):
        open_glass(office, people["bureau-2"], grant.id)
    with pytest.raises(Refused, match="for themselves"):
        open_glass(office, night, grant.id)


def test_it_passes_no_separation(office: Office, people: People, asked: str, night: str) -> None:
    """Neither when it is asked for, nor when a separation has come since."""
    grant = ask(office, people)
    open_glass(office, people["bureau-2"], grant.id)
    with office.store.transaction() as transaction:
        moved = update(account_table).where(account_table.c.name == "hrss-2").values(person="person-night")
        transaction.write(moved)
    with pytest.raises(Refused, match="agency"):
        approve(office, night)
    with pytest.raises(GlassNotNeeded, match="agency"):
        ask(office, people)


@pytest.mark.parametrize(
    ("account", "act", "reason"),
    [("bureau-2", Act.REQUEST_APPROVE, "anyhow"), ("night", Act.PLAN_APPLY, "kind of party")],
)
def test_nobody_gets_what_they_have_or_what_their_party_never_does(
    office: Office, people: People, asked: str, night: str, account: str, act: Act, reason: str
) -> None:
    with pytest.raises(GlassNotNeeded, match=reason):
        ask(office, people, account=account, act=act)


@pytest.mark.parametrize("hours", [-1, 0, 25])
def test_it_ends_within_a_day(office: Office, people: People, asked: str, night: str, hours: int) -> None:
    with pytest.raises(GlassTooLong):
        ask(office, people, ends=MARCH + timedelta(hours=hours))


def test_after_its_end_nothing_is_allowed_and_a_late_review_shows(
    office: Office, people: People, asked: str, night: str
) -> None:
    grant = ask(office, people)
    open_glass(office, people["bureau-2"], grant.id)
    at(office, 8)
    with pytest.raises(Refused, match="duty"):
        approve(office, night)
    at(office, 8 + 72)
    with viewing(office, people["auditor-1"]) as view:
        assert [one.overdue(view.now) for one in unreviewed(view.transaction)] == [True]
    with pytest.raises(GlassDone):
        open_glass(office, people["bureau-2"], grant.id)


def test_nobody_of_an_organisation_that_took_part_reviews_it(
    office: Office, people: People, asked: str, night: str
) -> None:
    grant = ask(office, people)
    open_glass(office, people["bureau-2"], grant.id)
    for account in ("bureau-1", "bureau-2"):
        with pytest.raises(Refused):
            review_glass(office, people[account], grant.id, finding="x")
    review_glass(office, people["auditor-1"], grant.id, finding="属实")
    with pytest.raises(GlassDone):
        review_glass(office, people["auditor-1"], grant.id, finding="again")


def test_another_thing_or_another_act_is_not_allowed_by_it(
    office: Office, people: People, asked: str, night: str
) -> None:
    grant = ask(office, people)
    open_glass(office, people["bureau-2"], grant.id)
    for act, subject in ((Act.REQUEST_APPROVE, "request:2"), (Act.REQUEST_REJECT, "request:1")):
        with pytest.raises(Refused, match="duty"), acting(office, night, act, subject):
            pytest.fail("the body ran")


def test_the_review_ends_it(office: Office, people: People, asked: str, night: str) -> None:
    """Reviewed while it still runs, it lets nobody do more that nobody would review."""
    grant = ask(office, people)
    open_glass(office, people["bureau-2"], grant.id)
    review_glass(office, people["auditor-1"], grant.id, finding="属实")
    with pytest.raises(Refused, match="duty"):
        approve(office, night)


@pytest.mark.parametrize("more", [{"reason": " "}, {"reason": "x" * 501}, {"subject": ""}, {"subject": "s" * 201}])
def test_it_has_a_reason_and_a_thing(
    office: Office, people: People, asked: str, night: str, more: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValue):
        ask(office, people, **more)


@pytest.mark.parametrize("act", [Act.GLASS_ASK, Act.GLASS_OPEN, Act.GLASS_REVIEW])
def test_it_does_not_open_itself(office: Office, people: People, asked: str, night: str, act: Act) -> None:
    """Else the first grant would make askers, openers and reviewers of whoever is at hand."""
    with pytest.raises(GlassNotNeeded, match="does not open break-glass"):
        ask(office, people, act=act, subject="glass:other")


def test_it_makes_nobody_two_of_the_three_administrators(
    office: Office, people: People, asked: str, night: str
) -> None:
    """Neither when it is asked for, nor when the person has become another of the three since."""
    wanted: dict[str, Any] = {"act": Act.LOGIN_UNLOCK, "subject": "account:hrss-1"}
    with pytest.raises(GlassNotNeeded, match="another of the three"):
        ask(office, people, account="bureau-1", **wanted)
    grant = ask(office, people, **wanted)
    open_glass(office, people["bureau-2"], grant.id)
    with office.store.transaction() as transaction:
        of_night = update(account_table).where(account_table.c.name == "night")
        transaction.write(of_night.values(duties=["administer-audit", "draft"]))
    with pytest.raises(Refused, match="duty"), acting(office, night, Act.LOGIN_UNLOCK, "account:hrss-1"):
        pytest.fail("the body ran")


def test_an_overdue_review_stops_the_next_one(office: Office, people: People, asked: str, night: str) -> None:
    first = ask(office, people)
    open_glass(office, people["bureau-2"], first.id)
    at(office, 8 + 72)
    again = ask(office, people, ends=MARCH + timedelta(hours=90))
    with pytest.raises(GlassUnreviewed, match=first.id):
        open_glass(office, people["bureau-2"], again.id)
    review_glass(office, people["auditor-1"], first.id, finding="属实")
    assert open_glass(office, people["bureau-2"], again.id).opened_at is not None


def test_it_spares_nobody_the_second_factor(office: Office, people: People, asked: str, night: str) -> None:
    grant = ask(office, people)
    open_glass(office, people["bureau-2"], grant.id)
    with office.store.transaction() as transaction:
        without = update(session_table).where(session_table.c.account == "night").values(second_factor=False)
        transaction.write(without)
    with pytest.raises(Refused, match="L04"):
        approve(office, night)


def test_its_review_is_in_the_inbox_of_everybody_who_could_do_it(
    office: Office, people: People, asked: str, night: str
) -> None:
    with office.store.transaction() as transaction:
        person = add_person(transaction, Person("person-group", sha256_hex(b"group"), "group"))
        duties = frozenset({Duty.REVIEW})
        add_account(transaction, Account("group", person.id, "leading-group", duties, MARCH, None), "-")
    grant = ask(office, people)
    due = open_glass(office, people["bureau-2"], grant.id).review_due_at
    assert due is not None
    with viewing(office, people["auditor-1"]) as view:
        waiting = tasks_on(view.transaction, view.scope, f"glass:{grant.id}")
        assert {task.party for task in waiting} == {"leading-group", "auditor"}
        assert {task.due_at for task in waiting} == {due}
        assert all(task.overdue(due) for task in waiting)
    review_glass(office, people["auditor-1"], grant.id, finding="属实")
    with viewing(office, people["auditor-1"]) as view:
        left = tasks_on(view.transaction, view.scope, f"glass:{grant.id}")
        assert [task for task in left if task.closed_at is None] == []
