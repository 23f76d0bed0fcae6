"""A closed day's evidence: the canonical rows of a series and the day's tree over all of them. Pure.

A series is one meter of one resource of one agency; its label is ``resource|meter``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from foundation.evidence import OwnedTree, build_tree, plain, series_leaf
from foundation.values.instant import format_instant
from governance.metering import UsageRecord

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


def day_leaves(records: Iterable[UsageRecord]) -> dict[str, dict[str, str]]:
    """Leaf hashes by agency and label."""
    series: dict[tuple[str, str], list[UsageRecord]] = {}
    for record in records:
        series.setdefault((record.agency, label_of(record.resource, record.meter)), []).append(record)
    leaves: dict[str, dict[str, str]] = {}
    for (agency, label), rows in series.items():
        leaves.setdefault(agency, {})[label] = series_leaf(label, leaf_rows(rows))
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
