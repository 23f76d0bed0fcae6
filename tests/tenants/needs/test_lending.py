"""What the urgent path lends is held in the quotas, and gone when it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from foundation.values.errors import InvalidValue
from governance.authority import machine_scope
from tenants.needs.lending import QuotaLoan
from tenants.quotas import UseState
from tenants.quotas.tables import uses_of
from tests.conftest import MARCH
from tests.tenants.needs.conftest import City

UNTIL = MARCH + timedelta(days=30)


def states(city: City) -> list[UseState]:
    with city.office.store.reading() as transaction:
        return [line.state for line in uses_of(transaction, machine_scope(), "need:N-1")]


def lend(city: City, use: dict[str, int]) -> None:
    with city.office.store.transaction() as transaction:
        QuotaLoan().lend(transaction, subject="need:N-1", agency="hrss", use=use, at=MARCH, until=UNTIL)


def test_what_is_lent_is_held_until_it_is_taken_back(city: City) -> None:
    lend(city, {"vcpu": 8, "memory_gb": 16})
    assert states(city) == [UseState.HELD, UseState.HELD]
    for _ in range(2):
        with city.office.store.transaction() as transaction:
            QuotaLoan().take_back(transaction, subject="need:N-1", at=UNTIL)
        assert UseState.HELD not in states(city)


def test_only_what_quotas_know_can_be_lent(city: City) -> None:
    with pytest.raises(InvalidValue):
        lend(city, {"horses": 2})
