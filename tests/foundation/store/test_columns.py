"""What goes into a column comes back digit for digit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, String, Table, delete, func, insert, select
from sqlalchemy.exc import StatementError

from foundation.evidence import canonical_text
from foundation.store import (
    AMOUNT_COLUMN,
    COEFFICIENT_COLUMN,
    PRICE_COLUMN,
    QUANTITY_COLUMN,
    Document,
    Fen,
    Instant,
    Store,
)
from foundation.values.money import AMOUNT, COEFFICIENT, PRICE, QUANTITY
from tests.foundation.store.conftest import StoreOf

_TABLE = Table(
    "exactness",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("quantity", QUANTITY_COLUMN),
    Column("price", PRICE_COLUMN),
    Column("amount", AMOUNT_COLUMN),
    Column("coefficient", COEFFICIENT_COLUMN),
    Column("money", Fen),
    Column("at", Instant),
    Column("document", Document),
)


_COLUMNS: Mapping[str, tuple[int, int]] = {
    "quantity": QUANTITY,
    "price": PRICE,
    "amount": AMOUNT,
    "coefficient": COEFFICIENT,
}
_WORD = Table("word", _TABLE.metadata, Column("word", String(40), primary_key=True))


@pytest.fixture
def exactness(store_of: StoreOf) -> Store:
    return store_of(_TABLE.metadata)


def _round_trip(store: Store, **values: object) -> dict[str, object]:
    with store.transaction() as transaction:
        transaction.write(insert(_TABLE).values(**values))
        key = transaction.value(select(_TABLE.c.id).order_by(_TABLE.c.id.desc()).limit(1))
        row = transaction.row(select(_TABLE).where(_TABLE.c.id == key))
        assert row is not None
        return dict(row)


def _decimals(shape: tuple[int, int]) -> st.SearchStrategy[Decimal]:
    precision, scale = shape
    whole = st.integers(-(10**precision) + 1, 10**precision - 1)
    return whole.map(lambda digits: Decimal(f"{digits}e-{scale}"))


_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=9, minutes=30))])
_TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
_DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(
    st.fixed_dictionaries({name: _decimals(shape) for name, shape in _COLUMNS.items()}),
    st.integers(-(2**63), 2**63 - 1),
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=_ZONES),  # noqa: DTZ001
    _DOCUMENTS.filter(lambda document: document is not None),
)
def test_what_goes_in_comes_back_digit_for_digit(
    exactness: Store, decimals: Mapping[str, Decimal], money: int, at: datetime, document: object
) -> None:
    wanted = {**decimals, "money": money, "at": at, "document": document}
    found = _round_trip(exactness, **wanted)
    assert {name: found[name] for name in wanted} == wanted
    # The text too, with every place of the column: a digest must not depend on the database.
    for name, (_, scale) in _COLUMNS.items():
        assert str(found[name]) == str(decimals[name].quantize(Decimal(1).scaleb(-scale)))
    assert canonical_text({name: found[name] for name in wanted}) == canonical_text(wanted)
    instant = found["at"]
    assert isinstance(instant, datetime)
    assert instant.tzinfo is UTC


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.lists(st.datetimes(datetime(1900, 1, 1), timezones=_ZONES), min_size=2, max_size=8))  # noqa: DTZ001
def test_instants_sort_as_time_does(exactness: Store, instants: list[datetime]) -> None:
    with exactness.transaction() as transaction:
        transaction.write(delete(_TABLE))
        transaction.write(insert(_TABLE), [{"at": at} for at in instants])
        rows = transaction.rows(select(_TABLE.c.at).order_by(_TABLE.c.at))
        later = transaction.rows(select(_TABLE.c.at).where(_TABLE.c.at > instants[0]))
    assert [row["at"] for row in rows] == sorted(instants)
    assert len(later) == sum(at > instants[0] for at in instants)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.lists(_TEXTS, min_size=2, max_size=12, unique=True))
def test_texts_sort_by_code_point(exactness: Store, words: list[str]) -> None:
    """The bytes of a bill follow the order of rows, so it must be one order."""
    with exactness.transaction() as transaction:
        transaction.write(delete(_WORD))
        transaction.write(insert(_WORD), [{"word": word} for word in words])
        assert [row["word"] for row in transaction.rows(select(_WORD).order_by(_WORD.c.word))] == sorted(words)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.integers(-(2**50), 2**50), max_size=8))
def test_fen_are_added_by_the_database_without_loss(exactness: Store, amounts: list[int]) -> None:
    with exactness.transaction() as transaction:
        transaction.write(delete(_TABLE))
        transaction.write(insert(_TABLE), [{"money": amount} for amount in amounts])
        assert int(transaction.value(select(func.coalesce(func.sum(_TABLE.c.money), 0)))) == sum(amounts)


@pytest.mark.parametrize("name", _COLUMNS)
def test_a_digit_beyond_the_column_is_refused(exactness: Store, name: str) -> None:
    precision, scale = _COLUMNS[name]
    for value in (Decimal(1).scaleb(-scale - 1), Decimal(1).scaleb(precision - scale)):
        with pytest.raises((StatementError, Exception), match="decimal"):
            _round_trip(exactness, **{name: value})


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
