"""What the story is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

REFUSED = 6
"""The exit code of a refusal: the story shows a few on purpose."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Line:
    """One command line typed by one account; ``expected`` is the exit code that is right here."""

    account: str
    words: tuple[str, ...]
    expected: int = 0
    zh: str = ""
    en: str = ""

    @property
    def name(self) -> str:
        """Stable over runs: a line that is done is not typed again."""
        return f"{self.account}: {' '.join(self.words)}"


@dataclass(frozen=True, slots=True)
class RoomFile:
    """A room workbook: named systems from a file, or ``agency``'s, accepted as proposed."""

    code: str
    workbook: Path
    systems: Path | None = None
    agency: str = ""
    project: str = ""
    fund_source: str = ""
    at_least: int | None = None
    fewest: int = 1
    most: int | None = None
    only_agency: str = ""


@dataclass(frozen=True, slots=True)
class Cast:
    """Which account plays which part; requesters and confirmers by agency."""

    drafter: str
    decider: str
    planner: str
    second: str
    reviewer: str
    payer: str
    auditor: str
    requesters: Mapping[str, str]
    confirmers: Mapping[str, str]
    second_accounts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays: files and folders, and the rooms it takes over."""

    home: Path
    examples: Path
    rooms: tuple[RoomFile, ...]
    traces: tuple[Path, ...] = ()
    cast: Cast = field(
        default_factory=lambda: Cast(
            drafter="zhang.min",
            decider="li.qiang",
            planner="wang.fang",
            second="zhao.lei",
            reviewer="zhou.na",
            payer="wu.gang",
            auditor="xu.hui",
            requesters={"hrss": "chen.jing", "housing": "yang.li"},
            confirmers={"hrss": "liu.yang", "housing": "huang.tao"},
            second_accounts={"hrss": "chen.jing.bureau"},
        )
    )

    @property
    def specs(self) -> Path:
        """Where the batch's environment specs lie."""
        return self.home / "specs"

    @property
    def packs(self) -> Path:
        """Where packs and PDFs are written."""
        return self.home / "out"
