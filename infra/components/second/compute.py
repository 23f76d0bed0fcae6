"""Machines and their disks, and the load balancers in front of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.environments import BalancerProtocol, EnvironmentSpec, InstanceSpec, LoadBalancerSpec
from infra.components import names
from infra.components.second.flows import front
from infra.components.second.network import Network
from infra.components.site import Site
from infra.components.zones import PRIVATE
from infra.provider.kinds.instance import INSTANCE
from infra.provider.kinds.listener import LISTENER
from infra.provider.kinds.load_balancer import LOAD_BALANCER
from infra.provider.kinds.security_group import SECURITY_GROUP
from infra.provider.kinds.target_group import TARGET_GROUP
from infra.provider.kinds.volume import VOLUME
from infra.resources import CloudResource

_TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.2 and 1.3 only."""


def build_machines(site: Site[EnvironmentSpec], network: Network, key: Any) -> Mapping[str, CloudResource]:
    """Every machine in its tier, with its disks encrypted by the key."""
    subnets = {subnet.name: subnet for subnet in site.spec.subnets}
    machines: dict[str, CloudResource] = {}
    for instance in site.spec.instances:
        purpose = subnets[instance.subnet].purpose
        machine = site.make(
            INSTANCE,
            instance.name,
            image_id=instance.image,
            instance_type=instance.instance_type,
            subnet_id=network.subnets[instance.subnet].id,
            security_group_ids=[network.groups[purpose].id] if purpose else [],
            # The disk it starts from lies under the same key as the others, whatever its image says.
            root_encrypted=True,
            root_kms_key_id=key,
        )
        machines[instance.name] = machine
        # The zone comes from the spec and not from the machine, so that a plan knows it beforehand.
        _disks(site, instance, machine, site.placement.zone(subnets[instance.subnet].zone_index), key)
    return machines


def _disks(site: Site[EnvironmentSpec], instance: InstanceSpec, machine: CloudResource, zone: str, key: Any) -> None:
    for index, volume in enumerate(instance.volumes):
        site.make(
            VOLUME,
            volume.name,
            availability_zone=zone,
            size_gb=volume.size_gb,
            kms_key_id=key,
            instance_id=machine.id,
            device=names.device_name(index),
        )


def build_balancers(site: Site[EnvironmentSpec], network: Network, machines: Mapping[str, CloudResource]) -> None:
    """Each load balancer with its group, its targets and its listener."""
    for balancer in site.spec.load_balancers:
        _balancer(site, network, machines, balancer)


def _balancer(
    site: Site[EnvironmentSpec], network: Network, machines: Mapping[str, CloudResource], balancer: LoadBalancerSpec
) -> None:
    passes_through = balancer.protocol is BalancerProtocol.TCP
    own: dict[str, Any] = {}
    if not passes_through:
        # One of TCP hands connections on with their clients' addresses: the tier's own rules decide there.
        group = site.make(
            SECURITY_GROUP,
            names.balancer(balancer.name),
            description=f"Load balancer {balancer.name} of environment {site.spec.environment}",
            vpc_id=network.vpc.id,
            ingress=[
                {"protocol": "tcp", "from_port": balancer.port, "to_port": balancer.port, "cidr": source}
                for source in balancer.sources
            ],
            egress=[{"protocol": "-1", "cidr": cidr} for cidr in PRIVATE],
        )
        own = {"security_group_ids": [group.id], "drop_invalid_headers": True}
    made = site.make(
        LOAD_BALANCER,
        balancer.name,
        load_balancer_type="network" if passes_through else "application",
        scheme="internet-facing" if balancer.public else "internal",
        subnet_ids=network.ids(site, front(site.spec)),
        **own,
    )
    # Behind a balancer that ends TLS the machines speak HTTP, inside the environment.
    behind = "TCP" if passes_through else "HTTP"
    targets = site.make(
        TARGET_GROUP,
        balancer.name,
        vpc_id=network.vpc.id,
        protocol=behind,
        port=balancer.target_port,
        targets=[{"id": machines[name].id, "port": balancer.target_port} for name in balancer.targets],
    )
    site.make(
        LISTENER,
        balancer.name,
        load_balancer_arn=made.output("arn"),
        port=balancer.port,
        protocol=balancer.protocol.value.upper(),
        certificate_arn=balancer.certificate or None,
        ssl_policy=_TLS if balancer.certificate else None,
        default_action={"type": "forward", "target_group_arn": targets.output("arn")},
    )
