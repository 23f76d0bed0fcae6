"""Rows are added and stay: the database refuses the rest with an integrity error, on either database."""

from __future__ import annotations

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import IntegrityError

from foundation.store import Store, append_only, append_only_statements
from tests.foundation.store.conftest import StoreOf

_ENTRY = Table("entry", MetaData(), Column("id", Integer, primary_key=True), Column("amount", Integer))
append_only(_ENTRY, "entries are 100% append-only")


@pytest.fixture
def store(store_of: StoreOf) -> Store:
    made = store_of(_ENTRY.metadata)
    with made.transaction() as transaction:
        transaction.write(insert(_ENTRY).values(id=1, amount=5))
    return made


@pytest.mark.parametrize("statement", ["UPDATE entry SET amount = 6", "DELETE FROM entry", "TRUNCATE entry"])
def test_a_row_is_neither_changed_nor_removed(store: Store, statement: str) -> None:
    if store.dialect == "sqlite" and statement.startswith("TRUNCATE"):
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(IntegrityError, match="entries are 100% append-only"), store.transaction() as transaction:
        transaction.write(text(statement))
    with store.reading() as transaction:
        assert transaction.value(select(_ENTRY.c.amount)) == 5


def test_making_the_triggers_again_is_harmless(store: Store) -> None:
    with store.reshaping() as connection:
        for statement in append_only_statements("entry", "for another reason", dialect=store.dialect):
            connection.execute(text(statement))
    with pytest.raises(IntegrityError), store.transaction() as transaction:
        transaction.write(text("DELETE FROM entry"))
