"""Nothing open to everybody: buckets, management and database ports, databases."""

from __future__ import annotations

from collections.abc import Iterable

from infra.engine.model import PlanSummary
from infra.guardrails.model import Context, Hit
from infra.guardrails.reading import (
    ANYWHERE,
    Inputs,
    existing,
    firewall_rules,
    inside,
    network,
    opened,
    principals,
    rule_text,
    statements,
)

FIREWALLS = ("SecurityGroup", "SecurityGroupRule")
DATABASES = ("Database", "DatabaseInstance", "DatabaseCluster", "DbInstance", "DbCluster")
_OPEN_ACLS = frozenset({"public-read", "public-read-write", "authenticated-read"})


def open_buckets(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A bucket whose block against the public is off, or whose ACL lets the public in."""
    for step, inputs in existing(plan, "Bucket"):
        if inputs.get("block_public_access") is False:
            yield Hit(step, "block_public_access", "false")
        if inputs.get("acl") in _OPEN_ACLS:
            yield Hit(step, "acl", str(inputs["acl"]))


def policies_for_everybody(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A policy on a resource that allows everybody something without a condition."""
    for step, inputs in existing(plan):
        for statement in statements(inputs.get("policy")):
            allowed = statement.get("Effect") == "Allow" and not statement.get("Condition")
            if allowed and "*" in principals(statement):
                yield Hit(step, "policy", f"{statement.get('Sid', 'Allow')}: Principal *")


def management_ports_open(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A management port that anybody may reach."""
    yield from _open_to_anybody(plan, context.policy.management_ports)


def database_ports_open(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A database port that anybody may reach."""
    yield from _open_to_anybody(plan, context.policy.database_ports)


def ports_open_to_strangers(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A management or database port that is reached from outside the agency's own ranges, if not from everywhere."""
    ports = context.policy.management_ports | context.policy.database_ports
    friends = (*context.ranges, *context.policy.management_ranges, *context.peers)
    for step, inputs in existing(plan, *FIREWALLS):
        for rule in firewall_rules(inputs, "ingress"):
            source = network(rule.get("cidr"))
            if source is not None and not _everywhere(rule) and opened(rule, ports) and not inside(source, friends):
                yield Hit(step, "ingress", rule_text(rule))


def databases_open(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A database with an address of its own on the internet."""
    for step, inputs in existing(plan, *DATABASES):
        if inputs.get("publicly_accessible") is True:
            yield Hit(step, "publicly_accessible", "true")


def _open_to_anybody(plan: PlanSummary, ports: frozenset[int]) -> Iterable[Hit]:
    for step, inputs in existing(plan, *FIREWALLS):
        for rule in firewall_rules(inputs, "ingress"):
            if _everywhere(rule) and opened(rule, ports):
                yield Hit(step, "ingress", rule_text(rule))


def _everywhere(rule: Inputs) -> bool:
    """Half of all addresses is as good as all: nobody may pass by cutting ``0.0.0.0/0`` in two."""
    source = network(rule.get("cidr"))
    return source is not None and (source in ANYWHERE or source.prefixlen <= (1 if source.version == 4 else 3))
