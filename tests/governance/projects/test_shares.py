"""Money split by shares sums to the last fen, and each part is the nearest there is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from governance.projects import BusinessSystem, FundSource, Participant, SystemUser, split_by_agency, split_cost
from governance.projects.shares import CodedShare, sum_to_one
from tests.governance.projects.conftest import CODING, STATED


@st.composite
def whole(draw: st.DrawFn, most: int = 6) -> list[Decimal]:
    """Positive shares of up to eight digits that sum to exactly one."""
    count = draw(st.integers(1, most))
    cuts = sorted(draw(st.sets(st.integers(1, 10**8 - 1), min_size=count - 1, max_size=count - 1)))
    return [Decimal(b - a) / 10**8 for a, b in zip([0, *cuts], [*cuts, 10**8], strict=True)]


@given(whole(), whole(), st.integers(0, 10**15))
def test_a_projects_cost_is_split_to_the_last_fen(agencies: list[Decimal], funds: list[Decimal], total: int) -> None:
    project = replace(
        STATED,
        participants=tuple(Participant(f"a{i}", share) for i, share in enumerate(agencies)),
        funds=tuple(FundSource(f"f{i}", share) for i, share in enumerate(funds)),
    )
    parts = split_cost(project, total)
    assert sum(part.fen for part in parts) == total
    for part in parts:
        exact = Fraction(agencies[int(part.agency[1:])]) * Fraction(funds[int(part.fund[1:])]) * total
        assert abs(part.fen - exact) < 1


@given(whole(4), st.integers(0, 10**12))
def test_a_coded_source_is_split_over_its_codes(codes: list[Decimal], total: int) -> None:
    coded = [CodedShare("一般公共预算", str(i), share) for i, share in enumerate(codes)]
    parts = split_cost(STATED, total, coded)
    assert sum(part.fen for part in parts) == total
    assert {part.subject_code for part in parts if part.fund == "专项资金"} == {""}


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=8), st.integers(0, 10**12))
def test_a_shared_systems_cost_is_split_to_the_last_fen(weights: list[int], total: int) -> None:
    users = tuple(SystemUser(f"a{i}", Decimal(weight) / 10**8) for i, weight in enumerate(weights))
    system = BusinessSystem("s", "s", "s", "lead", "P", "f", users)
    parts = split_by_agency(system, total)
    assert sum(parts.values()) == total
    assert next(iter(parts)) == "lead"


@given(whole())
def test_shares_of_a_whole_sum_to_one_and_a_missing_quantum_is_seen(parts: list[Decimal]) -> None:
    assert sum_to_one(parts)
    assert not sum_to_one([*parts[:-1], parts[-1] - Decimal("0.00000001")])


def test_the_codes_of_the_example_split_an_odd_fen() -> None:
    parts = split_cost(STATED, 101, CODING.coded)
    assert sum(part.fen for part in parts) == 101
    assert len(parts) == 6
