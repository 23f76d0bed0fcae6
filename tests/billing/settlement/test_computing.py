"""payable = ((Σ metered − deductions) + service items + accepted outcomes) × coefficient + tax − withheld."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.items.model import Acceptance, Criterion, Item, ItemKind, item_digest
from billing.items.pricing import PricedItem, price_item
from billing.rating.model import Price, PriceUnit
from billing.settlement import (
    CeilingExceeded,
    ContractTerms,
    Grade,
    GradeStep,
    LineKind,
    SettlementInputs,
    StatementPart,
    apportion,
    coefficient_of,
    compute,
    digest,
    document,
    part_of,
)
from billing.settlement.model import Bearer, Charge
from foundation.values.money import shares
from foundation.values.month import Month

MARCH = Month(2026, 3)
STEPS = tuple(
    GradeStep(at_least, Decimal(coefficient))
    for at_least, coefficient in ((90, "1.00"), (75, "0.95"), (60, "0.90"), (0, "0.80"))
)
TERMS = ContractTerms("C-1", "文号1", "bureau", "operator", "finance", 10**12, "scheme", STEPS, withheld=Decimal("0.3"))
SIX, NONE = Decimal("0.06"), Decimal(0)


def bearer(agency: str, fund: str = "general") -> Bearer:
    return Bearer(agency, f"{agency}-system", f"{agency}-project", fund)


def part(agency: str, *charges: Charge) -> StatementPart:
    return StatementPart(f"US-{agency}-2026-03", 1, agency, "0" * 64, "confirmed", (), charges)


def inputs(*statements: StatementPart, items: tuple[PricedItem, ...] = (), points: int = 88) -> SettlementInputs:
    grade = Grade(MARCH, points, "1" * 64)
    return SettlementInputs(TERMS, MARCH, 1, statements, items, grade, 0, {})


def outcome(accepted: str | None, *, price: str = "380000", share: str = "0.4") -> PricedItem:
    criterion = Criterion("七天无差错", "日志", "0", Decimal(share), "housing")
    item = Item(
        "B-1", "C-1", MARCH, ItemKind.OUTCOME, "housing", "s", "p", "f", "build", "milestone", Decimal(1), "一", (),
        criterion,
    )  # fmt: skip
    start = datetime(2026, 1, 1, tzinfo=UTC)
    version = Price("V", "build", "milestone", PriceUnit.PER_UNIT, Decimal(price), start, None, True, SIX, "c")
    acceptance = accepted and Acceptance("B-1", item_digest(item), Decimal(accepted), "0", "housing", start)
    return price_item(item, acceptance or None, [version])


def test_the_order_of_the_formula() -> None:
    """(1,000.00 − 100.00 + 152,000.00) × 0.95, tax inside, 30 % withheld."""
    charge = Charge(bearer("hrss"), True, SIX, 100_000, -10_000)
    found = compute(inputs(part("hrss", charge), items=(outcome("1"),)))
    base = 90_000 + 15_200_000
    assert found.totals.coefficient == -764_500
    assert found.totals.gross == base - 764_500
    assert found.totals.withheld == 4_357_650
    assert found.totals.payable == found.totals.gross - found.totals.withheld
    assert found.totals.tax == 0
    assert found.totals.tax_contained == 822_198  # 14,525,500 × 6/106
    assert [line.kind.value for line in found.lines] == [
        "usage", "deduction", "outcome-item", "coefficient", "withheld"
    ]  # fmt: skip


def test_tax_on_top_is_a_line_a_rate() -> None:
    nine = Decimal("0.09")
    charges = (Charge(bearer("a"), False, SIX, 10_000, 0), Charge(bearer("a"), False, nine, 20_000, 0))
    found = compute(inputs(part("a", *charges), points=95))
    assert [line.amount for line in found.lines if line.kind is LineKind.TAX] == [600, 1800]
    assert found.totals.gross == 32_400
    assert found.totals.tax_contained == 0


def test_an_outcome_not_accepted_stands_there_with_nothing() -> None:
    found = compute(inputs(items=(outcome(None),), points=95))
    assert next((line.kind, line.amount) for line in found.lines) == (LineKind.OUTCOME_ITEM, 0)
    assert found.totals.payable == 0


def test_a_partial_acceptance_pays_its_share() -> None:
    assert outcome("0.75").amount == 11_400_000
    assert outcome("0.75").factor == Decimal("0.3")


@pytest.mark.parametrize(
    ("points", "coefficient"), [(100, "1"), (90, "1"), (89, "0.95"), (75, "0.95"), (74, "0.9"), (59, "0.8"), (0, "0.8")]
)
def test_grades_become_coefficients_at_their_steps(points: int, coefficient: str) -> None:
    assert coefficient_of(points, reversed(STEPS)) == Decimal(coefficient)


def test_never_above_the_ceiling() -> None:
    given_ = inputs(part("hrss", Charge(bearer("hrss"), True, SIX, 100, 0)), points=95)
    at = replace(given_, contract=replace(TERMS, ceiling=1_000), settled_before=900)
    assert compute(at).totals.gross == 100
    with pytest.raises(CeilingExceeded, match=r"9\.01"):
        compute(replace(at, settled_before=901))


def test_an_earlier_grade_makes_the_coefficient_provisional() -> None:
    given_ = inputs(part("hrss", Charge(bearer("hrss"), True, SIX, 100, 0)))
    assert not compute(given_).grade.provisional
    assert compute(replace(given_, grade=Grade(Month(2026, 2), 88, "1" * 64))).grade.provisional


AMOUNT = st.integers(0, 10**11)
CHARGE = st.builds(
    lambda agency, fund, includes, rate, charged, deducted: Charge(
        bearer(agency, fund), includes, rate, charged, -min(charged, deducted)
    ),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["general", "fund"]),
    st.booleans(),
    st.sampled_from([NONE, SIX, Decimal("0.13")]),
    AMOUNT,
    AMOUNT,
)


@given(st.lists(CHARGE, max_size=8), st.integers(0, 100), st.sampled_from(["0", "0.3", "0.07"]))
def test_every_part_sums_to_its_total(charges: list[Charge], points: int, withheld: str) -> None:
    given_ = inputs(part("a", *charges), points=points)
    found = compute(replace(given_, contract=replace(TERMS, withheld=Decimal(withheld), ceiling=10**15)))
    totals = found.totals
    assert sum(line.amount for line in found.lines) == totals.payable
    assert sum(each.gross for each in found.breakdown) == (totals.gross if charges else 0)
    assert sum(each.withheld for each in found.breakdown) == (totals.withheld if charges else 0)
    assert sum(each.payable for each in found.breakdown) == totals.payable
    assert [line.number for line in found.lines] == list(range(1, len(found.lines) + 1))
    assert totals.gross == sum(
        (totals.usage, totals.deductions, totals.service_items, totals.outcome_items, totals.coefficient, totals.tax)
    )


@given(st.lists(CHARGE, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_changes_no_byte(charges: list[Charge], chance: random.Random) -> None:
    parts = [part(agency, *(each for each in charges if each.bearer.agency == agency)) for agency in "abc"]
    again = [replace(each, charges=tuple(chance.sample(each.charges, len(each.charges)))) for each in parts]
    chance.shuffle(again)
    before, after = (document(compute(inputs(*each))) for each in (parts, again))
    assert digest(before) == digest(after)


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(-(10**6), 10**9), min_size=1, max_size=9))
def test_an_apportionment_loses_no_fen_and_stays_within_one(total: int, weights: list[int]) -> None:
    parts = apportion(total, weights)
    assert sum(parts) == total
    if sum(weights):
        assert all(
            abs(part_ - Fraction(total * weight, sum(weights))) < 1
            for part_, weight in zip(parts, weights, strict=True)
        )


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=9).filter(any))
def test_it_is_the_largest_remainder_method(total: int, weights: list[int]) -> None:
    assert apportion(total, weights) == shares(total, weights)


def statement(*deductions: tuple[int, str, int]) -> dict[str, object]:
    line = {"system": "s", "project": "p", "fund_source": "f", "includes_vat": True}
    return {
        "id": "US-hrss-2026-03",
        "version": 1,
        "agency": "hrss",
        "lines": [
            {**line, "number": 1, "service": "vm", "amount": 100, "vat_rate": "0.06"},
            {**line, "number": 2, "service": "vm", "amount": 300, "vat_rate": "0.09"},
            {**line, "number": 3, "service": "db", "amount": 50, "vat_rate": "0.06"},
        ],
        "deductions": [
            {**line, "number": n, "service": service, "amount": amount} for n, service, amount in deductions
        ],
    }


def test_a_deduction_takes_the_vat_of_the_lines_it_was_counted_on() -> None:
    found = part_of(statement((4, "vm", -40)), digest="d", state="confirmed")
    assert [(each.vat_rate, each.charged, each.deducted) for each in found.charges] == [
        (Decimal("0.06"), 150, -10),
        (Decimal("0.09"), 300, -30),
    ]


def test_a_disputed_line_stays_out_and_the_rest_goes_on() -> None:
    found = part_of(statement(), digest="d", state="disputed", disputed=[2])
    assert found.held == (2,)
    assert sum(each.charged for each in found.charges) == 150


def test_a_disputed_line_holds_the_deduction_counted_on_it() -> None:
    found = part_of(statement((4, "vm", -40)), digest="d", state="disputed", disputed=[2])
    assert found.held == (1, 2, 4)
    assert sum(each.charged + each.deducted for each in found.charges) == 50
