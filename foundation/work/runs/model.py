"""A run: one piece of long or timed work, its steps, and how it stands. Frozen values and plain functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

Json = Any
"""What canonical JSON can carry: texts, whole numbers, truth values, lists, mappings, nothing."""


class RunState(StrEnum):
    """``QUEUED`` also while waiting for a retry or a later start; ``PARKED`` until a person decides."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    PARKED = "parked"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _STATES_ZH[self]


_STATES_ZH = {
    RunState.QUEUED: "排队",
    RunState.RUNNING: "进行中",
    RunState.PAUSED: "已暂停",
    RunState.PARKED: "待人工",
    RunState.SUCCEEDED: "成功",
    RunState.FAILED: "失败",
    RunState.CANCELLED: "已取消",
}
ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED})
"""States that only ``retry`` leaves (of a failed run)."""


class Effect(StrEnum):
    """What a step does to the world, and so what may be done after a kill in its middle."""

    READ = "read"
    """Changes nothing: do it again."""
    IDEMPOTENT = "idempotent"
    """Done again under the same key it changes nothing more: do it again."""
    NON_REPEATABLE = "non_repeatable"
    """Never twice: ask its probe, or a person."""


class StepState(StrEnum):
    """``BEGUN`` is written only before a non-repeatable effect; ``HAPPENED`` by a person who looked at the real world,
    until the run goes on and writes the fact."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HAPPENED = "happened"


UNSETTLED = frozenset({StepState.BEGUN, StepState.UNKNOWN, StepState.HAPPENED})
"""States of a step that must be settled before its run may end."""


class Asked(StrEnum):
    """What a person asked of a running run; it is heard between two steps."""

    NOTHING = ""
    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Job:
    """What to do, asked for in the transaction of whatever makes it necessary.

    One run exists for a (``kind``, ``key``): asking again gives the same run. ``agency`` is whose work it is, empty
    for the house's own. ``account`` and ``person`` say on whose behalf. A smaller ``priority`` comes first among the
    agency's own.
    """

    kind: str
    inputs: Mapping[str, Json]
    key: str
    agency: str = ""
    subject: str = ""
    account: str = ""
    person: str = ""
    priority: int = 5
    not_before: datetime | None = None
    deadline: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its row says it. ``done`` of ``total`` (0: not known) is its progress; ``attempt`` counts claims."""

    number: int
    id: str
    kind: str
    version: int
    agency: str
    subject: str
    inputs: Mapping[str, Json]
    input_digest: str
    key: str
    account: str
    person: str
    priority: int
    state: RunState
    asked: Asked
    not_before: datetime
    deadline: datetime | None
    attempt: int
    failures: int
    deaths: int
    worker: str
    worker_number: int
    done: int
    total: int
    note: str
    outcome: Json
    reason: str
    reason_exit: int
    reason_zh: str
    reason_en: str
    enqueued_at: datetime
    started_at: datetime | None
    updated_at: datetime
    ended_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether it has ended for good."""
        return self.state in ENDED

    @property
    def name(self) -> str:
        """One attempt's name, under which the durable engine knows it."""
        return f"{self.id}.{self.attempt}"


@dataclass(frozen=True, slots=True)
class StepRow:
    """One attempt at one step. ``attempt`` counts from 1 for each step; the newest holds."""

    step: str
    attempt: int
    effect: Effect
    key: str
    input_digest: str
    state: StepState
    outcome: Json
    reason: str
    worker: str
    worker_number: int
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the n-th retry: ``first`` × 2ⁿ⁻¹, at most ``most``, stretched by up to a quarter.

    The stretch comes from the run's own id, so that runs which failed together do not come back together.
    """

    first: timedelta = timedelta(seconds=2)
    most: timedelta = timedelta(minutes=5)

    def wait(self, failures: int, spread: int) -> timedelta:
        """The wait after ``failures`` (1 or more); ``spread`` is any whole number that differs by run."""
        base = min(self.first * int(2 ** min(failures - 1, 30)), self.most)
        return base + base * (spread % 256) / 1024


@dataclass(frozen=True, slots=True)
class Progress:
    """What page, command line and log show. ``remaining`` is an estimate; None while nothing can be said."""

    done: int
    total: int
    note: str
    remaining: timedelta | None


def progress_of(run: Run, now: datetime) -> Progress:
    """The run's progress, with the time left if it goes on as fast as since its start."""
    remaining = None
    if run.state is RunState.RUNNING and run.started_at is not None and 0 < run.done <= run.total:
        spent = max(run.updated_at - run.started_at, timedelta())
        remaining = max(spent * (run.total - run.done) / run.done - (now - run.updated_at), timedelta())
    return Progress(run.done, run.total, run.note, remaining)


@dataclass(frozen=True, slots=True)
class Happened:
    """A probe's answer: the effect took place, with this outcome."""

    outcome: Json = None


@dataclass(frozen=True, slots=True)
class DidNotHappen:
    """A probe's answer: the effect did not and will not take place any more; it may be done now."""


@dataclass(frozen=True, slots=True)
class NotClear:
    """A probe's answer: the real world does not say."""

    because_zh: str = "实际系统没有给出答案"
    because_en: str = "the real system does not say"


Found = Happened | DidNotHappen | NotClear


@dataclass(frozen=True, slots=True)
class Lane:
    """An agency's place in one kind's queue: how many of its runs wait and run, and when it was last served."""

    agency: str
    waiting: int
    running: int
    served: int = field(default=0)
