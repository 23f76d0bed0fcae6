"""``TenantEnvironment``: one business system's isolated place, from its spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_lowercase

import pulumi

from governance.environments import EnvironmentSpec, InstanceSpec, SubnetSpec, Zone
from infra.components.placement import Placement
from infra.components.policies import assumed_in_account, operate, tls_only
from infra.resources import (
    Bucket,
    BucketArgs,
    Instance,
    InstanceArgs,
    Role,
    RoleArgs,
    SecurityGroup,
    SecurityGroupArgs,
    Subnet,
    SubnetArgs,
    Volume,
    VolumeArgs,
    Vpc,
    VpcArgs,
    bucket_name,
    role_name,
)

ROLE = "operations"
BASELINE = "baseline"
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_EGRESS = {Zone.EXTRANET: _PRIVATE, Zone.INTERNET: ("0.0.0.0/0",)}
"""Where an environment's machines may connect to: the extranet zone does not reach the internet."""


@dataclass(frozen=True, kw_only=True)
class TenantEnvironmentArgs:
    """The approved spec, and the cloud it is built in."""

    spec: EnvironmentSpec
    placement: Placement


def cost_tags(spec: EnvironmentSpec) -> dict[str, str]:
    """Who pays: written on every resource, as given, in whatever script."""
    return {
        "guanyun:agency": spec.agency,
        "guanyun:system": spec.system,
        "guanyun:project": spec.project,
        "guanyun:fund-source": spec.fund_source,
    }


def device_name(index: int) -> str:
    """The device a disk appears as: ``/dev/sdf`` … ``/dev/sdz``, then ``/dev/xvdba`` and on."""
    letters = ascii_lowercase[5:]
    if index < len(letters):
        return f"/dev/sd{letters[index]}"
    first, second = divmod(index - len(letters), len(ascii_lowercase))
    return f"/dev/xvd{ascii_lowercase[first + 1]}{ascii_lowercase[second]}"


class TenantEnvironment(pulumi.ComponentResource):  # type: ignore[misc]
    """Network, security baseline, machines, disks, buckets and one operations role.

    ``outputs`` maps kind → spec name → cloud id; the resource register is opened from it.
    """

    def __init__(self, name: str, args: TenantEnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("guanyun:environment:TenantEnvironment", name, {}, opts)
        self._spec, self._placement = args.spec, args.placement
        self._tags = cost_tags(args.spec)
        self._child = pulumi.ResourceOptions(parent=self)
        vpc = Vpc(
            name,
            VpcArgs(name=name, cidr_block=args.spec.cidr, dns_hostnames=True, tags=self._tags),
            self._child,
        )
        subnets = {one.name: self._subnet(one, vpc) for one in args.spec.subnets}
        group = self._security_group(vpc)
        instances: dict[str, Instance] = {}
        volumes: dict[str, Volume] = {}
        for instance in args.spec.instances:
            instances[instance.name] = self._instance(instance, subnets[instance.subnet], group)
            volumes |= self._volumes(instance, instances[instance.name])
        buckets = {one.name: self._bucket(one.name, versioning=one.versioning) for one in args.spec.buckets}
        made: Mapping[str, Mapping[str, pulumi.CustomResource]] = {
            "vpc": {name: vpc},
            "subnet": subnets,
            "security-group": {BASELINE: group},
            "instance": instances,
            "volume": volumes,
            "bucket": buckets,
            "role": {ROLE: self._role()},
        }
        self.outputs = {kind: {key: one.id for key, one in resources.items()} for kind, resources in made.items()}
        self.register_outputs(self.outputs)

    def _subnet(self, subnet: SubnetSpec, vpc: Vpc) -> Subnet:
        return Subnet(
            subnet.name,
            SubnetArgs(
                name=f"{self._spec.environment}-{subnet.name}",
                vpc_id=vpc.id,
                cidr_block=subnet.cidr,
                availability_zone=self._placement.zone(subnet.zone_index),
                tags=self._tags,
            ),
            self._child,
        )

    def _security_group(self, vpc: Vpc) -> SecurityGroup:
        ingress = [
            {"protocol": rule.protocol, "from_port": rule.port, "to_port": rule.port, "cidr": rule.source}
            for rule in self._spec.ingress
        ]
        return SecurityGroup(
            BASELINE,
            SecurityGroupArgs(
                name=f"{self._spec.environment}-{BASELINE}",
                description=f"Baseline of environment {self._spec.environment}",
                vpc_id=vpc.id,
                ingress=ingress,
                egress=[{"protocol": "-1", "cidr": cidr} for cidr in _EGRESS[self._spec.zone]],
                tags=self._tags,
            ),
            self._child,
        )

    def _instance(self, instance: InstanceSpec, subnet: Subnet, group: SecurityGroup) -> Instance:
        return Instance(
            instance.name,
            InstanceArgs(
                name=f"{self._spec.environment}-{instance.name}",
                image_id=instance.image,
                instance_type=instance.instance_type,
                subnet_id=subnet.id,
                security_group_ids=[group.id],
                tags=self._tags,
            ),
            self._child,
        )

    def _volumes(self, instance: InstanceSpec, machine: Instance) -> dict[str, Volume]:
        zones = {one.name: self._placement.zone(one.zone_index) for one in self._spec.subnets}
        return {
            volume.name: Volume(
                volume.name,
                VolumeArgs(
                    name=f"{self._spec.environment}-{volume.name}",
                    # The zone comes from the spec and not from the machine, so that a plan knows it beforehand.
                    availability_zone=zones[instance.subnet],
                    size_gb=volume.size_gb,
                    instance_id=machine.id,
                    device=device_name(index),
                    tags=self._tags,
                ),
                self._child,
            )
            for index, volume in enumerate(instance.volumes)
        }

    def _bucket(self, short: str, *, versioning: bool) -> Bucket:
        name = bucket_name(self._spec.environment, short)
        return Bucket(
            short,
            BucketArgs(name=name, policy=tls_only(self._placement, name), versioning=versioning, tags=self._tags),
            self._child,
        )

    def _role(self) -> Role:
        return Role(
            ROLE,
            RoleArgs(
                name=role_name(self._spec.environment, ROLE),
                description=f"Operations in environment {self._spec.environment}",
                assume_role_policy=assumed_in_account(self._placement),
                permissions_boundary=self._placement.permissions_boundary,
                inline_policies={ROLE: operate(self._spec.environment)},
                tags=self._tags,
            ),
            self._child,
        )
