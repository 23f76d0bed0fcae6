"""Tenants: what agencies ask for, what they were granted, and the register 资源台账 of what exists for whom.

Owns requests and their approval, environments with their address plan, and the register. Builds nothing (that is
``infra``'s) and charges nothing (that is ``billing``'s): it hears from the one by outbox events and is read by the
other through a port.
"""

from __future__ import annotations

from collections.abc import Sequence

from foundation.values.instant import Clock
from foundation.work import Subscriber
from tenants.addresses import address_subscriber
from tenants.environments import environment_subscriber
from tenants.grants import withdrawal_subscriber
from tenants.register import register_subscriber
from tenants.requests import delivery_clocks, delivery_subscriber

__all__ = ["subscribers"]


def subscribers(real: Clock) -> Sequence[Subscriber]:
    """Who of this package listens to the outbox; ``wiring`` subscribes them."""
    return (
        environment_subscriber(),
        address_subscriber(),
        register_subscriber(real),
        delivery_subscriber(real),
        delivery_clocks(real),
        withdrawal_subscriber(real),
    )
