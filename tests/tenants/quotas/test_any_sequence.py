"""Whatever is asked, granted, given back and published in whatever order: never above, and counters always right."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.store import Transaction
from governance.authority import Office, machine_scope
from tenants.errors import NothingReserved, QuotaExceeded
from tenants.quotas import Amount, QuotaKey, QuotaUse, hold, release, reserve
from tenants.quotas.counting import in_force
from tenants.quotas.publishing import count_from_uses
from tenants.quotas.recounting import recount_all
from tenants.quotas.tables import add_counter, add_limits, counters, every_use, limits
from tests.tenants.quotas.conftest import bare_document

AT = datetime(2026, 3, 10, tzinfo=UTC)
KEYS = (
    QuotaKey("vcpu"),
    QuotaKey("vcpu", agency="hrss"),
    QuotaKey("vcpu", agency="housing", service="s"),
    QuotaKey("vcpu", region="r"),
    QuotaKey("fen_month", fund_source="f"),
    QuotaKey("fen_year", "2026", agency="hrss"),
)
subjects = st.integers(0, 4).map(lambda number: f"request:{number}")
uses = st.builds(
    QuotaUse,
    st.sampled_from(["hrss", "housing"]),
    st.sampled_from(["P-1", "P-2"]),
    st.tuples(
        st.builds(Amount, st.just("vcpu"), st.integers(0, 6), st.sampled_from(["", "s"])),
        st.builds(Amount, st.just("fen_month"), st.integers(0, 9), st.just(""), st.sampled_from(["f", "g"])),
    ),
    st.sampled_from(["", "r"]),
)
steps = st.one_of(
    st.tuples(st.just("reserve"), subjects, uses, st.one_of(st.just(""), subjects)),
    st.tuples(st.just("hold"), subjects),
    st.tuples(st.just("release"), subjects),
    st.tuples(st.just("publish"), st.sampled_from(KEYS), st.integers(0, 30)),
    st.tuples(st.just("later"), st.integers(1, 70)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=25))
def test_no_sequence_takes_more_than_there_is(
    governed: Office, people: dict[str, str], sequence: list[tuple[Any, ...]]
) -> None:
    numbers, at = itertools.count(), AT
    with suppress(_Enough), governed.store.transaction() as transaction:
        for step, *arguments in sequence:
            if step == "later":
                at += timedelta(days=arguments[0])
                continue
            before = _free(transaction, at)
            with suppress(QuotaExceeded, NothingReserved):
                _do(transaction, step, arguments, at, numbers)
            assert recount_all(transaction)[1] == ()
            if step != "publish":
                for key, free in _free(transaction, at).items():
                    assert free >= 0 or free >= before[key], (step, key)  # one that was lowered takes nothing new
        raise _Enough


def _do(transaction: Transaction, step: str, arguments: list[Any], at: datetime, numbers: Iterator[int]) -> None:
    match step:
        case "reserve":
            subject, use, replaces = arguments
            if replaces != subject and not _holds(transaction, subject):
                reserve(transaction, subject, use, at, replaces=replaces)
        case "hold":
            hold(transaction, arguments[0], at)
        case "release":
            release(transaction, arguments[0], at)
        case "publish":
            _publish(transaction, arguments[0], arguments[1], at, next(numbers))


class _Enough(Exception):
    """Undoes what one example wrote."""


def _holds(transaction: Transaction, subject: str) -> bool:
    return any(line.subject == subject and line.state == "held" for line in every_use(transaction, machine_scope()))


def _free(transaction: Transaction, at: datetime) -> dict[str, int]:
    counted = counters(transaction, [key.id for key in KEYS])
    whole = in_force(limits(transaction, machine_scope(), at=at))
    return {
        key: limit.whole - counted[key]["reserved"] - counted[key]["held"]
        for key, limit in whole.items()
        if limit.whole is not None
    }


def _publish(transaction: Transaction, key: QuotaKey, amount: int, at: datetime, number: int) -> None:
    units = amount * (1 if key.dimension.startswith("fen") else 10**6)
    bare_document(transaction, f"Q-{number}", at)
    new = key.id not in counters(transaction, [key.id])
    row = {name: getattr(key, name) for name in QuotaKey.__slots__} | {"agency": key.agency or None}
    dates = {"starts_at": at, "ends_at": None, "published_at": at + timedelta(seconds=number)}
    known = {"key": key.id, "document": f"Q-{number}", "parent": "", "units": units, "temporary": False}
    add_limits(transaction, [{**row, **known, **dates}])
    if new:
        add_counter(transaction, key, "", 0, 0)
        count_from_uses(transaction)
