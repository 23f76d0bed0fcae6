"""Needs, proposals, rounds as frozen values. Source: DOMAIN §2 'need, request', §3 'Demand'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from foundation.evidence import canonical_bytes, plain, sha256_hex
from governance.environments import EnvironmentSpec, Protection, spec_document
from tenants.ports import Breakdown


class NeedState(StrEnum):
    """Where a need stands, and with it who is to act."""

    STATED = "stated"
    """The operator is to propose."""
    PROPOSED = "proposed"
    """The agency is to agree or send back."""
    AGREED = "agreed"
    """The bureau is to decide."""
    RETURNED = "returned"
    """The agency is to state it again, or withdraw."""
    MERGED = "merged"
    """It follows the need that leads it."""
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _STATES_ZH[self]


_STATES_ZH = {
    NeedState.STATED: "待方案",
    NeedState.PROPOSED: "待单位同意",
    NeedState.AGREED: "待审批",
    NeedState.RETURNED: "已退回",
    NeedState.MERGED: "已合并",
    NeedState.APPROVED: "已批准",
    NeedState.REJECTED: "已驳回",
    NeedState.WITHDRAWN: "已撤回",
}
LIVE = frozenset({NeedState.STATED, NeedState.PROPOSED, NeedState.AGREED, NeedState.RETURNED})
"""The states in which a need waits for somebody."""


@dataclass(frozen=True, slots=True)
class Users:
    """Who uses it, and how many of them."""

    who: str
    count: int


@dataclass(frozen=True, slots=True)
class DataKind:
    """A kind of data: its level (an id of the terms' list), volume and monthly growth in whole GB."""

    kind: str
    level: str
    volume_gb: int
    growth_gb_month: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What is expected of it: the measure and the target to reach."""

    measure: str
    target: str


@dataclass(frozen=True, slots=True)
class Urgency:
    """Why it cannot wait: ``reason`` is of the terms' list, ``words`` the agency's, ``until`` its end."""

    reason: str
    words: str
    until: date


@dataclass(frozen=True, slots=True)
class Questions:
    """The business questions an agency answers; no technical size is among them.

    ``system`` is the business system it is for, empty for a new one. ``capabilities`` are what it must be able to do,
    in business words (身份认证). ``peak`` is the number of people at once.
    """

    agency: str
    zh: str
    en: str
    system: str
    purpose: str
    users: tuple[Users, ...]
    data: tuple[DataKind, ...]
    capabilities: tuple[str, ...]
    peak: int
    service_hours: str
    protection: Protection
    deadline: date
    today: str
    effects: tuple[Effect, ...]
    urgent: Urgency | None = None

    @property
    def digest(self) -> str:
        """Of the whole answers."""
        return sha256_hex(canonical_bytes(plain(self)))


@dataclass(frozen=True, slots=True)
class ItemUse:
    """A service item of an alternative: ``quantity`` of one meter of one service a month."""

    service: str
    meter: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to meet a need: an environment, service items, or both; why; what it costs.

    ``monthly`` is fen for one whole calendar month, ``breakdown`` the lines it adds up from, both by the billing code.
    """

    id: str
    zh: str
    en: str
    reason: str
    environment: EnvironmentSpec | None
    items: tuple[ItemUse, ...]
    monthly: int = 0
    breakdown: Breakdown = ()


def alternative_document(alternative: Alternative) -> dict[str, Any]:
    """The alternative as plain JSON values, the environment as its own document."""
    spec = alternative.environment
    facts = {name: getattr(alternative, name) for name in ("id", "zh", "en", "reason", "monthly")}
    return {
        **facts,
        "environment": None if spec is None else spec_document(spec),
        "items": plain(alternative.items),
        "breakdown": plain(alternative.breakdown),
    }


@dataclass(frozen=True, slots=True)
class Proposal:
    """The operator's ``version``-th answer to ``need_version`` of a need, recommending one of its alternatives."""

    need: str
    version: int
    need_version: int
    agency: str
    recommended: str
    alternatives: tuple[Alternative, ...]
    digest: str
    proposed_at: datetime

    def alternative(self, id_: str) -> Alternative | None:
        """The alternative with that id."""
        return next((one for one in self.alternatives if one.id == id_), None)


@dataclass(frozen=True, slots=True)
class Need:
    """A need as it stands. ``version`` counts what the agency stated, ``proposal`` what the operator answered
    (0: nothing yet); ``chosen`` is the alternative the agency agreed to.

    ``leading`` is the number of the need that this one was merged into, of the agency ``leading_agency``;
    ``participants`` are the agencies whose needs were merged into this one. Instants are business time.
    """

    number: str
    agency: str
    zh: str
    en: str
    system: str
    round: str
    version: int
    digest: str
    state: NeedState
    urgent: bool
    proposal: int
    proposal_digest: str
    chosen: str
    leading: str
    leading_agency: str
    participants: tuple[str, ...]
    reason: str
    stated_at: datetime
    moved_at: datetime
    decided_at: datetime | None

    @property
    def subject(self) -> str:
        """What decisions, tasks and audit entries call it."""
        return f"need:{self.number}"

    @property
    def decision_digest(self) -> str:
        """What a decision binds to: what was stated, answered and agreed to, and for whom."""
        names = ("number", "version", "digest", "proposal", "proposal_digest", "chosen")
        facts = {name: getattr(self, name) for name in names}
        return sha256_hex(canonical_bytes(facts | {"participants": list(self.participants)}))


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a need: never changed. ``act`` is what was done; ``party`` is who did it, as it was called then."""

    act: str
    before: str
    after: NeedState
    version: int
    proposal: int
    chosen: str
    reason: str
    party: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A round 征集批次: needs may join over [``opens_at``, ``closes_at``), unless the bureau closed it before."""

    id: str
    bureau: str
    zh: str
    en: str
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None

    def takes(self, at: datetime) -> bool:
        """Whether a need may join at ``at``."""
        return self.closed_at is None and self.opens_at <= at < self.closes_at


@dataclass(frozen=True, slots=True)
class Temporary:
    """What the urgent path lets an agency use meanwhile: ``use`` over [``granted_at``, ``until``).

    ``use`` names what of the quota, in its own units. ``papers_by`` is when the papers are due; ``papers`` is the
    digest of the attachment that was handed in. ``review`` is the reviewer's finding, empty before.
    """

    need: str
    agency: str
    use: Mapping[str, int]
    reason: str
    granted_at: datetime
    until: datetime
    papers_by: datetime
    papers: str
    papers_at: datetime | None
    ended_at: datetime | None
    review: str
    review_note: str
    reviewed_at: datetime | None

    def expired(self, now: datetime) -> bool:
        """Whether its end has passed."""
        return now >= self.until
