"""Tables of a test's own, on either database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import MetaData

from foundation.store import Store
from tests.databases import Databases, opened

StoreOf = Callable[[MetaData], Store]


@pytest.fixture
def store_of(databases: Databases) -> Iterator[StoreOf]:
    """Makes a store with these tables and no other."""
    with ExitStack() as stack:

        def make(tables: MetaData) -> Store:
            url = databases.empty()
            stack.callback(databases.drop, url)
            store = stack.enter_context(opened(url))
            tables.create_all(store.engine)
            return store

        yield make
