"""Parties begin and end on a date; their people follow, and what was stays where it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from foundation.values.instant import parse_instant
from governance import installation
from governance.audit import entries
from governance.authority import Office, viewing
from governance.errors import Refused
from governance.parties import (
    PartyKind,
    account_of,
    leaders,
    memberships,
    party_of,
    person_parties,
    predecessors_of,
    successor_of,
)
from governance.reorganisation import (
    Reorganisation,
    ReorganisationState,
    apply_due,
    draft_reorganisation,
    name_at,
    publish_reorganisation,
    reorganisation_of,
)
from governance.reorganisation.errors import UnfitReorganisation
from governance.reorganisation.model import Abolition, Merge, NewParty, Rename, Share, Split
from tests.conftest import MARCH
from tests.governance.reorganisation.conftest import EARLY, Reorganise
from wiring.succession import succession

NEW = NewParty("social", "市社会和住房局", "Social and Housing Bureau", leader="person-hrss-2")
MERGED = Reorganisation(
    "JG-1", "云编〔2026〕5 号", "合并", "merge", MARCH, new=(NEW,), merges=(Merge(("hrss", "housing"), "social"),)
)


def test_merged_agencies_end_and_one_begins(office: Office, reorganise: Reorganise) -> None:
    applied = reorganise(MERGED)
    assert applied is not None
    assert applied.moved["account"] == 4
    with office.store.reading() as transaction:
        assert party_of(transaction, "hrss").until == MARCH
        assert party_of(transaction, "social").since == MARCH
        assert party_of(transaction, "social").kind is PartyKind.AGENCY
        assert successor_of(transaction, "hrss", MARCH) == "social"
        assert successor_of(transaction, "hrss", MARCH - timedelta(microseconds=1)) == "hrss"
        assert predecessors_of(transaction, "social", MARCH) == {"hrss", "housing"}
        account = account_of(transaction, "hrss-1")
        assert account is not None
        assert (account.party, account.since) == ("social", MARCH)


def test_where_somebody_was_before_stays_where_it_was(office: Office, reorganise: Reorganise) -> None:
    reorganise(MERGED)
    with office.store.reading() as transaction:
        before, after = MARCH - timedelta(days=1), MARCH + timedelta(days=1)
        assert person_parties(transaction, "person-hrss-1", before) == {"hrss"}
        assert person_parties(transaction, "person-hrss-1", after) == {"social"}
        closed = [one for one in memberships(transaction, party="hrss") if one.until is None]
        assert closed == []


def test_there_is_exactly_one_leader_at_any_instant(office: Office, reorganise: Reorganise) -> None:
    reorganise(MERGED)
    with office.store.reading() as transaction:
        found = {one.party: (one.since, one.until) for one in leaders(transaction)}
    assert found == {"hrss": (EARLY, MARCH), "housing": (EARLY, MARCH), "social": (MARCH, None)}


def test_the_successor_reads_what_its_predecessors_had_and_nobody_else(
    office: Office, city: dict[str, str], reorganise: Reorganise
) -> None:
    wanted = Reorganisation(
        "JG-2", "n", "z", "e", MARCH, new=(NewParty("work", "人社", "work", "person-hrss-2"),),
        abolitions=(Abolition("hrss", "work"),),
    )  # fmt: skip
    reorganise(wanted)
    with viewing(office, city["hrss-1"]) as view:
        assert view.scope.agencies == {"work", "hrss"}
    with viewing(office, city["housing-1"]) as view:
        assert view.scope.agencies == {"housing"}


def test_a_renamed_party_keeps_its_id_and_the_name_it_had(office: Office, reorganise: Reorganise) -> None:
    before = "市住房和城乡建设局"
    reorganise(Reorganisation("JG-3", "n", "z", "e", MARCH, renames=(Rename("housing", "市住建局", "Housing"),)))
    with office.store.reading() as transaction:
        assert party_of(transaction, "housing").zh == "市住建局"
        found = name_at(transaction, "housing", MARCH - timedelta(days=1))
        assert found is not None
        assert found[0] == before
        assert name_at(transaction, "housing", MARCH) is None


def test_in_a_split_named_accounts_go_to_their_part_and_the_rest_stays(office: Office, reorganise: Reorganise) -> None:
    part = NewParty("veterans", "市退役军人局", "Veterans", leader="person-hrss-1")
    split = Split("hrss", "hrss", (Share("veterans", accounts=("hrss-1",)),))
    reorganise(Reorganisation("JG-4", "n", "z", "e", MARCH, new=(part,), splits=(split,)))
    with office.store.reading() as transaction:
        one, other = account_of(transaction, "hrss-1"), account_of(transaction, "hrss-2")
        assert one is not None
        assert one.party == "veterans"
        assert other is not None
        assert other.party == "hrss"
        assert party_of(transaction, "hrss").until is None
        assert person_parties(transaction, "person-hrss-1", MARCH) == {"veterans"}
        assert predecessors_of(transaction, "veterans", MARCH) == frozenset(), "the main successor keeps the records"


def test_who_drafted_it_does_not_publish_it(office: Office, city: dict[str, str]) -> None:
    bound = succession()
    draft_reorganisation(office, city["bureau-1"], MERGED, bound)
    with pytest.raises(Refused, match="R59"):
        publish_reorganisation(office, city["bureau-1"], "JG-1", bound, digest=MERGED.digest)
    with pytest.raises(Refused):
        draft_reorganisation(office, city["operator-1"], MERGED, bound)


def test_it_takes_effect_at_its_date_and_once(office: Office, city: dict[str, str], reorganise: Reorganise) -> None:
    april = parse_instant("2026-04-01T00:00:00+08:00")
    later = Reorganisation("JG-5", "n", "z", "e", april, new=(NEW,), merges=(Merge(("hrss", "housing"), "social"),))
    assert reorganise(later) is None
    bound = succession()
    assert apply_due(office, bound.said, bound.environments_of) == []
    with office.store.transaction() as transaction:
        assert party_of(transaction, "hrss").until is None
        installation.set_business_clock(transaction, april + timedelta(hours=5), office.clocks.real)
    assert [one.reorganisation for one in apply_due(office, bound.said, bound.environments_of)] == ["JG-5"]
    assert apply_due(office, bound.said, bound.environments_of) == []
    with office.store.reading() as transaction:
        assert party_of(transaction, "hrss").until == april, "its own instant, however late it is applied"
        assert reorganisation_of(transaction, "JG-5").state is ReorganisationState.APPLIED
        events = [entry.event for entry in entries(transaction) if entry.subject == "reorganisation:JG-5"]
        assert events[-1] == "reorganisation.applied"
        assert events.count("reorganisation.applied") == 1


def test_every_finding_is_reported_at_once(office: Office, city: dict[str, str]) -> None:
    wrong = Reorganisation(
        "JG-6", "n", "z", "e", MARCH - timedelta(days=60),
        new=(NewParty("bureau", "z", "e"), NewParty("x", "z", "e", leader="nobody", level="moon")),
        merges=(Merge(("hrss", "ghost"), "x"), Merge(("housing",), "operator")),
        splits=(Split("operator", "operator", (Share("bureau", systems=("none",)),)),),
    )  # fmt: skip
    with pytest.raises(UnfitReorganisation) as caught:
        draft_reorganisation(office, city["bureau-1"], wrong, succession())
    codes = {finding.code.rpartition(".")[2] for finding in caught.value.facts["findings"]}  # type: ignore[attr-defined]
    assert codes >= {"day", "taken", "unknown", "kind", "leader", "level", "thing"}
    with office.store.reading() as transaction:
        from governance.reorganisation.tables import reorganisation_table

        assert transaction.rows(select(reorganisation_table)) == []
