"""Grants as frozen values: who may use which dataset or which application support, for what, until when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Offer(StrEnum):
    """What a grant is on: a dataset 数据集, or a plan of application support 应用支撑 (e-licence, identity)."""

    DATASET = "dataset"
    SUPPORT = "support"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"dataset": "数据集", "support": "应用支撑"}[self.value]


class GrantState(StrEnum):
    """Where a grant stands. Approved, it is in force over its term; every other state but ``ASKED`` is an end."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    EXPIRED = "expired"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _STATES_ZH[self]


_STATES_ZH = {
    GrantState.ASKED: "待批准",
    GrantState.APPROVED: "已批准",
    GrantState.REJECTED: "已驳回",
    GrantState.WITHDRAWN: "已撤回",
    GrantState.REVOKED: "已收回",
    GrantState.EXPIRED: "已到期",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agency asks for. ``thing`` is a dataset's id or a plan's code; ``items`` the data items wanted (none for
    support); ``level`` the highest data level they have; the term is half-open."""

    offer: Offer
    thing: str
    system: str
    purpose: str
    basis: str
    items: tuple[str, ...]
    level: int
    calls_a_day: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant. ``holder`` is the party that decides on it: the dataset's holder, or who decides for the agency.

    ``version`` is the dataset's version it was asked on (0 for support); ``digest`` the SHA-256 of wish and version,
    which decisions bind to; ``began`` and ``ended`` are when the register opened and closed for it.
    """

    number: str
    agency: str
    wish: Wish
    version: int
    plan: str
    holder: str
    digest: str
    state: GrantState
    reason: str
    asked_at: datetime
    decided_at: datetime | None
    began: datetime | None
    ended: datetime | None

    @property
    def subject(self) -> str:
        """What decisions, tasks and the audit log call it."""
        return f"grant:{self.number}"

    def in_force(self, at: datetime) -> bool:
        """Whether it may be used at ``at``."""
        return self.state is GrantState.APPROVED and self.wish.start <= at < self.wish.end


@dataclass(frozen=True, slots=True)
class Access:
    """Whether an agency may read a dataset now, and why. ``rule`` is ``holder`` (its own, also read back from where it
    was aggregated: the return flow 回流), ``grant``, or empty; ``items`` are those it may read."""

    allowed: bool
    rule: str
    grant: str
    items: Collection[str]
    zh: str
    en: str
