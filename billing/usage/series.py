"""A closed day's evidence: the canonical rows of a series and the day's tree over all of them. Pure.

A series is one meter of one resource of one agency; its label is ``resource|meter``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from billing.usage.records import COLUMNS, instant_of
from foundation.evidence import OwnedTree, build_tree, plain, series_leaf
from foundation.values.instant import format_instant
from governance.metering import UsageRecord

Leaves = dict[str, dict[str, str]]
"""Leaf hashes by agency and label."""

LeafRow = list[Any]
"""[start, end, quantity, key, source, revision]: texts in canonical form, the revision a whole number."""


def label_of(resource: str, meter: str) -> str:
    """The label of a series inside its agency."""
    return f"{resource}|{meter}"


def leaf_rows(records: Iterable[UsageRecord]) -> list[LeafRow]:
    """The canonical rows of one series, in their one order."""
    return sorted(
        [
            format_instant(record.interval.start),
            format_instant(record.interval.end),
            plain(record.quantity),
            record.key,
            record.source,
            record.revision,
        ]
        for record in records
    )


def day_leaves(records: Iterable[UsageRecord]) -> Leaves:
    """Leaf hashes by agency and label."""
    series: dict[tuple[str, str], list[UsageRecord]] = {}
    for record in records:
        series.setdefault((record.agency, label_of(record.resource, record.meter)), []).append(record)
    return _hashed({key: leaf_rows(rows) for key, rows in series.items()})


def table_leaves(table: pa.Table) -> Leaves:
    """The same of a table of the usage store, without a record for each row: a day has many."""
    instants: dict[int, str] = {}

    def text(microseconds: int) -> str:
        if microseconds not in instants:
            instants[microseconds] = format_instant(instant_of(microseconds))
        return instants[microseconds]

    columns: list[list[Any]] = [table.column(name).to_pylist() for name in COLUMNS]
    series: dict[tuple[str, str], list[LeafRow]] = {}
    for key, agency, resource, meter, start, end, quantity, source, revision in zip(*columns, strict=True):
        row = [text(start), text(end), plain(quantity), key, source, revision]
        series.setdefault((agency, label_of(resource, meter)), []).append(row)
    return _hashed({name: sorted(rows) for name, rows in series.items()})


def _hashed(series: Mapping[tuple[str, str], list[LeafRow]]) -> Leaves:
    leaves: dict[str, dict[str, str]] = {}
    for (agency, label), rows in series.items():
        leaves.setdefault(agency, {})[label] = series_leaf(label, rows)
    return leaves


def day_tree(leaves: Mapping[str, Mapping[str, str]], salt: Callable[[], str]) -> OwnedTree:
    """The tree of a day with a fresh salt for each agency."""
    return build_tree(leaves, {agency: salt() for agency in sorted(leaves)})


def root_name(day: date, version: int) -> str:
    """The name a day's root is handed out under."""
    return f"usage-{day.isoformat()}.v{version}"


def root_body(day: date, version: int, root: str) -> dict[str, Any]:
    """What is signed."""
    return {"kind": "usage", "day": day.isoformat(), "version": version, "root": root}
