"""What guardrails ask of others; ``wiring`` binds each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from foundation.store import Transaction
from governance.environments import EnvironmentSpec
from infra.guardrails.model import Exemption, Judgement, Room


class Rooms(Protocol):
    """Budgets and quotas, as ``tenants`` counts them."""

    def __call__(
        self, transaction: Transaction, spec: EnvironmentSpec, request: str, monthly: int, at: datetime
    ) -> Sequence[Room]:
        """Every budget and quota in force at ``at`` that covers the environment of ``spec``, which costs ``monthly``.

        ``request`` is the approved request the environment stands on: what it holds is not what others hold.
        """
        ...


class AgencyOf(Protocol):
    """Whose an environment is, as ``tenants`` knows it."""

    def __call__(self, transaction: Transaction, environment: str) -> str | None:
        """The agency; None where there is no such environment."""
        ...


class Records(Protocol):
    """Exemptions and judgements on record: this package's own tables, in an installation that has them."""

    def standing(self, transaction: Transaction, environment: str, at: datetime) -> Sequence[Exemption]:
        """The exemptions of an environment that hold at ``at``."""
        ...

    def keep(self, transaction: Transaction, plan: str, agency: str, judgement: Judgement, at: datetime) -> None:
        """Write what was said of a plan at the real time ``at``; again changes nothing."""
        ...
