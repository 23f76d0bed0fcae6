"""Who listens to which event, and the delivery of what is outstanding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from foundation.store import Transaction
from foundation.work.outbox import (
    Delivery,
    Event,
    Listener,
    Since,
    Stuck,
    Subscriber,
    Told,
    deliver_and_report,
    pending,
    stuck,
)
from infra.topics import FLEET_HEARS

if TYPE_CHECKING:
    from wiring.application import Application


def subscribers(application: Application) -> Sequence[Listener]:
    """Every subscriber of the house. One that is added says where it begins (``Since``)."""
    from billing.handing_out import hand_out_subscriber
    from governance.calendar import waiting_deadlines
    from governance.tasks import task_deadlines
    from tenants import subscribers as tenants_subscribers
    from wiring.notices import notice_listeners

    real = application.office.clocks.real
    return (
        *tenants_subscribers(real),
        hand_out_subscriber(application.settings.handed_out_folder),
        waiting_deadlines(real),
        task_deadlines(),
        _fleets(application),
        *notice_listeners(application),
    )


def _fleets(application: Application) -> Subscriber:
    """Releases what comes next in a fleet operation when a run has ended: exactly once, with the mark of its event.

    Loaded when there is an event for it: every command comes by here.
    """

    def handle(transaction: Transaction, event: Event) -> None:
        from infra.fleet import heard
        from wiring.fleet import fleet

        heard(fleet(application), transaction, event)

    return Subscriber("infra.fleet", FLEET_HEARS, handle, since=Since.FIRST_SEEN)


def deliver_outstanding(
    application: Application, told: Told | None = None, stop: Callable[[], bool] | None = None
) -> Delivery:
    """Deliver what is outstanding and due: after a command's commit, when the next starts, and in the worker.

    With nothing to deliver this is one query. No subscriber's error comes out: each goes to ``told`` (the log) and is
    tried again later. ``stop`` is asked between batches.
    """
    return deliver_and_report(
        application.store,
        subscribers(application),
        clock=application.office.clocks.real,
        told=told or (lambda failure: None),
        stop=stop or (lambda: False),
    )


def outstanding(application: Application) -> int:
    """How many deliveries wait."""
    with application.store.reading() as transaction:
        return pending(transaction, subscribers(application))


def stuck_events(application: Application) -> Stuck | None:
    """What failed and is not delivered yet."""
    with application.store.reading() as transaction:
        return stuck(transaction, subscribers(application))
