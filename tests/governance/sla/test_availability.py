"""Availability is exact, unknown never counts as available, and a border belongs to the better tier."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from foundation.values.errors import InvalidValue
from governance.sla import Availability, MinuteCounts, Tier, deduction_share, grace_minutes, tier_of

TIERS = (
    Tier(Decimal("0.95"), Decimal("1.00")),
    Tier(Decimal("0.99"), Decimal("0.30")),
    Tier(Decimal("0.9995"), Decimal("0.10")),
)
GRACE = Decimal("0.001")
MARCH = 31 * 1440

minutes = st.integers(min_value=0, max_value=MARCH)
graces = st.sampled_from([Decimal(0), Decimal("0.001"), Decimal("0.01"), Decimal("0.5"), Decimal(1)])
counts = st.builds(MinuteCounts, minutes, minutes, minutes, minutes)


def judge(up: int, down: int = 0, unknown: int = 0, excluded: int = 0, grace: Decimal = GRACE) -> Availability:
    return deduction_share(MinuteCounts(up, down, unknown, excluded), TIERS, grace)


@pytest.mark.parametrize(
    ("up", "down", "share"),
    [
        (10_000, 0, "0"),
        (9_995, 5, "0"),  # exactly 99.95 %: not below
        (9_994, 6, "0.10"),
        (9_900, 100, "0.10"),
        (9_899, 101, "0.30"),
        (9_500, 500, "0.30"),
        (9_499, 501, "1.00"),
        (0, 10_000, "1.00"),
    ],
)
def test_availability_at_a_border_falls_in_the_better_tier(up: int, down: int, share: str) -> None:
    assert judge(up, down).share == Decimal(share)


def test_a_share_that_rounds_to_the_border_is_still_below_it() -> None:
    """99.94999… % prints as 99.95 % at any usual number of places."""
    judged = judge(19_989_999_999, 10_000_001)
    assert f"{float(judged.value or 0):.6%}" == "99.950000%"
    assert judged.share == Decimal("0.10")


def test_the_order_of_the_tiers_is_of_no_matter() -> None:
    assert tier_of(Fraction(1, 2), TIERS) == tier_of(Fraction(1, 2), TIERS[::-1]) == TIERS[0]


def test_grace_is_the_whole_part_of_its_share() -> None:
    assert grace_minutes(MARCH, GRACE) == 44  # 44.64
    assert grace_minutes(999, GRACE) == 0


def test_unknown_is_left_out_within_the_grace_and_down_beyond_it() -> None:
    assert judge(MARCH - 44, unknown=44).value == 1
    assert judge(MARCH - 45, unknown=45).value == Fraction(MARCH - 45, MARCH - 44)


def test_a_month_nobody_watched_is_no_month_available() -> None:
    assert judge(0, unknown=MARCH).value == 0
    assert judge(0, unknown=MARCH).share == 1


def test_where_every_minute_is_excluded_nothing_is_judged_and_nothing_deducted() -> None:
    judged = judge(0, excluded=MARCH)
    assert (judged.value, judged.coverage, judged.share) == (None, None, 0)


def test_coverage_is_the_known_part_of_what_is_not_excluded() -> None:
    assert judge(90, 5, unknown=5, excluded=900).coverage == Fraction(95, 100)


def test_a_grace_that_is_no_share_is_refused() -> None:
    with pytest.raises(InvalidValue):
        judge(1, grace=Decimal("1.1"))


@given(counts, graces)
def test_availability_is_a_share_and_its_deduction_one_of_the_tiers(given_counts: MinuteCounts, grace: Decimal) -> None:
    judged = deduction_share(given_counts, TIERS, grace)
    assert judged.value is None or 0 <= judged.value <= 1
    assert judged.share in {Decimal(0), *(tier.deduction for tier in TIERS)}


@given(counts, graces)
def test_a_minute_lost_never_helps(given_counts: MinuteCounts, grace: Decimal) -> None:
    """Up becomes down, or unknown: availability does not rise, the deduction does not fall."""
    assume(given_counts.up > 0)
    before = deduction_share(given_counts, TIERS, grace)
    down = MinuteCounts(given_counts.up - 1, given_counts.down + 1, given_counts.unknown, given_counts.excluded)
    unknown = MinuteCounts(given_counts.up - 1, given_counts.down, given_counts.unknown + 1, given_counts.excluded)
    for worse in (down, unknown):
        after = deduction_share(worse, TIERS, grace)
        assert after.value is None or before.value is None or after.value <= before.value
        assert after.value is None or after.share >= before.share


@given(counts, graces)
def test_unknown_beyond_the_grace_is_no_better_than_down(given_counts: MinuteCounts, grace: Decimal) -> None:
    assume(given_counts.unknown > grace_minutes(given_counts.total, grace))
    down = MinuteCounts(given_counts.up, given_counts.down + 1, given_counts.unknown - 1, given_counts.excluded)
    assert deduction_share(down, TIERS, grace).value == deduction_share(given_counts, TIERS, grace).value
