"""One holder at a time; a late writer is stopped by its number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Event as Signal

import pytest

from foundation.store import Store
from foundation.work import LeaseHeld, LeaseLost, acquire, check_held, heartbeat, held, release

_LENGTH = timedelta(seconds=30)


class _Hands:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_second_holder_waits_until_the_lease_has_run_out(store: Store) -> None:
    clock = _Hands()
    first = acquire(store, "environment:a", "one", length=_LENGTH, clock=clock)
    with pytest.raises(LeaseHeld, match="one"):
        acquire(store, "environment:a", "two", length=_LENGTH, clock=clock)
    clock.now += _LENGTH
    second = acquire(store, "environment:a", "two", length=_LENGTH, clock=clock)
    assert second.number == first.number + 1


def test_the_late_writer_is_refused_by_its_number(store: Store) -> None:
    clock = _Hands()
    first = acquire(store, "environment:a", "one", length=_LENGTH, clock=clock)
    clock.now += _LENGTH
    acquire(store, "environment:a", "two", length=_LENGTH, clock=clock)
    with pytest.raises(LeaseLost), store.transaction() as transaction:
        check_held(transaction, first)
    with pytest.raises(LeaseLost):
        heartbeat(store, first, length=_LENGTH, clock=clock)
    release(store, first, clock=clock)
    with pytest.raises(LeaseHeld, match="two"):
        acquire(store, "environment:a", "three", length=_LENGTH, clock=clock)


def test_a_holder_proved_dead_is_not_waited_for_and_its_late_write_is_refused(store: Store) -> None:
    clock = _Hands()
    first = acquire(store, "environment:a", "one", length=_LENGTH, clock=clock)
    with pytest.raises(LeaseHeld, match="one"):
        acquire(store, "environment:a", "two", length=_LENGTH, clock=clock, died=lambda holder: holder != "one")
    second = acquire(store, "environment:a", "two", length=_LENGTH, clock=clock, died=lambda holder: holder == "one")
    assert second.number == first.number + 1
    with pytest.raises(LeaseLost), store.transaction() as transaction:
        check_held(transaction, first)


def test_a_heartbeat_keeps_the_lease_and_release_frees_it(store: Store) -> None:
    clock = _Hands()
    lease = acquire(store, "environment:a", "one", length=_LENGTH, clock=clock)
    clock.now += _LENGTH * 0.9
    heartbeat(store, lease, length=_LENGTH, clock=clock)
    clock.now += _LENGTH * 0.9
    with pytest.raises(LeaseHeld):
        acquire(store, "environment:a", "two", length=_LENGTH, clock=clock)
    release(store, lease, clock=clock)
    acquire(store, "environment:a", "two", length=_LENGTH, clock=clock)


def test_held_beats_by_itself_and_lets_go_also_on_an_error(store: Store) -> None:
    def clock() -> datetime:
        return datetime.now(UTC)

    with (
        pytest.raises(RuntimeError, match="in the middle"),
        held(store, "environment:a", "one", length=timedelta(seconds=0.6), clock=clock),
    ):
        Signal().wait(1.2)
        with pytest.raises(LeaseHeld):
            acquire(store, "environment:a", "two", length=_LENGTH, clock=clock)
        raise RuntimeError("in the middle")
    acquire(store, "environment:a", "two", length=_LENGTH, clock=clock)


def test_two_things_are_held_apart(store: Store) -> None:
    clock = _Hands()
    acquire(store, "environment:a", "one", length=_LENGTH, clock=clock)
    acquire(store, "environment:b", "two", length=_LENGTH, clock=clock)
