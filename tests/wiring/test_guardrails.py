"""Budgets and quotas as the guardrails see them: what the request itself holds is not what others hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from foundation.store import Transaction
from governance.authority import Office
from infra.guardrails import Room
from tenants.quotas import Amount, QuotaUse, hold, reserve
from tests.infra.deployments.conftest import SPEC
from tests.tenants.conftest import governed
from tests.tenants.quotas.conftest import publish, publish_budget
from wiring.guardrails import agency_of, rooms

__all__ = ["governed", "publish", "publish_budget"]  # fixtures

AT = datetime(2026, 3, 10, tzinfo=UTC)
Publish = Callable[..., None]


def take(transaction: Transaction, subject: str, vcpu: int, fen: int, *, agency: str = "hrss") -> None:
    money = Amount("fen_month", fen, fund_source=SPEC.fund_source)
    reserve(transaction, subject, QuotaUse(agency, SPEC.project, (Amount("vcpu", vcpu), money)), AT)
    hold(transaction, subject, AT)


def found(office: Office, monthly: int = 300) -> dict[str, Room]:
    with office.store.reading() as transaction:
        return {room.key: room for room in rooms(transaction, SPEC, "REQ-1", monthly, AT)}


def test_no_quota_no_room(governed: Office) -> None:
    with governed.store.transaction() as transaction:
        take(transaction, "request:REQ-1", 4, 300)
    assert found(governed) == {}


def test_what_others_hold_is_counted_apart_from_the_environments_own(governed: Office, publish: Publish) -> None:
    publish({"agency": "hrss", "limits": {"vcpu": 10}})
    with governed.store.transaction() as transaction:
        take(transaction, "request:REQ-1", 4, 300)
    with governed.store.transaction() as transaction:
        take(transaction, "request:REQ-2", 5, 100)
    room = found(governed)["vcpu|agency=hrss"]
    assert (room.limit, room.others, room.wanted, room.left) == (10, 5, 4, 5)
    assert not room.money
    assert not room.shared


def test_a_quota_of_several_agencies_tells_nobody_what_is_left(governed: Office, publish: Publish) -> None:
    publish({"limits": {"vcpu": 10}})
    with governed.store.transaction() as transaction:
        take(transaction, "request:REQ-1", 4, 300)
    assert found(governed)["vcpu"].shared


@pytest.mark.parametrize(("period", "limit"), [("month", 1000), ("year", 1000)])
def test_a_yearly_budget_is_told_as_a_months_part(
    governed: Office, publish_budget: Publish, period: str, limit: int
) -> None:
    named = {"yuan_a_month": f"{limit}.00"} if period == "month" else {"yuan": f"{limit}.00", "year": 2026}
    publish_budget({"project": SPEC.project, **named})
    with governed.store.transaction() as transaction:
        take(transaction, "request:REQ-1", 4, 300)
    with governed.store.transaction() as transaction:
        take(transaction, "request:REQ-2", 4, 200, agency="housing")
    (room,) = [room for room in found(governed, monthly=450).values() if room.money]
    months = 1 if period == "month" else 10  # March to December
    assert (room.limit, room.others, room.wanted) == (Decimal(limit * 100 // months), Decimal(200), Decimal(450))


def test_nobody_owns_an_environment_that_is_not_there(governed: Office) -> None:
    with governed.store.reading() as transaction:
        assert agency_of(transaction, "nowhere") is None
