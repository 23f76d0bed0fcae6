"""The days of a pack: an agency's own series, proven against the roots the reader kept. Pure.

A day file holds what the agency may know of a day's tree: its own rows by series, its own leaf hashes, its salt, and
the way from its node up. Usage and SLI days have the same form; a label is ``resource|meter`` there, a service here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from billing.verification.decoding import decode
from billing.verification.errors import Undecodable
from billing.verification.result import Report
from foundation.evidence import EvidenceError, ProofStep, read_canonical, root_of_agency, series_leaf
from foundation.values.findings import Severity
from foundation.values.month import Month

Kind = Literal["usage", "sli"]
HandedOut = Mapping[str, Mapping[str, Any]]
"""Bodies by name, as ``foundation.evidence.read_handed_out`` gives them."""


@dataclass(frozen=True, slots=True)
class Step:
    """A sibling on the way up as it stands in a pack."""

    side: str
    hash: str


@dataclass(frozen=True, slots=True)
class EvidenceDay:
    """One agency's part of one day. ``series``: label → canonical rows; without series there is no node to prove."""

    day: str
    version: int
    salt: str
    proof: tuple[Step, ...]
    leaves: Mapping[str, str]
    series: Mapping[str, Any]


def member_of(kind: Kind, day: str) -> str:
    """Where a day stands in a pack."""
    return f"{kind}/{day}.json"


def check_days(
    kind: Kind, names: list[str], files: Mapping[str, bytes], handed_out: HandedOut, agency: str, report: Report
) -> Iterator[EvidenceDay]:
    """Every day the bill rests on, checked; days whose file is missing or unreadable are findings and left out."""
    for name in sorted(names):
        day = name.removeprefix(f"{kind}-").rpartition(".v")[0]
        member = member_of(kind, day)
        found = _read(member, files, report)
        if found is None:
            continue
        if (name, found.day) != (f"{kind}-{found.day}.v{found.version}", day):
            report.add(
                "day-differs",
                member=member,
                zh=f"{member} 不是 {name} 这一版",
                en=f"{member} is not the version {name}",
                found=f"{found.day} v{found.version}",
                expected=name,
            )
        _check_series(kind, found, agency, member, report)
        _check_root(kind, found, name, handed_out, agency, member, report)
        yield found


def check_month_complete(kind: Kind, names: list[str], month: Month, report: Report) -> None:
    """A bill rests on every day of its month."""
    days = {name.removeprefix(f"{kind}-").rpartition(".v")[0] for name in names}
    for day in month.days():
        if day.isoformat() not in days:
            report.add(
                "day-missing",
                member=member_of(kind, day.isoformat()),
                zh=f"账单没有依据 {day} 这一天",
                en=f"the bill does not rest on {day}",
            )


def _read(member: str, files: Mapping[str, bytes], report: Report) -> EvidenceDay | None:
    if member not in files:
        report.add("day-missing", member=member, zh=f"缺少 {member}", en=f"{member} is missing")
        return None
    try:
        return decode(EvidenceDay, read_canonical(files[member], what=member), what=member)
    except (Undecodable, EvidenceError) as cause:
        report.add("undecodable", member=member, zh=cause.text("zh"), en=cause.text("en"))
        return None


def _check_series(kind: Kind, day: EvidenceDay, agency: str, member: str, report: Report) -> None:
    for label in sorted({*day.leaves, *day.series}):
        named = f"({agency}, {', '.join(label.split('|'))}, {day.day})"
        report.count(f"{kind} series-days")
        if label not in day.series:
            zh, en = f"数列 {named} 被抽掉", f"the series {named} was dropped"
        elif label not in day.leaves:
            zh, en = f"数列 {named} 不在证据里", f"the series {named} is not in the evidence"
        elif series_leaf(label, day.series[label]) != day.leaves[label]:
            zh, en = f"数列 {named} 被改动", f"the series {named} was changed"
        else:
            continue
        report.add("series-day", member=member, where=label, zh=zh, en=en, found=named)


def _check_root(
    kind: Kind, day: EvidenceDay, name: str, handed_out: HandedOut, agency: str, member: str, report: Report
) -> None:
    body = handed_out.get(name)
    if body is None:
        report.add(
            "root-missing",
            member=member,
            zh=f"读者的文件夹里没有 {name}:这一天无法核对",
            en=f"{name} is not in the reader's folder: this day cannot be checked",
            expected=name,
        )
        return
    report.count("roots")
    if (body.get("kind"), body.get("day"), body.get("version")) != (kind, day.day, day.version):
        report.add("root-differs", member=member, zh=f"{name} 说的是另一天", en=f"{name} speaks of another day")
        return
    if not day.leaves and not day.series:
        report.add(
            "no-use",
            member=member,
            severity=Severity.NOTE,
            zh=f"{day.day} 没有 {agency} 的数列",
            en=f"there is no series of {agency} on {day.day}",
        )
        return
    if _root(day) != body.get("root"):
        named = f"({agency}, {day.day})"
        report.add(
            "agency-day",
            member=member,
            zh=f"{named} 的数列与交出的根 {name} 不符:有行或数列被改动、增加或抽掉",
            en=f"the series of {named} do not lead to {name}: a row or a series was changed, added or dropped",
            found=named,
            expected=body.get("root"),
        )


def _root(day: EvidenceDay) -> str:
    steps = []
    for step in day.proof:
        if step.side not in ("left", "right") or len(step.hash) != 64:
            return ""
        side: Literal["left", "right"] = "left" if step.side == "left" else "right"
        steps.append(ProofStep(side, step.hash))
    try:
        return root_of_agency(day.leaves, day.salt, tuple(steps))
    except ValueError:  # a leaf or a sibling that is no hexadecimal number leads to no root
        return ""
