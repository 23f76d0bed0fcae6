"""Charging starts and ends at the register's instants: no gap, no overlap, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.instant import Interval, format_instant
from foundation.work import Event, deliver, publish
from governance import audit
from governance.authority import Office, machine_scope, scope_of, viewing
from governance.metering import RegisterEntry
from tenants.environments import Environment, EnvironmentState
from tenants.environments.tables import read_environment, save_environment
from tenants.errors import RegisterOutOfOrder, UnknownPlan
from tenants.hearing import subscribers
from tenants.register import entries, register_subscriber
from tenants.register.model import close, to_open

MARCH = Interval(datetime.fromisoformat("2026-03-01T00:00+08:00"), datetime.fromisoformat("2026-04-01T00:00+08:00"))
DAY = timedelta(days=1)


def machine(
    cloud_id: str = "i-1", plan: str = "general-2c4g", size: str = "100", name: str = "web-1"
) -> dict[str, Any]:
    return {
        "resource": f"hrss-portal/instance/{name}",
        "cloud_id": cloud_id,
        "kind": "instance",
        "name": name,
        "plan": plan,
        "attributes": {"size_gb": size},
    }


def network() -> dict[str, Any]:
    return {
        "resource": "hrss-portal/vpc/hrss-portal",
        "cloud_id": "vpc-1",
        "kind": "vpc",
        "name": "hrss-portal",
        "plan": "",
        "attributes": {},
    }


def ended(day: int, *resources: Mapping[str, Any], terminated: bool = False) -> Event:
    return Event(
        "deployment.ended",
        "environment:hrss-portal",
        {
            "deployment": f"deployment-{day}",
            "environment": "hrss-portal",
            "agency": "hrss",
            "system": "portal",
            "project": "P-1",
            "fund_source": "本级财政",
            "request": "REQ-1",
            "spec_digest": "d" * 64,
            "terminated": terminated,
            "instant": format_instant(MARCH.start + day * DAY),
            "resources": list(resources),
        },
    )


@pytest.fixture
def tell(governed: Office) -> Callable[[Event], None]:
    """Hand an event to the register."""
    subscriber = register_subscriber(governed.clocks.real)

    def handle(event: Event) -> None:
        with governed.store.transaction() as transaction:
            subscriber.handle(transaction, event)

    return handle


@pytest.fixture
def charged(governed: Office) -> Callable[[], list[RegisterEntry]]:
    """The charged entries of March."""

    def read() -> list[RegisterEntry]:
        with governed.store.reading() as transaction:
            return list(entries(transaction, machine_scope(), MARCH))

    return read


Tell = Callable[[Event], None]
Charged = Callable[[], list[RegisterEntry]]


def test_an_entry_takes_its_sizes_from_the_plan_and_its_own_disks(tell: Tell, charged: Charged) -> None:
    tell(ended(3, machine(), network()))
    (entry,) = charged()
    assert entry.attributes == {"vcpu": 2, "memory_gb": 4, "size_gb": 100}
    assert (entry.service, entry.plan, entry.opened) == ("cloud-host", "general-2c4g", MARCH.start + 3 * DAY)
    assert entry.closed is None


def test_what_is_not_charged_stands_in_the_register_too(tell: Tell, governed: Office) -> None:
    tell(ended(3, machine(), network()))
    with governed.store.reading() as transaction:
        everything = entries(transaction, machine_scope(), MARCH, charged=False)
    assert [entry.kind for entry in everything] == ["instance", "vpc"]


def test_the_same_event_again_changes_nothing(tell: Tell, charged: Charged, governed: Office) -> None:
    tell(ended(3, machine()))
    before = charged()
    tell(ended(3, machine()))
    tell(ended(5, machine()))
    assert charged() == before
    with governed.store.reading() as transaction:
        assert [entry.event for entry in audit.entries(transaction)] == ["register.opened"]


@pytest.mark.parametrize(
    "after",
    [machine(cloud_id="i-2"), machine(plan="general-4c8g"), machine(size="200")],
    ids=["new id", "plan", "disk"],
)
def test_a_change_closes_and_opens_at_one_instant(tell: Tell, charged: Charged, after: dict[str, Any]) -> None:
    tell(ended(3, machine()))
    tell(ended(10, after))
    first, second = charged()
    assert first.closed == second.opened == MARCH.start + 10 * DAY
    assert (first.resource, second.closed) == (second.resource, None)


def test_what_is_gone_is_closed(tell: Tell, charged: Charged) -> None:
    tell(ended(3, machine(), machine(name="web-2", cloud_id="i-2")))
    tell(ended(10, machine()))
    closed = {entry.name: entry.closed for entry in charged()}
    assert closed == {"web-1": None, "web-2": MARCH.start + 10 * DAY}
    tell(ended(12, terminated=True))
    assert {entry.closed for entry in charged()} == {MARCH.start + 10 * DAY, MARCH.start + 12 * DAY}


def test_a_change_at_the_opening_instant_leaves_one_entry(tell: Tell, charged: Charged) -> None:
    """The demo's clock stands still between two deployments: what was never in force is not charged."""
    tell(ended(3, machine()))
    tell(ended(3, machine(cloud_id="i-2", plan="general-4c8g")))
    (entry,) = charged()
    assert (entry.cloud_id, entry.plan, entry.closed) == ("i-2", "general-4c8g", None)
    tell(ended(3, terminated=True))
    assert charged() == []


def test_a_resource_that_comes_back_opens_anew(tell: Tell, charged: Charged) -> None:
    tell(ended(3, machine()))
    tell(ended(5, terminated=True))
    tell(ended(8, machine(cloud_id="i-9")))
    assert [(entry.opened, entry.closed) for entry in charged()] == [
        (MARCH.start + 3 * DAY, MARCH.start + 5 * DAY),
        (MARCH.start + 8 * DAY, None),
    ]


def test_an_event_from_before_the_opening_is_refused(tell: Tell) -> None:
    tell(ended(3, machine()))
    with pytest.raises(RegisterOutOfOrder):
        tell(ended(2, terminated=True))


def test_a_plan_nobody_offers_is_refused(tell: Tell) -> None:
    with pytest.raises(UnknownPlan):
        tell(ended(3, machine(plan="huge")))


def test_entries_outside_the_interval_or_scope_are_not_shown(
    tell: Tell, governed: Office, people: dict[str, str], month: Callable[[int], Interval]
) -> None:
    tell(ended(3, machine()))
    tell(ended(5, terminated=True))
    with governed.store.reading() as transaction:
        assert entries(transaction, machine_scope(), month(2)) == []
        assert entries(transaction, machine_scope(), month(4)) == []
    with viewing(governed, people["housing-1"]) as view:
        assert entries(view.transaction, scope_of(view.actor), MARCH) == []


def test_the_outbox_moves_register_and_environment_together(governed: Office) -> None:
    environment = Environment("hrss-portal", "hrss", "portal", EnvironmentState.APPROVED, "REQ-1", None, "d" * 64, "")
    with governed.store.transaction() as transaction:
        save_environment(transaction, machine_scope(), environment)
        publish(transaction, ended(3, machine()), clock=governed.clocks.real)
    listening = subscribers(governed.clocks.real)
    assert deliver(governed.store, listening, clock=governed.clocks.real) >= 3
    assert deliver(governed.store, listening, clock=governed.clocks.real) == 0
    assert _state(governed) == (EnvironmentState.DEPLOYED, True)
    with governed.store.transaction() as transaction:
        publish(transaction, ended(5, terminated=True), clock=governed.clocks.real)
    deliver(governed.store, listening, clock=governed.clocks.real)
    assert _state(governed) == (EnvironmentState.CLOSED, False)


def _state(office: Office) -> tuple[EnvironmentState, bool]:
    with office.store.reading() as transaction:
        found = read_environment(transaction, machine_scope(), "hrss-portal")
    assert found is not None
    return found.state, found.up_to_date


forms = st.tuples(st.sampled_from(["i-1", "i-2"]), st.sampled_from(["small", "large"]), st.integers(1, 3))


@given(st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), forms)), max_size=12))
def test_however_a_resource_changes_its_entries_cover_its_life_once(
    steps: list[tuple[int, tuple[str, str, int] | None]],
) -> None:
    """Held seconds by the entries = seconds during which the resource was there."""
    book: dict[datetime, RegisterEntry] = {}
    instant, lived, there = MARCH.start, timedelta(), False
    for days, form in steps:
        lived += days * DAY if there else timedelta()
        instant += days * DAY
        there = form is not None
        open_now = [entry for entry in book.values() if entry.closed is None]
        wanted = [] if form is None else [_entry(form, instant)]
        changes = to_open(open_now, wanted)
        gone = [close(entry, instant) for entry in open_now] if form is None else []
        for entry in (*gone, *changes.closed, *changes.opened):
            book[entry.opened] = entry
    held = sum(((entry.closed or instant) - entry.opened for entry in book.values()), timedelta())
    assert held == lived
    assert sum(entry.closed is None for entry in book.values()) == there


def _entry(form: tuple[str, str, int], instant: datetime) -> RegisterEntry:
    cloud_id, plan, size = form
    attributes = {"size_gb": Decimal(size)}
    return RegisterEntry(
        "e/instance/a", cloud_id, "instance", "a", "hrss", "s", "p", "f", "e", "cloud-host", plan, attributes, instant
    )
