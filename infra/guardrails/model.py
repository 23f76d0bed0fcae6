"""Rules, what they find, the context they look in, exemptions, and the judgement of a plan: frozen values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from governance.environments import Baseline, EnvironmentSpec, Protection, Zone
from governance.environments.landing_zone import LandingZoneSpec
from infra.engine.model import PlannedStep, PlanSummary
from infra.guardrails.policy import Policy, Severity

ENVIRONMENT = "Environment"
"""The kind that a finding on the plan as a whole names."""


@dataclass(frozen=True, slots=True)
class Room:
    """One budget or quota that covers the environment, at the instant of the judgement.

    ``limit`` is what may be taken in all, ``others`` what everything but this environment takes, ``wanted`` what the
    environment takes after the plan: fen a month where ``money``, else a plain quantity. ``key`` is the quota's id.
    One that is ``shared`` by several agencies tells nobody what is left of it.
    """

    key: str
    zh: str
    en: str
    limit: Decimal
    others: Decimal
    wanted: Decimal
    money: bool = False
    shared: bool = False

    @property
    def left(self) -> Decimal:
        """What this environment may take; below zero where others take more than there is."""
        return self.limit - self.others


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may know besides the plan. ``zone`` and ``protection`` are None for what serves every tenant.

    ``tags`` are the values that the mandatory tags must have; ``ranges`` the CIDRs that are the agency's own;
    ``peers`` those of environments with an approved peering; ``keys`` the ids, ARNs and aliases of the agency's keys
    that are known beforehand. Costs are fen a month, of the whole environment, before and after the plan.
    """

    policy: Policy
    zone: Zone | None = None
    protection: Protection | None = None
    baseline: Baseline | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    ranges: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()
    terminate: bool = False
    cost_before: int = 0
    cost_after: int = 0
    rooms: tuple[Room, ...] = ()


def context_of(spec: EnvironmentSpec | LandingZoneSpec, policy: Policy, **more: Any) -> Context:
    """The context of a plan; ``more`` are the other fields of ``Context``. The landing zone has no zone or level."""
    tags = {
        "guanyun:agency": spec.agency,
        "guanyun:system": spec.system,
        "guanyun:project": spec.project,
        "guanyun:fund-source": spec.fund_source,
    }
    if isinstance(spec, LandingZoneSpec):
        # Its shared services are there for every environment.
        return Context(policy=policy, tags=tags, ranges=tuple(policy.private_ranges), **more)
    return Context(
        policy=policy,
        zone=spec.zone,
        protection=spec.protection,
        baseline=spec.baseline,
        tags=tags,
        ranges=(spec.cidr,),
        peers=tuple(peer.cidr for peer in spec.peers),
        **more,
    )


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found: ``path`` is the property, ``found`` a short text of no language.

    ``step`` is None for the plan as a whole. ``rests_on`` are the steps that brought it about, where ``step`` alone
    did not: what is missing is also missed when the plan deletes it.
    """

    step: PlannedStep | None
    path: str
    found: str
    rests_on: tuple[PlannedStep, ...] = ()


Check = Callable[[PlanSummary, Context], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One guardrail. ``id`` never changes its meaning. ``zh``/``en`` say what must be, the remedy what to do.

    A rule that is not ``exemptible`` has another way out, which its remedy names.
    """

    id: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    check: Check
    exemptible: bool = True


@dataclass(frozen=True, slots=True)
class GuardrailFinding:
    """One rule broken at one place. ``untouched``: it was so before, and the plan leaves it: it warns, never blocks.

    ``exemption`` is the id of the exemption that lets it pass, empty where none does.
    """

    rule: str
    severity: Severity
    urn: str
    kind: str
    name: str
    path: str
    found: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    untouched: bool = False
    exemption: str = ""

    @property
    def resource(self) -> str:
        """What an exemption names: ``SecurityGroup/baseline``, stable over replacements."""
        return f"{self.kind}/{self.name}"

    @property
    def blocks(self) -> bool:
        """Whether it stands in the plan's way."""
        return self.severity is Severity.BLOCK and not self.exemption


class ExemptionState(StrEnum):
    """``ASKED`` waits for the bureau; whether an ``APPROVED`` one holds is a matter of its dates too."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVOKED = "revoked"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"asked": "待审批", "approved": "已批准", "rejected": "已驳回", "revoked": "已撤销"}[self.value]


@dataclass(frozen=True, slots=True)
class Exemption:
    """One rule does not hold for one resource of one environment over [``since``, ``until``), for a ``reason``.

    ``resource`` is ``Kind/name`` as findings name it. ``since`` is the approval's instant, None before it.
    """

    id: str
    environment: str
    agency: str
    rule: str
    resource: str
    reason: str
    until: datetime
    state: ExemptionState
    asked_by: str
    asked_at: datetime
    since: datetime | None = None
    decided_by: str = ""
    note: str = ""

    @property
    def subject(self) -> str:
        """What decisions and audit entries call it."""
        return f"exemption:{self.id}"

    @property
    def digest(self) -> str:
        """SHA-256 of what is asked for: what a decision binds to."""
        asked = {
            "environment": self.environment,
            "rule": self.rule,
            "resource": self.resource,
            "reason": self.reason,
            "until": self.until,
        }
        return sha256_hex(canonical_bytes(asked))

    def holds(self, at: datetime) -> bool:
        """Whether it lets something pass at ``at``."""
        return self.state is ExemptionState.APPROVED and self.since is not None and self.since <= at < self.until

    def covers(self, environment: str, finding: GuardrailFinding) -> bool:
        """Whether it is about this finding."""
        return (self.environment, self.rule, self.resource) == (environment, finding.rule, finding.resource)


@dataclass(frozen=True)
class Judgement:
    """What the guardrails say of one plan; ``plan`` is its digest, ``policy`` the version of the parameters.

    ``findings`` are sorted: what blocks first. Equal plans, contexts and exemptions give equal judgements.
    """

    plan: str
    policy: str
    findings: tuple[GuardrailFinding, ...] = ()

    @property
    def blocking(self) -> tuple[GuardrailFinding, ...]:
        """What stands in the way."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def exempted(self) -> tuple[GuardrailFinding, ...]:
        """What an exemption lets pass."""
        return tuple(finding for finding in self.findings if finding.exemption)

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of the canonical JSON of the whole judgement."""
        return sha256_hex(canonical_bytes(self.document()))

    def document(self) -> dict[str, Any]:
        """The judgement as plain JSON values; what the digest covers."""
        return {"plan": self.plan, "policy": self.policy, "findings": list(self.findings)}


def judgement_from_document(document: Mapping[str, Any]) -> Judgement:
    """Read what ``Judgement.document`` gave, also after it was stored as JSON; its digest is the same."""
    findings = tuple(GuardrailFinding(**{**one, "severity": Severity(one["severity"])}) for one in document["findings"])
    return Judgement(plan=document["plan"], policy=document["policy"], findings=findings)
