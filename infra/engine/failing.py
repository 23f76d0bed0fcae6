"""Which failure it was that ended a run, by what the provider and the engine said of it.

What the provider says reaches us as words with its error's code behind them; the engine's own calls to the key
service as the cloud's code.
"""

from __future__ import annotations

import re

from infra.engine.errors import CloudAway, CredentialsEnded, EngineError, EngineFailed, PlanViolated, QuotaReached
from infra.provider import errors as provider
from infra.provider.sending import NOT_ACCEPTED

_CREDENTIALS = re.compile(rf"\b({'|'.join(sorted(NOT_ACCEPTED))})\b")


_OUTSIDE_PLAN = ("violates plan", "not allowed by the plan", "expected resource operations")


def failure_of(detail: str) -> type[EngineError]:
    """The error that says it best; ``EngineFailed`` where nothing more is known."""
    if f"[{provider.CredentialsRefused.code}]" in detail or _CREDENTIALS.search(detail):
        return CredentialsEnded
    if f"[{provider.QuotaReached.code}]" in detail:
        return QuotaReached
    away = (provider.AnswerLost, provider.CloudSilent, provider.CloudBroken)
    if any(f"[{error.code}]" in detail for error in away):
        return CloudAway
    if any(mark in detail for mark in _OUTSIDE_PLAN):
        return PlanViolated
    return EngineFailed
