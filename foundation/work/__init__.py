"""Work that survives: leases, events, runs of durable steps, due work, notices.

Owns that one holder at a time may act on a thing, that an event written with a fact is delivered after its commit,
that a run goes on after a kill without doing anything twice, and that due work is done by its rule. Owns no event's
and no run's meaning: those belong to the rooms, and are named in ``wiring``. Runs are in ``foundation.work.runs``.
"""

from foundation.work.errors import LeaseHeld, LeaseLost, WorkError
from foundation.work.holders import Process, died, in_words, this_process
from foundation.work.leases import Died, Lease, acquire, check_held, heartbeat, held, release
from foundation.work.outbox import (
    Event,
    FinalFailure,
    Handler,
    Listener,
    OutsideSubscriber,
    Retries,
    Since,
    Subscriber,
    deliver,
    deliver_and_report,
    pending,
    publish,
)

__all__ = [
    "Died",
    "Event",
    "FinalFailure",
    "Handler",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "Listener",
    "OutsideSubscriber",
    "Process",
    "Retries",
    "Since",
    "Subscriber",
    "WorkError",
    "acquire",
    "check_held",
    "deliver",
    "deliver_and_report",
    "died",
    "heartbeat",
    "held",
    "in_words",
    "pending",
    "publish",
    "release",
    "this_process",
]
