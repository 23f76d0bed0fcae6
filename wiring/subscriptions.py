"""Who listens to which event, and the delivery of what is outstanding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from foundation.work import Subscriber, deliver, pending

if TYPE_CHECKING:
    from wiring.application import Application


def subscribers(application: Application) -> Sequence[Subscriber]:
    """Every subscriber of the house."""
    from billing.handing_out import hand_out_subscriber
    from tenants import subscribers as tenants_subscribers

    return (
        *tenants_subscribers(application.office.clocks.real),
        hand_out_subscriber(application.settings.handed_out_folder),
    )


def deliver_outstanding(application: Application) -> int:
    """Deliver every outstanding event: after a command's commit, and again when the next command starts."""
    if outstanding(application) == 0:
        return 0
    return deliver(application.store, subscribers(application), clock=application.office.clocks.real)


def outstanding(application: Application) -> int:
    """How many deliveries wait."""
    with application.store.reading() as transaction:
        return pending(transaction, subscribers(application))
