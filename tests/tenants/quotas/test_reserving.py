"""A use fits in every quota that covers it, or is refused; never more is taken than is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from foundation.values.errors import InvalidValue
from governance.authority import Office
from tenants.errors import NothingReserved, QuotaExceeded
from tenants.quotas import Amount, QuotaUse, hold, release, reserve, standing
from tenants.quotas.recounting import recount_all

AT = datetime(2026, 3, 10, tzinfo=UTC)
Publish = Callable[..., None]


def use(vcpu: int | str = 0, *, agency: str = "hrss", project: str = "P-1", region: str = "", fen: int = 0) -> QuotaUse:
    amounts = [Amount("vcpu", Decimal(vcpu), service="cloud-host")] if vcpu else []
    money = [Amount("fen_month", fen, fund_source="本级财政")] if fen else []
    return QuotaUse(agency, project, (*amounts, *money), region)


@pytest.fixture
def counted(governed: Office) -> Callable[[str], tuple[int, int]]:
    """(reserved, held) of a counter, after a recount found all of them right."""
    from tenants.quotas.tables import counters

    def read(key: str) -> tuple[int, int]:
        with governed.store.reading() as transaction:
            assert recount_all(transaction)[1] == ()
            row = counters(transaction, [key])[key]
        return row["reserved"], row["held"]

    return read


Counted = Callable[[str], tuple[int, int]]
M = 10**6


def test_what_no_quota_covers_is_not_limited(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(10**6), AT)
        assert standing(transaction, "request:2", use(10**6), AT) == ()


def test_a_use_is_reserved_then_held_then_released(governed: Office, publish: Publish, counted: Counted) -> None:
    publish({"agency": "hrss", "limits": {"vcpu": 10}})
    key = "vcpu|agency=hrss"
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(4), AT)
    assert counted(key) == (4 * M, 0)
    with governed.store.transaction() as transaction:
        hold(transaction, "request:1", AT)
        hold(transaction, "request:1", AT)
    assert counted(key) == (0, 4 * M)
    with governed.store.transaction() as transaction:
        release(transaction, "request:1", AT)
        release(transaction, "request:1", AT)
        release(transaction, "request:unknown", AT)
    assert counted(key) == (0, 0)


def test_it_must_fit_in_every_quota_that_covers_it(governed: Office, publish: Publish, counted: Counted) -> None:
    publish(
        {"agency": "hrss", "limits": {"vcpu": 10}},
        {"agency": "hrss", "project": "P-1", "service": "cloud-host", "limits": {"vcpu": 3}},
        {"limits": {"vcpu": 100}},
        {"agency": "housing", "limits": {"vcpu": 0}},
    )
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(2), AT)
        with pytest.raises(QuotaExceeded) as caught:
            reserve(transaction, "request:2", use(2), AT)
        reserve(transaction, "request:3", use(8, project="P-9"), AT)
    facts = caught.value.facts
    assert facts["quota"] == "vcpu|agency=hrss|project=P-1|service=cloud-host"
    assert (facts["limit"], facts["asked"], facts["by"]) == ("3", "2", "request:1")
    assert "2 reserved, 0 held" in caught.value.text("en")
    assert "预留 2" in caught.value.text("zh")
    assert counted("vcpu|agency=hrss") == (10 * M, 0)
    assert counted("vcpu") == (10 * M, 0)


def test_a_refusal_leaves_nothing(governed: Office, publish: Publish, counted: Counted) -> None:
    publish({"limits": {"vcpu": 10}}, {"agency": "hrss", "limits": {"vcpu": 5}})
    with pytest.raises(QuotaExceeded), governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(5), AT)
        reserve(transaction, "request:2", use(6), AT)
    assert counted("vcpu") == counted("vcpu|agency=hrss") == (0, 0)


def test_of_a_shared_quota_another_agencys_use_is_not_told(governed: Office, publish: Publish) -> None:
    publish({"limits": {"vcpu": 10}})
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(7, agency="housing"), AT)
        reserve(transaction, "request:2", use(1), AT)
        with pytest.raises(QuotaExceeded) as caught:
            reserve(transaction, "request:3", use(3), AT)
        (found,) = standing(transaction, "request:3", use(3), AT)
    said = caught.value.text("en") + caught.value.text("zh") + repr(caught.value.facts)
    assert "request:1" not in said
    assert "housing" not in said
    assert "7" not in said
    assert (found.reserved, found.held, found.own, found.fits) == (None, None, M, False)


def test_the_same_again_changes_nothing_and_other_content_takes_its_place(
    governed: Office, publish: Publish, counted: Counted
) -> None:
    publish({"agency": "hrss", "limits": {"vcpu": 10}})
    for vcpu in (6, 6, 9, 2):
        with governed.store.transaction() as transaction:
            reserve(transaction, "request:1", use(vcpu), AT)
        assert counted("vcpu|agency=hrss") == (vcpu * M, 0)


def test_a_change_reserves_only_its_growth(governed: Office, publish: Publish, counted: Counted) -> None:
    publish({"agency": "hrss", "limits": {"vcpu": 10}})
    key = "vcpu|agency=hrss"
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(6), AT)
        hold(transaction, "request:1", AT)
        reserve(transaction, "request:2", use(9), AT, replaces="request:1")
    assert counted(key) == (3 * M, 6 * M)
    with governed.store.transaction() as transaction:
        hold(transaction, "request:2", AT)
        reserve(transaction, "request:3", use(1), AT, replaces="request:2")
    assert counted(key) == (0, 9 * M)
    with governed.store.transaction() as transaction:
        hold(transaction, "request:3", AT)
        release(transaction, "request:1", AT)
        release(transaction, "request:2", AT)
    assert counted(key) == (0, M)


def test_what_holds_is_not_reserved_again_and_nothing_is_held_unreserved(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(6), AT)
        hold(transaction, "request:1", AT)
        with pytest.raises(InvalidValue):
            reserve(transaction, "request:1", use(7), AT)
        with pytest.raises(NothingReserved):
            hold(transaction, "request:2", AT)


@pytest.mark.parametrize("amount", [Amount("fen_year", 1), Amount("cpu", 1), Amount("vcpu", -1)])
def test_an_amount_nobody_can_count_is_refused(governed: Office, amount: Amount) -> None:
    with governed.store.transaction() as transaction, pytest.raises(InvalidValue):
        reserve(transaction, "request:1", replace(use(1), amounts=(amount,)), AT)


def test_parts_of_a_unit_count_exactly(governed: Office, publish: Publish) -> None:
    publish({"limits": {"vcpu": "0.3"}})
    with governed.store.transaction() as transaction:
        for number in range(3):
            reserve(transaction, f"request:{number}", use("0.1"), AT)
        with pytest.raises(QuotaExceeded):
            reserve(transaction, "request:3", use("0.000001"), AT)


# money


def test_a_monthly_budget_covers_the_fund_sources_share(
    governed: Office, publish_budget: Publish, counted: Counted
) -> None:
    publish_budget({"fund_source": "本级财政", "yuan_a_month": "100.00"}, {"agency": "hrss", "yuan_a_month": "1000.00"})
    mixed = use().with_money(15_001, {"本级财政": Decimal("0.5"), "上级补助": Decimal("0.5")})
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", mixed, AT)
        with pytest.raises(QuotaExceeded, match="本级财政"):
            reserve(transaction, "request:2", mixed, AT)
    assert counted("fen_month|agency=hrss") == (15_001, 0)
    assert counted("fen_month|fund_source=本级财政") in {(7_500, 0), (7_501, 0)}


def test_a_years_budget_counts_the_months_that_are_left(
    governed: Office, publish_budget: Publish, counted: Counted
) -> None:
    publish_budget(
        {"agency": "hrss", "year": 2026, "yuan": "1000.00"}, {"agency": "hrss", "year": 2027, "yuan": "1200.00"}
    )
    this, following = "fen_year@2026|agency=hrss", "fen_year@2027|agency=hrss"
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(fen=10_000), AT)
    assert (counted(this), counted(following)) == ((100_000, 0), (120_000, 0))
    with governed.store.transaction() as transaction, pytest.raises(QuotaExceeded):
        reserve(transaction, "request:2", use(fen=1), AT)
    with governed.store.transaction() as transaction:
        hold(transaction, "request:1", datetime(2026, 4, 20, tzinfo=UTC))
    assert (counted(this), counted(following)) == ((0, 90_000), (0, 120_000))
    with governed.store.transaction() as transaction:
        release(transaction, "request:1", datetime(2026, 6, 3, tzinfo=UTC))
    assert (counted(this), counted(following)) == ((0, 30_000), (0, 0))


def test_a_change_within_the_year_counts_each_month_once(
    governed: Office, publish_budget: Publish, counted: Counted
) -> None:
    publish_budget({"agency": "hrss", "year": 2026, "yuan": "10000.00"})
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(fen=100), AT)
        hold(transaction, "request:1", AT)
        reserve(transaction, "request:2", use(fen=300), datetime(2026, 5, 1, tzinfo=UTC), replaces="request:1")
    assert counted("fen_year@2026|agency=hrss") == (8 * 200, 10 * 100)
    with governed.store.transaction() as transaction:
        hold(transaction, "request:2", datetime(2026, 6, 10, tzinfo=UTC))
    assert counted("fen_year@2026|agency=hrss") == (0, 3 * 100 + 7 * 300)


def test_a_budget_published_later_counts_what_is_there(
    governed: Office, publish_budget: Publish, counted: Counted
) -> None:
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:1", use(fen=100), AT)
        hold(transaction, "request:1", AT)
    publish_budget({"year": 2027, "yuan": "1.00"})
    assert counted("fen_year@2027") == (0, 1200)
    with governed.store.transaction() as transaction, pytest.raises(QuotaExceeded):
        reserve(transaction, "request:2", use(fen=1), AT)


def amounts(lines: Sequence[Amount]) -> list[Decimal | int]:
    return [line.amount for line in lines]


def test_shares_of_mixed_funds_add_up_to_the_last_fen() -> None:
    thirds = use().with_money(100, {"a": 1, "b": 1, "c": 1})
    assert sum(amounts(thirds.amounts)) == 100
    assert use().with_money(0, {"a": 1}).amounts == ()
