"""Traces as usage records: % ÷ 100 × vCPU × 300 seconds, exact.

The i-th instance takes the i-th machine; day d of the month takes trace day (d − 1) mod the number of trace days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from foundation.values.instant import Interval, format_instant
from foundation.values.money import QUANTITY, exact
from foundation.values.month import Month, day_interval
from governance.metering import UsageRecord
from monitoring.errors import TooFewTraces
from monitoring.planetlab.archives import SAMPLES_A_DAY, Traces

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE = "replay"
"""Every record says that it was replayed, not measured here."""
METER = "cpu-seconds"

_LENGTH = timedelta(minutes=5)
_SECONDS = 300
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Instance:
    """A machine of the register that a trace is replayed on, open over [opened, closed)."""

    resource: str
    agency: str
    vcpu: Decimal
    opened: datetime
    closed: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Slot:
    """Five minutes of the month: when, and which sample of which trace day falls there."""

    interval: Interval
    text: str
    day: int
    index: int


def planetlab_records(
    traces: Traces, instances: Sequence[Instance], month: Month, *, source: str = SOURCE
) -> Iterator[UsageRecord]:
    """The month's records, instance by instance in the order given and in time.

    Only samples that lie wholly inside an instance's open interval count. Raises ``TooFewTraces``.
    """
    for instance, name, slots, quantities in _assigned(traces, instances, month):
        for slot in slots:
            yield UsageRecord(
                key=_key(source, instance, slot),
                agency=instance.agency,
                resource=instance.resource,
                meter=METER,
                interval=slot.interval,
                quantity=quantities[traces.days[slot.day][name][slot.index]],
                source=source,
            )


def planetlab_table(traces: Traces, instances: Sequence[Instance], month: Month, *, source: str = SOURCE) -> pa.Table:
    """The same records as columns: key, agency, resource, meter, start_us, end_us (microseconds since 1970, UTC),
    quantity decimal128(20, 6), source, revision."""
    import pyarrow as pa  # noqa: PLC0415 - heavy, and only columns need it

    columns: dict[str, list[object]] = {name: [] for name in ("key", "agency", "resource", "start", "end", "quantity")}
    for instance, name, slots, quantities in _assigned(traces, instances, month):
        columns["key"].extend(_key(source, instance, slot) for slot in slots)
        columns["agency"].extend([instance.agency] * len(slots))
        columns["resource"].extend([instance.resource] * len(slots))
        columns["start"].extend((slot.interval.start - _EPOCH) // timedelta(microseconds=1) for slot in slots)
        columns["end"].extend((slot.interval.end - _EPOCH) // timedelta(microseconds=1) for slot in slots)
        columns["quantity"].extend(quantities[traces.days[slot.day][name][slot.index]] for slot in slots)
    rows = len(columns["key"])
    return pa.table(
        {
            "key": pa.array(columns["key"], pa.string()),
            "agency": pa.array(columns["agency"], pa.string()),
            "resource": pa.array(columns["resource"], pa.string()),
            "meter": pa.array([METER] * rows, pa.string()),
            "start_us": pa.array(columns["start"], pa.int64()),
            "end_us": pa.array(columns["end"], pa.int64()),
            "quantity": pa.array(columns["quantity"], pa.decimal128(*QUANTITY)),
            "source": pa.array([source] * rows, pa.string()),
            "revision": pa.array([0] * rows, pa.int32()),
        }
    )


def _assigned(
    traces: Traces, instances: Sequence[Instance], month: Month
) -> Iterator[tuple[Instance, str, Sequence[_Slot], Sequence[Decimal]]]:
    """Each instance with its machine, the slots it was open for, and its quantity at 0, 1, … 100 percent."""
    if len(instances) > len(traces.names):
        raise TooFewTraces(instances=len(instances), traces=len(traces.names))
    slots = tuple(_slots(len(traces.days), month))
    for instance, name in zip(instances, traces.names, strict=False):
        quantities = [exact(instance.vcpu * percent * _SECONDS / 100, QUANTITY, field=METER) for percent in range(101)]
        opened, closed = instance.opened, instance.closed
        yield (
            instance,
            name,
            [
                slot
                for slot in slots
                if slot.interval.start >= opened and (closed is None or slot.interval.end <= closed)
            ],
            quantities,
        )


def _slots(trace_days: int, month: Month) -> Iterator[_Slot]:
    for number, day in enumerate(month.days()):
        start = day_interval(day).start
        for index in range(SAMPLES_A_DAY):
            at = start + index * _LENGTH
            yield _Slot(Interval(at, at + _LENGTH), format_instant(at), number % trace_days, index)


def _key(source: str, instance: Instance, slot: _Slot) -> str:
    return f"{source}/{instance.resource}/{METER}/{slot.text}"
