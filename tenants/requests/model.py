"""A request as a frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from governance.environments import EnvironmentSpec
from tenants.ports import Breakdown
from tenants.requests.content import Content, Difference
from tenants.requests.kinds import RequestKind
from tenants.requests.policy import Step


class RequestState(StrEnum):
    """Where the request stands. What leads from one to another is in ``transitions``."""

    AGREEING = "agreeing"
    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DELIVERED = "delivered"
    REFUSED = "refused"
    ACCEPTED = "accepted"
    EXPIRED = "expired"
    ENDED = "ended"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _STATES_ZH[self.value]

    @property
    def open(self) -> bool:
        """Whether it still waits for its decision."""
        return self in {RequestState.AGREEING, RequestState.REQUESTED}

    @property
    def granted(self) -> bool:
        """Whether what was decided on holds."""
        return self in _GRANTED


_STATES_ZH = {
    "agreeing": "待接收单位同意",
    "requested": "待审批",
    "approved": "已批准",
    "rejected": "已驳回",
    "withdrawn": "已撤回",
    "delivered": "已交付待验收",
    "refused": "验收未通过",
    "accepted": "已验收",
    "expired": "已到期",
    "ended": "已结束",
}
_GRANTED = frozenset(
    {
        RequestState.APPROVED,
        RequestState.DELIVERED,
        RequestState.REFUSED,
        RequestState.ACCEPTED,
        RequestState.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What it would cost: fen for one whole calendar month, and the lines it adds up from (plain JSON)."""

    monthly: int
    breakdown: Breakdown


@dataclass(frozen=True, slots=True)
class Delivery:
    """The clock from approval to acceptance. ``due`` is the last day; ``awaiting_year`` where its calendar is not
    loaded. Instants are business time."""

    due: date | None = None
    awaiting_year: int | None = None
    delivered_at: datetime | None = None
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request. ``spec_digest`` (SHA-256 of what is asked) and the estimate are what a decision binds to.

    Snapshots, as documents: ``original`` is what was approved before (None for something new), ``requested`` what the
    agency asked, ``decided`` what was decided on (None before), with ``decided_digest`` and ``decided_estimate``.
    ``environment`` is the first one it is about, empty for service items alone. ``steps`` is the chain of decisions
    computed from ``policy`` at submission, ``done`` how many of them were taken. ``line`` is the contract line it is
    charged to, ``need`` the approved need it comes from, ``counterpart`` the receiving agency of a transfer.
    Of service items alone, ``first`` is the number of the request that asked for them first: they are named by it.
    Instants are business time.
    """

    number: str
    kind: RequestKind
    agency: str
    system: str
    project: str
    environment: str
    content: Content
    spec_digest: str
    estimate: Estimate
    original: Mapping[str, Any] | None
    requested: Mapping[str, Any]
    decided: Mapping[str, Any] | None
    state: RequestState
    reason: str
    requested_at: datetime
    decided_at: datetime | None
    decided_content: Content | None = None
    decided_digest: str = ""
    decided_estimate: Estimate | None = None
    differences: tuple[Difference, ...] = ()
    policy: str = ""
    steps: tuple[Step, ...] = ()
    done: int = 0
    needs_opinion: bool = False
    need: str = ""
    line: str = ""
    counterpart: str = ""
    urgent: bool = False
    until: datetime | None = None
    delivery: Delivery = field(default_factory=Delivery)
    first: str = ""

    @property
    def subject(self) -> str:
        """What decisions and audit entries call it."""
        return f"request:{self.number}"

    @property
    def spec(self) -> EnvironmentSpec:
        """Its one environment as asked; a request of service items alone has none, and raises ``IndexError``."""
        return self.content.specs[0]

    @property
    def now_asked(self) -> Content:
        """What is to be granted: as decided so far, else as asked."""
        return self.decided_content or self.content

    @property
    def digest(self) -> str:
        """What the next decision binds to: as decided so far, else as asked."""
        return self.decided_digest or self.spec_digest

    @property
    def monthly(self) -> int:
        """Fen a month as decided so far, else as asked."""
        return (self.decided_estimate or self.estimate).monthly

    @property
    def step(self) -> Step | None:
        """The decision that is waited for; None where there is none."""
        waiting = self.state is RequestState.REQUESTED and self.done < len(self.steps)
        return self.steps[self.done] if waiting else None
