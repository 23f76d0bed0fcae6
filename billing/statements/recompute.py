"""Compute a statement from its inputs. Pure: the same inputs, in any order, give the same canonical bytes.

Drawing, estimating, packing and offline verification all run this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from billing.rating.model import RATING_SEMANTICS, Holding, Line, Rated
from billing.rating.rate import rate
from billing.rating.segments import Epoch, check_holdings, epochs_of
from billing.statements.model import (
    Deduction,
    DeductionTerms,
    RootReference,
    ServiceAvailability,
    StatementInputs,
    UsageStatement,
    statement_id,
)
from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.values.money import round_half_up
from foundation.values.month import Month
from governance.sla import MinuteCounts, deduction_share


def recompute(inputs: StatementInputs) -> UsageStatement:
    """The statement of these inputs. Other agencies' holdings and segments, and unused prices, are left out."""
    holdings = check_holdings((held for held in inputs.holdings if held.agency == inputs.agency), inputs.month)
    services = {holding.service for holding in holdings}
    epochs = epochs_of((price for price in inputs.prices if price.service in services), inputs.month)
    prices = tuple(epoch.price for epoch in epochs)
    segments = [segment for segment in inputs.segments if segment.agency == inputs.agency]
    rated = rate(segments, holdings, prices, inputs.month)
    measured = [_over_whole_month(each, inputs.month) for each in inputs.availability]
    deductions = deductions_of(rated.lines, measured, inputs.terms)
    deducted = sum(deduction.amount for deduction in deductions)
    return UsageStatement(
        id=statement_id(inputs.agency, inputs.month),
        version=inputs.version,
        supersedes=inputs.supersedes,
        agency=inputs.agency,
        month=inputs.month,
        contract=inputs.contract,
        rating_semantics=RATING_SEMANTICS,
        code_version=inputs.code_version,
        lines=rated.lines,
        deductions=deductions,
        uncharged=rated.uncharged,
        unmeasured=_unmeasured(rated, inputs.availability),
        charged=rated.charged,
        deducted=deducted,
        payable=rated.charged + deducted,
        names=_used_names(inputs.names, rated),
        inputs={
            "days": _references(inputs.days),
            "sli": _references(inputs.sli),
            "prices": sorted(({"id": epoch.price.id, "digest": epoch_digest(epoch)} for epoch in epochs), key=_id),
            "holdings": holdings_digest(holdings, inputs.month),
            "terms": {"scheme": inputs.terms.scheme, "digest": terms_digest(inputs.terms)},
        },
    )


def deductions_of(
    lines: Iterable[Line], availability: Iterable[ServiceAvailability], terms: DeductionTerms
) -> tuple[Deduction, ...]:
    """One deduction for each charged (system, project, fund source, service) whose service fell under a tier.

    base = the lines' fen; amount = −round half up(base × share), once.
    """
    charged = list(lines)
    bases: dict[tuple[str, str, str, str], int] = {}
    for line in charged:
        key = (line.system, line.project, line.fund_source, line.service)
        bases[key] = bases.get(key, 0) + line.amount
    judged = {each.service: deduction_share(each.counts, terms.tiers, terms.grace) for each in availability}
    found: list[Deduction] = []
    for key, base in sorted(bases.items()):
        result = judged.get(key[-1])
        if result is None or result.value is None or result.share == 0:
            continue
        found.append(
            Deduction(
                len(charged) + len(found) + 1,
                *key,
                counts=result.counts,
                availability=f"{result.value.numerator}/{result.value.denominator}",
                base=base,
                share=result.share,
                amount=-round_half_up(base * Fraction(result.share)),
            )
        )
    return tuple(found)


def _over_whole_month(each: ServiceAvailability, month: Month) -> ServiceAvailability:
    """Minutes of the month that no sealed day speaks of are unknown: leaving them out would count them as available."""
    unspoken = max(0, month.seconds // 60 - each.counts.total)
    return replace(each, counts=each.counts + MinuteCounts(unknown=unspoken))


def value_digest(value: object) -> str:
    """SHA-256 of a value's canonical bytes."""
    return sha256_hex(canonical_bytes(value))


def terms_digest(terms: DeductionTerms) -> str:
    """The digest of the deduction terms, whatever order the tiers come in."""
    tiers = sorted(terms.tiers, key=lambda tier: (tier.below, tier.deduction))
    return value_digest({"scheme": terms.scheme, "grace": terms.grace, "tiers": tiers})


def epoch_digest(epoch: Epoch) -> str:
    """The digest of a price version as it held in the month: ending it later changes no closed bill."""
    facts: dict[str, Any] = plain(epoch.price)
    del facts["start"], facts["end"]
    return value_digest({**facts, "period": epoch.period})


def holdings_digest(holdings: Iterable[Holding], month: Month) -> str:
    """The digest of register entries as the month saw them: closing one later changes no closed bill."""
    end = month.interval.end
    seen = [held if held.closed is not None and held.closed < end else replace(held, closed=None) for held in holdings]
    return value_digest(sorted(seen, key=lambda held: (held.agency, held.resource, held.opened)))


def _unmeasured(rated: Rated, availability: Iterable[ServiceAvailability]) -> tuple[str, ...]:
    measured = {each.service for each in availability}
    return tuple(sorted({line.service for line in rated.lines} - measured))


def _id(reference: Mapping[str, str]) -> str:
    return reference["id"]


def _references(roots: Iterable[RootReference]) -> list[dict[str, str]]:
    return [{"name": name, "root": root} for name, root in sorted((each.name, each.root) for each in roots)]


def _used_names(names: Mapping[str, Mapping[str, str]], rated: Rated) -> dict[str, Any]:
    used: set[str] = set()
    for line in rated.lines:
        used |= {
            f"system:{line.system}",
            f"service:{line.service}",
            f"plan:{line.service}/{line.plan}",
            f"meter:{line.service}/{line.meter}",
        }
    for left in rated.uncharged:
        used |= {f"service:{left.service}", f"meter:{left.service}/{left.meter}"}
    return {key: dict(names[key]) for key in sorted(used) if key in names}
