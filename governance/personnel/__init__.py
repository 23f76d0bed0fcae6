"""Keeping the record of parties and people: the acts of the administrators, delegation, leaving, persons found one.

Owns how parties, persons, memberships, accounts, leaders and suppliers come on record and end, each as an audited act.
The facts themselves and their queries are ``governance.parties``'; a whole reorganisation is
``governance.reorganisation``'s.
"""

from governance.personnel.accounts import grant_duties, open_account
from governance.personnel.conflicts import Conflict, conflicts
from governance.personnel.delegating import Powers, give_delegation, revoke_delegation
from governance.personnel.document import AccountEntry, Human, PartiesDocument, read_parties
from governance.personnel.leaving import Departure, leave
from governance.personnel.merging import merge_found_persons
from governance.personnel.persons import correct_person, join_party, record_person, verify_person
from governance.personnel.recording import appoint, record_parties, write_parties, write_person

__all__ = [
    "AccountEntry",
    "Conflict",
    "Departure",
    "Human",
    "PartiesDocument",
    "Powers",
    "appoint",
    "conflicts",
    "correct_person",
    "give_delegation",
    "grant_duties",
    "join_party",
    "leave",
    "merge_found_persons",
    "open_account",
    "read_parties",
    "record_parties",
    "record_person",
    "revoke_delegation",
    "verify_person",
    "write_parties",
    "write_person",
]
