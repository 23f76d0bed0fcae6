"""Who somebody is to the policies: every id of a natural person, each body of a party; who decides, who administers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from foundation.store import Transaction
from governance.errors import NotFound
from governance.parties import ADMINISTRATORS, Duty, accounts, decider_for, party_of, same_person, successor_of


def ids_of_persons(transaction: Transaction, persons: Iterable[str]) -> frozenset[str]:
    """Every id found to be one of these natural persons, their own among them."""
    return frozenset(id_ for person in persons for id_ in same_person(transaction, person))


def bodies_of(transaction: Transaction, party: str, at: datetime) -> frozenset[str]:
    """The bodies a party is at ``at``: its own, and that of whoever stands where it stood.

    A plated office and its bureau are one body; what an office did before it went into another, that other did.
    """
    standing = successor_of(transaction, party, at)
    return frozenset(party_of(transaction, each).organisation for each in {party, standing})


def administers(transaction: Transaction, persons: Iterable[str], at: datetime) -> frozenset[Duty]:
    """Which of the three administrators these natural persons are at ``at``, through any account."""
    ids = ids_of_persons(transaction, persons)
    return frozenset(
        duty
        for account in accounts(transaction)
        if account.person in ids and account.since <= at and (account.until is None or at < account.until)
        for duty in account.duties & ADMINISTRATORS
    )


def decider_of(transaction: Transaction, agency: str, at: datetime) -> str | None:
    """The party that decides on this agency's things at ``at``; None where nobody may."""
    try:
        return decider_for(transaction, successor_of(transaction, agency, at), at).id
    except NotFound:
        return None
