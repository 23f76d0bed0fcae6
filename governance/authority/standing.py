"""Decisions looked at again when what they allow is done: people change sides between the word and the deed."""

from __future__ import annotations

from datetime import datetime

from foundation.store import Transaction
from governance.authority.actors import who_decided
from governance.authority.acts import Act
from governance.authority.decisions import Decision, decisions_about
from governance.authority.policy import Refusal, forbid
from governance.authority.things import thing_of


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
    ``rests_on`` as for ``Mandate.decide``. A person who left every party has not changed sides, so their
    word stands, while its body is still another than the one that asked.
    """
    on_record = decisions_about(transaction, subject, rests_on)
    taken = [one for one in on_record if (one.act, one.subject, one.digest) == (act, subject, digest)]
    why: Refusal | None = None
    for decision in reversed(taken):
        others = [one for one in on_record if one is not decision]
        fallen = forbid(who_decided(transaction, decision, at), act, thing_of(transaction, others, at=at, owner=owner))
        if fallen is None:
            return decision
        why = why or fallen
    return why
