"""Service contract, its lines and settlement scheme as frozen values. Source: DOMAIN §2, §3."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from foundation.values.instant import Interval
from governance.projects.model import BusinessSystem, Project


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
class ContractLine:
    """One line of what is bought: for every service of a ``kind``, or for the named ``services`` only; without either
    for everything. ``amount`` is the most it may come to over the term, in fen. ``id`` is unique over all contracts:
    the contract's, a point, its number.
    """

    id: str
    contract: str
    zh: str
    en: str
    kind: str
    services: tuple[str, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class LineUse:
    """What became of a line's ``amount``: ``obligated`` is promised and not used yet, ``used`` is settled,
    ``remaining`` is what may still be promised. All fen; the three sum to the amount.
    """

    amount: int
    obligated: int
    used: int

    @property
    def remaining(self) -> int:
        """What may still be promised."""
        return self.amount - self.obligated - self.used


@dataclass(frozen=True, slots=True)
class Contract:
    """服务合同: the buyer (bureau), the operator, the payer, term, ceiling in fen, scheme, document number 文号.

    ``version`` 1 is the contract as signed; each supplementary agreement 补充协议 makes the next one. Without
    ``lines`` only the ceiling binds. ``warnings`` are the shares of the ceiling whose reaching is announced.
    """

    id: str
    document_number: str
    buyer: str
    operator: str
    payer: str
    term: Interval
    ceiling: int
    scheme: SettlementScheme
    lines: tuple[ContractLine, ...] = ()
    warnings: tuple[Decimal, ...] = (Decimal("0.8"), Decimal(1))
    version: int = 1

    @property
    def subject(self) -> str:
        """What decisions, the audit log and events call it."""
        return f"contract:{self.id}"

    @property
    def every_line(self) -> tuple[ContractLine, ...]:
        """The lines; of a contract without any, one that stands for the whole of it."""
        whole = ContractLine(f"{self.id}.0", self.id, "合同整体", "The whole contract", "", (), self.ceiling)
        return self.lines or (whole,)


@dataclass(frozen=True, slots=True)
class ContractDocument:
    """What one contract file says: the contract, and the projects and systems it serves from the start."""

    contract: Contract
    projects: tuple[Project, ...]
    systems: tuple[BusinessSystem, ...]


def line_for(lines: Sequence[ContractLine], service: str, kind: str) -> ContractLine | None:
    """The line a service is bought under: one that names it, before one for every service of its ``kind``."""
    named = (line for line in lines if service in line.services)
    of_kind = (line for line in lines if not line.services and line.kind in {kind, ""})
    return next(named, None) or next(of_kind, None)
