"""The first baseline: network, one security group, machines, disks, buckets, one operations role. Frozen.

Environments stand that were approved by it: what it makes never changes, to the last property.
"""

from __future__ import annotations

from governance.environments import EnvironmentSpec
from infra.components.names import BASELINE, OPERATIONS, bucket_name, device_name, role_name
from infra.components.policies import assumed_in_account, operate, tls_only
from infra.components.site import Site
from infra.components.zones import EGRESS
from infra.provider.kinds.bucket import BUCKET
from infra.provider.kinds.instance import INSTANCE
from infra.provider.kinds.role import ROLE
from infra.provider.kinds.security_group import SECURITY_GROUP
from infra.provider.kinds.subnet import SUBNET
from infra.provider.kinds.volume import VOLUME
from infra.provider.kinds.vpc import VPC


def build_first(site: Site[EnvironmentSpec]) -> None:
    """Write down an environment of the first baseline."""
    spec, placement = site.spec, site.placement
    for kind in ("vpc", "subnet", "security-group", "instance", "volume", "bucket", "role"):
        site.made[kind] = {}  # every kind is among the outputs, also without one of it
    vpc = site.make(VPC, spec.environment, name=spec.environment, cidr_block=spec.cidr, dns_hostnames=True)
    zones = {one.name: placement.zone(one.zone_index) for one in spec.subnets}
    subnets = {
        one.name: site.make(SUBNET, one.name, vpc_id=vpc.id, cidr_block=one.cidr, availability_zone=zones[one.name])
        for one in spec.subnets
    }
    group = site.make(
        SECURITY_GROUP,
        BASELINE,
        description=f"Baseline of environment {spec.environment}",
        vpc_id=vpc.id,
        ingress=[
            {"protocol": rule.protocol, "from_port": rule.port, "to_port": rule.port, "cidr": rule.source}
            for rule in spec.ingress
        ],
        egress=[{"protocol": "-1", "cidr": cidr} for cidr in EGRESS[spec.zone]],
    )
    for instance in spec.instances:
        machine = site.make(
            INSTANCE,
            instance.name,
            image_id=instance.image,
            instance_type=instance.instance_type,
            subnet_id=subnets[instance.subnet].id,
            security_group_ids=[group.id],
        )
        for index, volume in enumerate(instance.volumes):
            site.make(
                VOLUME,
                volume.name,
                # The zone comes from the spec and not from the machine, so that a plan knows it beforehand.
                availability_zone=zones[instance.subnet],
                size_gb=volume.size_gb,
                instance_id=machine.id,
                device=device_name(index),
            )
    for bucket in spec.buckets:
        name = bucket_name(spec.environment, bucket.name)
        site.make(BUCKET, bucket.name, name=name, policy=tls_only(placement, name), versioning=bucket.versioning)
    site.make(
        ROLE,
        OPERATIONS,
        name=role_name(spec.environment, OPERATIONS),
        description=f"Operations in environment {spec.environment}",
        assume_role_policy=assumed_in_account(placement),
        permissions_boundary=placement.permissions_boundary,
        inline_policies={OPERATIONS: operate(spec.environment)},
    )
