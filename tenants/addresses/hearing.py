"""What the address plan hears of: a deployment that ended an environment."""

from __future__ import annotations

from foundation.store import Transaction
from foundation.values.instant import parse_instant
from foundation.work import Event, Subscriber
from tenants.addresses.allotting import release_block


def address_subscriber() -> Subscriber:
    """An environment that is gone gives its block back."""

    def record(transaction: Transaction, event: Event) -> None:
        if event.payload["terminated"]:
            release_block(transaction, str(event.payload["environment"]), parse_instant(event.payload["instant"]))

    return Subscriber("tenants.addresses", "deployment.ended", record)
