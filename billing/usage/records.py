"""Usage records as Arrow tables: one schema for every file of the usage store, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from billing.errors import InvalidRecord
from billing.rating.exact import ExactSum
from foundation.evidence import sha256_hex
from foundation.values.instant import Interval
from foundation.values.money import QUANTITY
from governance.metering import UsageRecord

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TYPES: dict[str, pa.DataType] = {
    "key": pa.string(),
    "agency": pa.string(),
    "resource": pa.string(),
    "meter": pa.string(),
    "start_us": pa.int64(),
    "end_us": pa.int64(),
    "quantity": pa.decimal128(*QUANTITY),
    "source": pa.string(),
    "revision": pa.int32(),
}
SCHEMA = pa.schema(_TYPES)
"""Instants are whole microseconds since 1970 in UTC: no engine can read them in a time zone of its own."""

COLUMNS = tuple(SCHEMA.names)
_TEXTS = ("key", "agency", "resource", "meter", "source")
_LONGEST = 300


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def instant_of(since_1970: int) -> datetime:
    """The instant so many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=since_1970)


def table_of(records: Iterable[UsageRecord]) -> pa.Table:
    """Records as a table, sorted, so that a batch has one form whatever order it came in."""
    rows = [
        (
            record.key,
            record.agency,
            record.resource,
            record.meter,
            microseconds(record.interval.start),
            microseconds(record.interval.end),
            record.quantity,
            record.source,
            record.revision,
        )
        for record in records
    ]
    rows.sort()
    return table_from(rows, SCHEMA)


def table_from(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table of ``schema``."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def records_of(table: pa.Table) -> list[UsageRecord]:
    """A table of this schema as records, in the table's order."""
    columns: list[list[Any]] = [table.column(name).to_pylist() for name in COLUMNS]
    return [
        UsageRecord(
            key=key,
            agency=agency,
            resource=resource,
            meter=meter,
            interval=Interval(instant_of(start), instant_of(end)),
            quantity=quantity,
            source=source,
            revision=revision,
        )
        for key, agency, resource, meter, start, end, quantity, source, revision in zip(*columns, strict=True)
    ]


def content_digest(table: pa.Table) -> str:
    """SHA-256 over the sorted rows, one line each, fields apart by tabs: the same on every version of Arrow."""
    columns: list[list[Any]] = [table.column(name).to_pylist() for name in COLUMNS]
    lines = sorted(
        f"{key}\t{agency}\t{resource}\t{meter}\t{start}\t{end}\t{quantity:f}\t{source}\t{revision}\n"
        for key, agency, resource, meter, start, end, quantity, source, revision in zip(*columns, strict=True)
    )
    return sha256_hex("".join(lines).encode())


def check(table: pa.Table, source: str) -> None:
    """Refuse what could not be stored or labelled without doubt; raises ``InvalidRecord``."""
    if table.schema != SCHEMA:
        raise InvalidRecord(key="*", field="schema", found=str(table.schema))
    for name in COLUMNS:
        if table.column(name).null_count:
            raise InvalidRecord(key="*", field=name, found="null")
    for name in _TEXTS:
        for text in map(str, table.column(name).unique().to_pylist()):
            bar = name in {"resource", "meter"} and "|" in text
            if not text or len(text) > _LONGEST or bar or not text.isprintable():
                raise InvalidRecord(key=_key_of(table, name, text), field=name, found=repr(text))
            if name == "source" and text != source:
                raise InvalidRecord(key=_key_of(table, name, text), field=name, found=repr(text))


def total(table: pa.Table) -> Decimal:
    """The exact sum of all quantities, of whatever units: a check sum for the ledger."""
    added = ExactSum()
    quantities: list[Any] = table.column("quantity").to_pylist()
    for quantity in quantities:
        added.add(quantity)
    return added.value


def _key_of(table: pa.Table, name: str, text: str) -> str:
    return str(table.column("key")[table.column(name).to_pylist().index(text)].as_py())
