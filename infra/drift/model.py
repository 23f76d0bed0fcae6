"""Findings, looks, and what the trail says. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex

SECRET = "«secret»"  # noqa: S105 - what is kept in a secret's place


class Change(StrEnum):
    """What happened behind the deployer's back."""

    CHANGED = "changed"
    DELETED = "deleted"
    ORPHAN = "orphan"
    """In the cloud with the environment's tag or name, and in no state."""

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {"changed": "被修改", "deleted": "被删除", "orphan": "孤立资源"}[self.value]


class Ending(StrEnum):
    """How a finding came to its end."""

    OPEN = ""
    GONE = "gone"
    """By itself: somebody took it back by hand."""
    REVERTED = "reverted"
    ADOPTED = "adopted"
    TERMINATED = "terminated"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {
            "": "未结束",
            "gone": "已自行消失",
            "reverted": "已还原",
            "adopted": "已采纳",
            "terminated": "环境已终止",
        }[self.value]

    @property
    def en(self) -> str:
        """In English."""
        return self.value or "open"


class TrailState(StrEnum):
    """What came of asking who did it."""

    KNOWN = "known"
    NOTHING = "nothing"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {
            "known": "已查明",
            "nothing": "审计记录中没有相关写操作",
            "unsupported": "此云不提供审计查询",
            "failed": "审计查询失败",
        }[self.value]

    @property
    def en(self) -> str:
        """In English."""
        return {
            "known": "known",
            "nothing": "the trail names no write",
            "unsupported": "the trail is not available here",
            "failed": "the trail could not be asked",
        }[self.value]


class LookOutcome(StrEnum):
    """How a look ended. Only ``CLEAN`` says that nothing has drifted."""

    CLEAN = "clean"
    DRIFTED = "drifted"
    BUSY = "busy"
    UNFINISHED = "unfinished"
    UNREACHABLE = "unreachable"
    DIFFERENT_CLOUD = "different-cloud"
    CREDENTIALS = "credentials"
    FAILED = "failed"

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {
            "clean": "无漂移",
            "drifted": "有漂移",
            "busy": "正在部署,稍后再看",
            "unfinished": "部署未结束",
            "unreachable": "云无法访问",
            "different-cloud": "另一个云或已被清空",
            "credentials": "云凭证不被接受",
            "failed": "未能查看",
        }[self.value]

    @property
    def seen(self) -> bool:
        """Whether the environment was seen at all."""
        return self in {LookOutcome.CLEAN, LookOutcome.DRIFTED}


@dataclass(frozen=True, slots=True)
class Seen:
    """One difference between cloud and what was applied.

    ``expected`` and ``found`` are plain JSON values of the property at ``path`` (empty for a resource as a whole),
    secrets as ``SECRET``. An orphan has no ``name`` and no ``urn``; what is gone keeps the ``cloud_id`` it had.
    """

    change: Change
    kind: str
    name: str = ""
    urn: str = ""
    cloud_id: str = ""
    path: str = ""
    expected: Any = None
    found: Any = None

    def identity(self, environment: str) -> str:
        """Stands for the difference as long as it lasts, whatever values are found: SHA-256, hexadecimal."""
        what = self.cloud_id if self.change is Change.ORPHAN else self.urn
        return sha256_hex(canonical_bytes([environment, self.change.value, self.kind, what, self.path]))

    @property
    def resource(self) -> str:
        """``Kind/name``; of an orphan ``Kind/cloud id``."""
        return f"{self.kind}/{self.name or self.cloud_id}"


@dataclass(frozen=True, slots=True)
class Who:
    """What the trail says of who changed something: the nearest write before the look, never a guess.

    ``person`` is the cloud's own name of the identity, ``event`` its name of the call, ``source`` the address the
    call came from; ``note`` says why the trail could not be asked.
    """

    state: TrailState
    person: str = ""
    event: str = ""
    source: str = ""
    at: datetime | None = None
    note: str = ""


UNASKED = Who(TrailState.NOTHING)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody's word that a difference may stay so until an instant, as it was found then."""

    person: str
    because: str
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference on record. ``deployment`` is the one it was last seen under; ``plan`` the plan made to revert it."""

    id: str
    environment: str
    agency: str
    seen: Seen
    who: Who
    deployment: str
    first_seen: datetime
    last_seen: datetime
    ended_at: datetime | None = None
    ending: Ending = Ending.OPEN
    acceptance: Acceptance | None = None
    plan: str = ""

    @property
    def subject(self) -> str:
        """What decisions and audit entries call it."""
        return f"drift:{self.id}"

    @property
    def identity(self) -> str:
        """See ``Seen.identity``."""
        return self.seen.identity(self.environment)

    def accepted(self, at: datetime) -> bool:
        """Whether an acceptance holds."""
        return self.acceptance is not None and at < self.acceptance.until

    def open(self, at: datetime) -> bool:
        """Whether somebody has to do something about it."""
        return self.ended_at is None and not self.accepted(at)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one environment. ``found`` findings stand, ``fresh`` of them since this look, ``ended`` by it."""

    id: str
    environment: str
    agency: str
    deployment: str
    outcome: LookOutcome
    started_at: datetime
    ended_at: datetime
    found: int = 0
    fresh: int = 0
    ended: int = 0
    code: str = ""
    zh: str = ""
    en: str = ""
