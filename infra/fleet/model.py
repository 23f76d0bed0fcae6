"""A fleet operation, its members, and how both stand. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from foundation.evidence import plain
from infra.fleet.errors import AtOnceWrong, BudgetWrong, NothingChosen

MOST_AT_ONCE = 64


class Action(StrEnum):
    """What is done to every member."""

    PLAN = "plan"
    APPLY = "apply"
    REFRESH = "refresh"
    DESTROY = "destroy"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"plan": "计划", "apply": "部署", "refresh": "刷新", "destroy": "销毁"}[self.value]


class OperationState(StrEnum):
    """``STOPPED``: the budget is used up, a canary failed, or all that is left is parked; nothing more starts until a
    person says so."""

    RUNNING = "running"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    ENDED = "ended"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"running": "进行中", "stopped": "已停止", "cancelled": "已取消", "ended": "已结束"}[self.value]


class MemberState(StrEnum):
    """``HELD`` waits for somebody's word and is not started; ``PARKED`` was begun, and its run waits for a person;
    ``SKIPPED`` had nothing to do."""

    WAITING = "waiting"
    RELEASED = "released"
    PARKED = "parked"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"
    SKIPPED = "skipped"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _MEMBERS_ZH[self]


_MEMBERS_ZH = {
    MemberState.WAITING: "等待",
    MemberState.RELEASED: "进行中",
    MemberState.PARKED: "待人工",
    MemberState.SUCCEEDED: "成功",
    MemberState.FAILED: "失败",
    MemberState.CANCELLED: "已取消",
    MemberState.HELD: "待审批",
    MemberState.SKIPPED: "无须处理",
}
OPEN = frozenset({MemberState.RELEASED, MemberState.PARKED})
"""The member's run has not ended."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which environments: those named, or all that fit every filter given (values of one filter are alternatives)."""

    names: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    everything: bool = False

    def check(self) -> None:
        """Raise ``NothingChosen`` where it says nothing at all: many things must not happen by leaving a word out."""
        if not (self.names or self.agencies or self.systems or self.zones or self.levels or self.everything):
            raise NothingChosen

    def fits(self, environment: str, *, agency: str, system: str, zone: str, level: str) -> bool:
        """Whether an environment is chosen."""
        asked = (
            (self.names, environment),
            (self.agencies, agency),
            (self.systems, system),
            (self.zones, zone),
            (self.levels, level),
        )
        return all(not wanted or value in wanted for wanted, value in asked)

    def document(self) -> dict[str, Any]:
        """Plain JSON, for the record; names in order, so that the same choice is the same text."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value if isinstance(value, bool) else sorted(value) for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Pace:
    """How an operation goes: the canaries first, how many at once, after how many failures nothing more starts.

    ``canaries``: a number, or names; ``max_failures``: a whole number from 1 or a share such as ``5%``.
    """

    canaries: int | tuple[str, ...] = 0
    max_failures: str = "1"
    at_once: int = 4

    def check(self) -> None:
        """Raise ``AtOnceWrong``, ``BudgetWrong``."""
        if not 1 <= self.at_once <= MOST_AT_ONCE:
            raise AtOnceWrong(given=self.at_once, most=MOST_AT_ONCE)
        self.budget(1)

    def budget(self, members: int) -> int:
        """Failures among ``members`` at which nothing more is started: at least 1, a share rounded down."""
        text = self.max_failures.strip()
        number = text.removesuffix("%")
        if not (number.isascii() and number.isdigit()) or int(number) < 1:
            raise BudgetWrong(given=self.max_failures)
        if number == text:
            return int(number)
        if int(number) > 100:
            raise BudgetWrong(given=self.max_failures)
        return max(1, members * int(number) // 100)

    def document(self) -> dict[str, Any]:
        """Plain JSON, for the record."""
        told: dict[str, Any] = plain(
            {"canaries": self.canaries, "max_failures": self.max_failures, "at_once": self.at_once}
        )
        return told


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an environment may be worked on: ``WAITING`` for its turn, ``HELD`` or ``SKIPPED`` with the reason.

    ``digest`` is the plan that will be applied: a later one is not.
    """

    state: MemberState
    digest: str = ""
    code: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation over many environments. ``budget`` is ``Pace.max_failures`` in members; ``round`` counts how often
    it was gone on with."""

    number: int
    id: str
    action: Action
    state: OperationState
    selection: Mapping[str, Any]
    pace: Mapping[str, Any]
    asked: str
    budget: int
    at_once: int
    round: int
    members: int
    person: str
    account: str
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None

    @property
    def subject(self) -> str:
        """What decisions, events and audit entries call it."""
        return f"fleet:{self.id}"


@dataclass(frozen=True, slots=True)
class Member:
    """One environment in an operation. ``run`` is its ``foundation.work`` run, empty before it is released."""

    position: int
    environment: str
    agency: str
    canary: bool
    state: MemberState
    digest: str = ""
    run: str = ""
    round: int = 0
    reason: str = ""
    reason_zh: str = ""
    reason_en: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    updated_at: datetime | None = None
