"""The database refuses what the policies refuse, whoever writes past the program: rows put in directly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import IntegrityError

from foundation.store import Transaction
from governance.authority import RULES, Act, Office, acting, decision_table
from governance.authority.decisions import basis_table
from governance.authority.rules import pairs
from governance.errors import Refused
from governance.parties import Duty
from governance.parties.merging import merge_persons
from governance.parties.tables import account_table, party_table

AT = datetime(2026, 1, 1, tzinfo=UTC)
ASKED, APPROVED = Act.REQUEST_CREATE, Act.REQUEST_APPROVE


def put(transaction: Transaction, act: Act, subject: str, account: str, *, behalf: str = "", party: str = "") -> int:
    """A decision row, past every rule of the program."""
    row = {
        "act": act.value,
        "subject": subject,
        "digest": "",
        "person": f"person-{account}",
        "account": account,
        "party": party or account.rpartition("-")[0],
        "note": "",
        "decided_at": AT,
        "recorded_at": AT,
        "behalf": f"person-{behalf}" if behalf else None,
    }
    number: int = transaction.value(insert(decision_table).values(row).returning(decision_table.c.number))
    return number


def refused(office: Office, *rows: tuple[Act, str, str], **more: str) -> None:
    """All rows but the last stand; the last is refused."""
    with office.store.transaction() as transaction:
        for act, subject, account in rows[:-1]:
            put(transaction, act, subject, account)
    with pytest.raises(IntegrityError, match="apart"), office.store.transaction() as transaction:
        put(transaction, *rows[-1], **more)


def test_the_pairs_of_the_database_are_those_of_the_policies(office: Office) -> None:
    with office.store.reading() as transaction:
        found = {
            (row["one"], row["other"]): bool(row["organisation"])
            for row in transaction.rows(text("SELECT one, other, organisation FROM act_apart"))
        }
    expected = {(pair.one.value, pair.other.value): pair.organisation for pair in pairs()}
    assert found == expected | {(other, one): both for (one, other), both in expected.items()}
    for act, rule in RULES.items():
        assert {(act.value, other.value) for other in rule.apart_from} <= set(found)


def test_one_person_asking_and_approving_is_refused(office: Office, people: dict[str, str]) -> None:
    refused(office, (ASKED, "request:1", "hrss-1"), (APPROVED, "request:1", "hrss-1"), party="bureau")
    refused(office, (APPROVED, "request:2", "bureau-1"), (ASKED, "request:2", "bureau-1"), party="hrss")


def test_one_organisation_asking_and_approving_is_refused(office: Office, people: dict[str, str]) -> None:
    refused(office, (ASKED, "request:1", "hrss-1"), (APPROVED, "request:1", "bureau-1"), party="hrss")


def test_a_plated_office_and_its_bureau_are_one_organisation(office: Office, people: dict[str, str]) -> None:
    with office.store.transaction() as transaction:
        transaction.write(update(party_table).where(party_table.c.id == "hrss").values(organisation="bureau"))
    refused(office, (ASKED, "request:1", "hrss-1"), (APPROVED, "request:1", "bureau-1"))


def test_two_persons_found_to_be_one_are_one(office: Office, people: dict[str, str]) -> None:
    with office.store.transaction() as transaction:
        for person, into in (("hrss-1", "hrss-2"), ("hrss-2", "bureau-1")):
            merge_persons(
                transaction, f"person-{person}", f"person-{into}", because="found", found_at=AT, recorded_at=AT
            )
    refused(office, (ASKED, "request:1", "hrss-1"), (APPROVED, "request:1", "bureau-1"))
    with office.store.transaction() as transaction:
        put(transaction, APPROVED, "request:1", "bureau-2")


def test_who_delegated_counts_as_having_done_it(office: Office, people: dict[str, str]) -> None:
    with office.store.transaction() as transaction:
        put(transaction, Act.PRICE_DRAFT, "prices:1", "bureau-1", behalf="bureau-2")
    with pytest.raises(IntegrityError, match="apart"), office.store.transaction() as transaction:
        put(transaction, Act.PRICE_PUBLISH, "prices:1", "bureau-2")


def test_what_a_decision_rests_on_counts_in_either_order(office: Office, people: dict[str, str]) -> None:
    """An approval of a request by whoever plans it: the plan first, or the approval first."""
    with office.store.transaction() as transaction:
        plan = put(transaction, Act.PLAN_CREATE, "plan:1", "operator-1")
        transaction.write(insert(basis_table).values(decision=plan, subject="request:1"))
    with pytest.raises(IntegrityError, match="apart"), office.store.transaction() as transaction:
        put(transaction, APPROVED, "request:1", "operator-1", party="bureau")
    with office.store.transaction() as transaction:
        put(transaction, APPROVED, "request:2", "operator-1", party="bureau")
        later = put(transaction, Act.PLAN_CREATE, "plan:2", "operator-1")
    with pytest.raises(IntegrityError, match="apart"), office.store.transaction() as transaction:
        transaction.write(insert(basis_table).values(decision=later, subject="request:2"))


def test_other_people_and_other_things_are_left_alone(office: Office, people: dict[str, str]) -> None:
    with office.store.transaction() as transaction:
        put(transaction, ASKED, "request:1", "hrss-1")
        put(transaction, APPROVED, "request:1", "bureau-1")
        put(transaction, APPROVED, "request:2", "bureau-1")
        put(transaction, Act.PRICE_DRAFT, "prices:1", "bureau-1")
        put(transaction, Act.PRICE_PUBLISH, "prices:1", "bureau-2")


def test_the_program_refuses_in_words_what_the_wall_would(office: Office, people: dict[str, str]) -> None:
    with acting(office, people["bureau-1"], Act.PRICE_DRAFT, "prices:2") as mandate:
        assert mandate.decide("prices:2", rests_on=("prices:1",))
    with (
        pytest.raises(Refused, match=r"price\.draft"),
        acting(office, people["bureau-1"], Act.PRICE_PUBLISH, "prices:1") as mandate,
    ):
        mandate.decide("prices:1")


@pytest.mark.parametrize("verb", ["grant", "second account"])
def test_no_person_holds_two_of_the_three_administrators_duties(
    office: Office, people: dict[str, str], verb: str
) -> None:
    """bureau-1 administers the system, bureau-2 security (``tests.duties``)."""
    two = sorted({Duty.ADMINISTER_SYSTEM.value, Duty.ADMINISTER_AUDIT.value})
    change = {
        "grant": {"duties": two},
        "second account": {"person": "person-bureau-2"},
    }[verb]
    with pytest.raises(IntegrityError, match="administrators"), office.store.transaction() as transaction:
        transaction.write(update(account_table).where(account_table.c.name == "bureau-1").values(change))


def test_an_administrator_who_left_the_one_duty_may_take_the_other(office: Office, people: dict[str, str]) -> None:
    with office.store.transaction() as transaction:
        named = account_table.c.name
        later = datetime(2026, 5, 1, tzinfo=UTC)
        transaction.write(update(account_table).where(named == "bureau-1").values(until=later))
        transaction.write(
            update(account_table).where(named == "bureau-2").values(person="person-bureau-1", since=later)
        )
