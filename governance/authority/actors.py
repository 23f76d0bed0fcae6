"""Actors: a natural person as the policies see them, with every side they are on at one instant."""

from __future__ import annotations

from datetime import datetime

from foundation.store import Transaction
from governance.authority.acts import Act
from governance.authority.bodies import bodies_of, ids_of_persons
from governance.authority.decisions import Decision
from governance.authority.policy import Actor
from governance.parties import (
    Account,
    Delegation,
    Duty,
    delegations_to,
    party_of,
    person_of,
    person_parties,
    person_sides,
    predecessors_of,
)


def actor_of(
    transaction: Transaction, account: Account, *, at: datetime, duties: frozenset[Duty], behalf: str = ""
) -> Actor:
    """Whoever acts through ``account`` at ``at``, using ``duties``; ``behalf``: the person who delegated them."""
    here = bodies_of(transaction, account.party, at)
    return _actor(
        transaction, account.name, account.person, account.party, at=at, duties=duties, behalf=behalf, here=here
    )


def who_decided(transaction: Transaction, decision: Decision, at: datetime) -> Actor:
    """Whoever took the decision, with the sides they are on at ``at``, and no duty.

    The body it was taken for stays one of them, whoever left it since: that body's word is what is relied on.
    """
    return _actor(
        transaction,
        decision.account,
        decision.person,
        decision.party,
        at=at,
        duties=frozenset(),
        behalf=decision.behalf,
        here=bodies_of(transaction, decision.party, at) | {decision.organisation},
    )


def lending(transaction: Transaction, account: Account, duty: Duty, *, at: datetime) -> tuple[Delegation, ...]:
    """The delegations under which a login of ``account`` may use ``duty``; none where it is the account's own."""
    if duty in account.duties:
        return ()
    return tuple(
        one
        for one in delegations_to(transaction, account.person, at)
        if one.party == account.party and one.duty == duty
    )


def covering(lent: tuple[Delegation, ...], act: Act, subject: str) -> Delegation | None:
    """The delegation that speaks of this act on this subject."""
    return next((one for one in lent if one.covers(act.value, subject)), None)


def _actor(
    transaction: Transaction,
    account: str,
    person: str,
    party: str,
    *,
    at: datetime,
    duties: frozenset[Duty],
    behalf: str,
    here: frozenset[str],
) -> Actor:
    both = (person, behalf) if behalf else (person,)
    sides = [side for one in both for side in person_sides(transaction, one, at)]
    return Actor(
        account=account,
        person=person,
        party=party,
        kind=party_of(transaction, party).kind,
        duties=duties,
        parties=frozenset[str]().union(*(person_parties(transaction, one, at) for one in both)),
        kinds=frozenset(side.kind for side in sides),
        organisations=frozenset(side.organisation for side in sides) | here,
        persons=ids_of_persons(transaction, both),
        behalf=behalf,
        predecessors=predecessors_of(transaction, party, at),
        verified=all(person_of(transaction, one).verified for one in both),
    )
