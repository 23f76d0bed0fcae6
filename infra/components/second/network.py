"""The network of an environment: subnets by purpose, their routes, what passes between them, and the way to the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.environments import EnvironmentSpec, Protection, Purpose
from infra.components import names
from infra.components.errors import NoHub
from infra.components.second.flows import acl_rules, group_egress, group_ingress, purposes
from infra.components.site import Site
from infra.provider.kinds.internet_gateway import INTERNET_GATEWAY
from infra.provider.kinds.network_acl import NETWORK_ACL
from infra.provider.kinds.route_table import ROUTE_TABLE
from infra.provider.kinds.security_group import SECURITY_GROUP
from infra.provider.kinds.subnet import SUBNET
from infra.provider.kinds.transit_gateway_attachment import TRANSIT_GATEWAY_ATTACHMENT
from infra.provider.kinds.vpc import VPC
from infra.resources import CloudResource


@dataclass(frozen=True)
class Network:
    """What the other parts stand in."""

    vpc: CloudResource
    subnets: Mapping[str, CloudResource]
    groups: Mapping[Purpose, CloudResource]

    def ids(self, site: Site[EnvironmentSpec], purpose: Purpose) -> list[Any]:
        """The subnets of one purpose, by zone."""
        return [self.subnets[subnet.name].id for subnet in site.spec.subnets_for(purpose)]


def build_network(site: Site[EnvironmentSpec]) -> Network:
    """Network, subnets, routes, a security group a tier; at level 3 a network ACL a tier too."""
    spec = site.spec
    vpc = site.make(VPC, spec.environment, name=spec.environment, cidr_block=spec.cidr, dns_hostnames=True)
    subnets = {
        one.name: site.make(
            SUBNET,
            one.name,
            vpc_id=vpc.id,
            cidr_block=one.cidr,
            availability_zone=site.placement.zone(one.zone_index),
        )
        for one in spec.subnets
    }
    groups = {
        purpose: site.make(
            SECURITY_GROUP,
            names.tier(purpose),
            description=f"Tier {purpose} of environment {spec.environment}",
            vpc_id=vpc.id,
            ingress=group_ingress(spec, purpose),
            egress=group_egress(spec),
        )
        for purpose in purposes(spec)
    }
    network = Network(vpc, subnets, groups)
    _routes(site, network)
    if spec.protection is Protection.LEVEL_3:
        _acls(site, network)
    return network


def beyond(site: Site[EnvironmentSpec]) -> tuple[str, ...]:
    """The networks outside that the environment works with: shared services, and peers that were approved."""
    hub = site.placement.hub
    return (*(hub.shared_cidrs if hub else ()), *(peer.cidr for peer in site.spec.peers))


def _routes(site: Site[EnvironmentSpec], network: Network) -> None:
    """One table a purpose. What is outside is reached by the hub alone; a public tier has the internet besides."""
    hub = site.placement.hub
    if site.spec.peers and hub is None:
        raise NoHub(environment=site.spec.environment, peers=", ".join(one.environment for one in site.spec.peers))
    routes: list[dict[str, Any]] = []
    waits: list[CloudResource] = []
    if hub is not None:
        attachment = site.make(
            TRANSIT_GATEWAY_ATTACHMENT,
            names.HUB,
            transit_gateway_id=hub.transit_gateway_id,
            vpc_id=network.vpc.id,
            subnet_ids=network.ids(site, purposes(site.spec)[-1]),
        )
        routes = [{"cidr": cidr, "transit_gateway_id": hub.transit_gateway_id} for cidr in beyond(site)]
        waits = [attachment]
    public = any(balancer.public for balancer in site.spec.load_balancers)
    for purpose in purposes(site.spec):
        own = list(routes)
        if public and purpose is purposes(site.spec)[0]:
            gateway = site.make(INTERNET_GATEWAY, "internet", vpc_id=network.vpc.id)
            own.append({"cidr": "0.0.0.0/0", "gateway_id": gateway.id})
        site.make(
            ROUTE_TABLE,
            names.tier(purpose),
            after=waits,
            vpc_id=network.vpc.id,
            routes=own,
            subnet_ids=network.ids(site, purpose),
        )


def _acls(site: Site[EnvironmentSpec], network: Network) -> None:
    for purpose in purposes(site.spec):
        incoming, outgoing = acl_rules(site.spec, purpose, beyond(site))
        site.make(
            NETWORK_ACL,
            names.tier(purpose),
            vpc_id=network.vpc.id,
            subnet_ids=network.ids(site, purpose),
            ingress=incoming,
            egress=outgoing,
        )
