"""Names are distinct, valid, deterministic, and do not move when others come or go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.environments.model import NAME
from takeover.names import names_for

originals = st.sets(st.one_of(st.text(max_size=60), st.text("aAbB-_ 1ß社", max_size=5)), max_size=30)


@given(originals, st.integers(33, 40))
def test_every_original_gets_a_valid_name_of_its_own(names: set[str], longest: int) -> None:
    made = names_for(names, longest=longest)
    assert set(made) == names
    assert len(set(made.values())) == len(names)
    assert all(NAME.fullmatch(name) and len(name) <= longest for name in made.values())


@given(originals, st.randoms())
def test_order_does_not_matter(names: set[str], random: object) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert names_for(shuffled) == names_for(sorted(names))


@given(st.sets(st.text(max_size=30), min_size=1), st.text(max_size=30))
def test_a_newcomer_renames_nobody_unless_only_case_parts_them(names: set[str], newcomer: str) -> None:
    if any(newcomer.casefold() == name.casefold() for name in names):
        return
    before, after = names_for(names), names_for({*names, newcomer})
    assert all(after[name] == before[name] for name in names)


@given(originals)
def test_made_names_are_used_up_by_reserved_ones(names: set[str]) -> None:
    first = names_for(names)
    second = names_for(names, reserved=first.values())
    assert not set(first.values()) & set(second.values())


@pytest.mark.parametrize("name", ["web-01", "ab", "a" * 40])
def test_a_good_name_is_kept(name: str) -> None:
    assert names_for([name])[name] == name


def test_case_alone_needs_no_suffix() -> None:
    assert names_for(["BOWSQL14"]) == {"BOWSQL14": "bowsql14"}


def test_chinese_and_odd_names_are_marked_by_their_own_digest() -> None:
    made = names_for(["社保数据库-01", "Aster Queen", "wtestautopro- RIP", "1"])
    assert all(NAME.fullmatch(name) for name in made.values())
    assert made["Aster Queen"].startswith("aster-queen-")
    assert made["社保数据库-01"].startswith("n-01-")
