"""Shares: exact decimals that sum to one, and money split by them to the last fen. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from foundation.values.money import shares
from governance.projects.model import BusinessSystem, FundSource, Participant, Project

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class CostShare:
    """What one agency bears out of one fund source under one account code, in fen."""

    agency: str
    fund: str
    subject_code: str
    fen: int


@dataclass(frozen=True, slots=True)
class CodedShare:
    """A share of one fund source that goes to one account code."""

    fund: str
    subject_code: str
    share: Decimal


def sum_to_one(parts: Sequence[Decimal]) -> bool:
    """Whether the shares are more than 0 each and exactly 1 together; of no shares, nothing is said."""
    return not parts or (all(part > 0 for part in parts) and sum(parts) == ONE)


def participants_of(project: Project) -> tuple[Participant, ...]:
    """Who bears the cost: the lead alone, where nobody else takes part."""
    return project.participants or (Participant(project.lead, ONE),)


def funds_of(project: Project) -> tuple[FundSource, ...]:
    """What it is paid from; one source without a name, where the paper names none."""
    return project.funds or (FundSource("", ONE),)


def split_cost(project: Project, total: int, coded: Sequence[CodedShare] = ()) -> tuple[CostShare, ...]:
    """``total`` fen of the project split by agency, fund source and account code: the parts sum to the total.

    Largest remainder over all parts at once, ties to the earlier one. Without ``coded`` there are no account codes.
    """
    parts = [
        (one.agency, fund.name, code.subject_code, one.share * fund.share * code.share)
        for one in participants_of(project)
        for fund in funds_of(project)
        for code in _codes_of(fund.name, coded)
    ]
    split = shares(total, [weight for *_, weight in parts])
    return tuple(CostShare(agency, fund, code, fen) for (agency, fund, code, _), fen in zip(parts, split, strict=True))


def split_by_agency(system: BusinessSystem, total: int) -> dict[str, int]:
    """``total`` fen of a shared business system by agency, the lead first; the parts sum to the total."""
    others = [(user.agency, user.share) for user in system.users]
    weights = [(system.agency, ONE - sum((share for _, share in others), Decimal(0))), *others]
    split = shares(total, [weight for _, weight in weights])
    return {agency: fen for (agency, _), fen in zip(weights, split, strict=True)}


def _codes_of(fund: str, coded: Sequence[CodedShare]) -> Sequence[CodedShare]:
    return [code for code in coded if code.fund == fund] or [CodedShare(fund, "", ONE)]
