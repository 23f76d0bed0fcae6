"""Checks the recorded minutes against the roots a reader kept: names the series-day that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from foundation.evidence import build_tree
from foundation.store import Scope, Transaction
from foundation.values.month import Month
from monitoring.sli.model import SealedDay
from monitoring.sli.sealing import Leaves, day_leaves
from monitoring.sli.tables import leaves_of, month_minutes, salts_of, sealed_days


@dataclass(frozen=True, slots=True)
class SliBreak:
    """What does not fit: a series-day by agency, service and day, or a whole day where those are empty."""

    day: date
    agency: str
    service: str
    zh: str
    en: str


def sli_breaks(
    transaction: Transaction, scope: Scope, month: Month, handed_out: Mapping[str, Mapping[str, Any]]
) -> tuple[SliBreak, ...]:
    """Compare a month's minutes with the roots handed out; ``handed_out`` as ``read_handed_out`` gives it.

    The scope must cover every agency: a root is over all of them. Empty where everything fits.
    """
    recorded = day_leaves(month_minutes(transaction, scope, month))
    sealed = {each.day: each for each in sealed_days(transaction, month)}
    days = sorted({*sealed, *recorded, *_days_handed_out(handed_out, month)})
    found = [
        each
        for day in days
        for each in _day(transaction, scope, day, sealed.get(day), recorded.get(day, {}), handed_out)
    ]
    found.extend(_older(transaction, scope, month, {each.name for each in sealed.values()}, handed_out))
    return tuple(found)


def _older(
    transaction: Transaction,
    scope: Scope,
    month: Month,
    newest: set[str],
    handed_out: Mapping[str, Mapping[str, Any]],
) -> Iterator[SliBreak]:
    """Seals that later ones replaced: their minutes may have grown since, so their own leaves must give the root."""
    names = {name for name in handed_out if name.startswith(f"sli-{month}-")} - newest
    recorded = {each.name: each for each in sealed_days(transaction, month, names=names)}
    for name in sorted(names):
        day, older = date.fromisoformat(str(handed_out[name]["day"])), recorded.get(name)
        if older is None:
            # A day without any seal has said so already.
            if any(other.startswith(f"sli-{day.isoformat()}.") for other in newest):
                yield SliBreak(day, "", "", f"{name} 在库中没有封存记录", f"no seal is recorded for {name}")
            continue
        leaves, salts = leaves_of(transaction, scope, older), salts_of(transaction, scope, older)
        if set(leaves) != set(salts) or build_tree(leaves, salts).root != handed_out[name].get("root"):
            zh, en = f"{name} 的记录与已交出的根不符", f"the record of {name} does not give its root"
            yield SliBreak(day, "", "", zh, en)


def _day(
    transaction: Transaction,
    scope: Scope,
    day: date,
    sealed: SealedDay | None,
    recorded: Leaves,
    handed_out: Mapping[str, Mapping[str, Any]],
) -> Iterator[SliBreak]:
    if sealed is None:
        if any(name.startswith(f"sli-{day.isoformat()}.") for name in handed_out):
            yield SliBreak(
                day, "", "", "已交出的根在库中没有封存记录", "a root was handed out, and no seal is recorded"
            )
        return
    body = handed_out.get(sealed.name)
    if body is None:
        yield SliBreak(day, "", "", f"没有交出过 {sealed.name}", f"{sealed.name} was not handed out")
        return
    differing = list(_series(day, leaves_of(transaction, scope, sealed), recorded))
    yield from differing
    salts = salts_of(transaction, scope, sealed)
    complete = set(recorded) <= set(salts)
    if not differing and (not complete or build_tree(recorded, salts).root != body.get("root")):
        yield SliBreak(day, "", "", "分钟记录与已交出的根不符", "the minutes do not give the root that was handed out")


def _series(day: date, sealed: Leaves, recorded: Leaves) -> Iterator[SliBreak]:
    known = {(agency, code) for leaves in (sealed, recorded) for agency in leaves for code in leaves[agency]}
    for agency, code in sorted(known):
        before, now = sealed.get(agency, {}).get(code), recorded.get(agency, {}).get(code)
        if now is None:
            yield SliBreak(day, agency, code, "封存后的记录不见了", "a sealed record is gone")
        elif before is None:
            yield SliBreak(day, agency, code, "记录没有封存", "a record is not sealed")
        elif before != now:
            yield SliBreak(day, agency, code, "封存后的记录被改动", "a sealed record was changed")


def _days_handed_out(handed_out: Mapping[str, Mapping[str, Any]], month: Month) -> set[date]:
    return {
        date.fromisoformat(str(body["day"]))
        for name, body in handed_out.items()
        if name.startswith(f"sli-{month}-") and body.get("kind") == "sli"
    }
