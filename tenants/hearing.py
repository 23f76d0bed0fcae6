"""Who of this package hears what is announced; ``wiring`` subscribes them."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.values.instant import Clock
from foundation.work import Subscriber
from tenants.addresses import address_subscriber
from tenants.environments import environment_subscriber
from tenants.grants import withdrawal_subscriber
from tenants.register import register_subscriber
from tenants.requests import delivery_clocks, delivery_subscriber


def subscribers(real: Clock) -> Sequence[Subscriber]:
    """One for each room that hears something."""
    return (
        environment_subscriber(),
        address_subscriber(),
        register_subscriber(real),
        delivery_subscriber(real),
        delivery_clocks(real),
        withdrawal_subscriber(real),
    )
