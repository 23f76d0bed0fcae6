"""A bill beside the same bill recomputed: names every line and field that differs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from billing.verification.result import Report

_LINES = ("lines", "deductions", "uncharged", "breakdown")
_ABSENT = "—"


def compare(found: Mapping[str, Any], expected: Mapping[str, Any], *, member: str, report: Report) -> None:
    """``found`` is what the bill says, ``expected`` what its evidence comes to; both are plain JSON."""
    for field in sorted({*found, *expected}):
        here, there = found.get(field), expected.get(field)
        if here == there:
            continue
        if field in _LINES and isinstance(here, list) and isinstance(there, list):
            _compare_lines(field, here, there, member, report)
        elif isinstance(here, dict) and isinstance(there, dict):
            for key in sorted({*here, *there}):
                _differs(f"{field}.{key}", here.get(key, _ABSENT), there.get(key, _ABSENT), member, report)
        else:
            _differs(field, here, there, member, report)


def _compare_lines(field: str, here: list[Any], there: list[Any], member: str, report: Report) -> None:
    # Lines are matched by what they charge, so that one line more does not make every later one differ.
    found, expected = _by_key(here), _by_key(there)
    for key in sorted({*found, *expected}):
        line, other = found.get(key), expected.get(key)
        number = (line or other or {}).get("number", "")
        if line is None or other is None:
            extra = line is not None
            report.add(
                "line-differs",
                member=member,
                where=f"{field} {number}".strip(),
                zh=f"第 {number} 行({key}){'无依据' if extra else '缺失'}",
                en=f"line {number} ({key}) {'rests on no evidence' if extra else 'is missing'}",
            )
            continue
        for part in sorted({*line, *other}):
            if line.get(part) != other.get(part):
                report.add(
                    "line-differs",
                    member=member,
                    where=f"{field} {number}.{part}".strip(),
                    found=line.get(part),
                    expected=other.get(part),
                    zh=f"第 {number} 行({key})的 {part}:单上为 {line.get(part)},重算为 {other.get(part)}",
                    en=f"line {number} ({key}), {part}: the bill says {line.get(part)}, recomputed {other.get(part)}",
                )


_KEYS = ("kind", "reference", "agency", "system", "project", "fund_source", "service", "plan", "meter")


def _by_key(lines: list[Any]) -> dict[str, Mapping[str, Any]]:
    keyed: dict[str, Mapping[str, Any]] = {}
    for line in lines:
        if not isinstance(line, dict):
            continue
        parts = [str(line[name]) for name in (*_KEYS, "price_version", "reason", "resource") if line.get(name)]
        key = " / ".join(parts)
        while key in keyed:
            key += " +"
        keyed[key] = line
    return keyed


def _differs(where: str, here: object, there: object, member: str, report: Report) -> None:
    if here == there:
        return
    report.add(
        "field-differs",
        member=member,
        where=where,
        found=here,
        expected=there,
        zh=f"{where}:单上为 {str(here)[:80]},重算为 {str(there)[:80]}",
        en=f"{where}: the bill says {str(here)[:80]}, recomputed {str(there)[:80]}",
    )
