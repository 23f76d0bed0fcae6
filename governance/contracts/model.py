"""Contract, settlement scheme, project, business system as frozen values. Source: DOMAIN §2, §3."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from foundation.values.instant import Interval


@dataclass(frozen=True, slots=True)
class GradeStep:
    """At least ``at_least`` points give ``coefficient``."""

    at_least: int
    coefficient: Decimal


@dataclass(frozen=True, slots=True)
class SlaTier:
    """Availability under ``below`` (a share of 1, exact) is worth ``deduction`` (a share of the service's charge)."""

    below: Decimal
    deduction: Decimal


@dataclass(frozen=True, slots=True)
class SettlementScheme:
    """How a month is settled: grade → coefficient (highest step first), SLA tiers (lowest ``below`` first), the
    share of unknown minutes forgiven (``grace``), the share of the payable withheld, days of silence that confirm.
    """

    id: str
    grades: tuple[GradeStep, ...]
    tiers: tuple[SlaTier, ...]
    grace: Decimal
    withheld: Decimal
    silence_working_days: int


@dataclass(frozen=True, slots=True)
class Contract:
    """服务合同: the buyer (bureau), the operator, the payer, term, ceiling in fen, scheme, document number 文号."""

    id: str
    document_number: str
    buyer: str
    operator: str
    payer: str
    term: Interval
    ceiling: int
    scheme: SettlementScheme


@dataclass(frozen=True, slots=True)
class Project:
    """政务信息化项目(立项): its lead agency, ceiling in fen, approval document number."""

    id: str
    zh: str
    en: str
    lead: str
    document_number: str
    ceiling: int


@dataclass(frozen=True, slots=True)
class BusinessSystem:
    """业务系统: owned by an agency, built under a project, paid from one fund source 资金来源."""

    id: str
    zh: str
    en: str
    agency: str
    project: str
    fund_source: str


@dataclass(frozen=True, slots=True)
class ContractDocument:
    """What one contract file says: the contract, and the projects and systems it serves from the start."""

    contract: Contract
    projects: tuple[Project, ...]
    systems: tuple[BusinessSystem, ...]
