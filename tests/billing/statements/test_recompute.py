"""A statement is a pure function of its inputs: same bytes from any order, and nothing of another agency in it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rating import Holding, Price, PriceUnit, Segment, Use, segments_of
from billing.statements import (
    DeductionTerms,
    RootReference,
    ServiceAvailability,
    StatementInputs,
    digest,
    document,
    recompute,
)
from foundation.evidence import canonical_bytes, canonical_text
from foundation.values.month import Month
from governance.sla import MinuteCounts, Tier

MARCH = Month(2026, 3)
START, END = MARCH.interval.start, MARCH.interval.end
CHANGE = datetime(2026, 3, 15, 16, tzinfo=UTC)
TERMS = DeductionTerms(
    "scheme-1",
    (Tier(Decimal("0.95"), Decimal("1.00")), Tier(Decimal("0.99"), Decimal("0.30"))),
    Decimal("0.001"),
)
MINUTES = 44640
Value = TypeVar("Value")


def holding(resource: str, system: str, agency: str = "hrss", closed: datetime | None = None) -> Holding:
    return Holding(resource, agency, system, "project", "general", "cloud-host", "p1", START, closed)


HOLDINGS = (holding("vm-1", "s1"), holding("vm-2", "s2"), holding("vm-3", "s9", agency="housing"))
PRICES = tuple(
    Price(id_, "cloud-host", meter, unit, Decimal(yuan), start, end, True, Decimal("0.06"), "contract:C-1")
    for id_, meter, unit, yuan, start, end in (
        ("p1/vcpu", "vcpu", PriceUnit.PER_MONTH, "48.00", START - timedelta(days=90), CHANGE),
        ("p2/vcpu", "vcpu", PriceUnit.PER_MONTH, "45.60", CHANGE, None),
        ("p1/cpu", "cpu-seconds", PriceUnit.PER_UNIT, "0.00001", START - timedelta(days=90), None),
    )
)
USES = tuple(
    Use(agency, resource, meter, start, Decimal(quantity))
    for agency, resource, meter, start, quantity in (
        ("hrss", "vm-1", "vcpu", START, "2592000"),
        ("hrss", "vm-1", "vcpu", CHANGE, "2764800"),
        ("hrss", "vm-2", "vcpu", START, "1296000"),
        ("hrss", "vm-2", "cpu-seconds", CHANGE, "123456.789012"),
        ("hrss", "ghost", "vcpu", START, "1"),
        ("housing", "vm-3", "vcpu", START, "1296000"),
    )
)
NAMES = {
    "system:s1": {"zh": "社保", "en": "Insurance"},
    "system:s9": {"zh": "住建", "en": "Housing"},
    "service:cloud-host": {"zh": "云主机", "en": "Cloud host"},
    "meter:cloud-host/vcpu": {"zh": "虚拟处理器", "en": "vCPU", "unit_zh": "vCPU·月", "unit_en": "vCPU·month"},
}


def availability(up: int, unknown: int = 0) -> ServiceAvailability:
    return ServiceAvailability("cloud-host", MinuteCounts(up, MINUTES - up - unknown, unknown, 0))


def inputs(*measured: ServiceAvailability) -> StatementInputs:
    return StatementInputs(
        agency="hrss",
        month=MARCH,
        contract="C-1",
        version=1,
        supersedes="",
        segments=segments_of(USES, HOLDINGS, PRICES, MARCH),
        holdings=HOLDINGS,
        prices=PRICES,
        terms=TERMS,
        availability=measured,
        days=(RootReference("usage-2026-03-01.v1", "a" * 64), RootReference("usage-2026-03-02.v1", "b" * 64)),
        sli=(RootReference("sli-2026-03-01.v1", "c" * 64),),
        names=NAMES,
        code_version="0.1.0",
    )


@given(st.randoms(use_true_random=False))
def test_shuffled_inputs_give_identical_bytes(chance: random.Random) -> None:
    def shuffled(values: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(chance.sample(values, len(values)))

    one = inputs(availability(44000))
    other = replace(
        one,
        segments=shuffled(one.segments),
        holdings=shuffled(one.holdings),
        prices=shuffled(one.prices),
        terms=replace(TERMS, tiers=shuffled(TERMS.tiers)),
        days=shuffled(one.days),
        names=dict(shuffled(tuple(NAMES.items()))),
    )
    assert canonical_bytes(document(recompute(other))) == canonical_bytes(document(recompute(one)))


def test_nothing_of_another_agency_is_in_the_document() -> None:
    text = canonical_text(document(recompute(inputs())))
    assert not any(word in text for word in ("housing", "vm-3", "s9", "住建"))


def test_totals_are_the_sums_of_their_lines() -> None:
    statement = recompute(inputs(availability(44000)))
    assert statement.charged == sum(line.amount for line in statement.lines)
    assert statement.deducted == sum(each.amount for each in statement.deductions) < 0
    assert statement.payable == statement.charged + statement.deducted


def test_a_deduction_is_a_line_of_its_own_for_each_system_rounded_once() -> None:
    statement = recompute(inputs(availability(44000)))  # 44000/44640 < 0.99
    assert [each.number for each in statement.deductions] == [
        len(statement.lines) + 1,
        len(statement.lines) + 2,
    ]
    for each in statement.deductions:
        base = sum(line.amount for line in statement.lines if line.system == each.system)
        exact = Fraction(base) * Fraction(3, 10)
        assert (each.base, each.availability, each.share) == (base, "275/279", Decimal("0.30"))
        assert abs(Fraction(-each.amount) - exact) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("up", "unknown", "deducted"), [(44640, 0, False), (44640 - 446, 0, False), (44000, 640, True)]
)
def test_only_availability_under_a_tier_is_deducted(up: int, unknown: int, deducted: bool) -> None:
    assert bool(recompute(inputs(availability(up, unknown))).deductions) is deducted


def test_a_charged_service_without_evidence_is_named() -> None:
    assert recompute(inputs()).unmeasured == ("cloud-host",)
    assert recompute(inputs(availability(44640))).unmeasured == ()


def test_use_of_an_unregistered_resource_is_shown() -> None:
    (left,) = recompute(inputs()).uncharged
    assert (left.reason, left.resource) == ("unregistered", "ghost")


def test_what_ends_after_the_month_does_not_change_the_bill() -> None:
    """A price ended or a resource closed later is no change of this month (promise 4)."""
    one = inputs()
    later = replace(
        one,
        prices=(*PRICES[:1], replace(PRICES[1], end=END + timedelta(days=3)), PRICES[2]),
        holdings=(replace(HOLDINGS[0], closed=END + timedelta(days=9)), *HOLDINGS[1:]),
    )
    assert digest(document(recompute(later))) == digest(document(recompute(one)))


@pytest.mark.parametrize(
    "change",
    [
        {"prices": (replace(PRICES[0], price=Decimal("48.01")), *PRICES[1:])},
        {"terms": replace(TERMS, grace=Decimal("0.002"))},
        {"holdings": (replace(HOLDINGS[0], plan="p2"), *HOLDINGS[1:])},
        {"days": (RootReference("usage-2026-03-01.v2", "a" * 64),)},
        {"version": 2},
        {"code_version": "0.1.1"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_changed_input_changes_the_digest(change: dict[str, object]) -> None:
    changed = replace(inputs(), **change)  # type: ignore[arg-type]
    assert digest(document(recompute(changed))) != digest(document(recompute(inputs())))


@given(st.integers(0, len(USES) - 3), st.integers(1, 10**9))
def test_one_changed_quantity_changes_the_digest(index: int, more: int) -> None:
    one = inputs()
    segments: list[Segment] = [each for each in one.segments if each.agency == "hrss"]
    segments[index] = replace(segments[index], quantity=segments[index].quantity + Decimal(more).scaleb(-6))
    assert digest(document(recompute(replace(one, segments=tuple(segments))))) != digest(document(recompute(one)))
