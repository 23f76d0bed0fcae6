"""The outbox: an event is written in its fact's transaction and delivered after the commit, at least once.

Owns the order (of one subject, for each subscriber), the tries again, the dead letters and a person's word on them.
Owns no event's meaning, no audit entry, and nobody's subscription: who listens is said in ``wiring``. A failed event
holds up the later ones of its own subject for that subscriber, and nothing else.
"""

from foundation.work.outbox.delivering import Told, deliver, deliver_and_report
from foundation.work.outbox.errors import FinalFailure, HandlerFailed, NoDeadLetter, ReasonMissing
from foundation.work.outbox.looking import dead_letters, lag, pending, stuck
from foundation.work.outbox.model import (
    ALL_TOPICS,
    DeadLetter,
    Delivery,
    Event,
    Failure,
    Handler,
    Lag,
    Listener,
    OutsideSubscriber,
    Pace,
    Retries,
    Ruling,
    Since,
    Stuck,
    Subscriber,
    Teller,
)
from foundation.work.outbox.outside import Hand
from foundation.work.outbox.publishing import publish
from foundation.work.outbox.ruling import Word, drop, replay
from foundation.work.outbox.tables import outbox_table

__all__ = [
    "ALL_TOPICS",
    "DeadLetter",
    "Delivery",
    "Event",
    "Failure",
    "FinalFailure",
    "Hand",
    "Handler",
    "HandlerFailed",
    "Lag",
    "Listener",
    "NoDeadLetter",
    "OutsideSubscriber",
    "Pace",
    "ReasonMissing",
    "Retries",
    "Ruling",
    "Since",
    "Stuck",
    "Subscriber",
    "Teller",
    "Told",
    "Word",
    "dead_letters",
    "deliver",
    "deliver_and_report",
    "drop",
    "lag",
    "outbox_table",
    "pending",
    "publish",
    "replay",
    "stuck",
]
