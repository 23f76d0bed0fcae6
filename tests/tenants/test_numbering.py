"""Numbers in series: none twice, whoever comes at once; one chosen by hand is passed over; none ends at its digits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from foundation.store import Store, Transaction
from tenants.numbering import Series, next_number, series_table

NEW_YEAR = datetime(2026, 12, 31, 16, tzinfo=UTC)
"""2027-01-01 00:00 in Shanghai."""
BEFORE = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)


def nothing(number: str) -> bool:
    return False


def take(transaction: Transaction, series: Series = Series.NEED, at: datetime = BEFORE) -> str:
    return next_number(transaction, series, at, nothing)


@pytest.mark.parametrize("alongside", [False, True])
def test_those_who_come_at_once_get_different_numbers_without_a_gap(store: Store, alongside: bool) -> None:
    """Also at the very first number of a year, when there is no row yet to wait for."""

    def one(_: int) -> str:
        with store.transaction(alongside=alongside) as transaction:
            return take(transaction)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(one, range(80)))
    assert sorted(taken) == [f"NEED-2026-{count:04d}" for count in range(1, 81)]


def test_a_transaction_that_came_to_nothing_gives_its_number_back(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction() as transaction:
        take(transaction)
        raise KeyError
    with store.transaction() as transaction:
        assert take(transaction) == "NEED-2026-0001"


def test_each_series_and_each_year_is_counted_by_itself(store: Store) -> None:
    with store.transaction() as transaction:
        assert [take(transaction, series) for series in Series] == [
            "REQ-2026-0001",
            "NEED-2026-0001",
            "GRT-2026-000001",
        ]
        assert [take(transaction, at=at) for at in (BEFORE, NEW_YEAR, BEFORE)] == [
            "NEED-2026-0002",
            "NEED-2027-0001",
            "NEED-2026-0003",
        ]


@pytest.mark.parametrize(("series", "last"), [(Series.REQUEST, 9_999), (Series.NEED, 9_999), (Series.GRANT, 999_999)])
def test_a_series_goes_on_beyond_its_digits(store: Store, series: Series, last: int) -> None:
    with store.transaction() as transaction:
        take(transaction, series)
        transaction.write(update(series_table).values(last=last - 1))
        numbers = [take(transaction, series) for _ in range(3)]
        assert [number.rpartition("-")[2] for number in numbers] == [str(last), str(last + 1), str(last + 2)]
        assert transaction.value(select(series_table.c.last)) == last + 2


def test_numbers_chosen_by_hand_are_passed_over(store: Store) -> None:
    by_hand = {"NEED-2026-0001", "NEED-2026-0002", "NEED-2026-0004"}
    with store.transaction() as transaction:
        numbers = [next_number(transaction, Series.NEED, BEFORE, by_hand.__contains__) for _ in range(2)]
    assert numbers == ["NEED-2026-0003", "NEED-2026-0005"]
