"""What is acted on, as the policies see it: whose it is, who decides on it, who did what on it already."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from foundation.store import Transaction
from governance.authority.bodies import bodies_of, decider_of, ids_of_persons
from governance.authority.decisions import Decision
from governance.authority.policy import Deed, Thing


def thing_of(
    transaction: Transaction,
    decisions: Iterable[Decision],
    *,
    at: datetime,
    owner: str | None,
    decider: str | None = None,
) -> Thing:
    """A thing of the agency ``owner`` on which, on what it rests on or on what rests on it, these were taken.

    ``decider``: the party whose turn it is, where that is not simply whoever decides for the owner.
    """
    deeds = tuple(
        Deed(
            past.act,
            ids_of_persons(transaction, past.persons),
            bodies_of(transaction, past.party, at) | {past.organisation},
        )
        for past in decisions
    )
    if owner is None:
        return Thing(deeds=deeds)
    return Thing(
        owner=owner,
        owner_organisations=bodies_of(transaction, owner, at),
        decider=decider or decider_of(transaction, owner, at),
        deeds=deeds,
    )
