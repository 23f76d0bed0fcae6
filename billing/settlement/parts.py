"""What a settlement takes of a usage statement's document. Pure.

A line in dispute stays out. So does the SLA deduction counted on it, with every other line that deduction was
counted on: paying one without the other would pay a wrong amount to one side.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from billing.settlement.model import Bearer, Charge, StatementPart
from foundation.values.money import shares

_Vat = tuple[bool, Decimal]


def part_of(document: Mapping[str, Any], *, digest: str, state: str, disputed: Collection[int] = ()) -> StatementPart:
    """The part of a statement that is settled; ``disputed`` holds line numbers as the agency named them."""
    held = held_lines(document, disputed)
    lines = [line for line in document["lines"] if line["number"] not in held]
    sums: dict[tuple[Bearer, _Vat], list[int]] = {}
    for line in lines:
        sums.setdefault((_bearer(document, line), _vat(line)), [0, 0])[0] += line["amount"]
    for deduction in document["deductions"]:
        if deduction["number"] in held:
            continue
        # A deduction names no VAT treatment: it takes that of the lines it was counted on, by their amounts.
        bearer = _bearer(document, deduction)
        weights: dict[_Vat, int] = {}
        for line in lines:
            if _counted_on(line) == _counted_on(deduction):
                weights[_vat(line)] = weights.get(_vat(line), 0) + line["amount"]
        treatments = sorted(weights)
        for treatment, amount in zip(
            treatments, shares(deduction["amount"], [weights[each] for each in treatments]), strict=True
        ):
            sums.setdefault((bearer, treatment), [0, 0])[1] += amount
    return StatementPart(
        id=document["id"],
        version=document["version"],
        agency=document["agency"],
        digest=digest,
        state=state,
        held=tuple(sorted(held)),
        charges=tuple(
            Charge(bearer, includes_vat, vat_rate, charged, deducted)
            for (bearer, (includes_vat, vat_rate)), (charged, deducted) in sorted(sums.items())
        ),
    )


def held_lines(document: Mapping[str, Any], disputed: Collection[int]) -> frozenset[int]:
    """The numbers that stay out because of a dispute on some of them."""
    held = set(disputed)
    for deduction in document["deductions"]:
        if not deduction["amount"]:
            continue
        group = {line["number"] for line in document["lines"] if _counted_on(line) == _counted_on(deduction)}
        group.add(deduction["number"])
        if group & held:
            held |= group
    return frozenset(held)


def _counted_on(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return row["system"], row["project"], row["fund_source"], row["service"]


def _bearer(document: Mapping[str, Any], row: Mapping[str, Any]) -> Bearer:
    return Bearer(document["agency"], row["system"], row["project"], row["fund_source"])


def _vat(line: Mapping[str, Any]) -> _Vat:
    return line["includes_vat"], Decimal(line["vat_rate"])
