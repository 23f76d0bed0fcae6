"""Fixtures of the runs' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from foundation.store import Store
from foundation.work.runs import Kind, Kinds
from tests.foundation.work.runs.shop import Shop, simple, test_tables

MakeShop = Callable[..., Shop]


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[EventDict]]:
    """What was logged, kept from the screen."""
    with capture_logs() as caught:
        yield caught


@pytest.fixture
def shop_of(store: Store) -> MakeShop:
    """A workshop with these kinds; without any, with one called demo."""
    test_tables.create_all(store.engine)

    def make(*kinds: Kind) -> Shop:
        return Shop(store, Kinds(kinds or (simple(),)))

    return make


@pytest.fixture
def shop(shop_of: MakeShop) -> Shop:
    """A workshop with the kind demo."""
    return shop_of()
