"""Two at once never take more than there is, on either database, whoever else is at it and whoever is killed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from governance.authority import Office
from tenants.errors import QuotaExceeded
from tenants.quotas import Amount, QuotaUse, hold, release, reserve
from tenants.quotas.recounting import recount_all
from tenants.quotas.tables import count, counters

AT = datetime(2026, 3, 10, tzinfo=UTC)
SETUP = """
from datetime import UTC, datetime
from tenants.errors import QuotaExceeded
from tenants.quotas import Amount, QuotaUse, reserve
AT = datetime(2026, 3, 10, tzinfo=UTC)
def use(number):
    return QuotaUse("hrss" if number % 2 else "housing", "P-1", (Amount("vcpu", 1, "cloud-host"),))
"""
BODY = 'reserve(transaction, f"request:{number}", use(number), AT)'


@pytest.mark.real
@pytest.mark.parametrize("alongside", [False, True])
def test_of_two_hundred_requests_for_the_last_unit_exactly_one_wins(
    governed: Office, publish: Callable[..., None], at_once: Callable[..., int], alongside: bool
) -> None:
    publish({"limits": {"vcpu": 5}}, {"service": "cloud-host", "limits": {"vcpu": 50}})
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:before", QuotaUse("hrss", "P-1", (Amount("vcpu", 4, "cloud-host"),)), AT)
    assert at_once(SETUP, BODY, "QuotaExceeded", alongside=alongside) == 1
    with governed.store.reading() as transaction:
        assert recount_all(transaction) == (2, ())
        assert {row["reserved"] for row in counters(transaction, ["vcpu", "vcpu|service=cloud-host"]).values()} == {
            5_000_000
        }


def test_threads_that_reserve_hold_and_release_never_take_too_much(
    governed: Office, publish: Callable[..., None]
) -> None:
    publish({"limits": {"vcpu": 10}}, {"agency": "hrss", "limits": {"vcpu": 7}})

    def work(number: int) -> int:
        agency, subject = ("hrss", "housing")[number % 2], f"request:{number}"
        try:
            with governed.store.transaction(alongside=True) as transaction:
                reserve(transaction, subject, QuotaUse(agency, "P-1", (Amount("vcpu", 1 + number % 3),)), AT)
        except QuotaExceeded:
            return 0
        with governed.store.transaction(alongside=True) as transaction:
            (hold if number % 3 else release)(transaction, subject, AT)
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert 0 < sum(pool.map(work, range(48))) < 48
    with governed.store.reading() as transaction:
        assert recount_all(transaction) == (2, ())
        found = {key: row["reserved"] + row["held"] for key, row in counters(transaction, ["vcpu", AGENCY]).items()}
    assert found["vcpu"] <= 10_000_000
    assert found[AGENCY] <= 7_000_000


AGENCY = "vcpu|agency=hrss"


def test_the_statement_that_adds_asks_the_limit_once_more(governed: Office, publish: Callable[..., None]) -> None:
    """The second wall: even who judged on numbers of before adds nothing above the limit."""
    publish({"limits": {"vcpu": 1}})
    with governed.store.transaction() as transaction:
        assert count(transaction, "vcpu", 1_000_000, 0, limit=1_000_000)
        assert not count(transaction, "vcpu", 1, 0, limit=1_000_000)


def test_a_transaction_that_dies_leaves_nothing(governed: Office, publish: Callable[..., None]) -> None:
    publish({"limits": {"vcpu": 10}})
    with pytest.raises(KeyboardInterrupt), governed.store.transaction() as transaction:
        reserve(transaction, "request:1", QuotaUse("hrss", "P-1", (Amount("vcpu", 10),)), AT)
        raise KeyboardInterrupt
    with governed.store.transaction() as transaction:
        reserve(transaction, "request:2", QuotaUse("hrss", "P-1", (Amount("vcpu", 10),)), AT)
    with governed.store.reading() as transaction:
        assert recount_all(transaction) == (1, ())
