"""The address plan never gives one address to two environments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.authority import Office
from tenants.environments import allot_block, claim_block, next_free
from tenants.errors import AddressesUsedUp, AddressTaken

POOL = IPv4Network("10.0.0.0/16")


@given(st.lists(st.integers(17, 26), max_size=60))
def test_allotted_blocks_lie_in_the_pool_and_never_overlap(prefixes: list[int]) -> None:
    taken: list[IPv4Network] = []
    for prefix in prefixes:
        block = next_free(POOL, taken, prefix)
        if block is None:
            continue
        assert block.prefixlen == prefix
        assert block.subnet_of(POOL)
        assert not any(block.overlaps(other) for other in taken)
        taken.append(block)


@given(st.lists(st.integers(0, 255), unique=True, max_size=255))
def test_the_lowest_free_block_is_given(used: list[int]) -> None:
    taken = [IPv4Network(f"10.0.{number}.0/24") for number in used]
    free = next((number for number in range(256) if number not in set(used)), None)
    found = next_free(POOL, taken, 24)
    assert found == (None if free is None else IPv4Network(f"10.0.{free}.0/24"))


def test_a_block_larger_than_the_pool_is_not_there() -> None:
    assert next_free(POOL, [], 8) is None


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
