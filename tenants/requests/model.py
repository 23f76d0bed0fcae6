"""A request as a frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from governance.environments import EnvironmentSpec
from tenants.ports import Breakdown


class RequestKind(StrEnum):
    """What is asked. Suspend, resume and transfer come with their own rules."""

    CREATE = "create"
    CHANGE = "change"
    TERMINATE = "terminate"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"create": "开通", "change": "变更", "terminate": "终止"}[self.value]


class RequestState(StrEnum):
    """Where the request stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"requested": "待审批", "approved": "已批准", "rejected": "已驳回"}[self.value]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What it would cost: fen for one whole calendar month, and the lines it adds up from (plain JSON)."""

    monthly: int
    breakdown: Breakdown


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``spec_digest`` (SHA-256 of the spec's canonical bytes) and the estimate are what a decision
    binds to.

    Snapshots, as documents: ``original`` is the spec approved before (None for a new environment), ``requested``
    what the agency asked, ``decided`` what was decided on (None before). Instants are business time.
    """

    number: str
    kind: RequestKind
    agency: str
    system: str
    environment: str
    spec: EnvironmentSpec
    spec_digest: str
    estimate: Estimate
    original: Mapping[str, Any] | None
    requested: Mapping[str, Any]
    decided: Mapping[str, Any] | None
    state: RequestState
    reason: str
    requested_at: datetime
    decided_at: datetime | None

    @property
    def subject(self) -> str:
        """What decisions and audit entries call it."""
        return f"request:{self.number}"
