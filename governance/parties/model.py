"""Parties, natural persons, accounts and duties as frozen values. Source: DOMAIN §1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from foundation.values.instant import format_instant


class PartyKind(StrEnum):
    """What a party is in 管运分离."""

    LEADING_GROUP = "leading-group"
    BUREAU = "bureau"
    OPERATOR = "operator"
    AGENCY = "agency"
    FINANCE = "finance"
    FISCAL = "fiscal"
    EXPERT = "expert"
    SUPPLIER = "supplier"
    AUDITOR = "auditor"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _PARTY_KINDS_ZH[self]


_PARTY_KINDS_ZH = {
    PartyKind.LEADING_GROUP: "领导小组办公室",
    PartyKind.BUREAU: "主管部门",
    PartyKind.OPERATOR: "运营中心",
    PartyKind.AGENCY: "使用单位",
    PartyKind.FINANCE: "财务",
    PartyKind.FISCAL: "财政部门",
    PartyKind.EXPERT: "专家委员会",
    PartyKind.SUPPLIER: "合作企业",
    PartyKind.AUDITOR: "审计",
}


class Duty(StrEnum):
    """What an account is for, inside its party."""

    REQUEST = "request"
    CONFIRM = "confirm"
    DRAFT = "draft"
    APPROVE = "approve"
    PUBLISH = "publish"
    OPERATE = "operate"
    SETTLE = "settle"
    REVIEW = "review"
    PAY = "pay"
    READ = "read"
    COUNTERSIGN = "countersign"
    DELEGATE = "delegate"
    ADMINISTER_SYSTEM = "administer-system"
    ADMINISTER_SECURITY = "administer-security"
    ADMINISTER_AUDIT = "administer-audit"


ADMINISTRATORS = frozenset({Duty.ADMINISTER_SYSTEM, Duty.ADMINISTER_SECURITY, Duty.ADMINISTER_AUDIT})
"""三员: a natural person holds at most one of the three."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level of government (省 市 县 乡 村). ``rank`` counts downwards: 1 is the highest."""

    id: str
    rank: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place that has a level (惠州市, 惠城区); ``superior`` is the place it lies in, None at the top."""

    id: str
    level: str
    zh: str
    en: str
    superior: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A body with a part in the shared cloud. ``id`` is its short code (``hrss``).

    ``level`` and ``place`` are ids of the tables of levels and places, empty and None where not told; ``superior`` is
    the party above it where one was named. ``organisation`` is the body it is: an office that carries the bureau's
    plate is two parties of one organisation (its own id unless said). ``approves`` is False of a bureau that has no
    power of approval. It exists over [``since``, ``until``): None where it always did, or still does.
    """

    id: str
    kind: PartyKind
    zh: str
    en: str
    level: str = ""
    superior: str | None = None
    organisation: str = ""
    place: str | None = None
    approves: bool = True
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        if not self.organisation:
            object.__setattr__(self, "organisation", self.id)

    def exists_at(self, at: datetime) -> bool:
        """Whether it is there at ``at``."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


Below = TypeVar("Below", Place, Party)


def upper_first(things: Sequence[Below]) -> list[Below]:
    """Each after the one above it, so that it can be recorded; the superiors form no circle."""
    waiting = {one.id: one for one in things}
    placed: list[Below] = []
    while waiting:
        free = [one for one in waiting.values() if one.superior is None or one.superior not in waiting]
        placed += free
        for one in free:
            del waiting[one.id]
    return placed


@dataclass(frozen=True, slots=True)
class Person:
    """One natural person. ``identity`` is a keyed hash; the key stays outside the database.

    Where the identity is not ``verified``, the person's accounts may only read.
    """

    id: str
    identity: str
    name: str
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """A login of one person for one party, valid over [``since``, ``until``)."""

    name: str
    person: str
    party: str
    duties: frozenset[Duty]
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's time in a party: [``since``, ``until``)."""

    person: str
    party: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Engagement:
    """A supplier working for ``hirer`` under ``contract``, over [``since``, ``until``), on what ``scope`` names.

    ``scope`` holds subjects such as ``system:benefits``; the contract is named by its document number.
    """

    id: str
    supplier: str
    hirer: str
    contract: str
    scope: tuple[str, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """``delegator`` lets ``delegate`` use one duty of theirs for ``party``, over [``since``, ``until``).

    ``acts`` and ``subjects`` narrow it further; empty means every act of the duty, every subject. A subject that ends
    in ``*`` means all that begin so. A decision taken under it counts as done by both natural persons.
    """

    id: str
    delegator: str
    delegate: str
    party: str
    duty: Duty
    acts: frozenset[str]
    subjects: frozenset[str]
    since: datetime
    until: datetime

    def document(self) -> dict[str, str | list[str]]:
        """As plain values: what a digest is taken of, and what lists show."""
        return {
            "id": self.id,
            "delegator": self.delegator,
            "delegate": self.delegate,
            "party": self.party,
            "duty": self.duty.value,
            "acts": sorted(self.acts),
            "subjects": sorted(self.subjects),
            "since": format_instant(self.since),
            "until": format_instant(self.until),
        }

    def covers(self, act: str, subject: str) -> bool:
        """Whether the delegation speaks of this act on this subject; whether it is in force is another question."""
        return (not self.acts or act in self.acts) and (
            not self.subjects or any(_matches(pattern, subject) for pattern in self.subjects)
        )


def _matches(pattern: str, subject: str) -> bool:
    return subject.startswith(pattern[:-1]) if pattern.endswith("*") else subject == pattern
