"""Work that survives: so far the outbox and leases.

Owns that an event written with a fact is delivered after its commit, and that one holder at a time may act on a
thing. Owns no event's meaning. Durable steps, queues and due work come here too.
"""

from foundation.work.errors import LeaseHeld, LeaseLost, WorkError
from foundation.work.leases import Died, Lease, acquire, check_held, heartbeat, held, release
from foundation.work.outbox import Event, Handler, Subscriber, deliver, pending, publish

__all__ = [
    "Died",
    "Event",
    "Handler",
    "Lease",
    "LeaseHeld",
    "LeaseLost",
    "Subscriber",
    "WorkError",
    "acquire",
    "check_held",
    "deliver",
    "heartbeat",
    "held",
    "pending",
    "publish",
    "release",
]
