"""A list is drafted by one person and published by another; once published it is only ended, never edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from governance.authority import viewing
from governance.errors import InvalidDocument, NotFound, Refused
from governance.lists import (
    ListKind,
    Matches,
    draft_list,
    end_list_entry,
    entries_in_force,
    entries_of,
    list_of,
    lists,
    publish_list,
)
from governance.lists.errors import EndsBeforeNow, ListPublished
from tests.conftest import MARCH
from tests.governance.lists.conftest import NEGATIVE, RED_BLACK, Desk

SOON = MARCH + timedelta(hours=1)


def test_another_person_publishes_what_was_read(desk: Desk) -> None:
    drafted = draft_list(desk.office, desk.people["bureau-1"], NEGATIVE)
    assert draft_list(desk.office, desk.people["bureau-1"], NEGATIVE).digest == drafted.digest
    with pytest.raises(Refused, match="R88"):
        publish_list(desk.office, desk.people["bureau-1"], "negative", digest=drafted.digest)
    with pytest.raises(Refused, match="L01"):
        publish_list(desk.office, desk.people["bureau-2"], "negative", digest="0" * 64)
    published = publish_list(desk.office, desk.people["bureau-2"], "negative", digest=drafted.digest)
    assert published.published_at is not None
    assert publish_list(desk.office, desk.people["bureau-2"], "negative", digest=drafted.digest) == published
    for other in ("operator-1", "hrss-1", "auditor-1"):
        with pytest.raises(Refused):
            draft_list(desk.office, desk.people[other], replace(NEGATIVE, id="other"))
    with pytest.raises(Refused, match="L02"):
        draft_list(desk.office, desk.people["finance-1"], replace(NEGATIVE, id="other"))


def test_a_draft_is_not_in_force_and_no_agency_sees_it(desk: Desk) -> None:
    draft_list(desk.office, desk.people["bureau-1"], NEGATIVE)
    with viewing(desk.office, desk.people["hrss-1"]) as view:
        assert lists(view.transaction) == []
        assert entries_in_force(view.transaction, ListKind.NEGATIVE, SOON) == []
        assert entries_of(view.transaction, "negative") == []
        with pytest.raises(NotFound):
            list_of(view.transaction, "negative")


def test_a_draft_is_drawn_anew_and_a_published_list_is_not(desk: Desk) -> None:
    draft_list(desk.office, desk.people["bureau-1"], NEGATIVE)
    shorter = replace(NEGATIVE, entries=NEGATIVE.entries[:1])
    desk.publish(shorter)
    with viewing(desk.office, desk.people["hrss-1"]) as view:
        assert list_of(view.transaction, "negative").draft == shorter
    with pytest.raises(ListPublished):
        draft_list(desk.office, desk.people["bureau-1"], NEGATIVE)


def test_entries_hold_between_their_dates_and_not_before_publication(desk: Desk) -> None:
    until = MARCH + timedelta(days=30)
    first = replace(NEGATIVE.entries[0], until=until)
    desk.publish(replace(NEGATIVE, entries=(first, replace(NEGATIVE.entries[1], since=until))))

    def numbers(at: timedelta) -> list[int]:
        with viewing(desk.office, desk.people["hrss-1"]) as view:
            return [each.number for each in entries_in_force(view.transaction, ListKind.NEGATIVE, MARCH + at)]

    assert numbers(-timedelta(days=1)) == []
    assert numbers(timedelta(hours=1)) == [1]
    assert numbers(timedelta(days=30) - timedelta(microseconds=1)) == [1]
    assert numbers(timedelta(days=30)) == [2]
    assert numbers(timedelta(days=3_000)) == [2]


def test_an_entry_says_what_it_meets_and_how_it_is_cited(desk: Desk) -> None:
    desk.publish(NEGATIVE)
    with viewing(desk.office, desk.people["hrss-1"]) as view:
        one, two, three = entries_in_force(view.transaction, ListKind.NEGATIVE, SOON)
    assert one.matches.hold({"protections": {"level-4"}})
    assert not one.matches.hold({"protections": {"level-3"}})
    assert two.matches.hold({"data_levels": ["core"], "zones": ["internet", "extranet"], "services": ["x"]})
    assert not two.matches.hold({"data_levels": ["core"]})
    assert not three.matches.hold({name: {"x"} for name in Matches().sides()})
    assert one.cite("zh") == "《负面清单》(市政数〔2026〕7号)第 1 条:四级系统不上云"
    assert one.cite("en") == "“Negative list” (市政数〔2026〕7号), entry 1: no level 4"


def test_an_entry_is_ended_from_now_on_and_never_in_the_past(desk: Desk) -> None:
    desk.publish(NEGATIVE)
    token = desk.people["bureau-2"]
    with pytest.raises(EndsBeforeNow):
        end_list_entry(desk.office, token, "negative", 1, because="误列", at=MARCH - timedelta(days=1))
    with pytest.raises(Refused):
        end_list_entry(desk.office, desk.people["operator-1"], "negative", 1, because="误列")
    ended = end_list_entry(desk.office, token, "negative", 1, because="误列", at=MARCH + timedelta(days=1))
    assert ended.until == MARCH + timedelta(days=1)
    with viewing(desk.office, desk.people["hrss-1"]) as view:
        assert [each.number for each in entries_in_force(view.transaction, ListKind.NEGATIVE, SOON)] == [1, 2, 3]
        later = MARCH + timedelta(days=2)
        assert [each.number for each in entries_in_force(view.transaction, ListKind.NEGATIVE, later)] == [2, 3]


def test_a_list_that_replaces_another_ends_it_where_it_begins(desk: Desk) -> None:
    desk.publish(NEGATIVE)
    begins = MARCH + timedelta(days=10)
    desk.publish(replace(NEGATIVE, id="negative-2", since=begins, replaces="negative"))
    with viewing(desk.office, desk.people["hrss-1"]) as view:
        for at, expected in ((SOON, "negative"), (begins, "negative-2")):
            assert {each.list for each in entries_in_force(view.transaction, ListKind.NEGATIVE, at)} == {expected}


def test_the_bureau_cannot_list_itself_and_unknown_parties_are_found(desk: Desk) -> None:
    itself = replace(RED_BLACK.entries[0], party="bureau")
    nobody = replace(RED_BLACK.entries[1], party="nobody")
    with pytest.raises(InvalidDocument) as caught:
        draft_list(desk.office, desk.people["bureau-1"], replace(RED_BLACK, entries=(itself, nobody)))
    assert [finding.found for finding in caught.value.facts["findings"]] == ["bureau", "nobody"]  # type: ignore[attr-defined]


def test_a_plated_office_counts_as_the_bureau_itself(desk: Desk) -> None:
    from governance.parties import Party, PartyKind, add_party

    with desk.office.store.transaction() as transaction:
        add_party(transaction, Party("office", PartyKind.AGENCY, "挂牌单位", "Plated", organisation="bureau"))
    entry = replace(RED_BLACK.entries[0], party="office")
    with pytest.raises(InvalidDocument):
        draft_list(desk.office, desk.people["bureau-1"], replace(RED_BLACK, entries=(entry,)))
