"""Which plan a machine fits."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from governance.catalogue.model import PlanSize, Service


def sizes_of(service: Service) -> tuple[PlanSize, ...]:
    """The plans that say how many vCPU and how much memory they hold, smallest first."""
    sizes = (
        PlanSize(
            plan.code,
            plan.attributes["vcpu"],
            plan.attributes["memory_gb"],
            plan.labels.get("instance_type", ""),
        )
        for plan in service.plans
        if {"vcpu", "memory_gb"} <= set(plan.attributes)
    )
    return tuple(sorted(sizes, key=_order))


def smallest_plan(sizes: Iterable[PlanSize], vcpu: Decimal, memory_gb: Decimal) -> PlanSize | None:
    """The smallest plan that holds both, by vCPU and then memory; None if none does."""
    holding = (size for size in sizes if size.vcpu >= vcpu and size.memory_gb >= memory_gb)
    return min(holding, key=_order, default=None)


def _order(size: PlanSize) -> tuple[Decimal, Decimal, str]:
    return size.vcpu, size.memory_gb, size.code
