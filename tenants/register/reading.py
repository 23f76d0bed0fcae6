"""Reading the register: at an instant, page by page, one resource's life, and what does not fit together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from foundation.store import Scope, Transaction
from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import format_instant
from tenants.register.model import Line, Query
from tenants.register.tables import cursor_of, lines

COLUMNS = (
    ("number", "编号", "Number"),
    ("resource", "资源", "Resource"),
    ("kind", "类别", "Kind"),
    ("name", "名称", "Name"),
    ("agency", "使用单位", "Agency"),
    ("system", "业务系统", "System"),
    ("project", "项目", "Project"),
    ("fund_source", "资金来源", "Fund source"),
    ("environment", "环境", "Environment"),
    ("service", "服务", "Service"),
    ("plan", "规格", "Plan"),
    ("attributes", "属性", "Attributes"),
    ("opened", "起", "Opened"),
    ("closed", "止", "Closed"),
    ("because", "原因", "Because"),
    ("suspended", "暂停", "Suspended"),
    ("corrects", "更正的记录", "Corrects"),
    ("decided", "依据", "Decided by"),
)
"""The columns of an export: field, Chinese and English heading."""


def register_at(
    transaction: Transaction, scope: Scope, instant: datetime, query: Query | None = None
) -> Sequence[Line]:
    """What existed for whom at ``instant``, as known now, in one statement; ``query`` narrows it."""
    return lines(transaction, scope, replace(query or Query(), at=instant, corrected=False))


def register_page(transaction: Transaction, scope: Scope, query: Query) -> tuple[Sequence[Line], Query | None]:
    """A page of at most ``query.limit`` lines (100 unless said), and the query of the page after it, if there is one.

    Pages are cut by key: they cost the same however far in, and lines that come meanwhile shift none of them.
    """
    limit = query.limit or 100
    found = lines(transaction, scope, replace(query, limit=limit + 1))
    page = found[:limit]
    return page, replace(query, after=cursor_of(page[-1])) if len(found) > limit else None


def life_of(transaction: Transaction, scope: Scope, resource: str) -> Sequence[Line]:
    """A resource's whole life inside the scope, oldest first, with what was corrected."""
    found = lines(transaction, scope, Query(resource=resource, corrected=True))
    return sorted(found, key=lambda line: (line.entry.opened, line.number))


def irregularities(transaction: Transaction, scope: Scope, query: Query | None = None) -> tuple[Finding, ...]:
    """Overlaps (never right) and gaps (right where a resource was gone and came back), by resource."""
    found: list[Finding] = []
    by_resource: dict[str, list[Line]] = {}
    for line in lines(transaction, scope, query or Query()):
        if line.entry.closed != line.entry.opened:
            by_resource.setdefault(line.entry.resource, []).append(line)
    for resource in sorted(by_resource):
        found.extend(_between(resource, sorted(by_resource[resource], key=lambda line: line.entry.opened)))
    return tuple(found)


def _between(resource: str, life: Sequence[Line]) -> Iterator[Finding]:
    for before, after in pairwise(life):
        closed, opened = before.entry.closed, after.entry.opened
        if closed == opened:
            continue
        overlap = closed is None or closed > opened
        until = "…" if closed is None else format_instant(closed)
        words = ("重叠", "overlap") if overlap else ("间断", "a gap")
        yield Finding(
            code=f"tenants.register.{'overlap' if overlap else 'gap'}",
            severity=Severity.ERROR if overlap else Severity.NOTE,
            place=Place(field=resource),
            found=f"{until} / {format_instant(opened)}",
            expected="one entry after another",
            zh=f"{resource}:记录 {before.number}(止 {until})与 {after.number}"
            f"(起 {format_instant(opened)})之间{words[0]}",
            en=f"{resource}: {words[1]} between entry {before.number} (to {until}) and {after.number} "
            f"(from {format_instant(opened)})",
        )


def row_of(line: Line) -> dict[str, Any]:
    """A line as one flat row of texts, numbers and instants, under the names of ``COLUMNS``."""
    entry, opening = line.entry, line.opening
    row: dict[str, Any] = {name: getattr(entry, name, None) for name, *_ in COLUMNS}
    return row | {
        "number": line.number,
        "attributes": " ".join(f"{name}={value:f}" for name, value in sorted(entry.attributes.items())),
        "because": str(opening.because),
        "suspended": opening.suspended,
        "corrects": opening.corrects,
        "decided": opening.decided,
    }
