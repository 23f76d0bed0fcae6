"""Reading a plan as the rules do: what exists after it, policies inside inputs, networks and ports. Pure.

A value which only the cloud will choose is unknown; no rule takes an unknown value for a bad one. Property names are
the kinds'. Where the cloud's API calls one thing by several names, a rule asks for any of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from infra.engine.model import Operation, PlannedStep, PlanSummary
from infra.engine.plans import UNKNOWN

Network = IPv4Network | IPv6Network
Inputs = Mapping[str, Any]

ANYWHERE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def known(value: Any) -> bool:
    """Whether the plan knows the value."""
    return bool(value != UNKNOWN)


def inputs_after(step: PlannedStep) -> Inputs:
    """The inputs a resource has after the plan; of one that stays as it is, those it has."""
    return step.after or (step.before if step.operation is Operation.SAME else {})


def existing(plan: PlanSummary, *kinds: str) -> Iterator[tuple[PlannedStep, Inputs]]:
    """Every resource that exists after the plan, with its inputs; of some kinds only where named."""
    for step in plan.steps:
        if step.operation is not Operation.DELETE and (not kinds or step.kind in kinds):
            yield step, inputs_after(step)


def going(plan: PlanSummary) -> Iterator[PlannedStep]:
    """Every resource that is deleted, also where another takes its place."""
    for step in plan.steps:
        if step.operation in {Operation.DELETE, Operation.REPLACE}:
            yield step


def of_kinds(plan: PlanSummary, *kinds: str) -> tuple[PlannedStep, ...]:
    """Every step on these kinds, deletions among them."""
    return tuple(step for step in plan.steps if step.kind in kinds)


def first(inputs: Inputs, names: Iterable[str]) -> tuple[str, Any] | None:
    """The first of the properties that is there, with its value."""
    for name in names:
        if name in inputs:
            return name, inputs[name]
    return None


def statements(text: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy given as JSON text; none where it is unknown, secret or not JSON."""
    if not isinstance(text, str) or not known(text):
        return
    try:
        document = json.loads(text)
    except ValueError:
        return
    found = document.get("Statement", []) if isinstance(document, dict) else []
    for statement in [found] if isinstance(found, dict) else found:
        if isinstance(statement, dict):
            yield statement


def texts(value: Any) -> tuple[str, ...]:
    """One text or a list of texts, as a policy may write either."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(one) for one in value) if isinstance(value, Sequence) else ()


def principals(statement: Mapping[str, Any]) -> tuple[str, ...]:
    """Whom a statement speaks of: ``*``, ARNs, services."""
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        return tuple(one for value in principal.values() for one in texts(value))
    return texts(principal)


def network(text: Any) -> Network | None:
    """The network of a CIDR; None where it is unknown or none."""
    if not isinstance(text, str) or not known(text):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def inside(part: Network, ranges: Iterable[str]) -> bool:
    """Whether a network lies wholly in one of the ranges."""
    for text in ranges:
        whole = ip_network(text, strict=False)
        if isinstance(part, IPv4Network) and isinstance(whole, IPv4Network) and part.subnet_of(whole):
            return True
        if isinstance(part, IPv6Network) and isinstance(whole, IPv6Network) and part.subnet_of(whole):
            return True
    return False


def firewall_rules(inputs: Inputs, direction: str) -> Iterator[Inputs]:
    """The rules of a security group (``ingress`` or ``egress``), or of a kind that is one rule."""
    rules = inputs.get(direction)
    if isinstance(rules, Sequence) and not isinstance(rules, str):
        yield from (rule for rule in rules if isinstance(rule, Mapping))
    elif rules is None and "cidr" in inputs and inputs.get("direction", "ingress") == direction:
        yield inputs


def opened(rule: Inputs, ports: Iterable[int]) -> tuple[int, ...]:
    """Which of the ports a firewall rule lets through, sorted; a rule of every protocol lets all."""
    protocol = str(rule.get("protocol", "-1")).lower()
    if protocol in {"-1", "all"}:
        return tuple(sorted(ports))
    if protocol not in {"tcp", "udp", "6", "17"}:
        return ()
    low, high = rule.get("from_port"), rule.get("to_port", rule.get("from_port"))
    if not isinstance(low, int) or not isinstance(high, int):
        return tuple(sorted(ports)) if low is None else ()
    return tuple(sorted(port for port in ports if low <= port <= high))


def rule_text(rule: Inputs) -> str:
    """A firewall rule in a few signs: ``tcp 22 ← 0.0.0.0/0``."""
    low, high = rule.get("from_port"), rule.get("to_port", rule.get("from_port"))
    ports = "*" if low is None else str(low) if low == high else f"{low}-{high}"
    protocol = str(rule.get("protocol", "-1"))
    return f"{'*' if protocol == '-1' else protocol} {ports} ← {rule.get('cidr') or rule.get('group') or '?'}"
