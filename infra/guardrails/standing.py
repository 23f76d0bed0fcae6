"""The guardrails of an installation: its parameters, its budgets and quotas, its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from foundation.store import Transaction
from governance.environments import EnvironmentSpec
from governance.environments.landing_zone import LandingZoneSpec
from infra.engine.model import PlanSummary
from infra.guardrails.judging import judge
from infra.guardrails.model import Judgement, Room, context_of
from infra.guardrails.policy import Policy, published_policy
from infra.guardrails.ports import Records, Rooms


def no_rooms(
    transaction: Transaction, spec: EnvironmentSpec, request: str, monthly: int, at: datetime
) -> Sequence[Room]:
    """Where nobody set a budget or quota."""
    return ()


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What a plan is judged by besides its steps. ``before`` is what the environment costs now, fen a month."""

    spec: EnvironmentSpec | LandingZoneSpec
    request: str
    before: int
    after: int
    terminate: bool = False


@dataclass(frozen=True)
class Guardrails:
    """What judges every plan. Without ``records`` no exemption holds and no judgement is kept."""

    policy: Policy = field(default_factory=published_policy)
    rooms: Rooms = no_rooms
    records: Records | None = None

    def judge(self, transaction: Transaction, plan: PlanSummary, facts: PlanFacts, at: datetime) -> Judgement:
        """What the guardrails say of a plan at ``at``."""
        rooms: Sequence[Room] = ()
        if isinstance(facts.spec, EnvironmentSpec):  # nobody's quota counts the landing zone
            rooms = self.rooms(transaction, facts.spec, facts.request, facts.after, at)
        context = context_of(
            facts.spec,
            self.policy,
            terminate=facts.terminate,
            cost_before=facts.before,
            cost_after=facts.after,
            rooms=tuple(rooms),
        )
        standing = () if self.records is None else self.records.standing(transaction, plan.environment, at)
        return judge(plan, context, standing)

    def keep(self, transaction: Transaction, plan: str, agency: str, judgement: Judgement, at: datetime) -> None:
        """Put a judgement on record with its plan."""
        if self.records is not None:
            self.records.keep(transaction, plan, agency, judgement, at)
