"""A city whose agencies are reorganised: agencies with people, systems, environments, open and closed things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from foundation.values.instant import parse_instant
from governance.authority import Office
from governance.parties import Membership, add_membership, leader_of
from governance.parties.leaders import appoint_leader
from governance.reorganisation import Applied, Reorganisation, draft_reorganisation, publish_reorganisation
from wiring.succession import succession
from wiring.tables import gather

gather()  # the databases of these tests have every table, because everything follows

JUNE = parse_instant("2026-06-01T00:00:00+08:00")
EARLY = parse_instant("2026-01-01T00:00:00+08:00")
Reorganise = Callable[[Reorganisation], Applied | None]


@pytest.fixture
def city(office: Office, people: dict[str, str]) -> dict[str, str]:
    """Tokens by account; both agencies have a leader since January, and their people are members."""
    with office.store.transaction() as transaction:
        for agency in ("hrss", "housing"):
            for number in (1, 2):
                add_membership(transaction, Membership(f"person-{agency}-{number}", agency, EARLY, None))
            appoint_leader(transaction, agency, f"person-{agency}-2", EARLY)
    return people


@pytest.fixture
def reorganise(office: Office, city: dict[str, str]) -> Reorganise:
    """Draft and publish as two persons of the bureau."""

    def do(wanted: Reorganisation) -> Applied | None:
        bound = succession()
        draft_reorganisation(office, city["bureau-1"], wanted, bound)
        return publish_reorganisation(office, city["bureau-2"], wanted.id, bound, digest=wanted.digest)

    return do


def leader(office: Office, party: str, at: datetime) -> str | None:
    with office.store.reading() as transaction:
        return leader_of(transaction, party, at)
