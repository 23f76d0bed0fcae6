"""A machine takes the smallest plan that holds it; a batch takes systems whole; a spec holds everything once."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.values.errors import InvalidValue
from governance.catalogue import PlanSize
from governance.environments import spec_document, spec_from_document
from takeover.batches import (
    BatchPlan,
    BatchRule,
    EnvironmentSettings,
    MachineDraft,
    SystemDraft,
    environment_prefix,
    environment_spec,
    first_batch,
    plan_batch,
)
from takeover.batches.specs import environment_name
from takeover.batches.subnets import subnets_for
from takeover.rooms import DiskSource, Machine, OperatingSystemSource, Power, Room
from takeover.systems import BusinessSystem, Owner, assign_systems

SIZES = ((1, 2), (2, 4), (2, 8), (4, 8), (4, 16), (8, 16), (8, 32))
PLANS = tuple(
    PlanSize(f"general-{vcpu}c{memory}g", Decimal(vcpu), Decimal(memory), f"t.{vcpu}") for vcpu, memory in SIZES
)
ACCEPT = Owner(agency="hrss", project="P-1")


def _machine(name: str, vcpu: int, memory_mb: int) -> Machine:
    return Machine(
        name=name, power=Power.ON, template=False, vcpu=vcpu, memory_mb=memory_mb, disk_gb=40,
        disk_source=DiskSource.PARTITIONS, host="", cluster="", datacenter="", operating_system="",
        operating_system_source=OperatingSystemSource.NONE, dns_name="", uuid="", addresses=(), row=2,
    )  # fmt: skip


def _draft(code: str, count: int) -> SystemDraft:
    from governance.environments import Protection, Zone

    system = BusinessSystem(code, code, "hrss", "P-1", Zone.EXTRANET, Protection.LEVEL_2)
    return SystemDraft(system, tuple(MachineDraft(f"{code}-{index:03d}", PLANS[0], 40) for index in range(count)))


def _settings(cidr: str, zones: int = 1) -> EnvironmentSettings:
    return EnvironmentSettings("city-2026", "ami-12345678", IPv4Network(cidr), zones)


@pytest.mark.parametrize(
    ("vcpu", "memory_mb", "code"),
    [
        (1, 512, "general-1c2g"),
        (1, 2049, "general-2c4g"),
        (2, 8192, "general-2c8g"),
        (2, 8193, "general-4c16g"),
        (8, 32768, "general-8c32g"),
    ],
)
def test_one_megabyte_more_takes_the_next_plan(rows: Any, vcpu: int, memory_mb: int, code: str) -> None:
    room = rows.room(rows.machine("web-01", cpus=vcpu, memory=memory_mb))
    assignment, _ = assign_systems(room, accept=ACCEPT)
    assert assignment is not None
    plan, _ = plan_batch(room, assignment.systems, PLANS)
    assert plan.systems[0].machines[0].plan.code == code


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(512, 40_000)), min_size=1, max_size=6))
def test_every_machine_gets_a_plan_that_holds_it_and_none_smaller_does(sizes: list[tuple[int, int]]) -> None:
    machines = tuple(_machine(f"m{index}", vcpu, memory) for index, (vcpu, memory) in enumerate(sizes))
    room = Room("r.xlsx", (), machines)
    assignment, _ = assign_systems(room, accept=ACCEPT)
    assert assignment is not None
    plan, findings = plan_batch(room, assignment.systems, PLANS)
    placed = {one.machine: one.plan for system in plan.systems for one in system.machines}
    assert len(placed) + len(findings) == len(machines)
    for machine in machines:
        fitting = [size for size in PLANS if size.vcpu >= machine.vcpu and size.memory_gb * 1024 >= machine.memory_mb]
        assert (machine.name in placed) == bool(fitting)
        if fitting:
            assert placed[machine.name] in fitting
            chosen = (placed[machine.name].vcpu, placed[machine.name].memory_gb)
            assert not any((size.vcpu, size.memory_gb) < chosen for size in fitting)


def test_a_machine_no_plan_holds_is_left_out_with_a_finding(rows: Any) -> None:
    room = rows.room(rows.machine("web-01"), rows.machine("web-02", memory=65536), rows.machine("big-01", cpus=16))
    assignment, _ = assign_systems(room, accept=ACCEPT)
    assert assignment is not None
    plan, findings = plan_batch(room, assignment.systems, PLANS)
    assert [[one.machine for one in system.machines] for system in plan.systems] == [["web-01"]]
    assert [(finding.code, finding.place.row) for finding in findings] == [
        ("takeover.batch.no-plan", 4),
        ("takeover.batch.no-plan", 3),
    ]


def test_machines_that_are_off_or_templates_do_not_move(rows: Any) -> None:
    room = rows.room(
        rows.machine("web-01"), rows.machine("web-02", power="poweredOff"), rows.machine("web-03", template="True")
    )
    assignment, _ = assign_systems(room, accept=ACCEPT)
    assert assignment is not None
    plan, findings = plan_batch(room, assignment.systems, PLANS)
    assert (plan.machines, findings) == (1, ())


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(1, 40), st.integers(1, 4), st.integers(0, 5))
def test_a_batch_takes_whole_systems_small_first_and_no_more_than_it_needs(
    sizes: list[int], at_least: int, fewest: int, span: int
) -> None:
    plan = BatchPlan(tuple(_draft(f"s{index}", size) for index, size in enumerate(sizes)))
    rule = BatchRule(at_least, fewest, fewest + span)
    chosen, findings = first_batch(plan, rule)
    counts = [len(system.machines) for system in chosen]
    assert counts == sorted(counts)
    assert all(fewest <= count <= fewest + span for count in counts)
    assert all(system in plan.systems for system in chosen)
    if findings:
        assert sum(counts) == sum(size for size in sizes if fewest <= size <= fewest + span) < at_least
    else:
        assert sum(counts) >= at_least > sum(counts[:-1])


@pytest.mark.parametrize("bad", [(0, 1, None), (1, 0, None), (1, 5, 4)])
def test_a_batch_rule_makes_sense(bad: tuple[int, int, int | None]) -> None:
    with pytest.raises(InvalidValue):
        BatchRule(*bad)


@given(st.integers(1, 3000), st.integers(1, 3))
def test_subnets_hold_every_machine_and_the_prefix_is_the_tightest(machines: int, zones: int) -> None:
    prefix = environment_prefix(machines, zones)
    cidr = IPv4Network((0x0A000000, prefix))
    subnets = subnets_for(cidr, machines, zones)
    assert subnets is not None
    assert len(subnets) == zones
    networks = [IPv4Network(subnet.cidr) for subnet in subnets]
    assert all(network.subnet_of(cidr) for network in networks)
    assert sum(network.num_addresses - 5 for network in networks) >= machines
    assert all(network.num_addresses - 5 >= -(-machines // zones) for network in networks)
    assert not any(one.overlaps(other) for one in networks for other in networks if one is not other)
    assert subnets_for(IPv4Network((0x0A000000, prefix + 1)), machines, zones) is None


def test_a_spec_holds_each_machine_once_with_one_volume_and_the_way_back(rows: Any) -> None:
    room = rows.room(rows.machine("社保数据库-01"), rows.machine("WEB 01"), rows.machine("web-01"))
    assignment, _ = assign_systems(room, accept=ACCEPT)
    assert assignment is not None
    plan, _ = plan_batch(room, assignment.systems, PLANS)
    machines = tuple(machine for system in plan.systems for machine in system.machines)
    draft, findings = environment_spec(
        SystemDraft(plan.systems[0].system, machines), _settings("10.20.0.0/24", zones=2)
    )
    assert findings == ()
    assert draft is not None
    assert sorted(draft.machines.values()) == sorted(["社保数据库-01", "WEB 01", "web-01"])
    assert {instance.name for instance in draft.spec.instances} == set(draft.machines)
    assert all(len(instance.volumes) == 1 for instance in draft.spec.instances)
    assert {instance.subnet for instance in draft.spec.instances} == {"zone-0", "zone-1"}
    assert spec_from_document(spec_document(draft.spec)) == (draft.spec, ())


def test_the_longest_machine_name_still_leaves_room_for_its_volume() -> None:
    system = _draft("aa", 1)
    long = SystemDraft(system.system, (MachineDraft("x" * 80, PLANS[0], 1), MachineDraft("x" * 81, PLANS[0], 1)))
    draft, findings = environment_spec(long, _settings("10.0.0.0/28"))
    assert findings == ()
    assert draft is not None


def test_an_address_block_too_small_is_a_finding_that_names_the_one_needed() -> None:
    draft, findings = environment_spec(_draft("aa", 12), _settings("10.0.0.0/28"))
    assert draft is None
    assert [(finding.code, finding.expected) for finding in findings] == [("takeover.batch.addresses-too-few", "/27")]


def test_environment_names_differ_where_hyphens_could_make_them_meet() -> None:
    assert environment_name("hrss", "employment") == "hrss-employment"
    assert environment_name("a-b", "cc") != environment_name("a", "b-cc")


def test_the_first_batch_of_the_real_room_becomes_specs(real_room: Room) -> None:
    assignment, _ = assign_systems(real_room, accept=ACCEPT)
    assert assignment is not None
    plan, findings = plan_batch(real_room, assignment.systems, PLANS)
    assert plan.machines + len(findings) == 763
    chosen, short = first_batch(plan, BatchRule(at_least=25, fewest=3, most=12))
    assert short == ()
    assert len(chosen) > 1
    assert sum(len(system.machines) for system in chosen) >= 25
    for system in chosen:
        draft, findings = environment_spec(system, _settings("10.1.0.0/24", zones=2))
        assert findings == ()
        assert draft is not None
        assert len(draft.spec.instances) == len(system.machines)
