"""Lists 清单, their entries and appeals as frozen values. Source: DOMAIN §2."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from foundation.values.errors import Language


class ListKind(StrEnum):
    """责任清单, 权力清单, 负面清单, 财务清单, 红黑名单."""

    RESPONSIBILITY = "responsibility"
    POWER = "power"
    NEGATIVE = "negative"
    FINANCE = "finance"
    RED_BLACK = "red-black"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _KINDS_ZH[self]


_KINDS_ZH = {
    ListKind.RESPONSIBILITY: "责任清单",
    ListKind.POWER: "权力清单",
    ListKind.NEGATIVE: "负面清单",
    ListKind.FINANCE: "财务清单",
    ListKind.RED_BLACK: "红黑名单",
}


class Standing(StrEnum):
    """Where an entry of a red/black list puts the party it names."""

    RED = "red"
    BLACK = "black"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"red": "红名单", "black": "黑名单"}[self.value]


@dataclass(frozen=True, slots=True)
class Matches:
    """What an entry is about, in codes a program compares. An entry that names nothing is for people to read only."""

    services: frozenset[str] = frozenset()
    plans: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    protections: frozenset[str] = frozenset()
    data_levels: frozenset[str] = frozenset()
    agencies: frozenset[str] = frozenset()
    systems: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()
    acts: frozenset[str] = frozenset()

    def hold(self, facts: Mapping[str, Collection[str]]) -> bool:
        """Whether every side the entry names (``services``, ``zones`` …) is met by one of the codes in ``facts``.

        A fact nobody gives meets nothing: an entry on data levels says nothing of a thing without one.
        """
        named = {name: codes for name, codes in self.sides().items() if codes}
        return bool(named) and all(codes & frozenset(facts.get(name, ())) for name, codes in named.items())

    def sides(self) -> Mapping[str, frozenset[str]]:
        """Every side by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


SIDES = tuple(field.name for field in fields(Matches))
"""The names of the sides an entry can be compared by."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One entry of a published list, in force over [``since``, ``until``): None where no end is set.

    ``list`` is the list's id, ``number`` its own within the list. ``standing``, ``party`` and ``reason`` are those of
    a red/black entry, else None and empty.
    """

    list: str
    number: int
    kind: ListKind
    list_zh: str
    list_en: str
    document_number: str
    owner: str
    zh: str
    en: str
    matches: Matches
    since: datetime
    until: datetime | None
    standing: Standing | None = None
    party: str = ""
    reason: str = ""

    @property
    def subject(self) -> str:
        """What appeals, tasks and the audit log call it."""
        return f"list-entry:{self.list}/{self.number}"

    def in_force(self, at: datetime) -> bool:
        """Whether it holds at ``at``."""
        return self.since <= at and (self.until is None or at < self.until)

    def cite(self, language: Language) -> str:
        """How a check or a decision names it, in one language, with its words."""
        if language == "zh":
            return f"《{self.list_zh}》({self.document_number})第 {self.number} 条:{self.zh}"
        return f"“{self.list_en}” ({self.document_number}), entry {self.number}: {self.en}"


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """An entry as a list's file words it. Without instants of its own it holds as long as the list."""

    number: int
    zh: str
    en: str
    matches: Matches
    since: datetime | None = None
    until: datetime | None = None
    standing: Standing | None = None
    party: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A list before it is published. ``replaces`` names the list that ends where this one begins, if any.

    ``appeal_working_days`` is how long whoever answers an appeal has.
    """

    id: str
    kind: ListKind
    zh: str
    en: str
    owner: str
    document_number: str
    since: datetime
    until: datetime | None
    entries: tuple[DraftEntry, ...]
    appeal_working_days: int = 0
    replaces: str = ""

    @property
    def subject(self) -> str:
        """What decisions and the audit log call it."""
        return f"list:{self.id}"


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list as it stands: its draft, the draft's digest, and when it was published (None of a draft)."""

    draft: ListDraft
    digest: str
    until: datetime | None
    published_at: datetime | None


class Outcome(StrEnum):
    """What the answer to an appeal does with the entry."""

    UPHELD = "upheld"
    ENDED = "ended"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"upheld": "维持", "ended": "移出"}[self.value]


@dataclass(frozen=True, slots=True)
class Appeal:
    """申诉: the named ``party`` against an entry. ``outcome`` is None while it waits for its answer."""

    id: str
    list: str
    entry: int
    party: str
    words: str
    filed_at: datetime
    working_days: int
    outcome: Outcome | None
    answer: str
    answered_at: datetime | None

    @property
    def subject(self) -> str:
        """What decisions, tasks and the audit log call it."""
        return f"appeal:{self.id}"
