"""Guanyun's cloud resources as Pulumi resources: what an inline program writes down.

One class and one ``…Args`` a kind. Names are the same in Python, in the engine's state and in a plan: a property
here *is* the property of the provider's spec (``infra.provider.kinds``), and a test holds the two lists equal.
Times, sizes: ``size_gb`` is GiB as the cloud counts it. Policies are JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar

import pulumi

from infra.provider.naming import bucket_name, role_name, role_path

__all__ = [
    "Bucket",
    "BucketArgs",
    "Instance",
    "InstanceArgs",
    "Role",
    "RoleArgs",
    "SecurityGroup",
    "SecurityGroupArgs",
    "Subnet",
    "SubnetArgs",
    "Volume",
    "VolumeArgs",
    "Vpc",
    "VpcArgs",
    "bucket_name",
    "role_name",
    "role_path",
]

Rule = Mapping[str, object]
"""``{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8", "description": "…"}``.

``protocol`` "-1" is every protocol and takes no ports.
"""


class CloudResource(pulumi.CustomResource):  # type: ignore[misc]
    """A resource of our provider; ``kind`` and ``computed`` are what each kind adds."""

    kind: ClassVar[str]
    computed: ClassVar[tuple[str, ...]] = ("arn",)

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: object, opts: pulumi.ResourceOptions | None = None) -> None:
        given = {one.name: getattr(args, one.name) for one in fields(args)}  # type: ignore[arg-type]
        properties = {key: value for key, value in given.items() if value is not None}
        properties |= {key: None for key in (*self.computed, *given) if key not in properties}
        super().__init__(self.kind, name, properties, opts)


@dataclass(frozen=True, kw_only=True)
class VpcArgs:
    """A private network. Another ``cidr_block`` replaces it."""

    name: pulumi.Input[str]
    cidr_block: pulumi.Input[str]
    dns_hostnames: pulumi.Input[bool] = False
    tags: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)


class Vpc(CloudResource):
    """``guanyun:cloud:Vpc``."""

    kind = "guanyun:cloud:Vpc"


@dataclass(frozen=True, kw_only=True)
class SubnetArgs:
    """A part of a VPC in one zone. Anything but name and tags replaces it."""

    name: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    cidr_block: pulumi.Input[str]
    availability_zone: pulumi.Input[str]
    tags: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)


class Subnet(CloudResource):
    """``guanyun:cloud:Subnet``."""

    kind = "guanyun:cloud:Subnet"


@dataclass(frozen=True, kw_only=True)
class SecurityGroupArgs:
    """A security group; its rules change in place, its description and VPC replace it."""

    name: pulumi.Input[str]
    description: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    ingress: pulumi.Input[Sequence[Rule]] = ()
    egress: pulumi.Input[Sequence[Rule]] = ()
    tags: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)


class SecurityGroup(CloudResource):
    """``guanyun:cloud:SecurityGroup``; ``group_name`` is the unique name the cloud knows it by."""

    kind = "guanyun:cloud:SecurityGroup"
    computed = ("arn", "group_name")

    group_name: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class InstanceArgs:
    """A virtual machine. Image, subnet, ``private_ip`` and ``user_data`` replace it.

    ``instance_type`` changes in place with a stop and a start; ``security_group_ids`` and tags without.
    """

    name: pulumi.Input[str]
    image_id: pulumi.Input[str]
    instance_type: pulumi.Input[str]
    subnet_id: pulumi.Input[str]
    security_group_ids: pulumi.Input[Sequence[str]] = ()
    private_ip: pulumi.Input[str] | None = None
    user_data: pulumi.Input[str] | None = None
    tags: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)


class Instance(CloudResource):
    """``guanyun:cloud:Instance``."""

    kind = "guanyun:cloud:Instance"
    computed = ("arn", "private_ip", "availability_zone")

    private_ip: pulumi.Output[str]
    availability_zone: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class VolumeArgs:
    """A disk, attached where ``instance_id`` is given (then ``device`` too, such as ``/dev/sdf``).

    It grows and moves to another instance in place; zone, encryption and a smaller size replace it.
    """

    name: pulumi.Input[str]
    availability_zone: pulumi.Input[str]
    size_gb: pulumi.Input[int]
    volume_type: pulumi.Input[str] = "gp3"
    encrypted: pulumi.Input[bool] = True
    kms_key_id: pulumi.Input[str] | None = None
    instance_id: pulumi.Input[str] | None = None
    device: pulumi.Input[str] | None = None
    tags: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)


class Volume(CloudResource):
    """``guanyun:cloud:Volume``."""

    kind = "guanyun:cloud:Volume"


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """An S3 bucket, by default encrypted and closed to the public.

    ``name`` is made by ``bucket_name(environment, short)``. ``encryption`` is ``AES256`` or ``aws:kms`` (then
    ``kms_key_id``). ``policy`` is JSON text. A bucket that holds objects is deleted only with ``force_destroy``.
    """

    name: pulumi.Input[str]
    encryption: pulumi.Input[str] = "AES256"
    kms_key_id: pulumi.Input[str] | None = None
    policy: pulumi.Input[str] | None = None
    versioning: pulumi.Input[bool] = False
    block_public_access: pulumi.Input[bool] = True
    force_destroy: pulumi.Input[bool] = False
    tags: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)


class Bucket(CloudResource):
    """``guanyun:cloud:Bucket``; its id is its name."""

    kind = "guanyun:cloud:Bucket"


@dataclass(frozen=True, kw_only=True)
class RoleArgs:
    """An IAM role; its path is always ``role_path(environment)``, so it is not a property.

    ``name`` is made by ``role_name(environment, short)``. Policies are JSON text; another name replaces the role.
    """

    name: pulumi.Input[str]
    assume_role_policy: pulumi.Input[str]
    description: pulumi.Input[str] = ""
    permissions_boundary: pulumi.Input[str] | None = None
    inline_policies: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)
    attached_policy_arns: pulumi.Input[Sequence[str]] = ()
    tags: pulumi.Input[Mapping[str, str]] = field(default_factory=dict)


class Role(CloudResource):
    """``guanyun:cloud:Role``; its id is its name."""

    kind = "guanyun:cloud:Role"
