"""A due rule and what became of its occurrences. Frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.errors import InvalidValue
from foundation.values.instant import format_instant
from foundation.work.due.rules import Rule, rule_document

_LONGEST_NAME = 120
DUE = "due"
"""The input under which a run finds the rule and the instant it stands for."""


class CatchUp(StrEnum):
    """What is done about occurrences whose time passed while no tick ran."""

    ONCE = "once"
    """One run for the newest; it says how many older ones it stands for."""
    EACH = "each"
    """A run for every one."""
    SKIP = "skip"
    """A run only where it is not later than the rule's grace; the others are recorded as skipped."""

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"once": "合并为一次", "each": "逐次补做", "skip": "过时不补"}[self.value]


class Outcome(StrEnum):
    """What became of one occurrence."""

    ENQUEUED = "enqueued"
    OWED = "owed"
    """Its rule was changed before it was done: the next tick enqueues it."""
    SKIPPED = "skipped"
    MISSED = "missed"


class Reason(StrEnum):
    """Why an occurrence was not done."""

    NONE = ""
    TOO_LATE = "too-late"
    PAST_WHEN_MADE = "past-when-made"
    DROPPED = "dropped"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {
            "": "",
            "too-late": "超过宽限时间,按规则不补做",
            "past-when-made": "建立或修改规则时期限已过",
            "dropped": "规则停用前尚未执行",
        }[self.value]

    @property
    def en(self) -> str:
        """In English."""
        return {
            "": "",
            "too-late": "later than the rule's grace, so by its rule not caught up",
            "past-when-made": "its time had passed when the rule was made or changed",
            "dropped": "the rule was dropped before it was done",
        }[self.value]


@dataclass(frozen=True, slots=True)
class DueRule:
    """What somebody wants done, and when. ``kind`` and ``inputs`` are the job's; ``agency`` is empty for the house.

    ``grace`` counts for ``CatchUp.SKIP`` only.
    """

    name: str
    kind: str
    rule: Rule
    inputs: Mapping[str, Any] = field(default_factory=dict)
    catch_up: CatchUp = CatchUp.ONCE
    grace: timedelta = timedelta(minutes=5)
    priority: int = 5
    agency: str = ""
    subject: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= _LONGEST_NAME:
            raise InvalidValue(field="due rule", found=self.name[:80], expected=f"a name of 1 to {_LONGEST_NAME}")
        if self.grace < timedelta() or self.grace % timedelta(seconds=1):
            raise InvalidValue(field="grace", found=str(self.grace), expected="whole seconds, 0 or more")
        if DUE in self.inputs:
            raise InvalidValue(field="inputs", found=DUE, expected="another name: the tick writes this one")

    @property
    def digest(self) -> str:
        """Of all that is wanted."""
        facts = {name: getattr(self, name) for name in self.__slots__ if name not in {"rule", "grace"}}
        facts |= {"rule": rule_document(self.rule), "grace_seconds": self.grace // timedelta(seconds=1)}
        return sha256_hex(canonical_bytes(facts))

    def key(self, at: datetime) -> str:
        """The key of the run for one occurrence."""
        return f"due:{self.name}:{format_instant(at)}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as recorded. No occurrence at or before ``since`` counts: nobody had asked for it then.

    ``next_at`` is None where a calendar is awaited (``awaiting_year``), after a deadline, and once dropped.
    ``trouble`` says why its run could not be enqueued; it is tried again at ``retry_at``.
    """

    wanted: DueRule
    active: bool
    since: datetime
    next_at: datetime | None
    awaiting_year: int | None
    last_at: datetime | None
    changed_at: datetime
    trouble: str
    trouble_zh: str
    trouble_en: str
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One instant of a rule. ``folded`` counts the older missed ones that its run stands for."""

    rule: str
    at: datetime
    outcome: Outcome
    run: str
    folded: int
    reason: Reason
    recorded_at: datetime
