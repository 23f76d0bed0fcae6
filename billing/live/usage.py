"""Closed usage days: the files' rows, the recorded leaves, and the roots handed out."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from billing.usage.files import UsageStore
from billing.usage.records import SCHEMA, records_of
from billing.usage.series import day_leaves, root_name
from billing.usage.tables import DayRow, all_days, leaves_of, salts_of
from billing.verification.evidence_days import HandedOut
from billing.verification.result import Report
from foundation.evidence import build_tree
from foundation.store import Scope, Transaction
from foundation.values.errors import GuanyunError
from foundation.values.findings import Severity

_Leaves = Mapping[str, Mapping[str, str]]
_TABLE = "usage_day"


def check_usage(
    transaction: Transaction, scope: Scope, store: UsageStore, handed_out: HandedOut, report: Report
) -> None:
    """Every version of every closed day, and every handed-out day root."""
    days = {root_name(day.day, day.version): day for day in all_days(transaction)}
    for name, day in days.items():
        _check_day(transaction, scope, store, day, handed_out.get(name), report)
    for name in sorted(handed_out):
        if handed_out[name].get("kind") == "usage" and name not in days:
            report.add(
                "day-gone",
                member=_TABLE,
                where=name,
                zh=f"{name} 已交出,库中却没有这一天",
                en=f"{name} was handed out, and the database has no such day",
            )


def _check_day(
    transaction: Transaction,
    scope: Scope,
    store: UsageStore,
    day: DayRow,
    body: Mapping[str, object] | None,
    report: Report,
) -> None:
    name = root_name(day.day, day.version)
    recorded = leaves_of(transaction, scope, day.day, day.version)
    if body is None:
        report.add(
            "root-missing",
            member=_TABLE,
            where=name,
            severity=Severity.WARNING,
            zh=f"{name} 没有交出过:这一天没有锚定",
            en=f"{name} was not handed out: this day is not anchored",
        )
    else:
        report.count("roots")
        if _root(recorded, salts_of(transaction, scope, day.day, day.version)) != body.get("root"):
            report.add(
                "leaves-differ",
                member="usage_day_leaf",
                where=name,
                found=day.root,
                expected=body.get("root"),
                zh=f"{day.day} 记录的叶子不再通向交出的根 {name}",
                en=f"the recorded leaves of {day.day} no longer lead to {name} as it was handed out",
            )
    stored = _stored(store, day, report)
    if stored is not None:
        _compare(day, recorded, stored, report)


def _compare(day: DayRow, recorded: _Leaves, stored: _Leaves, report: Report) -> None:
    known = {(agency, label) for leaves in (recorded, stored) for agency in leaves for label in leaves[agency]}
    report.count("usage series-days", len(known))
    for agency, label in sorted(known):
        before, now = recorded.get(agency, {}).get(label), stored.get(agency, {}).get(label)
        if before == now:
            continue
        named = f"({agency}, {', '.join(label.split('|'))}, {day.day})"
        zh, en = (
            ("被改动", "was changed") if before and now else ("不见了", "is gone") if before else ("是多出的", "is new")
        )
        report.add(
            "series-day",
            member=day.file,
            where=label,
            found=named,
            zh=f"数列 {named} {zh}",
            en=f"the series {named} {en}",
        )


def _root(leaves: _Leaves, salts: Mapping[str, str]) -> str:
    return build_tree(leaves, salts).root if set(leaves) == set(salts) else ""


def _stored(store: UsageStore, day: DayRow, report: Report) -> _Leaves | None:
    """Leaves of what the file holds now, whatever the ledger says of its bytes: so that the series can be named."""
    try:
        table = pq.read_table(store.folder / day.file)
        if table.schema.equals(SCHEMA):
            return day_leaves(records_of(table))
        reason = "schema"
    except (OSError, pa.ArrowException, GuanyunError, ValueError) as cause:
        reason = type(cause).__name__
    report.add(
        "day-file",
        member=day.file,
        where=root_name(day.day, day.version),
        found=reason,
        zh=f"{day.day} 的用量文件缺失或无法读取({reason})",
        en=f"the usage file of {day.day} is missing or cannot be read ({reason})",
    )
    return None
