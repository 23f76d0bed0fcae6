"""Usage statement 使用确认单 as frozen values, and its canonical document. Source: DOMAIN §2, §3.

A statement is its document: ``document(statement)`` → plain JSON values, whose canonical bytes give the digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing.rating.model import Holding, Line, Price, Segment, Uncharged
from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.values.month import Month
from governance.sla import MinuteCounts, Tier


class StatementState(StrEnum):
    """草稿, 已出具, 已确认, 视同确认, 有异议."""

    DRAFT = "draft"
    ISSUED = "issued"
    CONFIRMED = "confirmed"
    DEEMED_CONFIRMED = "deemed-confirmed"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class RootReference:
    """A signed root this statement rests on: its handed-out name (``usage-2026-03-01.v1``) and its hash."""

    name: str
    root: str


@dataclass(frozen=True, slots=True)
class ServiceAvailability:
    """The month's counted minutes of one service of the agency."""

    service: str
    counts: MinuteCounts


@dataclass(frozen=True, slots=True)
class DeductionTerms:
    """What the settlement scheme says of availability: its tiers and the share of unknown minutes forgiven."""

    scheme: str
    tiers: tuple[Tier, ...]
    grace: Decimal


@dataclass(frozen=True, slots=True)
class Deduction:
    """One SLA deduction, a line of its own: ``amount`` = −round(base × share) fen.

    ``base`` is what this agency was charged for this service and system in the month; ``availability`` is the exact
    fraction as ``numerator/denominator``, never rounded. Numbers go on after the lines' numbers.
    """

    number: int
    system: str
    project: str
    fund_source: str
    service: str
    counts: MinuteCounts
    availability: str
    base: int
    share: Decimal
    amount: int


@dataclass(frozen=True, slots=True)
class StatementInputs:
    """All that a statement is computed from. Order does not matter, and what is not used is left out by itself.

    ``days`` and ``sli`` are the signed roots of the month's usage days and SLI days. ``supersedes`` is the digest of
    the version before, empty for version 1. ``names`` say what codes are called, frozen with the bill:
    ``service:<code>``, ``plan:<service>/<code>``, ``meter:<service>/<code>`` and ``system:<id>``, each
    {zh, en} and for a meter {unit_zh, unit_en} too.
    """

    agency: str
    month: Month
    contract: str
    version: int
    supersedes: str
    segments: tuple[Segment, ...]
    holdings: tuple[Holding, ...]
    prices: tuple[Price, ...]
    terms: DeductionTerms
    availability: tuple[ServiceAvailability, ...]
    days: tuple[RootReference, ...]
    sli: tuple[RootReference, ...]
    names: Mapping[str, Mapping[str, str]]
    code_version: str


@dataclass(frozen=True, slots=True)
class UsageStatement:
    """One agency's month. Amounts are whole fen; ``payable`` = ``charged`` + ``deducted`` (which is ≤ 0).

    ``unmeasured`` names the charged services of which there is no availability evidence, so that its lack is seen.
    """

    id: str
    version: int
    supersedes: str
    agency: str
    month: Month
    contract: str
    rating_semantics: int
    code_version: str
    lines: tuple[Line, ...]
    deductions: tuple[Deduction, ...]
    uncharged: tuple[Uncharged, ...]
    unmeasured: tuple[str, ...]
    charged: int
    deducted: int
    payable: int
    names: Mapping[str, Mapping[str, str]]
    inputs: Mapping[str, Any]


def statement_id(agency: str, month: Month) -> str:
    """The id all versions of one agency's month share."""
    return f"US-{agency}-{month}"


def document(statement: UsageStatement) -> dict[str, Any]:
    """The document: ``kind`` and every field of ``UsageStatement``, in plain JSON values."""
    return {"kind": "usage-statement", "schema": 1, **plain(statement)}


def digest(statement_document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes of a statement's document: what every later act binds to."""
    return sha256_hex(canonical_bytes(statement_document))
