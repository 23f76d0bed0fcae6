"""The segment pass: the only pass over raw usage, one GROUP BY over the closed days' files in DuckDB.

Gives exactly what ``billing.rating.segments_of`` gives for the same rows; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from billing.rating.model import Holding, Price, Segment
from billing.rating.segments import check_holdings, epochs_of, ordered
from billing.usage.files import UsageStore
from billing.usage.records import instant_of, microseconds, records_of, table_from
from billing.usage.tables import DayRow
from foundation.values.month import Month
from governance.metering import UsageRecord

_HOLDING: dict[str, pa.DataType] = {
    "agency": pa.string(),
    "resource": pa.string(),
    "service": pa.string(),
    "opened_us": pa.int64(),
    "closed_us": pa.int64(),
}
_EPOCH: dict[str, pa.DataType] = {
    "service": pa.string(),
    "meter": pa.string(),
    "from_us": pa.int64(),
    "to_us": pa.int64(),
    "price_version": pa.string(),
}
_FOR_EVER = 2**62
# A sum of DECIMAL(20,6) is a DECIMAL(38,6) in DuckDB: exact. Nothing here divides or multiplies.
_GROUP_BY = """
    SELECT used.agency, used.resource, held.opened_us, used.meter, coalesce(epoch.price_version, '') AS price_version,
           sum(used.quantity) AS quantity, count(*) AS records
    FROM read_parquet($files) AS used
    LEFT JOIN holding AS held ON held.agency = used.agency AND held.resource = used.resource
        AND used.start_us >= held.opened_us AND used.start_us < held.closed_us
    LEFT JOIN epoch ON epoch.service = held.service AND epoch.meter = used.meter
        AND used.start_us >= epoch.from_us AND used.start_us < epoch.to_us
    WHERE used.start_us >= $first AND used.start_us < $last AND ($agency = '' OR used.agency = $agency)
    GROUP BY ALL
"""


def month_segments(
    store: UsageStore,
    days: Sequence[DayRow],
    holdings: Iterable[Holding],
    prices: Iterable[Price],
    month: Month,
    agency: str = "",
) -> tuple[Segment, ...]:
    """The month's segments of one agency, or of all where ``agency`` is empty.

    Raises ``BatchMissing`` for a day file that is not the one closed, ``OverlappingHoldings``, ``OverlappingPrices``.
    """
    held = [
        (each.agency, each.resource, each.service, microseconds(each.opened), _end(each.closed))
        for each in check_holdings(holdings, month)
    ]
    epochs = [
        (
            each.price.service,
            each.price.meter,
            microseconds(each.period.start),
            microseconds(each.period.end),
            each.price.id,
        )
        for each in epochs_of(prices, month)
    ]
    files = [str(store.checked(day.file, day.file_sha256)) for day in days if day.rows]
    if not files:
        return ()
    with duckdb.connect(":memory:") as connection:
        connection.register("holding", table_from(held, pa.schema(_HOLDING)))
        connection.register("epoch", table_from(epochs, pa.schema(_EPOCH)))
        parameters = {
            "files": files,
            "first": microseconds(month.interval.start),
            "last": microseconds(month.interval.end),
            "agency": agency,
        }
        rows = connection.execute(_GROUP_BY, parameters).fetchall()
    return ordered(
        Segment(owner, resource, None if opened is None else instant_of(opened), meter, price, quantity, records)
        for owner, resource, opened, meter, price, quantity, records in rows
    )


def day_rows(store: UsageStore, day: DayRow, agency: str = "") -> list[UsageRecord]:
    """The closed rows of one day version, all or one agency's, in the file's order."""
    table = store.read(day.file, day.file_sha256)
    if agency:
        table = table.filter(pc.equal(table.column("agency"), pa.scalar(agency)))
    return records_of(table)


def _end(instant: datetime | None) -> int:
    return _FOR_EVER if instant is None else microseconds(instant)
