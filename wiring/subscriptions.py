"""Who listens to which event, and the delivery of what is outstanding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foundation.store import Transaction
from foundation.work.outbox import (
    Delivery,
    Event,
    Listener,
    OutsideSubscriber,
    Since,
    Stuck,
    Subscriber,
    Told,
    deliver_and_report,
    pending,
    stuck,
)
from governance.audit import HANDED_OUT, AuditEvent
from infra.topics import FLEET_HEARS

if TYPE_CHECKING:
    from wiring.application import Application


def subscribers(application: Application) -> Sequence[Listener]:
    """Every subscriber of the house. One that is added says where it begins (``Since``)."""
    from wiring.notices import notice_listeners

    return (
        *(_later(heard, application) for heard in HEARD),
        _handing_out(application),
        *notice_listeners(application),
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """A subscriber by name: what it hears, and its maker, which is loaded when there is something for it.

    Every command comes by here to see whether anything is outstanding, and mostly nothing is. A test holds that each
    is what its maker makes.
    """

    name: str
    topics: str | tuple[str, ...]
    made: Callable[[Application], Subscriber]
    since: Since = Since.BEGINNING


def _tenants(name: str, topic: str) -> Heard:
    def made(application: Application) -> Subscriber:
        from tenants.hearing import subscribers

        (found,) = (one for one in subscribers(application.office.clocks.real) if one.name == name)
        return found

    return Heard(name, topic, made)


def _waiting_deadlines(application: Application) -> Subscriber:
    from governance.calendar import waiting_deadlines

    return waiting_deadlines(application.office.clocks.real)


def _task_deadlines(application: Application) -> Subscriber:
    from governance.tasks import task_deadlines

    return task_deadlines()


def _fleets(application: Application) -> Subscriber:
    from wiring.fleet import fleet_listener

    return fleet_listener(application)


_ENDED, _CALENDAR = "deployment.ended", AuditEvent.CALENDAR_LOADED.value
HEARD = (
    _tenants("tenants.environments", _ENDED),
    _tenants("tenants.addresses", _ENDED),
    _tenants("tenants.register", _ENDED),
    _tenants("tenants.requests", _ENDED),
    _tenants("tenants.delivery-clocks", _CALENDAR),
    _tenants("tenants.grants", "dataset.withdrawn"),
    Heard("governance.waiting-deadlines", _CALENDAR, _waiting_deadlines),
    Heard("governance.task-deadlines", _CALENDAR, _task_deadlines),
    Heard("infra.fleet", FLEET_HEARS, _fleets, since=Since.FIRST_SEEN),
)


def _later(heard: Heard, application: Application) -> Subscriber:
    def handle(transaction: Transaction, event: Event) -> None:
        heard.made(application).handle(transaction, event)

    return Subscriber(heard.name, heard.topics, handle, heard.since)


def _handing_out(application: Application) -> OutsideSubscriber:
    def tell(event: Event) -> None:
        from billing.handing_out import hand_out_subscriber

        hand_out_subscriber(application.settings.handed_out_folder).tell(event)

    return OutsideSubscriber("billing.hand-out", HANDED_OUT, tell)


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
