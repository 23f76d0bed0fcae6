"""Parties, persons, accounts and duties as frozen values. Source: DOMAIN §1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PartyKind(StrEnum):
    """What a party is in 管运分离."""

    LEADING_GROUP = "leading-group"
    BUREAU = "bureau"
    OPERATOR = "operator"
    AGENCY = "agency"
    FINANCE = "finance"
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


@dataclass(frozen=True, slots=True)
class Party:
    """A body with a part in the shared cloud. ``id`` is its short code (``hrss``)."""

    id: str
    kind: PartyKind
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Person:
    """One natural person. ``identity`` is a keyed hash; the key stays outside the database."""

    id: str
    identity: str
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """A login of one person for one party, valid over [``since``, ``until``)."""

    name: str
    person: str
    party: str
    duties: frozenset[Duty]
    since: datetime
    until: datetime | None
