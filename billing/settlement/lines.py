"""The lines of a settlement, in their order, each rounded once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from billing.items.model import ItemKind
from billing.items.pricing import PricedItem
from billing.settlement.breakdown import Vat
from billing.settlement.model import AppliedGrade, LineKind, SettlementLine, StatementPart
from foundation.values.money import round_half_up


@dataclass(slots=True)
class LineWriter:
    """Numbers the lines as they are added."""

    number: int = 0

    def line(
        self,
        kind: LineKind,
        amount: int,
        *,
        reference: str = "",
        digest: str = "",
        agency: str = "",
        base: int | None = None,
        factor: Decimal | None = None,
        item: PricedItem | None = None,
    ) -> SettlementLine:
        """The next line."""
        self.number += 1
        return SettlementLine(
            number=self.number,
            kind=kind,
            reference=reference,
            digest=digest,
            agency=agency,
            system=item.item.system if item else "",
            project=item.item.project if item else "",
            fund_source=item.item.fund_source if item else "",
            service=item.item.service if item else "",
            meter=item.item.meter if item else "",
            price_version=item.price_version if item else "",
            quantity=item.item.quantity if item else None,
            price=item.price if item else None,
            base=base,
            factor=factor,
            amount=amount,
        )

    def statements(self, parts: Iterable[StatementPart]) -> Iterator[SettlementLine]:
        """What each statement charges, and what the SLA deducted from it where it did."""
        for part in parts:
            sums = {
                LineKind.USAGE: sum(charge.charged for charge in part.charges),
                LineKind.DEDUCTION: sum(charge.deducted for charge in part.charges),
            }
            for kind, amount in sums.items():
                if amount or kind is LineKind.USAGE:
                    yield self.line(kind, amount, reference=part.id, digest=part.digest, agency=part.agency)

    def items(self, priced: Iterable[PricedItem]) -> Iterator[SettlementLine]:
        """Service items, then outcome items; an outcome not accepted stands there with nothing."""
        ordered = sorted(priced, key=lambda each: (each.item.kind is ItemKind.OUTCOME, each.item.id))
        for each in ordered:
            outcome = each.item.kind is ItemKind.OUTCOME
            yield self.line(
                LineKind.OUTCOME_ITEM if outcome else LineKind.SERVICE_ITEM,
                each.amount,
                reference=each.item.id,
                digest=each.digest,
                agency=each.item.agency,
                factor=each.factor,
                item=each,
            )

    def coefficient(self, base: int, grade: AppliedGrade) -> SettlementLine:
        """The difference the coefficient makes."""
        factor = grade.coefficient - 1
        amount = round_half_up(base * Fraction(factor))
        return self.line(
            LineKind.COEFFICIENT, amount, reference=str(grade.month), digest=grade.digest, base=base, factor=factor
        )

    def taxes(self, bases: Mapping[Vat, int], coefficient: Decimal) -> Iterator[SettlementLine]:
        """Tax on top, a line a rate; none where prices include it."""
        for (includes_vat, rate), base in bases.items():
            if not includes_vat and base:
                amount = round_half_up(base * Fraction(coefficient) * Fraction(rate))
                yield self.line(LineKind.TAX, amount, base=base, factor=rate)

    def withheld(self, gross: int, share: Decimal) -> Iterator[SettlementLine]:
        """The tranche kept back, where the scheme keeps one."""
        if share:
            yield self.line(LineKind.WITHHELD, -round_half_up(gross * Fraction(share)), base=gross, factor=-share)


def tax_contained(bases: Mapping[Vat, int], coefficient: Decimal) -> int:
    """The tax inside prices that include it, rounded once a rate."""
    return sum(
        round_half_up(base * Fraction(coefficient) * Fraction(rate) / (1 + Fraction(rate)))
        for (includes_vat, rate), base in bases.items()
        if includes_vat
    )
