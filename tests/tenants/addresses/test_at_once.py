"""Two at once never get the same addresses, on either database; the database refuses what slips through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from governance.authority import Office, machine_scope
from tenants.addresses.model import Block, BlockState, Pool
from tenants.addresses.tables import add_block, add_pool, blocks, change_block

AT = datetime(2026, 3, 10, tzinfo=UTC)
SETUP = """
from datetime import UTC, datetime
from tenants.addresses import allot_block
from tenants.errors import AddressesUsedUp
AT = datetime(2026, 3, 10, tzinfo=UTC)
"""
BODY = 'allot_block(transaction, "10.0.0.0/24", 25, environment=f"e{number}", agency="hrss", at=AT)'


@pytest.mark.real
@pytest.mark.parametrize("alongside", [False, True])
def test_of_two_hundred_requests_for_the_last_block_exactly_one_wins(
    governed: Office, at_once: Callable[..., int], alongside: bool
) -> None:
    with governed.store.transaction() as transaction:
        add_block(transaction, Block("network:x", "hrss", "10.0.0.0/25", BlockState.IMPORTED, AT, None))
    assert at_once(SETUP, BODY, "AddressesUsedUp", alongside=alongside) == 1
    with governed.store.reading() as transaction:
        assert [block.cidr for block in blocks(transaction, machine_scope())] == ["10.0.0.0/25", "10.0.0.128/25"]


def test_the_database_refuses_blocks_that_overlap(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        add_block(transaction, Block("environment:a", "hrss", "10.0.0.0/24", BlockState.HELD, AT, None))
    for cidr in ("10.0.0.0/24", "10.0.0.128/25", "10.0.0.0/16"):
        with pytest.raises(IntegrityError), governed.store.transaction() as transaction:
            add_block(transaction, Block("environment:b", "housing", cidr, BlockState.HELD, AT, None))
    with governed.store.transaction() as transaction:
        change_block(transaction, machine_scope(), "environment:a", {"ended_at": AT})
        add_block(transaction, Block("environment:b", "housing", "10.0.0.0/16", BlockState.HELD, AT, None))
        add_block(transaction, Block("environment:c", "housing", "fd00::/64", BlockState.HELD, AT, None))


def test_the_database_refuses_a_block_that_is_moved_onto_another(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        add_block(transaction, Block("environment:a", "hrss", "10.0.0.0/24", BlockState.HELD, AT, None))
        add_block(transaction, Block("environment:b", "hrss", "10.0.1.0/24", BlockState.HELD, AT, None))
    with pytest.raises(IntegrityError), governed.store.transaction() as transaction:
        change_block(transaction, machine_scope(), "environment:b", {"last": 10 << 24, "first": 10 << 24})


def test_the_database_refuses_pools_that_overlap_and_a_holder_with_two_blocks(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        add_pool(transaction, Pool("a", "", "z", "l", "10.0.0.0/16", 0, AT), basis="")
        add_block(transaction, Block("environment:a", "hrss", "10.0.0.0/24", BlockState.HELD, AT, None))
    with pytest.raises(IntegrityError), governed.store.transaction() as transaction:
        add_pool(transaction, Pool("b", "", "other", "l", "10.0.128.0/17", 0, AT), basis="")
    with pytest.raises(IntegrityError), governed.store.transaction() as transaction:
        add_block(transaction, Block("environment:a", "hrss", "10.0.9.0/24", BlockState.HELD, AT, None))
