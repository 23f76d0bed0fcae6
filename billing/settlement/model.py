"""Settlement 结算单 as frozen values: inputs, document, states. Source: DOMAIN §3. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing.items.pricing import PricedItem
from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.values.month import Month

SETTLEMENT_SEMANTICS = 1
"""Printed on every settlement; another way of computing is a new number, and the old code stays for it."""


class SettlementState(StrEnum):
    """草稿, 已提交, 已认可, 已审核, 已批准, 已支付, 已退回."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    PAID = "paid"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, order=True)
class Bearer:
    """Who bears a cost: agency, business system, project, fund source."""

    agency: str
    system: str
    project: str
    fund_source: str


@dataclass(frozen=True, slots=True)
class Charge:
    """What one bearer is charged at one VAT treatment, in whole fen: ``charged`` ≥ 0 and ``deducted`` ≤ 0."""

    bearer: Bearer
    includes_vat: bool
    vat_rate: Decimal
    charged: int
    deducted: int


@dataclass(frozen=True, slots=True)
class StatementPart:
    """What a settlement takes of one usage statement: all but the ``held`` line numbers, which are in dispute."""

    id: str
    version: int
    agency: str
    digest: str
    state: str
    held: tuple[int, ...]
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """The published points (0 to 100) and the digest of their publication. ``month`` is the one they were given for:
    an earlier one where the settled month has none, and then the coefficient is provisional.
    """

    month: Month
    points: int
    digest: str


@dataclass(frozen=True, slots=True)
class GradeStep:
    """At least ``at_least`` points give ``coefficient``."""

    at_least: int
    coefficient: Decimal


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What a service contract and its scheme say of settling. These are billing's own values, so that an offline
    verification needs no contract records. ``ceiling`` in fen; ``withheld`` is a share of the gross.
    """

    id: str
    document_number: str
    buyer: str
    operator: str
    payer: str
    ceiling: int
    scheme: str
    grades: tuple[GradeStep, ...]
    withheld: Decimal


Names = Mapping[str, Mapping[str, str]]
"""What codes are called, frozen with the document: ``party:<id>``, ``system:<id>``, ``project:<id>``,
``service:<code>``, ``meter:<service>/<code>``, each {zh, en}."""


@dataclass(frozen=True, slots=True)
class SettlementInputs:
    """All that a settlement is computed from. ``settled_before``: gross fen of the contract's other settlements."""

    contract: ContractTerms
    month: Month
    version: int
    statements: tuple[StatementPart, ...]
    items: tuple[PricedItem, ...]
    grade: Grade
    settled_before: int
    names: Names


class LineKind(StrEnum):
    """计量费用, 服务扣减, 服务事项, 服务成果, 质量系数, 增值税, 暂扣."""

    USAGE = "usage"
    DEDUCTION = "deduction"
    SERVICE_ITEM = "service-item"
    OUTCOME_ITEM = "outcome-item"
    COEFFICIENT = "coefficient"
    TAX = "tax"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One line, rounded once. ``reference`` and ``digest`` name what it rests on (a statement, an item, a grade).

    amount = ``quantity`` × ``price`` × ``factor``; of a coefficient, tax or withheld line ``base`` × ``factor``.
    Parts that do not apply are None or empty.
    """

    number: int
    kind: LineKind
    reference: str
    digest: str
    agency: str
    system: str
    project: str
    fund_source: str
    service: str
    meter: str
    price_version: str
    quantity: Decimal | None
    price: Decimal | None
    base: int | None
    factor: Decimal | None
    amount: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Whole fen. gross = usage + deductions + service_items + outcome_items + coefficient + tax; payable = gross −
    withheld. ``tax_contained`` is the tax inside prices that include it: shown, never added.
    """

    usage: int
    deductions: int
    service_items: int
    outcome_items: int
    coefficient: int
    tax: int
    tax_contained: int
    gross: int
    withheld: int
    payable: int
    settled_before: int
    ceiling: int


@dataclass(frozen=True, slots=True)
class BearerShare:
    """What one bearer bears of gross, withheld and payable; over all bearers each sums to its total."""

    agency: str
    system: str
    project: str
    fund_source: str
    gross: int
    withheld: int
    payable: int


@dataclass(frozen=True, slots=True)
class StatementReference:
    """A statement this settlement took, its state when it was taken, and the line numbers left out."""

    id: str
    version: int
    agency: str
    digest: str
    state: str
    held: tuple[int, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class AppliedGrade:
    """Points of ``month`` → coefficient; ``provisional`` where that is not the settled month."""

    month: Month
    points: int
    digest: str
    coefficient: Decimal
    provisional: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """One contract-period between buyer and operator."""

    id: str
    version: int
    contract: str
    document_number: str
    buyer: str
    operator: str
    payer: str
    month: Month
    scheme: str
    semantics: int
    statements: tuple[StatementReference, ...]
    grade: AppliedGrade
    lines: tuple[SettlementLine, ...]
    totals: Totals
    breakdown: tuple[BearerShare, ...]
    names: Names


def settlement_id(contract: str, month: Month) -> str:
    """The id all versions of one contract-period share."""
    return f"S-{contract}-{month}"


def document(settlement: Settlement) -> dict[str, Any]:
    """The document: ``kind`` and every field of ``Settlement`` in plain JSON values."""
    return {"kind": "settlement", "schema": 1, **plain(settlement)}


def digest(settlement_document: dict[str, Any]) -> str:
    """SHA-256 of the document's canonical bytes: what every later act binds to."""
    return sha256_hex(canonical_bytes(settlement_document))
