"""What goes into a column comes back digit for digit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from foundation.store import AMOUNT_COLUMN, PRICE_COLUMN, Document, Instant, Store, open_store

_TABLE = Table(
    "exactness",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("price", PRICE_COLUMN),
    Column("amount", AMOUNT_COLUMN),
    Column("at", Instant),
    Column("document", Document),
)


@pytest.fixture
def exactness(tmp_path: Path) -> Store:
    store = open_store(f"sqlite:///{tmp_path}/x.db")
    _TABLE.metadata.create_all(store.engine)
    return store


def _round_trip(store: Store, **values: object) -> dict[str, object]:
    with store.transaction() as transaction:
        transaction.write(insert(_TABLE).values(**values))
        key = transaction.value(select(_TABLE.c.id).order_by(_TABLE.c.id.desc()).limit(1))
        row = transaction.row(select(_TABLE).where(_TABLE.c.id == key))
        assert row is not None
        return dict(row)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.integers(-(10**20) + 1, 10**20 - 1),
    st.integers(-(10**28) + 1, 10**28 - 1),
    st.datetimes(timezones=st.just(UTC)),
)
def test_decimals_and_instants_lose_nothing(exactness: Store, price: int, amount: int, at: datetime) -> None:
    wanted = {"price": Decimal(price).scaleb(-8), "amount": Decimal(f"{amount}e-14"), "at": at}
    found = _round_trip(exactness, **wanted)
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize("price", [Decimal("0.000000001"), Decimal("1e13"), Decimal("NaN")])
def test_a_digit_too_many_is_refused_not_rounded(exactness: Store, price: Decimal) -> None:
    with pytest.raises((StatementError, Exception), match="decimal"):
        _round_trip(exactness, price=price)


def test_a_naive_instant_is_refused(exactness: Store) -> None:
    with pytest.raises((StatementError, Exception), match="time zone"):
        _round_trip(exactness, at=datetime(2026, 3, 1))  # noqa: DTZ001


def test_a_document_is_kept_as_its_canonical_text(exactness: Store) -> None:
    document = {"b": [1, None], "a": "社保"}
    assert _round_trip(exactness, document=document)["document"] == document
    with exactness.engine.connect() as connection:
        text = connection.exec_driver_sql("select document from exactness").scalar()
    assert text == '{"a":"社保","b":[1,null]}'
