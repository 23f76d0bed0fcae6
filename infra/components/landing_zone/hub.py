"""The hub network: shared services' subnets, the transit gateway, and its route tables by ``routes``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from governance.environments.landing_zone import LandingZoneSpec
from governance.environments.layout import lay_out
from infra.components.landing_zone.archive import archive_arn
from infra.components.landing_zone.routes import SHARED, domains
from infra.components.site import Site
from infra.provider.kinds.flow_log import FLOW_LOG
from infra.provider.kinds.resource_share import RESOURCE_SHARE
from infra.provider.kinds.route_table import ROUTE_TABLE
from infra.provider.kinds.security_group import SECURITY_GROUP
from infra.provider.kinds.subnet import SUBNET
from infra.provider.kinds.transit_gateway import TRANSIT_GATEWAY
from infra.provider.kinds.transit_gateway_attachment import TRANSIT_GATEWAY_ATTACHMENT
from infra.provider.kinds.transit_gateway_route_table import TRANSIT_GATEWAY_ROUTE_TABLE
from infra.provider.kinds.vpc import VPC
from infra.resources import CloudResource

HUB = "hub"
"""The name of the transit gateway in the engine's state and in the outputs."""
_JOINING, _SERVICE = 28, 26
"""Prefix lengths: where the gateway stands in each zone, and each service's part of each zone."""
_ENVIRONMENTS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_THE_SHARED = "the shared services' attachment"


def subnet_plan(spec: LandingZoneSpec) -> dict[str, tuple[str, int]]:
    """Every subnet of the hub: name → (network, zone index). One a zone for the gateway, one a zone and service.

    The gateway's lie at the upper end and the services' from the lower one, in their order: a service that comes last
    moves no other.
    """
    hub, size = IPv4Network(spec.hub.cidr), 1 << (32 - _JOINING)
    upper = {
        f"gateway-{zone + 1}": IPv4Network((int(hub.broadcast_address) + 1 - size * (spec.hub.zones - zone), _JOINING))
        for zone in range(spec.hub.zones)
    }
    wanted = dict.fromkeys(upper, _JOINING)
    wanted |= {f"{one.name}-{zone + 1}": _SERVICE for one in spec.services for zone in range(spec.hub.zones)}
    laid = lay_out(hub, wanted, upper)
    return {name: (str(network), int(name.rpartition("-")[2]) - 1) for name, network in laid.placed.items()}


def share_hub(site: Site[LandingZoneSpec], gateway: CloudResource, accounts: Mapping[str, Sequence[Any]]) -> None:
    """Let the agencies' own ``accounts`` see the hub, by agency, and join it; nothing where they have none."""
    listed = [one for held in accounts.values() for one in held]
    known = {one for one in listed if isinstance(one, str)} - {site.placement.account}
    others = [*sorted(known), *(one for one in listed if not isinstance(one, str))]
    if others:
        # Inside the organisation nobody has to accept, once it lets its services share.
        trusting = list(site.made["organization"].values())
        site.make(RESOURCE_SHARE, HUB, after=trusting, resource_arns=[gateway.output("arn")], principals=others)


def build_hub(site: Site[LandingZoneSpec], archive: CloudResource) -> CloudResource:
    """The hub and its route tables, with its traffic recorded in the archive; the transit gateway is returned."""
    spec = site.spec
    vpc = site.make(VPC, "hub", cidr_block=spec.hub.cidr, dns_hostnames=True)
    subnets = {
        name: site.make(SUBNET, name, vpc_id=vpc.id, cidr_block=cidr, availability_zone=site.placement.zone(zone))
        for name, (cidr, zone) in subnet_plan(spec).items()
    }
    site.make(
        FLOW_LOG,
        "hub",
        after=[archive],
        resource_id=vpc.id,
        resource_type="VPC",
        destination_arn=archive_arn(site),
        destination_type="s3",
        traffic_type="ALL",
    )
    for service in spec.services:
        port = {"protocol": service.protocol, "from_port": service.port, "to_port": service.port}
        site.make(
            SECURITY_GROUP,
            service.name,
            description=f"Shared service {service.name}",
            vpc_id=vpc.id,
            ingress=[{**port, "cidr": cidr} for cidr in _ENVIRONMENTS],
            egress=[{"protocol": "-1", "cidr": spec.hub.cidr}],
        )
    gateway = site.make(
        TRANSIT_GATEWAY,
        HUB,
        description=f"Hub of {spec.environment}",
        amazon_side_asn=spec.hub.asn,
        # Shared with the agencies' own accounts only, whose networks stand here without any way until a table has them.
        auto_accept_shared_attachments="enable" if spec.organisation else "disable",
        # Nobody is let through by default: each table says who.
        default_route_table_association="disable",
        default_route_table_propagation="disable",
    )
    joined = site.make(
        TRANSIT_GATEWAY_ATTACHMENT,
        SHARED,
        transit_gateway_id=gateway.id,
        vpc_id=vpc.id,
        subnet_ids=[subnets[f"gateway-{zone + 1}"].id for zone in range(spec.hub.zones)],
    )
    site.make(
        ROUTE_TABLE,
        SHARED,
        after=[joined],
        vpc_id=vpc.id,
        routes=[{"cidr": cidr, "transit_gateway_id": gateway.id} for cidr in _ENVIRONMENTS],
        subnet_ids=[subnet.id for subnet in subnets.values()],
    )
    for domain in domains(spec, _THE_SHARED):
        told = {
            field: [joined.id if one == _THE_SHARED else one for one in getattr(domain, field)]
            for field in ("associated", "propagated")
        }
        site.make(
            TRANSIT_GATEWAY_ROUTE_TABLE,
            domain.name,
            transit_gateway_id=gateway.id,
            associated_attachment_ids=told["associated"],
            propagated_attachment_ids=told["propagated"],
        )
    return gateway
