"""Chooses a first batch: whole systems, small ones first, until there are machines enough."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity
from takeover.batches.fitting import BatchPlan, SystemDraft


@dataclass(frozen=True, slots=True)
class BatchRule:
    """``at_least`` machines in all (None: every system); only systems with ``fewest`` to ``most`` machines (None: no
    upper bound)."""

    at_least: int | None = None
    fewest: int = 1
    most: int | None = None

    def __post_init__(self) -> None:
        if (
            (self.at_least is not None and self.at_least < 1)
            or self.fewest < 1
            or (self.most is not None and self.most < self.fewest)
        ):
            raise InvalidValue(
                field="batch rule",
                found=f"at least {self.at_least}, {self.fewest} to {self.most}",
                expected="positive numbers, fewest not above most",
            )


def first_batch(plan: BatchPlan, rule: BatchRule) -> tuple[tuple[SystemDraft, ...], tuple[Finding, ...]]:
    """Systems taken whole, ordered by (number of machines, code), until ``rule.at_least`` machines are reached.

    Where the room cannot reach it the batch holds all there is, and a finding says so.
    """
    eligible = sorted(
        (
            system
            for system in plan.systems
            if len(system.machines) >= rule.fewest and (rule.most is None or len(system.machines) <= rule.most)
        ),
        key=lambda system: (len(system.machines), system.system.code),
    )
    chosen: list[SystemDraft] = []
    count = 0
    for system in eligible:
        if rule.at_least is not None and count >= rule.at_least:
            break
        chosen.append(system)
        count += len(system.machines)
    enough = rule.at_least is None or count >= rule.at_least
    return tuple(chosen), () if enough else (_too_few(count, rule),)


def _too_few(count: int, rule: BatchRule) -> Finding:
    return Finding(
        code="takeover.batch.too-few",
        severity=Severity.WARNING,
        place=Place(),
        found=str(count),
        expected=str(rule.at_least),
        zh=f"符合条件的系统只有 {count} 台虚拟机可进入批次,不足 {rule.at_least} 台",
        en=f"the systems the rule allows have only {count} machines to move, fewer than {rule.at_least}",
    )
