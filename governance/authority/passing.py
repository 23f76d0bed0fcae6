"""What a break-glass grant can make up for: a missing duty or an absent decider, and nothing that is a separation."""

from __future__ import annotations

from datetime import datetime

from foundation.store import Transaction
from governance.authority.acts import Act
from governance.authority.bodies import administers
from governance.authority.glass import standing_grant
from governance.authority.policy import Actor
from governance.authority.rules import RULES
from governance.parties import ADMINISTRATORS


def grant_used(transaction: Transaction, actor: Actor, act: Act, subject: str, at: datetime) -> str:
    """The id of the grant under which ``actor`` does ``act`` on ``subject`` at ``at``; empty where there is none."""
    grant = standing_grant(transaction, actor.account, act, subject, at)
    return grant if grant and not is_another_administrator(transaction, actor, act, at) else ""


def is_another_administrator(transaction: Transaction, actor: Actor, act: Act, at: datetime) -> bool:
    """Whether ``act`` is one administrator's and the natural person is another of the three: nobody is two."""
    duty = RULES[act].duty
    return duty in ADMINISTRATORS and bool(administers(transaction, actor.natural, at) - {duty})
