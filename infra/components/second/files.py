"""Shared file systems, reached from the subnets of one purpose."""

from __future__ import annotations

from typing import Any

from governance.environments import EnvironmentSpec, Purpose
from infra.components import names
from infra.components.second.flows import FILE_PORT, networks
from infra.components.second.network import Network
from infra.components.site import Site
from infra.provider.kinds.file_system import FILE_SYSTEM
from infra.provider.kinds.mount_target import MOUNT_TARGET
from infra.provider.kinds.security_group import SECURITY_GROUP


def build_files(site: Site[EnvironmentSpec], network: Network, key: Any) -> None:
    """Each file system with a mount target a zone."""
    for one in site.spec.file_systems:
        group = site.make(
            SECURITY_GROUP,
            names.files(one.name),
            description=f"Files {one.name} of environment {site.spec.environment}",
            vpc_id=network.vpc.id,
            ingress=[
                {"protocol": "tcp", "from_port": FILE_PORT, "to_port": FILE_PORT, "cidr": cidr}
                for cidr in networks(site.spec, one.purpose)
            ],
            egress=[{"protocol": "-1", "cidr": site.spec.cidr}],
        )
        made = site.make(FILE_SYSTEM, one.name, encrypted=True, kms_key_id=key)
        for subnet in _one_a_zone(site, one.purpose):
            site.make(
                MOUNT_TARGET,
                names.mount(one.name, subnet),
                file_system_id=made.id,
                subnet_id=network.subnets[subnet].id,
                security_group_ids=[group.id],
            )


def _one_a_zone(site: Site[EnvironmentSpec], purpose: Purpose) -> list[str]:
    """A file system has one mount target in a zone."""
    zones = {subnet.zone_index: subnet.name for subnet in reversed(site.spec.subnets_for(purpose))}
    return [zones[index] for index in sorted(zones)]
