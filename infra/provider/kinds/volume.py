"""``guanyun:cloud:Volume``: a disk, attached where an instance is named."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always
from infra.provider.kinds.keys import key_property
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_FREE = "State == 'available'"
_LETTING_GO = frozenset({"InvalidAttachment.NotFound", "IncorrectState"})
_NO_IOPS = ("gp2", "st1", "sc1", "standard")
_ATTACHED = "Attachments[0].State == 'attached'"


def _smaller(old: Plain, new: Plain) -> bool:
    """A disk only grows in place."""
    return isinstance(old, int) and isinstance(new, int) and new < old


def _checked(properties: Properties) -> Iterator[tuple[str, str, str]]:
    kind = properties.get("volume_type")
    if properties.get("iops") and kind in _NO_IOPS:
        yield ("iops", f"{kind} 不能指定", f"cannot be chosen for {kind}")
    if kind in ("io1", "io2") and not properties.get("iops"):
        yield ("iops", f"{kind} 必须填写", f"is required for {kind}")
    if properties.get("throughput_mibps") and kind in (*_NO_IOPS, "io1", "io2"):
        yield ("throughput_mibps", f"{kind} 不能指定", f"cannot be chosen for {kind}")
    if bool(properties.get("instance_id")) != bool(properties.get("device")):
        yield ("device", "instance_id 与 device 须同时填写", "goes with instance_id: both or none")


def _reattach(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """Detach from where it is and attach to where it belongs; a machine that is gone let go by itself."""
    if actual.get("instance_id"):
        _detach(context, identity, actual["instance_id"], actual["device"])
    if desired.get("instance_id"):
        instance, device = desired["instance_id"], desired["device"]
        context.send("AttachVolume", VolumeId=identity, InstanceId=instance, Device=device)
        context.until(identity, _ATTACHED)


def _detach(context: Context, identity: str, instance: str, device: str) -> None:
    """Detach and wait; a machine that is just going lets go by itself."""
    try:
        context.send("DetachVolume", VolumeId=identity, InstanceId=instance, Device=device)
    except CloudRefused as refusal:
        if refusal.reason not in _LETTING_GO:
            raise
    context.until(identity, _FREE)


def _free(context: Context, identity: str, _state: Properties) -> None:
    """Only a detached disk can be deleted; whether it is attached is the cloud's to say."""
    view = context.describe(identity)
    if view is not None and view.get("Attachments"):
        attachment = view["Attachments"][0]
        _detach(context, identity, attachment["InstanceId"], attachment["Device"])


VOLUME = Kind(
    type_name="guanyun:cloud:Volume",
    service="ec2",
    properties=(
        NAME,
        Property("availability_zone", path="AvailabilityZone", required=True, replaces=always),
        Property("size_gb", Shape.INTEGER, path="Size", required=True, minimum=1, replaces=_smaller),
        Property(
            "volume_type",
            path="VolumeType",
            default="gp3",
            choices=("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"),
        ),
        Property("iops", Shape.INTEGER, path="Iops", offered=True, minimum=100, maximum=256000),
        Property("throughput_mibps", Shape.INTEGER, path="Throughput", offered=True, minimum=125, maximum=2000),
        Property("encrypted", Shape.BOOLEAN, path="Encrypted", default=True, replaces=always),
        key_property("kms_key_id", "KmsKeyId", replaces=always, offered=True),
        Property("instance_id", path="Attachments[0].InstanceId"),
        Property("device", path="Attachments[0].Device"),
        TAGS,
    ),
    create=Call(
        "CreateVolume",
        {
            "AvailabilityZone": "$availability_zone",
            "Size": "$size_gb",
            "VolumeType": "$volume_type",
            "Iops": "$iops",
            "Throughput": "$throughput_mibps",
            "Encrypted": "$encrypted",
            "KmsKeyId": "$kms_key_id",
            "ClientToken": "$client_token",
            "TagSpecifications": specification("volume"),
        },
    ),
    identity="VolumeId",
    describe=Call("DescribeVolumes", {"VolumeIds": ["$id"]}, absent=("InvalidVolume.NotFound",)),
    view_path="Volumes[0]",
    shown_at_birth="@",
    ready="State == 'available' || State == 'in-use'",
    dying="State == 'deleting' || State == 'deleted'",
    gone="State == 'deleted'",
    changes=(
        Change(
            ("size_gb", "volume_type", "iops", "throughput_mibps"),
            (
                Call(
                    "ModifyVolume",
                    {
                        "VolumeId": "$id",
                        "Size": "$size_gb",
                        "VolumeType": "$volume_type",
                        "Iops": "$iops",
                        "Throughput": "$throughput_mibps",
                    },
                ),
            ),
        ),
        Change(("instance_id", "device"), step=_reattach),
        RETAG,
    ),
    before_delete=_free,
    check=_checked,
    exclusive=(("instance_id", "device"),),
    delete=Call("DeleteVolume", {"VolumeId": "$id"}, absent=("InvalidVolume.NotFound",)),
    sweep=Call("DescribeVolumes", by_environment(status=["creating", "available", "in-use", "error"])),
    found="Volumes[].{id: VolumeId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:volume/{id}",
)
