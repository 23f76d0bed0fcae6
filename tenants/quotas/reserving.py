"""Taking from quotas: reserve while a request is open, hold once it is granted, release when it ends.

``subject`` is what takes: ``request:REQ-2026-0001``. A reservation ends with its request and never by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from foundation.store import Scope, Transaction
from foundation.values.errors import InvalidValue
from governance.authority import machine_scope
from tenants.errors import NothingReserved
from tenants.quotas.counting import apply_changes, changes_by, judge
from tenants.quotas.model import (
    FEN_A_YEAR,
    QuotaUse,
    Standing,
    UseLine,
    UseState,
    check_dimension,
    month_number,
    to_units,
)
from tenants.quotas.tables import add_uses, change_uses, uses_of


def reserve(transaction: Transaction, subject: str, use: QuotaUse, at: datetime, *, replaces: str = "") -> None:
    """Reserve ``use`` for ``subject`` in every quota that covers it, or in none.

    ``replaces`` names the subject whose held use this one is to take the place of: then only the growth is reserved.
    The same again changes nothing; other content takes the place of the subject's earlier reservation. Raises
    ``QuotaExceeded``, ``InvalidValue`` where the subject holds already.
    """
    transaction.stand_alone()
    scope = machine_scope()
    before = _now(transaction, scope, subject, UseState.RESERVED)
    held = _now(transaction, scope, subject, UseState.HELD)
    after = _lines(transaction, scope, subject, use, at, replaces)
    if held:
        if [(line.what, line.units) for line in held] == [(line.what, line.units) for line in after]:
            return
        raise InvalidValue(field="subject", found=subject, expected="one that holds nothing yet: name what it replaces")
    if [_content(line) for line in before] == [_content(line) for line in after]:
        return
    changes, _ = changes_by(transaction, before, after)
    apply_changes(transaction, scope, changes, agency=use.agency, at=at, subject=subject)
    change_uses(transaction, scope, subject, UseState.RESERVED, UseState.RELEASED, {"until_month": month_number(at)})
    add_uses(transaction, scope, subject, after)


def hold(transaction: Transaction, subject: str, at: datetime) -> None:
    """The request was granted: what is reserved becomes held, and what it replaces ends. Again changes nothing.

    Raises ``NothingReserved``.
    """
    transaction.stand_alone()
    scope, month = machine_scope(), month_number(at)
    reserved = _now(transaction, scope, subject, UseState.RESERVED)
    if not reserved:
        if _now(transaction, scope, subject, UseState.HELD):
            return
        raise NothingReserved(subject=subject)
    # Before this month nothing was held for it, and what it takes the place of is counted up to this month.
    begins = [max(month, line.from_month) for line in reserved]
    held = [replace(line, state=UseState.HELD, from_month=m) for line, m in zip(reserved, begins, strict=True)]
    old = [line for line in _now(transaction, scope, reserved[0].replaces, UseState.HELD) if reserved[0].replaces]
    ended = [replace(line, state=UseState.ENDED, until_month=max(month, line.from_month)) for line in old]
    changes, _ = changes_by(transaction, [*reserved, *old], [*held, *ended])
    apply_changes(transaction, scope, changes, agency=reserved[0].agency, at=at, subject=subject)
    change_uses(transaction, scope, subject, UseState.RESERVED, UseState.HELD, {"from_month": max(begins)})
    if old:
        until = {"until_month": max(line.until_month or 0 for line in ended)}
        change_uses(transaction, scope, reserved[0].replaces, UseState.HELD, UseState.ENDED, until)


def release(transaction: Transaction, subject: str, at: datetime) -> None:
    """The request came to nothing, or what it granted is gone: nothing of it is taken any more.

    Of a yearly budget the months up to and with this one stay used. Of an unknown subject, or again: no change.
    """
    transaction.stand_alone()
    scope, after = machine_scope(), month_number(at) + 1
    reserved = _now(transaction, scope, subject, UseState.RESERVED)
    held = _now(transaction, scope, subject, UseState.HELD)
    if not reserved and not held:
        return
    released = [replace(line, state=UseState.RELEASED) for line in reserved]
    ended = [replace(line, state=UseState.ENDED, until_month=max(after, line.from_month)) for line in held]
    changes, _ = changes_by(transaction, [*reserved, *held], [*released, *ended])
    apply_changes(transaction, scope, changes, agency=(reserved or held)[0].agency, at=at, subject=subject)
    change_uses(transaction, scope, subject, UseState.RESERVED, UseState.RELEASED, {"until_month": after})
    if ended:
        until = {"until_month": max(line.until_month or 0 for line in ended)}
        change_uses(transaction, scope, subject, UseState.HELD, UseState.ENDED, until)


def standing(
    transaction: Transaction, subject: str, use: QuotaUse, at: datetime, *, replaces: str = ""
) -> tuple[Standing, ...]:
    """Every quota in force that covers ``use``, what it would take more, and whether that fits; empty where none does.

    Nothing is reserved: another may take it before. Told as its agency may know it. Arguments as for ``reserve``.
    """
    scope = machine_scope()
    before = _now(transaction, scope, subject, UseState.RESERVED)
    changes, known = changes_by(transaction, before, _lines(transaction, scope, subject, use, at, replaces))
    return judge(transaction, scope, changes, known, agency=use.agency, at=at, every=True)


def _now(transaction: Transaction, scope: Scope, subject: str, state: UseState) -> list[UseLine]:
    return [line for line in uses_of(transaction, scope, subject) if line.state is state]


def _lines(
    transaction: Transaction, scope: Scope, subject: str, use: QuotaUse, at: datetime, replaces: str
) -> list[UseLine]:
    sums: dict[tuple[str, str, str], int] = {}
    for each in use.amounts:
        if check_dimension(each.dimension) == FEN_A_YEAR:
            raise InvalidValue(field="dimension", found=FEN_A_YEAR, expected="fen a month: a year follows from it")
        units = to_units(each.dimension, each.amount)
        if units < 0:
            raise InvalidValue(field=each.dimension, found=str(each.amount), expected="nothing below zero")
        what = (each.dimension, each.service, each.fund_source)
        sums[what] = sums.get(what, 0) + units
    lines = [
        UseLine(
            subject=subject,
            agency=use.agency,
            region=use.region,
            project=use.project,
            service=service,
            fund_source=fund_source,
            dimension=dimension,
            units=units,
            growth=units,
            state=UseState.RESERVED,
            replaces=replaces,
            since=at,
            from_month=month_number(at),
        )
        for (dimension, service, fund_source), units in sorted(sums.items())
    ]
    return _grown(lines, _now(transaction, scope, replaces, UseState.HELD) if replaces else ())


def _grown(lines: Sequence[UseLine], held: Iterable[UseLine]) -> list[UseLine]:
    """The lines with what each is more than the held line in whose place it comes: that about the very same.

    What is held from before its region or service was told stands in for any of them, once.
    """
    left = {line.what: line.units for line in held}
    more = [line.units - _take(left, line.what, line.units) for line in lines]
    for index, line in enumerate(lines):
        anywhere, of_any = replace(line, region=""), replace(line, service="")
        for vaguer in (anywhere, of_any, replace(of_any, region="")):
            more[index] -= _take(left, vaguer.what, more[index])
    return [replace(line, growth=units) for line, units in zip(lines, more, strict=True)]


def _take(left: dict[tuple[str, ...], int], what: tuple[str, ...], wanted: int) -> int:
    taken = min(wanted, left.get(what, 0))
    if taken:
        left[what] -= taken
    return taken


def _content(line: UseLine) -> tuple[object, ...]:
    return (*line.what, line.units, line.growth, line.replaces)
