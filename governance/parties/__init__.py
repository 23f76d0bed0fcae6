"""Parties, natural persons, accounts.

Owns who somebody is: one row a natural person (by a keyed hash of the identity number), any number of accounts, each
for one party with its duties; the parties in time, their levels and places, who answers for each, who follows whom,
who works for whom, who lets whom use a duty. What they may do is ``governance.authority``'s; the acts that change all
this are ``governance.personnel``'s and ``governance.reorganisation``'s.
"""

from governance.parties.deciding import (
    decider_for,
)
from governance.parties.delegations import (
    delegations,
    delegations_to,
    own_duties,
)
from governance.parties.engagements import (
    engagements,
    hirers_of,
)
from governance.parties.leaders import (
    Leader,
    leader_of,
    leaders,
)
from governance.parties.levels import (
    add_level,
    add_place,
    levels,
    place_of,
    places,
    places_above,
)
from governance.parties.memberships import (
    add_membership,
    memberships,
    person_organisations,
    person_parties,
    person_party_kinds,
    person_sides,
)
from governance.parties.merging import (
    one_id_of,
    same_person,
)
from governance.parties.model import (
    ADMINISTRATORS,
    Account,
    Delegation,
    Duty,
    Engagement,
    Level,
    Membership,
    Party,
    PartyKind,
    Person,
    Place,
)
from governance.parties.successions import (
    Succession,
    followed,
    predecessors_of,
    successions,
    successor_of,
)
from governance.parties.tables import (
    account_of,
    accounts,
    add_account,
    add_party,
    add_person,
    parties,
    party_of,
    person_of,
)

__all__ = [
    "ADMINISTRATORS",
    "Account",
    "Delegation",
    "Duty",
    "Engagement",
    "Leader",
    "Level",
    "Membership",
    "Party",
    "PartyKind",
    "Person",
    "Place",
    "Succession",
    "account_of",
    "accounts",
    "add_account",
    "add_level",
    "add_membership",
    "add_party",
    "add_person",
    "add_place",
    "decider_for",
    "delegations",
    "delegations_to",
    "engagements",
    "followed",
    "hirers_of",
    "leader_of",
    "leaders",
    "levels",
    "memberships",
    "one_id_of",
    "own_duties",
    "parties",
    "party_of",
    "person_of",
    "person_organisations",
    "person_parties",
    "person_party_kinds",
    "person_sides",
    "place_of",
    "places",
    "places_above",
    "predecessors_of",
    "same_person",
    "successions",
    "successor_of",
]
