"""Datasets as frozen values. Source: DOMAIN §3 "Data layer" (统一目录、全量汇集、按需申请、安全使用)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Sharing(StrEnum):
    """无条件共享, 有条件共享, 不予共享."""

    FREE = "unconditional"
    CONDITIONAL = "conditional"
    NONE = "none"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"unconditional": "无条件共享", "conditional": "有条件共享", "none": "不予共享"}[self.value]


class Masking(StrEnum):
    """How an item is masked 脱敏 before others read it."""

    NONE = "none"
    REMOVE = "remove"
    REPLACE = "replace"
    HASH = "hash"
    PARTIAL = "partial"
    GENERALISE = "generalise"


class DatasetState(StrEnum):
    """How far a version has come. ``RETURNED``, ``SUPERSEDED`` and ``WITHDRAWN`` are ends."""

    COMPILED = "compiled"
    REVIEWED = "reviewed"
    AGGREGATED = "aggregated"
    GRADED = "graded"
    MASKED = "masked"
    PUBLISHED = "published"
    RETURNED = "returned"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _STATES_ZH[self]


_STATES_ZH = {
    DatasetState.COMPILED: "已编制",
    DatasetState.REVIEWED: "已审核",
    DatasetState.AGGREGATED: "已汇集",
    DatasetState.GRADED: "已分类分级",
    DatasetState.MASKED: "已脱敏",
    DatasetState.PUBLISHED: "已发布",
    DatasetState.RETURNED: "已退回",
    DatasetState.SUPERSEDED: "已更替",
    DatasetState.WITHDRAWN: "已撤下",
}

LISTED = frozenset(
    {
        DatasetState.REVIEWED,
        DatasetState.AGGREGATED,
        DatasetState.GRADED,
        DatasetState.MASKED,
        DatasetState.PUBLISHED,
    }
)
"""States in which a dataset counts as listed 编目: its bureau has reviewed it, and nobody took it back."""

ON_ITS_WAY = LISTED - {DatasetState.PUBLISHED} | {DatasetState.COMPILED}
"""States of a version that somebody is now to act on."""


@dataclass(frozen=True, slots=True)
class DataItem:
    """数据项: one field of a dataset, as the agency that holds it describes it."""

    code: str
    zh: str
    en: str
    type: str
    personal: bool


@dataclass(frozen=True, slots=True)
class Description:
    """What an agency says of a dataset. ``plan`` is the catalogue's plan of the data layer its use is metered under;
    ``basis`` the legal basis of its sharing condition (may be empty only where sharing is unconditional)."""

    id: str
    zh: str
    en: str
    system: str
    subject_area: str
    update_cycle: str
    sharing: Sharing
    basis: str
    plan: str
    items: tuple[DataItem, ...]


@dataclass(frozen=True, slots=True)
class ItemGrade:
    """How sensitive one item is (``level`` 1 to 4, 1 the least) and how it must be masked."""

    level: int
    masking: Masking


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of one dataset. ``agency`` holds it; ``grades`` by item code, empty before it is graded.

    ``reviewer`` and ``aggregator`` are the parties that decide on it, fixed when it was compiled; ``category`` is its
    class 分类; ``digest`` is the SHA-256 of the description, which every decision on it binds to.
    """

    id: str
    version: int
    agency: str
    description: Description
    digest: str
    state: DatasetState
    reviewer: str
    aggregator: str
    category: str
    grades: Mapping[str, ItemGrade]
    reason: str
    compiled_at: datetime
    moved_at: datetime

    @property
    def subject(self) -> str:
        """What decisions, tasks and the audit log call this version."""
        return f"dataset:{self.id}/{self.version}"

    @property
    def level(self) -> int:
        """The dataset's own level: its most sensitive item's; 0 before it is graded."""
        return max((grade.level for grade in self.grades.values()), default=0)


@dataclass(frozen=True, slots=True)
class Coverage:
    """编目率: how many of the datasets an agency holds are listed. ``held`` None: it has not said."""

    agency: str
    listed: int
    published: int
    held: int | None

    @property
    def per_mille(self) -> int | None:
        """Listed in a thousand of held, rounded down, so that 1000 means all; None where nothing is known to be held.

        More listed than held shows as it is: the count of what is held is out of date.
        """
        return self.listed * 1000 // self.held if self.held else None
