"""Who may talk to whom inside an environment, as networks and ports: what security groups and network ACLs are from.

Networks, not groups: the rules are whole in a plan before anything exists, and two tiers may name each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from governance.environments import BalancerProtocol, EnvironmentSpec, LoadBalancerSpec, Purpose
from infra.components.zones import EGRESS

FILE_PORT = 2049
_FIRST_RULE, _RULE_STEP = 100, 10
_EPHEMERAL = (1024, 65535)


@dataclass(frozen=True, slots=True, order=True)
class Flow:
    """Connections from ``source`` (a network) to the subnets of ``target``, on one port.

    ``to_balancer``: what listens there is a load balancer, and no machine has to let them in.
    """

    source: str
    target: Purpose
    protocol: str
    port: int
    to_balancer: bool = False


def front(spec: EnvironmentSpec) -> Purpose:
    """The tier that load balancers stand in: the web tier, or the application's where there is none."""
    return Purpose.WEB if spec.subnets_for(Purpose.WEB) else Purpose.APP


def networks(spec: EnvironmentSpec, purpose: Purpose) -> tuple[str, ...]:
    """The networks of one tier."""
    return tuple(subnet.cidr for subnet in spec.subnets_for(purpose))


def purposes(spec: EnvironmentSpec) -> tuple[Purpose, ...]:
    """The tiers that the environment has, front to back."""
    return tuple(purpose for purpose in Purpose if spec.subnets_for(purpose))


def flows(spec: EnvironmentSpec) -> tuple[Flow, ...]:
    """Every connection that the spec allows, each once, sorted."""
    found: set[Flow] = set()
    for rule in spec.allow:
        for source in _sources(spec, rule.source):
            found.add(Flow(source, rule.target, rule.protocol, rule.port))
    for balancer in spec.load_balancers:
        found.update(_through(spec, balancer))
    return tuple(sorted(found))


def _sources(spec: EnvironmentSpec, source: str) -> tuple[str, ...]:
    return networks(spec, Purpose(source)) if source in set(Purpose) else (source,)


def _through(spec: EnvironmentSpec, balancer: LoadBalancerSpec) -> Iterable[Flow]:
    """Clients reach the balancer; the balancer reaches its machines, and one of TCP hands the client's address on."""
    standing = front(spec)
    tiers = {subnet.name: subnet.purpose for subnet in spec.subnets}
    behind = {tiers[one.subnet] for one in spec.instances if one.name in balancer.targets}
    for source in balancer.sources:
        yield Flow(source, standing, "tcp", balancer.port, to_balancer=True)
    for purpose in behind:
        if purpose is None:
            continue
        for source in networks(spec, standing):
            yield Flow(source, purpose, "tcp", balancer.target_port)
        if balancer.protocol is BalancerProtocol.TCP:
            for source in balancer.sources:
                yield Flow(source, purpose, "tcp", balancer.target_port)


def group_ingress(spec: EnvironmentSpec, purpose: Purpose) -> list[dict[str, Any]]:
    """The rules of a tier's security group; machines of one tier reach each other."""
    own = [{"protocol": "-1", "cidr": cidr} for cidr in networks(spec, purpose)]
    let_in = [
        {"protocol": flow.protocol, "from_port": flow.port, "to_port": flow.port, "cidr": flow.source}
        for flow in flows(spec)
        if flow.target is purpose and not flow.to_balancer and flow.source not in networks(spec, purpose)
    ]
    return [*own, *let_in]


def group_egress(spec: EnvironmentSpec) -> list[dict[str, Any]]:
    """Where a tier may connect to at all; what it reaches there the other side's rules say."""
    return [{"protocol": "-1", "cidr": cidr} for cidr in EGRESS[spec.zone]]


def acl_rules(
    spec: EnvironmentSpec, purpose: Purpose, beyond: Sequence[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A tier's network ACL, in and out. It keeps no state, so that answers are let through by name.

    ``beyond`` are networks outside the environment that it works with: shared services and approved peers.
    """
    own = networks(spec, purpose)
    incoming: list[tuple[str, str, int, int]] = []
    outgoing: list[tuple[str, str, int, int]] = []
    for cidr in own:
        incoming.append((cidr, "-1", 0, 0))
        outgoing.append((cidr, "-1", 0, 0))
    for flow in flows(spec):
        if flow.target is purpose and flow.source not in own:
            incoming.append((flow.source, flow.protocol, flow.port, flow.port))
            outgoing.append((flow.source, flow.protocol, *_EPHEMERAL))
        elif flow.source in own and flow.target is not purpose:
            for cidr in networks(spec, flow.target):
                outgoing.append((cidr, flow.protocol, flow.port, flow.port))
                incoming.append((cidr, flow.protocol, *_EPHEMERAL))
    for cidr in beyond:
        outgoing.append((cidr, "-1", 0, 0))
        for protocol in ("tcp", "udp"):
            incoming.append((cidr, protocol, *_EPHEMERAL))
    return _numbered(incoming), _numbered(outgoing)


def _numbered(rules: Iterable[tuple[str, str, int, int]]) -> list[dict[str, Any]]:
    numbered = []
    for index, (cidr, protocol, first, last) in enumerate(dict.fromkeys(rules)):
        ports = {} if protocol == "-1" else {"from_port": first, "to_port": last}
        number = _FIRST_RULE + index * _RULE_STEP
        numbered.append({"rule_number": number, "protocol": protocol, "action": "allow", "cidr": cidr, **ports})
    return numbered
