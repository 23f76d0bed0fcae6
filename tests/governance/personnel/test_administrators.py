"""The three administrators: who records, who opens, who grants; and what is refused."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.evidence import sha256_hex
from foundation.store import AlreadyThere
from foundation.values.errors import InvalidValue
from governance.audit import entries
from governance.authority import Act, Office, acting
from governance.errors import Refused
from governance.parties import (
    Duty,
    account_of,
    leader_of,
    leaders,
    levels,
    person_of,
    person_organisations,
    person_parties,
    person_party_kinds,
)
from governance.parties.model import Engagement, Level, Party, PartyKind
from governance.personnel import (
    PartiesDocument,
    appoint,
    correct_person,
    grant_duties,
    join_party,
    open_account,
    read_parties,
    record_parties,
    record_person,
    verify_person,
)
from governance.personnel.errors import OutsideMembership, TwoAdministrators, UnfitRecord
from tests.conftest import MARCH

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def identity(number: str) -> str:
    return sha256_hex(f"key:{number}".encode())


def test_a_person_with_the_same_identity_is_the_same_person(office: Office, people: dict[str, str]) -> None:
    first, new = record_person(office, people["bureau-1"], "张三", identity_number="1", identity=identity)
    again, anew = record_person(office, people["bureau-1"], "张 三", identity_number="1", identity=identity)
    assert (new, anew, again) == (True, False, first)


def test_an_unverified_persons_account_may_only_read(office: Office, people: dict[str, str]) -> None:
    person, _ = record_person(office, people["bureau-1"], "李四", identity=identity)
    join_party(office, people["bureau-1"], person.id, "hrss")
    open_account(office, people["bureau-1"], "li.si", person.id, "hrss")
    with pytest.raises(InvalidValue, match="verified"):
        grant_duties(office, people["bureau-2"], "li.si", [Duty.REQUEST])
    assert verify_person(office, people["bureau-1"], person.id, "7", identity=identity)
    assert not verify_person(office, people["bureau-1"], person.id, "7", identity=identity)
    assert grant_duties(office, people["bureau-2"], "li.si", [Duty.REQUEST])
    with office.store.reading() as transaction:
        account = account_of(transaction, "li.si")
        assert account is not None
        assert account.duties == {Duty.REQUEST}


def test_an_identity_of_somebody_on_record_is_merged_not_verified(office: Office, people: dict[str, str]) -> None:
    record_person(office, people["bureau-1"], "张三", identity_number="1", identity=identity)
    other, _ = record_person(office, people["bureau-1"], "张三", identity=identity)
    with pytest.raises(InvalidValue, match="person merge"):
        verify_person(office, people["bureau-1"], other.id, "1", identity=identity)


def test_a_corrected_name_leaves_the_audit_chain_as_it_was(office: Office, people: dict[str, str]) -> None:
    person, _ = record_person(office, people["bureau-1"], "王五", identity_number="5", identity=identity)
    assert correct_person(office, people["bureau-1"], person.id, name="王武")
    with office.store.reading() as transaction:
        assert person_of(transaction, person.id).name == "王武"
        said = " ".join(str(entry.facts) for entry in entries(transaction))
    assert "王五" not in said
    assert "王武" not in said


def test_who_opens_an_account_does_not_grant_its_duties(office: Office, people: dict[str, str]) -> None:
    person, _ = record_person(office, people["bureau-1"], "赵六", identity_number="6", identity=identity)
    join_party(office, people["bureau-1"], person.id, "hrss")
    account, _ = open_account(office, people["bureau-1"], "zhao.liu", person.id, "hrss")
    assert account.duties == frozenset()
    with pytest.raises(Refused, match="R55"):
        grant_duties(office, people["bureau-1"], "zhao.liu", [Duty.REQUEST])
    assert grant_duties(office, people["bureau-2"], "zhao.liu", [Duty.REQUEST])


def test_an_account_lies_inside_its_membership(office: Office, people: dict[str, str]) -> None:
    person, _ = record_person(office, people["bureau-1"], "钱七", identity_number="7", identity=identity)
    with pytest.raises(OutsideMembership):
        open_account(office, people["bureau-1"], "qian", person.id, "hrss")
    end = MARCH + timedelta(days=30)
    join_party(office, people["bureau-1"], person.id, "hrss", until=end)
    with pytest.raises(OutsideMembership):
        open_account(office, people["bureau-1"], "qian", person.id, "hrss", until=end + timedelta(days=1))
    account, _ = open_account(office, people["bureau-1"], "qian", person.id, "hrss")
    assert account.until == end


def test_nobody_holds_two_of_the_three_through_any_account(office: Office, people: dict[str, str]) -> None:
    person, _ = record_person(office, people["bureau-1"], "孙八", identity_number="8", identity=identity)
    for party, name in (("bureau", "sun.one"), ("auditor", "sun.two")):
        join_party(office, people["bureau-1"], person.id, party)
        open_account(office, people["bureau-1"], name, person.id, party)
    assert grant_duties(office, people["bureau-2"], "sun.one", [Duty.ADMINISTER_SYSTEM])
    with pytest.raises(TwoAdministrators):
        grant_duties(office, people["bureau-2"], "sun.two", [Duty.ADMINISTER_AUDIT])


def test_memberships_are_half_open_and_do_not_overlap(office: Office, people: dict[str, str]) -> None:
    person, _ = record_person(office, people["bureau-1"], "周九", identity_number="9", identity=identity)
    end = MARCH + timedelta(days=10)
    join_party(office, people["bureau-1"], person.id, "hrss", until=end)
    join_party(office, people["bureau-1"], person.id, "hrss", since=end)
    with pytest.raises(InvalidValue):
        join_party(office, people["bureau-1"], person.id, "hrss", since=end - timedelta(days=1))
    with office.store.reading() as transaction:
        assert person_parties(transaction, person.id, end) == {"hrss"}
        assert person_parties(transaction, person.id, MARCH - timedelta(microseconds=1)) == frozenset()


def test_a_leader_is_replaced_at_one_instant(office: Office, people: dict[str, str]) -> None:
    assert appoint(office, people["bureau-1"], "hrss", "person-hrss-1")
    assert not appoint(office, people["bureau-1"], "hrss", "person-hrss-1")
    change = MARCH + timedelta(days=5)
    assert appoint(office, people["bureau-1"], "hrss", "person-hrss-2", since=change)
    with office.store.reading() as transaction:
        assert leader_of(transaction, "hrss", change - timedelta(microseconds=1)) == "person-hrss-1"
        assert leader_of(transaction, "hrss", change) == "person-hrss-2"
        assert [(one.since, one.until) for one in leaders(transaction, "hrss")] == [(MARCH, change), (change, None)]
    with pytest.raises(InvalidValue):
        appoint(office, people["bureau-1"], "bureau", "person-bureau-1")


def test_the_example_is_recorded_once_and_its_supplier_counts_as_its_hirers_side(
    office: Office, people: dict[str, str]
) -> None:
    found, _ = read_parties(EXAMPLES / "parties.yaml")
    assert found is not None
    known = {"leading-group", "bureau", "operator", "hrss", "housing", "finance", "auditor"}
    document = PartiesDocument(
        found.levels,
        found.places,
        tuple(party for party in found.parties if party.id not in known),
        {},
        found.engagements,
        (),
        (),
    )
    assert record_parties(office, people["bureau-1"], document, identity=identity) > 0
    assert record_parties(office, people["bureau-1"], document, identity=identity) == 0
    person, _ = record_person(office, people["bureau-1"], "邓辉", identity_number="17", identity=identity)
    ends = found.engagements[0].until
    with pytest.raises(InvalidValue, match="engagement"):
        join_party(office, people["bureau-1"], person.id, "yunlian")
    join_party(office, people["bureau-1"], person.id, "yunlian", until=ends)
    with office.store.reading() as transaction:
        assert next(level.id for level in levels(transaction)) == "province"
        assert person_party_kinds(transaction, person.id, MARCH) == {PartyKind.SUPPLIER, PartyKind.OPERATOR}
        assert person_organisations(transaction, person.id, MARCH) == {"yunlian", "operator"}
        assert person_party_kinds(transaction, person.id, ends) == frozenset()


def test_what_a_file_refers_to_must_be_there(office: Office, people: dict[str, str]) -> None:
    engagement = Engagement("e", "hrss", "bureau", "k", ("system:x",), MARCH, MARCH + timedelta(days=1))
    document = PartiesDocument((), (), (), {}, (engagement,), (), ())
    with pytest.raises(UnfitRecord) as caught:
        record_parties(office, people["bureau-1"], document, identity=identity)
    assert caught.value.facts["count"] == 2


def test_a_level_that_stands_is_not_edited(office: Office, people: dict[str, str]) -> None:
    first = PartiesDocument((Level("city", 2, "市", "City"),), (), (), {}, (), (), ())
    record_parties(office, people["bureau-1"], first, identity=identity)
    other = PartiesDocument((Level("city", 3, "市", "City"),), (), (), {}, (), (), ())
    with pytest.raises(AlreadyThere):
        record_parties(office, people["bureau-1"], other, identity=identity)


@pytest.mark.parametrize("act", [Act.PARTY_RECORD, Act.PERSON_RECORD, Act.ACCOUNT_OPEN, Act.ACCOUNT_GRANT])
def test_only_administrators_of_the_bureau_do_this(office: Office, people: dict[str, str], act: Act) -> None:
    with pytest.raises(Refused), acting(office, people["operator-1"], act, "x"):
        pytest.fail("the body ran")


def test_a_party_known_by_its_name_alone_is_completed_once_and_changed_by_no_record(
    office: Office, people: dict[str, str]
) -> None:
    """The first run names the bureau; where it stands is told by the first record."""

    def record(**told: Any) -> int:
        party = Party("bureau", PartyKind.BUREAU, "政务服务数据管理局", "Government Services and Data Bureau", **told)
        document = PartiesDocument((), (), (party,), {}, (), (), ())
        return record_parties(office, people["bureau-1"], document, identity=identity)

    assert record() == 0
    assert record(superior="leading-group") == 1
    assert record(superior="leading-group") == 0
    with pytest.raises(AlreadyThere):
        record(superior=None)
