"""No query reaches an agency's rows without a scope."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, delete, func, insert, select, update

from foundation.store import AgencyOwned, Scope, Store, UnscopedQuery
from tests.foundation.store.conftest import StoreOf

_BARE = Table(
    "holding",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("agency", String(20), nullable=False),
)
_OPEN = Table("notice", _BARE.metadata, Column("id", Integer, primary_key=True))
_HOLDINGS = AgencyOwned(_BARE)


@pytest.fixture
def holdings(store_of: StoreOf) -> Store:
    store = store_of(_BARE.metadata)
    with store.transaction() as transaction:
        transaction.write(_HOLDINGS.insert(), [{"agency": "hrss"}, {"agency": "housing"}, {"agency": "hrss"}])
    return store


@pytest.mark.parametrize(
    ("scope", "count"),
    [(Scope(frozenset({"hrss"})), 2), (Scope(frozenset({"nobody"})), 0), (Scope(frozenset()), 0), (Scope(None), 3)],
)
def test_a_scope_shows_its_agencies_and_no_other(holdings: Store, scope: Scope, count: int) -> None:
    with holdings.reading() as transaction:
        rows = transaction.rows(_HOLDINGS.select(scope))
        assert len(rows) == count
        assert all(scope.covers(row["agency"]) for row in rows)


@pytest.mark.parametrize(
    "statement",
    [
        select(_BARE),
        select(func.count()).select_from(_BARE),
        select(_OPEN).where(_OPEN.c.id.in_(select(_BARE.c.id))),
        select(_OPEN).join(_BARE, _BARE.c.id == _OPEN.c.id),
        select(_BARE.alias("other")),
        update(_BARE).values(agency="x"),
        delete(_BARE),
        insert(_OPEN).from_select(["id"], select(_BARE.c.id)),
    ],
)
def test_a_query_around_the_scope_raises(holdings: Store, statement: object) -> None:
    with pytest.raises(UnscopedQuery, match="holding"), holdings.transaction() as transaction:
        transaction.rows(statement)  # type: ignore[arg-type]


def test_an_update_changes_only_what_the_scope_covers(holdings: Store) -> None:
    with holdings.transaction() as transaction:
        assert transaction.write(_HOLDINGS.update(Scope(frozenset({"hrss"}))).values(agency="hrss")) == 2
