"""The address plan never gives one address to two environments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from itertools import combinations

import pytest

from governance.authority import Office
from tenants.addresses import allot_block, claim_block, give_back_block, release_block
from tenants.errors import AddressesUsedUp, AddressTaken

AT = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_block_larger_than_the_pool_is_not_there(governed: Office) -> None:
    with governed.store.transaction() as transaction, pytest.raises(AddressesUsedUp):
        allot_block(transaction, "10.0.0.0/16", 8, environment="one", agency="hrss")


def test_an_environment_keeps_its_block(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        first = allot_block(transaction, "10.0.0.0/16", 24, environment="one", agency="hrss")
        second = allot_block(transaction, "10.0.0.0/16", 24, environment="two", agency="housing")
        again = allot_block(transaction, "10.0.0.0/16", 24, environment="one", agency="hrss")
    assert (str(first), str(second), again) == ("10.0.0.0/24", "10.0.1.0/24", first)


def test_a_chosen_block_is_kept_from_others_and_may_move(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        assert claim_block(transaction, "10.0.0.0/24", environment="one", agency="hrss")
        assert not claim_block(transaction, "10.0.0.0/24", environment="one", agency="hrss")
        with pytest.raises(AddressTaken):
            claim_block(transaction, "10.0.0.128/25", environment="two", agency="housing")
        assert claim_block(transaction, "10.0.0.0/22", environment="one", agency="hrss")
        block = allot_block(transaction, "10.0.0.0/16", 24, environment="two", agency="housing")
    assert str(block) == "10.0.4.0/24"


def test_a_block_chosen_inside_a_range_that_is_drawn_from_is_not_drawn(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        allot_block(transaction, "10.0.0.0/16", 24, environment="one", agency="hrss")
        claim_block(transaction, "10.0.2.0/23", environment="two", agency="hrss", at=AT)
        got = [
            str(allot_block(transaction, "10.0.0.0/16", prefix, environment=f"e{prefix}", agency="hrss"))
            for prefix in (24, 23, 25)
        ]
    assert got == ["10.0.1.0/24", "10.0.4.0/23", "10.0.6.0/25"]


def test_two_commands_at_once_never_get_the_same_block(governed: Office) -> None:
    def allot(number: int) -> IPv4Network:
        with governed.store.transaction() as transaction:
            return allot_block(transaction, "10.0.0.0/16", 24 + number % 3, environment=f"e{number}", agency="hrss")

    with ThreadPoolExecutor(8) as pool:
        blocks = list(pool.map(allot, range(24)))
    assert not any(one.overlaps(other) for one, other in combinations(blocks, 2))


def test_a_full_pool_says_so(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        allot_block(transaction, "10.0.0.0/24", 24, environment="one", agency="hrss")
        with pytest.raises(AddressesUsedUp):
            allot_block(transaction, "10.0.0.0/24", 25, environment="two", agency="hrss")


def test_what_nothing_was_built_in_is_free_at_once(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        allot_block(transaction, "10.0.0.0/24", 24, environment="one", agency="hrss", at=AT)
        assert give_back_block(transaction, "one", AT)
        assert not give_back_block(transaction, "one", AT)
        block = allot_block(transaction, "10.0.0.0/24", 24, environment="two", agency="hrss", at=AT)
    assert str(block) == "10.0.0.0/24"


def test_without_a_published_pool_a_released_block_is_free_at_once(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        allot_block(transaction, "10.0.0.0/24", 24, environment="one", agency="hrss", at=AT)
        assert release_block(transaction, "one", AT)
        assert not release_block(transaction, "one", AT + timedelta(days=1))
        allot_block(transaction, "10.0.0.0/24", 24, environment="two", agency="hrss", at=AT)
