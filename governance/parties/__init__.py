"""Parties, natural persons, accounts, logins.

Owns who somebody is: one row a natural person (by a keyed hash of the identity number), any number of accounts, each
for one party with its duties. What they may do is ``governance.authority``'s.
"""

from governance.parties.login import end_session, hash_password, log_in, open_session_for, session_account
from governance.parties.model import Account, Duty, Party, PartyKind, Person
from governance.parties.tables import (
    account_of,
    accounts,
    add_account,
    add_party,
    add_person,
    parties,
    party_of,
    person_parties,
    person_party_kinds,
)

__all__ = [
    "Account",
    "Duty",
    "Party",
    "PartyKind",
    "Person",
    "account_of",
    "accounts",
    "add_account",
    "add_party",
    "add_person",
    "end_session",
    "hash_password",
    "log_in",
    "open_session_for",
    "parties",
    "party_of",
    "person_parties",
    "person_party_kinds",
    "session_account",
]
