"""Rating: one line a price version, one rounding a line, exact from any order of its inputs."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import OverlappingHoldings, OverlappingPrices
from billing.rating import Holding, Line, Price, PriceUnit, Uncharged, Use, rate, segments_of
from billing.rating.exact import ExactSum, from_quanta, quanta
from foundation.evidence import canonical_bytes
from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval
from foundation.values.month import Month

MARCH = Month(2026, 3)
START, END = MARCH.interval.start, MARCH.interval.end
CHANGE = datetime(2026, 3, 15, 16, tzinfo=UTC)
"""2026-03-16 00:00 in Shanghai."""


def price(
    id_: str,
    meter: str,
    yuan: str,
    *,
    unit: PriceUnit = PriceUnit.PER_MONTH,
    start: datetime = START - timedelta(days=60),
    end: datetime | None = None,
) -> Price:
    return Price(id_, "cloud-host", meter, unit, Decimal(yuan), start, end, True, Decimal("0.06"), "contract:C-1")


def holding(
    resource: str, *, system: str = "s1", plan: str = "p1", opened: datetime = START, closed: datetime | None = None
) -> Holding:
    return Holding(resource, "hrss", system, "project", "general", "cloud-host", plan, opened, closed)


PRICES = (
    price("old/vcpu", "vcpu", "48.00", end=CHANGE),
    price("new/vcpu", "vcpu", "45.60", start=CHANGE),
    price("old/cpu", "cpu-seconds", "0.00001", unit=PriceUnit.PER_UNIT),
)


def use(resource: str, meter: str, start: datetime, quantity: str) -> Use:
    return Use("hrss", resource, meter, start, Decimal(quantity))


def test_a_unit_held_the_whole_month_costs_the_monthly_price() -> None:
    uses = [use("vm", "memory", START, str(4 * MARCH.seconds))]
    rated = rate(
        segments_of(uses, [holding("vm")], [price("m", "memory", "21.50")], MARCH),
        [holding("vm")],
        [price("m", "memory", "21.50")],
        MARCH,
    )
    assert [line.amount for line in rated.lines] == [8600]


def test_a_price_change_gives_two_lines_each_rounded_once() -> None:
    uses = [
        use("vm", "vcpu", START, str(2 * 15 * 86400)),
        use("vm", "vcpu", CHANGE, str(2 * 16 * 86400)),
    ]
    rated = rate(segments_of(uses, [holding("vm")], PRICES, MARCH), [holding("vm")], PRICES, MARCH)
    # 2 × 15/31 × 48.00 = 46.4516…, 2 × 16/31 × 45.60 = 47.0709…
    assert [(line.price_version, line.amount) for line in rated.lines] == [("old/vcpu", 4645), ("new/vcpu", 4707)]
    assert [line.period for line in rated.lines] == [Interval(START, CHANGE), Interval(CHANGE, END)]


def test_resources_of_one_system_share_a_line_that_names_them_all() -> None:
    held = [holding("b"), holding("a"), holding("c", system="s2")]
    uses = [use(name, "cpu-seconds", START, "50") for name in "abc"]
    rated = rate(segments_of(uses, held, PRICES, MARCH), held, PRICES, MARCH)
    assert [(line.number, line.system, line.resources, line.amount) for line in rated.lines] == [
        (1, "s1", ("a", "b"), 0),
        (2, "s2", ("c",), 0),
    ]


def test_half_a_fen_goes_up_and_only_the_sum_is_rounded() -> None:
    held = [holding("a"), holding("b")]
    uses = [use("a", "cpu-seconds", START, "250"), use("b", "cpu-seconds", START, "250")]
    rated = rate(segments_of(uses, held, PRICES, MARCH), held, PRICES, MARCH)
    assert rated.charged == 1  # 0.0025 + 0.0025 yuan = half a fen


def test_use_without_an_open_register_entry_is_shown_and_not_charged() -> None:
    held = [holding("vm", opened=CHANGE)]
    uses = [use("vm", "vcpu", START, "10"), use("ghost", "vcpu", START, "5")]
    rated = rate(segments_of(uses, held, PRICES, MARCH), held, PRICES, MARCH)
    assert rated.lines == ()
    assert [(left.reason, left.resource, left.quantity) for left in rated.uncharged] == [
        ("unregistered", "ghost", Decimal(5)),
        ("unregistered", "vm", Decimal(10)),
    ]


def test_a_gap_between_price_versions_is_told_from_a_meter_never_priced() -> None:
    prices = [price("late/vcpu", "vcpu", "45.60", start=CHANGE)]
    held = [holding("vm")]
    uses = [use("vm", "vcpu", START, "10"), use("vm", "temperature", START, "10")]
    rated = rate(segments_of(uses, held, prices, MARCH), held, prices, MARCH)
    assert [(left.reason, left.meter) for left in rated.uncharged] == [
        ("price-gap", "vcpu"),
        ("unpriced", "temperature"),
    ]


def test_use_of_another_month_is_not_charged() -> None:
    uses = [use("vm", "vcpu", START - timedelta(seconds=1), "10"), use("vm", "vcpu", END, "10")]
    assert segments_of(uses, [holding("vm", opened=START - timedelta(days=9))], PRICES, MARCH) == ()


def test_overlapping_price_versions_are_refused() -> None:
    with pytest.raises(OverlappingPrices):
        segments_of([], [], [price("a", "vcpu", "1"), price("b", "vcpu", "2", start=CHANGE)], MARCH)


def test_a_resource_registered_twice_at_once_is_refused() -> None:
    with pytest.raises(OverlappingHoldings):
        segments_of([], [holding("vm"), holding("vm", opened=CHANGE)], [], MARCH)


def test_a_resized_resource_is_charged_under_each_plan_it_had() -> None:
    held = [holding("vm", closed=CHANGE), holding("vm", plan="p2", opened=CHANGE)]
    uses = [use("vm", "cpu-seconds", START, "1000"), use("vm", "cpu-seconds", CHANGE, "2000")]
    rated = rate(segments_of(uses, held, PRICES, MARCH), held, PRICES, MARCH)
    assert [(line.plan, line.amount) for line in rated.lines] == [("p1", 1), ("p2", 2)]


# An oracle that shares nothing with the code above: record by record, each at the price of its start.

RESOURCES = tuple(f"vm-{number}" for number in range(4))
HELD = (
    holding("vm-0"),
    holding("vm-1", system="s2", closed=CHANGE - timedelta(days=3)),
    holding("vm-2", opened=START + timedelta(days=5), closed=CHANGE + timedelta(days=2)),
    holding("vm-2", plan="p2", opened=CHANGE + timedelta(days=2)),
)
quantities = st.integers(0, 10**13).map(lambda units: Decimal(units).scaleb(-6))
use_lists = st.lists(
    st.builds(
        Use,
        st.just("hrss"),
        st.sampled_from(RESOURCES),
        st.sampled_from(["vcpu", "cpu-seconds", "unheard-of"]),
        st.integers(0, MARCH.seconds - 1).map(lambda second: START + timedelta(seconds=second)),
        quantities,
    ),
    max_size=40,
)


def oracle(uses: list[Use]) -> dict[tuple[str, str, str, str], int]:
    """(system, plan, meter, price version) → fen."""
    exact = Context(prec=400)
    yuan: dict[tuple[str, str, str, str], Fraction] = {}
    for each in uses:
        for held in HELD:
            if held.resource != each.resource or each.start < held.opened:
                continue
            if held.closed is not None and each.start >= held.closed:
                continue
            for tariff in PRICES:
                ended = tariff.end is not None and each.start >= tariff.end
                if tariff.meter != each.meter or each.start < tariff.start or ended:
                    continue
                amount = Fraction(each.quantity) * Fraction(tariff.price)
                if tariff.unit is PriceUnit.PER_MONTH:
                    amount /= 31 * 86400
                key = (held.system, held.plan, each.meter, tariff.id)
                yuan[key] = yuan.get(key, Fraction(0)) + amount
    with localcontext(exact):
        return {
            key: int((Decimal(amount.numerator) * 100 / amount.denominator).quantize(Decimal(1), ROUND_HALF_UP))
            for key, amount in yuan.items()
        }


@given(use_lists, st.randoms(use_true_random=False))
def test_every_line_agrees_with_the_record_by_record_oracle_in_any_order(
    uses: list[Use], chance: random.Random
) -> None:
    rated = rate(segments_of(uses, HELD, PRICES, MARCH), HELD, PRICES, MARCH)
    assert {(line.system, line.plan, line.meter, line.price_version): line.amount for line in rated.lines} == oracle(
        uses
    )

    shuffled, held, tariff = list(uses), list(HELD), list(PRICES)
    for each in (shuffled, held, tariff):
        chance.shuffle(each)
    segments = list(segments_of(shuffled, held, tariff, MARCH))
    chance.shuffle(segments)
    assert canonical_bytes(rate(segments, held, tariff, MARCH)) == canonical_bytes(rated)


@given(use_lists)
def test_no_quantity_is_lost_between_records_lines_and_what_is_not_charged(uses: list[Use]) -> None:
    rated = rate(segments_of(uses, HELD, PRICES, MARCH), HELD, PRICES, MARCH)
    shown: list[Line | Uncharged] = [*rated.lines, *rated.uncharged]
    assert sum(Fraction(each.quantity) for each in shown) == sum(Fraction(each.quantity) for each in uses)
    assert sum(each.records for each in shown) == len(uses)


@pytest.fixture
def local_time_is_new_york() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "America/New_York"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def test_the_machines_time_zone_does_not_reach_a_line(local_time_is_new_york: None) -> None:
    uses = [use("vm", "cpu-seconds", START, "1000"), use("vm", "cpu-seconds", END - timedelta(seconds=1), "1")]
    (line,) = rate(segments_of(uses, [holding("vm")], PRICES, MARCH), [holding("vm")], PRICES, MARCH).lines
    assert line.records == 2
    assert canonical_bytes(line.period) == b'{"end":"2026-03-31T16:00:00Z","start":"2026-02-28T16:00:00Z"}'


@given(st.lists(st.integers(-(10**20) + 1, 10**20 - 1), max_size=20))
def test_sums_are_exact_whatever_the_decimal_context_is(units: list[int]) -> None:
    total = ExactSum()
    with localcontext(Context(prec=3)):
        for each in units:
            total.add(from_quanta(each))
        assert quanta(total.value) == sum(units)


@pytest.mark.parametrize("text", ["0.0000001", "NaN", "Infinity"])
def test_a_quantity_that_is_no_whole_number_of_quanta_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        quanta(Decimal(text))
