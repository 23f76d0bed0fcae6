"""A red/black list and a negative list of the bureau, and a third person there who answers appeals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from foundation.evidence import sha256_hex
from governance.authority import Office
from governance.lists import (
    DraftEntry,
    ListDraft,
    ListKind,
    Matches,
    PublishedList,
    Standing,
    draft_list,
    publish_list,
)
from governance.parties import Account, Duty, Person, add_account, add_person
from tests.conftest import MARCH, session_for

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "lists.yaml"
JANUARY = datetime(2025, 12, 31, 16, tzinfo=UTC)
NEGATIVE = ListDraft(
    *("negative", ListKind.NEGATIVE, "负面清单", "Negative list", "bureau", "市政数〔2026〕7号"),
    since=JANUARY,
    until=None,
    entries=(
        DraftEntry(1, "四级系统不上云", "no level 4", Matches(protections=frozenset({"level-4"}))),
        DraftEntry(
            *(2, "核心数据不上互联网区", "no core data on the internet"),
            Matches(data_levels=frozenset({"core"}), zones=frozenset({"internet"})),
        ),
        DraftEntry(3, "给人看的", "for people", Matches()),
    ),
)
RED_BLACK = ListDraft(
    *("standing", ListKind.RED_BLACK, "红黑名单", "Red and black list", "bureau", "市政数〔2026〕9号"),
    since=MARCH,
    until=None,
    entries=(
        DraftEntry(1, "好", "well done", Matches(), standing=Standing.RED, party="hrss", reason="利用率高"),
        DraftEntry(2, "差", "badly done", Matches(), standing=Standing.BLACK, party="housing", reason="闲置"),
    ),
    appeal_working_days=10,
)


@dataclass
class Desk:
    """Publishes lists as the two persons who do."""

    office: Office
    people: dict[str, str]

    def publish(self, draft: ListDraft) -> PublishedList:
        drafted = draft_list(self.office, self.people["bureau-1"], draft)
        return publish_list(self.office, self.people["bureau-2"], draft.id, digest=drafted.digest)


@pytest.fixture
def desk(office: Office, people: dict[str, str]) -> Desk:
    with office.store.transaction() as transaction:
        third = add_person(transaction, Person("person-bureau-3", sha256_hex(b"bureau-3"), "bureau-3"))
        duties = frozenset({Duty.APPROVE, Duty.READ})
        add_account(transaction, Account("bureau-3", third.id, "bureau", duties, MARCH, None), "-")
    return Desk(office, {**people, "bureau-3": session_for(office, "bureau-3")})
