"""The format: a runbook is its steps in order, each with what it may change; and the record of its runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Effect(StrEnum):
    """What a step may change; the strongest of a runbook's steps says how carefully it is run."""

    LOOKS = "looks"
    PROCESSES = "processes"
    STATE = "state"
    CLOUD = "cloud"
    RECORDS = "records"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _EFFECTS_ZH[self]


_EFFECTS_ZH = {
    Effect.LOOKS: "只查看",
    Effect.PROCESSES: "结束进程",
    Effect.STATE: "改引擎状态",
    Effect.CLOUD: "改云上资源",
    Effect.RECORDS: "写记录",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: stable ``id``, what it does in both languages, what it may change."""

    id: str
    zh: str
    en: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Runbook:
    """A runbook: stable ``id``, title, when to use it, its steps in order. Every step may be run again."""

    id: str
    zh: str
    en: str
    when_zh: str
    when_en: str
    steps: tuple[Step, ...]


class RunState(StrEnum):
    """``RUNNING`` also after a crash: the next run goes on with it."""

    RUNNING = "running"
    ENDED = "ended"
    FAILED = "failed"


class Outcome(StrEnum):
    """How a step's attempt went. One that was begun and has no other outcome was interrupted."""

    BEGUN = "begun"
    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One attempt at one step: what it found, in lines for people, or the code of its error."""

    run: str
    step: str
    attempt: int
    outcome: Outcome
    found: tuple[str, ...]
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a runbook on one environment, by one person."""

    id: str
    runbook: str
    environment: str
    agency: str
    deployment: str
    state: RunState
    person: str
    account: str
    started_at: datetime
    ended_at: datetime | None
    steps: tuple[StepRecord, ...] = ()
