"""Fits a room's running machines to plans: each takes the smallest plan that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from foundation.values.findings import Finding, Place, Severity
from governance.catalogue import PlanSize, smallest_plan
from takeover.rooms import Machine, Room
from takeover.systems import BusinessSystem, SystemAssignment

_MEBIBYTES_PER_GIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class MachineDraft:
    """A machine as it will be: the plan it takes and its disk in whole GB. ``machine`` is its name in the room."""

    machine: str
    plan: PlanSize
    disk_gb: int


@dataclass(frozen=True, slots=True)
class SystemDraft:
    """A system with those of its machines that move, in the room's order; never empty."""

    system: BusinessSystem
    machines: tuple[MachineDraft, ...]


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Every system that could move now, ordered by code."""

    systems: tuple[SystemDraft, ...]

    @property
    def machines(self) -> int:
        """How many machines could move."""
        return sum(len(system.machines) for system in self.systems)


def plan_batch(
    room: Room, systems: Sequence[SystemAssignment], plans: Sequence[PlanSize]
) -> tuple[BatchPlan, tuple[Finding, ...]]:
    """Fit the running machines of ``systems``; one that no plan holds is left out, and is a finding.

    Machines that are off, are templates or have no system are simply not in it: the import and the assignment said so.
    """
    by_name = {machine.name: machine for machine in room.machines}
    drafts: list[SystemDraft] = []
    findings: list[Finding] = []
    for one in sorted(systems, key=lambda assignment: assignment.system.code):
        machines: list[MachineDraft] = []
        for machine in (by_name[name] for name in one.machines if name in by_name):
            if not machine.movable:
                continue
            plan = smallest_plan(plans, Decimal(machine.vcpu), Decimal(machine.memory_mb) / _MEBIBYTES_PER_GIBIBYTE)
            if plan is None:
                findings.append(_no_plan(room.file, one.system, machine))
            else:
                machines.append(MachineDraft(machine.name, plan, machine.disk_gb))
        if machines:
            drafts.append(SystemDraft(one.system, tuple(machines)))
    return BatchPlan(tuple(drafts)), tuple(findings)


def _no_plan(file: str, system: BusinessSystem, machine: Machine) -> Finding:
    size = f"{machine.vcpu} vCPU, {machine.memory_mb} MiB"
    return Finding(
        code="takeover.batch.no-plan",
        severity=Severity.WARNING,
        place=Place(file=file, sheet="vInfo", row=machine.row, field="CPUs"),
        found=size,
        expected="a plan that holds it",
        zh=f"系统 {system.name} 的虚拟机 {machine.name}({size})没有放得下的规格,本批不含",
        en=f"no plan holds machine {machine.name} of system {system.name} ({size}); it is left out",
    )
