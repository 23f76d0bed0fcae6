"""Decisions looked at again when what they allow is done: people change sides between the word and the deed."""

from __future__ import annotations

from datetime import datetime

from foundation.store import Transaction
from governance.authority.acts import Act
from governance.authority.decisions import Decision, decisions_on
from governance.authority.policy import Actor, Refusal, on_another_side, separate
from governance.parties import party_of, person_parties, person_party_kinds


def standing_decision(
    transaction: Transaction,
    act: Act,
    subject: str,
    *,
    digest: str,
    at: datetime,
    owner: str | None = None,
    rests_on: tuple[str, ...] = (),
) -> Decision | Refusal | None:
    """The newest decision ``act`` on ``subject`` bound to ``digest`` whose person could take it at ``at`` as well.

    Where every such decision has fallen: why the newest did. None where none was ever taken. ``owner`` and
    ``rests_on`` as for ``Mandate.decide``. A person who left every party has not changed sides, so their word stands.
    """
    on_record = decisions_on(transaction, subject, *rests_on)
    taken = [one for one in on_record if (one.act, one.subject, one.digest) == (act, subject, digest)]
    why: Refusal | None = None
    for decision in reversed(taken):
        others = frozenset((one.act, one.person) for one in on_record if one is not decision)
        person = _as_of(transaction, decision, at)
        fallen = on_another_side(person, act) or separate(person, act, others, owner)
        if fallen is None:
            return decision
        why = why or fallen
    return why


def _as_of(transaction: Transaction, decision: Decision, at: datetime) -> Actor:
    """The person who decided, with the parties of that day."""
    return Actor(
        account=decision.account,
        person=decision.person,
        party=decision.party,
        kind=party_of(transaction, decision.party).kind,
        duties=frozenset(),
        parties=person_parties(transaction, decision.person, at),
        kinds=person_party_kinds(transaction, decision.person, at),
    )
