"""The allocation collector: what the register holds, as usage records of the ``level`` meters, a batch a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from billing.ports import Register
from billing.rating.exact import from_quanta
from billing.usage.files import UsageStore
from billing.usage.ingest import Taken, batch_of, record_batches
from foundation.values.instant import Interval, format_instant
from foundation.values.money import QUANTITY, round_half_up
from foundation.values.month import Month, day_interval
from governance.authority import Office, viewing
from governance.catalogue import services as catalogue_services
from governance.catalogue.model import Meter, Service
from governance.metering import MeterKind, RegisterEntry, UsageRecord

_LAST = timedelta(microseconds=1)
SOURCE = "register"
"""The name of this collector."""


def allocation_records(
    entries: Iterable[RegisterEntry], services: Iterable[Service], day: date
) -> tuple[UsageRecord, ...]:
    """One record for each entry and each allocation meter whose attribute it has: attribute × seconds held that day.

    The key says resource, opening, meter and day, so that collecting twice counts once. Closed parts of the day and
    days outside the entry give nothing.
    """
    meters = allocation_meters(services)
    records = []
    for entry in entries:
        held = _held(entry, day_interval(day))
        if held is None:
            continue
        for meter in meters.get(entry.service, ()):
            attribute = entry.attributes.get(meter.attribute)
            if attribute is not None:
                records.append(_record(entry, meter.code, held, attribute, day))
    return tuple(sorted(records, key=lambda record: record.key))


def allocation_meters(services: Iterable[Service]) -> Mapping[str, tuple[Meter, ...]]:
    """The meters charged from the register, by service."""
    return {
        service.code: tuple(meter for meter in service.meters if meter.kind is MeterKind.LEVEL and meter.attribute)
        for service in services
    }


def unit_seconds(attribute: Decimal, held: Interval) -> Decimal:
    """attribute × seconds held, to the quantity's last digit (half up, where microseconds leave more)."""
    return from_quanta(round_half_up(Fraction(attribute) * held.microseconds * Fraction(10 ** QUANTITY[1], 1_000_000)))


def collect_month(office: Office, token: str, *, store: UsageStore, register: Register, month: Month) -> Taken:
    """Collect every day of a month that is over by the business clock; see ``collect_days``."""
    return collect_days(office, token, month.days(), store=store, register=register)


def collect_days(office: Office, token: str, days: Iterable[date], *, store: UsageStore, register: Register) -> Taken:
    """Take one batch a day from the register; a day that is not over yet is left for later.

    Collecting again after the register changed supersedes the day's earlier batch, and again without a change does
    nothing.
    """
    with viewing(office, token) as view:
        over = [day for day in sorted(set(days)) if day_interval(day).end <= view.now]
        held = {day: register.entries(view.transaction, view.scope, day_interval(day)) for day in over}
        offered = {day: catalogue_services(view.transaction, at=day_interval(day).end - _LAST) for day in over}
    batches = [batch_of(SOURCE, day.isoformat(), allocation_records(held[day], offered[day], day)) for day in over]
    return record_batches(office, token, store, batches, replacing=True)


def _held(entry: RegisterEntry, day: Interval) -> Interval | None:
    start: datetime = max(entry.opened, day.start)
    end: datetime = day.end if entry.closed is None else min(entry.closed, day.end)
    return Interval(start, end) if start < end else None


def _record(entry: RegisterEntry, meter: str, held: Interval, attribute: Decimal, day: date) -> UsageRecord:
    return UsageRecord(
        key=f"{SOURCE}/{entry.resource}/{format_instant(entry.opened)}/{meter}/{day.isoformat()}",
        agency=entry.agency,
        resource=entry.resource,
        meter=meter,
        interval=held,
        quantity=unit_seconds(attribute, held),
        source=SOURCE,
    )
