"""Who decides on what: the published policy 审批规则 as a value, and the chain computed from it. Pure.

A policy is a bureau's, dated, never edited: the newest one in force at submission holds for the request to its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from tenants.requests.kinds import RequestKind


class By(StrEnum):
    """Who takes a step: whoever decides for the agency, whoever decides for that party, the leading group's office."""

    DECIDER = "decider"
    UPPER = "upper"
    LEADING_GROUP = "leading-group"
    COUNTERPART = "counterpart"
    """Of a transfer: whoever decides for the receiving agency, where that is another party."""

    @property
    def zh(self) -> str:
        """In Chinese."""
        return {
            "decider": "主管部门",
            "upper": "上一级主管部门",
            "leading-group": "领导小组办公室",
            "counterpart": "接收单位的主管部门",
        }[self.value]


class Weight(StrEnum):
    """What a failed check means to a person: it cannot be overruled, or by name and with a reason."""

    BLOCKING = "blocking"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a chain: who takes it as a role, and which party that was at submission."""

    by: By
    party: str


@dataclass(frozen=True, slots=True)
class Band:
    """From ``at_least`` fen a month on: the steps, in order, and whether an expert's opinion must be on file."""

    at_least: int
    steps: tuple[By, ...]
    opinion: bool = False


@dataclass(frozen=True, slots=True)
class AutomaticRule:
    """Requests of these kinds up to ``at_most`` fen a month are approved by the machine if every check passed."""

    id: str
    kinds: frozenset[RequestKind]
    at_most: int


@dataclass(frozen=True, slots=True)
class GrowthRule:
    """Growth by at most ``most_percent`` of what is held, where at least ``use_percent`` of it was used on an average
    over ``days`` days."""

    id: str
    most_percent: int
    use_percent: int
    days: int
    at_most: int
    """Fen a month that the whole may cost."""


@dataclass(frozen=True, slots=True)
class Policy:
    """``party`` is the bureau whose agencies it is for; ``levels`` those of the agencies, empty for all.

    Up to ``delegated`` fen a month (the delegated quota) the agency's own bureau decides alone. ``checks`` weighs each
    check that is not blocking. ``cites`` is the notice it rests on.
    """

    id: str
    party: str
    cites: str
    start: datetime
    levels: tuple[str, ...] = ()
    delegated: int = 0
    bands: tuple[Band, ...] = ()
    checks: Mapping[str, Weight] = field(default_factory=dict)
    automatic: tuple[AutomaticRule, ...] = ()
    growth: GrowthRule | None = None
    decision_working_days: int = 5
    urgent_working_days: int = 1
    delivery_working_days: int = 5
    reminder_days: tuple[int, ...] = (30, 7)
    urgent_most_days: int = 30

    def weight(self, check: str) -> Weight:
        """What it means that this check failed."""
        return self.checks.get(check, Weight.BLOCKING)


UNPUBLISHED = Policy(id="", party="", cites="", start=datetime(1970, 1, 1, tzinfo=UTC))
"""Where nothing is published: one person of whoever decides for the agency, nothing by rule, nothing overruled."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps a request takes, and whether an expert's opinion is needed before the last."""

    steps: tuple[By, ...]
    opinion: bool


def chain_of(policy: Policy, *, monthly: int, transfer: bool = False) -> Chain:
    """The chain for a request that costs ``monthly`` fen: one step within the delegated quota, else its band's."""
    band = max(
        (band for band in policy.bands if band.at_least <= monthly and monthly > policy.delegated),
        key=lambda band: band.at_least,
        default=Band(0, (By.DECIDER,)),
    )
    steps = band.steps or (By.DECIDER,)
    return Chain((*steps, By.COUNTERPART) if transfer else steps, band.opinion)


def in_force(policies: tuple[Policy, ...], *, party: str, level: str, at: datetime) -> Policy:
    """The newest policy of the party that has begun by ``at`` and is for that level; one that names it goes before."""
    fitting = [
        policy
        for policy in policies
        if policy.party == party and policy.start <= at and (not policy.levels or level in policy.levels)
    ]
    return max(fitting, key=lambda policy: (bool(policy.levels), policy.start, policy.id), default=UNPUBLISHED)


def automatic_rule(policy: Policy, kind: RequestKind, monthly: int) -> AutomaticRule | None:
    """The rule under which the machine may approve it."""
    fitting = (rule for rule in policy.automatic if kind in rule.kinds and monthly <= rule.at_most)
    return next(fitting, None)
