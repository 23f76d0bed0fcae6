"""Subnets laid out by rule: inside the block, apart, the same every time, and never moved by a later wish."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from governance.environments.layout import lay_out, lowest_free, prefix_for

BLOCK = IPv4Network("10.0.0.0/20")
wishes = st.lists(st.integers(20, 28), min_size=1, max_size=12).map(
    lambda prefixes: {f"s{index}": prefix for index, prefix in enumerate(prefixes)}
)


@given(wishes)
def test_what_is_placed_lies_inside_and_apart(wanted: dict[str, int]) -> None:
    laid = lay_out(BLOCK, wanted, {})
    assert set(laid.placed) | set(laid.left) == set(wanted)
    assert all(network.subnet_of(BLOCK) for network in laid.placed.values())
    assert all(network.prefixlen == wanted[name] for name, network in laid.placed.items())
    assert not any(one.overlaps(other) for one, other in combinations(laid.placed.values(), 2))


@given(wishes)
def test_the_prefix_computed_for_them_is_enough_and_no_longer_one_is(wanted: dict[str, int]) -> None:
    prefix = prefix_for(wanted.values())
    start = int(IPv4Network("10.0.0.0/8").network_address)
    assert lay_out(IPv4Network((start, prefix)), wanted, {}).left == ()
    assert prefix == 32 or lay_out(IPv4Network((start, prefix + 1)), wanted, {}).left != ()


@given(wishes, wishes)
def test_what_stands_stays_when_more_is_wished_for(first: dict[str, int], more: dict[str, int]) -> None:
    standing = lay_out(BLOCK, first, {}).placed
    later = {f"later-{name}": prefix for name, prefix in more.items()}
    laid = lay_out(BLOCK, later | first, standing)
    assert {name: laid.placed[name] for name in standing} == dict(standing)
    assert not any(one.overlaps(other) for one, other in combinations(laid.placed.values(), 2))


def test_a_hole_is_filled_at_its_boundary() -> None:
    taken = [IPv4Network("10.0.0.0/28"), IPv4Network("10.0.0.32/27")]
    assert lowest_free(BLOCK, 28, taken) == IPv4Network("10.0.0.16/28")
    assert lowest_free(BLOCK, 27, taken) == IPv4Network("10.0.0.64/27")
    assert lowest_free(IPv4Network("10.0.0.0/26"), 27, taken) is None
