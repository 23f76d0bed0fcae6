"""An environment that is to run in other addresses keeps those it runs in until it runs in the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from governance.authority import machine_scope
from governance.environments import EnvironmentSpec, SubnetSpec
from tenants.addresses.tables import blocks
from tenants.errors import AddressTaken
from tenants.requests import Request, RequestKind, accept_request, reject_request
from tests.tenants.requests.conftest import MARCH, Bench

LATER = "2026-03-20T02:00:00Z"


def held(bench: Bench) -> set[tuple[str, str]]:
    """(whose, CIDR) of every block in force."""
    with bench.office.store.reading() as transaction:
        return {(one.holder.partition(":")[0], one.cidr) for one in blocks(transaction, machine_scope())}


def elsewhere(spec: EnvironmentSpec, cidr: str) -> EnvironmentSpec:
    return replace(spec, cidr=cidr, subnets=tuple(SubnetSpec(each.name, cidr) for each in spec.subnets[:1]))


@pytest.fixture
def running(bench: Bench) -> Request:
    request = bench.approve(bench.ask())
    bench.deployed(request)
    bench.clock(MARCH + timedelta(days=5))
    return accept_request(bench.office, bench.token("hrss-1"), request.number)[0]


def test_both_are_held_until_it_has_moved(bench: Bench, running: Request) -> None:
    old, new = bench.spec.cidr, "10.77.0.0/24"
    change = bench.approve(bench.ask(kind=RequestKind.CHANGE, spec=elsewhere(bench.spec, new)))
    assert held(bench) == {("environment", old), ("move", new)}
    bench.deployed(change, instant=LATER)
    assert ("environment", new) in held(bench)
    assert ("environment", old) not in held(bench)
    assert not any(holder == "move" for holder, _ in held(bench))


def test_a_rejected_move_leaves_the_environment_what_it_runs_in(bench: Bench, running: Request) -> None:
    change = bench.ask(kind=RequestKind.CHANGE, spec=elsewhere(bench.spec, "10.77.0.0/24"))
    reject_request(bench.office, bench.token("bureau-1"), change.number, digest=change.digest, reason="暂缓")
    assert held(bench) == {("environment", bench.spec.cidr)}


def test_nobody_gets_what_a_move_leaves_before_it_has_left(bench: Bench, running: Request) -> None:
    bench.ask(kind=RequestKind.CHANGE, spec=elsewhere(bench.spec, "10.77.0.0/24"))
    for taken in (bench.spec.cidr, "10.77.0.0/24"):
        other = replace(elsewhere(bench.spec, taken), environment="hrss-other")
        with pytest.raises(AddressTaken):
            bench.ask(spec=other)


def test_a_smaller_network_inside_is_settled_when_it_runs(bench: Bench, running: Request) -> None:
    old = bench.spec.cidr
    smaller = old.partition("/")[0] + "/26"
    change = bench.approve(bench.ask(kind=RequestKind.CHANGE, spec=elsewhere(bench.spec, smaller)))
    assert held(bench) == {("environment", old)}
    bench.deployed(change, instant=LATER)
    assert held(bench) == {("environment", smaller)}


def test_another_request_with_other_addresses_takes_the_place_of_the_first_s(bench: Bench, running: Request) -> None:
    first = bench.approve(bench.ask(kind=RequestKind.CHANGE, spec=elsewhere(bench.spec, "10.77.0.0/24")))
    assert first.environment == bench.spec.environment
    second = bench.ask(kind=RequestKind.CHANGE, spec=elsewhere(bench.spec, "10.78.0.0/24"))
    bench.approve(second)
    assert held(bench) == {("environment", bench.spec.cidr), ("move", "10.78.0.0/24")}


def test_a_rejected_second_move_leaves_the_first_s_that_was_approved(bench: Bench, running: Request) -> None:
    first = bench.approve(bench.ask(kind=RequestKind.CHANGE, spec=elsewhere(bench.spec, "10.77.0.0/24")))
    second = bench.ask(kind=RequestKind.CHANGE, spec=elsewhere(bench.spec, "10.78.0.0/24"))
    reject_request(bench.office, bench.token("bureau-1"), second.number, digest=second.digest, reason="暂缓")
    assert held(bench) == {("environment", bench.spec.cidr), ("move", "10.77.0.0/24")}
    bench.deployed(first, instant=LATER)
    assert ("environment", "10.77.0.0/24") in held(bench)
