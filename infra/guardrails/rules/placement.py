"""What zone and protection level ask for: no way to the internet from 政务外网, separate subnets, flow logs, peers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from governance.environments import Protection, Zone
from infra.engine.model import PlannedStep, PlanSummary
from infra.guardrails.model import Context, Hit
from infra.guardrails.reading import Inputs, existing, firewall_rules, inside, known, network, of_kinds, rule_text
from infra.guardrails.rules.exposure import DATABASES, FIREWALLS

EXITS = ("InternetGateway", "EgressOnlyInternetGateway", "ElasticIp", "CarrierGateway")
PEERINGS = ("NetworkPeering", "VpcPeering", "VpcPeeringConnection", "Peering")
_PUBLIC_ADDRESS = ("map_public_ip_on_launch", "associate_public_ip_address", "map_public_ip", "public_ip")


def ways_to_the_internet(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """In 政务外网: a gateway, a public address, a public load balancer, a route to everywhere through a gateway."""
    if context.zone is not Zone.EXTRANET:
        return
    for step, inputs in existing(plan):
        if step.kind in EXITS:
            yield Hit(step, "kind", step.kind)
        elif step.kind == "NatGateway" and inputs.get("connectivity_type", "public") != "private":
            yield Hit(step, "connectivity_type", str(inputs.get("connectivity_type", "public")))
        elif step.kind == "LoadBalancer" and inputs.get("scheme") == "internet-facing":
            yield Hit(step, "scheme", "internet-facing")
        for name in _PUBLIC_ADDRESS:
            if inputs.get(name) is True:
                yield Hit(step, name, "true")


def traffic_to_the_internet(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """In 政务外网: a firewall that lets machines talk to addresses that are not private."""
    if context.zone is not Zone.EXTRANET:
        return
    for step, inputs in existing(plan, *FIREWALLS):
        for rule in firewall_rules(inputs, "egress"):
            target = network(rule.get("cidr"))
            if target is not None and not inside(target, context.policy.private_ranges):
                yield Hit(step, "egress", rule_text(rule).replace("←", "→"))


def unapproved_peers(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A way into another agency's network that no approval names."""
    for step, inputs in existing(plan, *PEERINGS):
        if not context.peers:
            other = inputs.get("peer_vpc_id") or inputs.get("peer_owner_id") or "?"
            yield Hit(step, "peer_vpc_id", str(other) if known(other) else "?")
    for step, route in _routes(plan):
        target = network(route.get("cidr"))
        through_peer = bool(route.get("peering_id"))
        if through_peer and target is not None and not inside(target, context.peers):
            yield Hit(step, "routes", f"{route['cidr']} → peering")


def networks_without_flow_logs(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A network whose traffic leaves no record. In a new plan the log does not name it yet: they are counted."""
    logs = [inputs for _, inputs in existing(plan, "FlowLog")]
    networks = [step for step, _ in existing(plan, "Vpc")]
    if len(logs) < len(networks):
        for step in networks if not logs else networks[:1]:
            yield Hit(step, "flow_log", f"{len(logs)} / {len(networks)}", of_kinds(plan, "Vpc", "FlowLog"))
    for step, inputs in existing(plan, "FlowLog"):
        if inputs.get("traffic_type") == "ACCEPT":
            yield Hit(step, "traffic_type", "ACCEPT")


def too_few_subnets(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """Fewer separate subnets than the protection level asks for."""
    if context.protection is None or not any(True for _ in existing(plan, "Vpc")):
        return
    least = context.policy.least_subnets.get(context.protection, 0)
    subnets = sum(1 for _ in existing(plan, "Subnet"))
    if subnets < least:
        yield Hit(None, "subnets", f"{subnets} < {least}", of_kinds(plan, "Vpc", "Subnet"))


def databases_among_machines(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A database in a subnet where machines stand, as far as the plan knows the subnets."""
    if context.protection is not Protection.LEVEL_3:
        return
    machines = {inputs.get("subnet_id") for _, inputs in existing(plan, "Instance")}
    shared = {one for one in machines if one and known(one)}
    groups = ("SubnetGroup", "DatabaseSubnetGroup", "DbSubnetGroup", *DATABASES)
    for step, inputs in existing(plan, *groups):
        placed = inputs.get("subnet_ids") or []
        both = sorted(shared.intersection(placed if isinstance(placed, list | tuple) else ()))
        if both:
            yield Hit(step, "subnet_ids", ", ".join(both))


def _routes(plan: PlanSummary) -> Iterator[tuple[PlannedStep, Inputs]]:
    for step, inputs in existing(plan, "RouteTable"):
        for route in inputs.get("routes") or []:
            if isinstance(route, dict):
                yield step, route
    for step, inputs in existing(plan, "Route"):
        yield step, inputs
