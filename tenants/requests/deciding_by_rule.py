"""Approval by a published rule: the machine decides only where every check passed with evidence, and cites the rule."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.store import Scope
from tenants.requests.content import compare
from tenants.requests.evidence_tables import StepTaken, keep_step
from tenants.requests.granting import grant
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request
from tenants.requests.moving import Hand
from tenants.requests.policy import Policy, automatic_rule
from tenants.requests.results import CheckResult, all_passed
from tenants.requests.transitions import Move

BY_RULE = "by-rule"
"""The outcome of a step that no person took."""


def rule_for(policy: Policy, request: Request, results: Sequence[CheckResult], *, held: int) -> str:
    """The rule that approves the request, as it is cited; empty where a person decides.

    ``held`` is what the environment costs already, fen a month. An urgent request, one that needs an opinion and one
    beyond the delegated quota go to a person always.
    """
    if not all_passed(results) or request.needs_opinion or request.urgent or request.counterpart:
        return ""
    grows = request.kind is RequestKind.CHANGE and request.monthly > held
    if grows:
        growth = policy.growth
        checked = any(result.check == "growth" for result in results)
        fits = growth is not None and checked and request.monthly <= growth.at_most
        return f"{policy.id}/{growth.id}" if growth is not None and fits else ""
    rule = automatic_rule(policy, request.kind, request.monthly)
    return f"{policy.id}/{rule.id}" if rule is not None and request.monthly <= policy.delegated else ""


def approve_by_rule(
    hand: Hand, scope: Scope, request: Request, policy: Policy, results: Sequence[CheckResult], *, held: int
) -> Request:
    """The request, approved if a published rule says so; else as it is."""
    rule = rule_for(policy, request, results, held=held)
    if not rule:
        return request
    machine = Hand(hand.transaction, hand.now, hand.real)
    step = StepTaken(
        step=1,
        outcome=BY_RULE,
        digest=request.spec_digest,
        party=policy.party,
        person="",
        rule=rule,
        overruled={},
        note=policy.cites,
        decided_at=hand.now,
    )
    keep_step(hand.transaction, request.number, request.agency, step)
    return grant(
        machine,
        scope,
        request,
        policy,
        Move.APPROVE_BY_RULE,
        {"spec_digest": request.spec_digest, "estimate": request.monthly, "rule": rule, "cites": policy.cites},
        decided=request.requested,
        decided_content=request.content,
        decided_digest=request.spec_digest,
        decided_estimate=request.estimate,
        differences=compare(request.content, request.content, ""),
    )
