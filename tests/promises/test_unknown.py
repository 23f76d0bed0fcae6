"""Promise 8: unknown is never counted as available, in no form: not as a minute, a day, or a month never sealed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.statements import ServiceAvailability, StatementInputs, recompute
from billing.statements.drawing import inputs_of
from billing.statements.tables import all_statements
from foundation.values.month import day_interval
from governance.authority import machine_scope
from governance.sla import Check, MinuteCounts, Tier, count_minutes, day_states, deduction_share
from tests.billing.conftest import MARCH
from tests.promises.city import City

MINUTES = MARCH.seconds // 60


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    """As a scheme may have them: rising, the lower the availability the more is deducted."""
    borders = sorted(draw(st.sets(st.integers(1, 10_000), max_size=5)))
    costs = sorted(draw(st.lists(st.integers(0, 100), min_size=len(borders), max_size=len(borders))), reverse=True)
    return tuple(Tier(Decimal(b).scaleb(-4), Decimal(c).scaleb(-2)) for b, c in zip(borders, costs, strict=True))


_COUNT = st.integers(0, 50_000)


@given(_COUNT, _COUNT, _COUNT, _COUNT, st.data(), tiers(), st.integers(0, 100))
def test_up_that_becomes_unknown_never_lowers_the_deduction(
    up: int, down: int, unknown: int, excluded: int, data: st.DataObject, scheme: tuple[Tier, ...], grace: int
) -> None:
    lost = data.draw(st.integers(0, up))
    share = Decimal(grace).scaleb(-4)
    before = deduction_share(MinuteCounts(up, down, unknown, excluded), scheme, share)
    after = deduction_share(MinuteCounts(up - lost, down, unknown + lost, excluded), scheme, share)
    if up - lost or down or unknown + lost > after.grace:
        assert after.share >= before.share
    if before.value is not None and after.value is not None:
        assert after.value <= before.value


@given(_COUNT, _COUNT, _COUNT, st.integers(0, 100))
def test_unknown_gains_at_most_the_grace(up: int, down: int, unknown: int, grace: int) -> None:
    judged = deduction_share(MinuteCounts(up, down, unknown, 0), (), Decimal(grace).scaleb(-4))
    if judged.value is not None:
        assert judged.value <= Fraction(up, max(1, up + down + unknown - judged.grace))
        assert judged.value.numerator <= up


@given(st.sets(st.integers(0, 1439), max_size=60), st.sets(st.integers(0, 1439), max_size=60))
def test_a_minute_nobody_looked_at_is_unknown(good: set[int], bad: set[int]) -> None:
    day = next(MARCH.days())
    start = day_interval(day).start
    checks = [
        Check(start + timedelta(minutes=minute), ok) for ok, some in ((True, good), (False, bad)) for minute in some
    ]
    states = day_states(day, checks)
    assert {minute for minute, state in enumerate(states) if state == "u"} == good
    assert {minute for minute, state in enumerate(states) if state == "?"} == set(range(1440)) - good - bad


@pytest.fixture
def inputs(city: City) -> StatementInputs:
    """What the statement of hrss was computed from."""
    with city.store.reading() as transaction:
        (row,) = [each for each in all_statements(transaction, machine_scope()) if each.agency == "hrss"]
        return inputs_of(transaction, machine_scope(), city.statements, row)


def payable(inputs: StatementInputs, *counts: MinuteCounts) -> int:
    """What would be paid with these minutes of the service."""
    measured = tuple(ServiceAvailability("cloud-host", each) for each in counts)
    return recompute(replace(inputs, availability=measured)).payable


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(up=st.integers(0, MINUTES), data=st.data())
def test_no_loss_of_evidence_raises_what_is_paid(inputs: StatementInputs, up: int, data: st.DataObject) -> None:
    lost = data.draw(st.integers(0, up))
    known = MinuteCounts(up, MINUTES - up, 0, 0)
    assert payable(inputs, MinuteCounts(up - lost, MINUTES - up, lost, 0)) <= payable(inputs, known)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sealed=st.integers(0, 31), down=st.integers(0, 1440))
def test_a_day_that_was_never_sealed_pays_as_a_day_of_unknown(inputs: StatementInputs, sealed: int, down: int) -> None:
    """Otherwise the operator would leave out the bad days."""
    bad = min(down, sealed * 1440)
    there = MinuteCounts(sealed * 1440 - bad, bad, 0, 0)
    missing = MinuteCounts(unknown=MINUTES - there.total)
    assert payable(inputs, there) == payable(inputs, there + missing)
    assert payable(inputs, there) <= payable(inputs, MinuteCounts(there.up + missing.unknown, bad, 0, 0))


def test_a_month_of_one_good_day_is_not_paid_as_a_good_month(inputs: StatementInputs) -> None:
    one_day = count_minutes("u" * 1440)
    assert payable(inputs, one_day) < payable(inputs, MinuteCounts(MINUTES, 0, 0, 0))


def test_a_charged_service_nobody_measured_is_named_in_the_bill(inputs: StatementInputs) -> None:
    assert "cloud-host" in recompute(replace(inputs, availability=())).unmeasured
