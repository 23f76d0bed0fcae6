"""``guanyun:cloud:FileSystem``: a shared file system (EFS). Machines reach it through mount targets."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always
from infra.provider.kinds.keys import key_property
from infra.provider.kinds.tagging import NAME, TAGS, retagging

_GONE = ("FileSystemNotFound",)
_DAYS = (1, 7, 14, 30, 60, 90, 180, 270, 365)
_AVAILABLE = "LifeCycleState == 'available'"


def _days(after: Plain) -> Plain:
    """``AFTER_30_DAYS`` is 30, ``AFTER_1_DAY`` is 1."""
    return int(str(after).split("_")[1]) if after else None


def _after(days: int) -> str:
    return f"AFTER_{days}_DAY{'S' if days > 1 else ''}"


def _checked(properties: Properties) -> Iterator[tuple[str, str, str]]:
    days = properties.get("infrequent_after_days")
    if isinstance(days, int) and days not in _DAYS:
        listed = ", ".join(map(str, _DAYS))
        yield ("infrequent_after_days", f"应为以下之一:{listed}", f"should be one of {listed}")
    if properties.get("kms_key_id") and properties.get("encrypted") is False:
        yield ("kms_key_id", "仅在 encrypted 为 true 时填写", "goes with encrypted only")
    if (properties.get("throughput_mode") == "provisioned") != bool(properties.get("throughput_mibps")):
        yield (
            "throughput_mibps",
            "与 provisioned 须同时填写",
            "goes with the mode provisioned: both or none",
        )


def _age(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    days = desired.get("infrequent_after_days")
    policies = [{"TransitionToIA": _after(days)}] if days else []
    context.send("PutLifecycleConfiguration", FileSystemId=identity, LifecyclePolicies=policies)


def _allow(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    if desired.get("policy"):
        context.send("PutFileSystemPolicy", FileSystemId=identity, Policy=desired["policy"])
    else:
        context.send("DeleteFileSystemPolicy", FileSystemId=identity)


FILE_SYSTEM = Kind(
    type_name="guanyun:cloud:FileSystem",
    service="efs",
    properties=(
        NAME,
        Property("encrypted", Shape.BOOLEAN, path="Encrypted", default=True, replaces=always),
        key_property("kms_key_id", "KmsKeyId", replaces=always, offered=True),
        Property(
            "performance_mode",
            path="PerformanceMode",
            default="generalPurpose",
            choices=("generalPurpose", "maxIO"),
            replaces=always,
        ),
        Property("availability_zone", path="AvailabilityZoneName", replaces=always),
        Property(
            "throughput_mode",
            path="ThroughputMode",
            default="bursting",
            choices=("bursting", "elastic", "provisioned"),
        ),
        Property("throughput_mibps", Shape.NUMBER, path="ProvisionedThroughputInMibps"),
        Property(
            "infrequent_after_days",
            Shape.INTEGER,
            path="aged.LifecyclePolicies[?TransitionToIA].TransitionToIA | [0]",
            read=_days,
        ),
        Property("policy", Shape.POLICY, path="ruled.Policy"),
        TAGS,
    ),
    create=Call(
        "CreateFileSystem",
        {
            "CreationToken": "$client_token",
            "Encrypted": "$encrypted",
            "KmsKeyId": "$kms_key_id",
            "PerformanceMode": "$performance_mode",
            "AvailabilityZoneName": "$availability_zone",
            "ThroughputMode": "$throughput_mode",
            "ProvisionedThroughputInMibps": "$throughput_mibps",
            "Tags": "$tags",
        },
    ),
    identity="FileSystemId",
    describe=Call("DescribeFileSystems", {"FileSystemId": "$id"}, absent=_GONE),
    view_path="FileSystems[0]",
    looks={
        "aged": Call("DescribeLifecycleConfiguration", {"FileSystemId": "$id"}, absent=_GONE),
        "ruled": Call("DescribeFileSystemPolicy", {"FileSystemId": "$id"}, absent=("PolicyNotFound", *_GONE)),
    },
    ready=_AVAILABLE,
    dying="LifeCycleState == 'deleting' || LifeCycleState == 'deleted'",
    gone="LifeCycleState == 'deleted'",
    changes=(
        retagging(
            Call("TagResource", {"ResourceId": "$id", "Tags": "$tags"}),
            Call("UntagResource", {"ResourceId": "$id", "TagKeys": "$surplus"}),
            properties=("name", "tags"),
        ),
        Change(
            ("throughput_mode", "throughput_mibps"),
            (
                Call(
                    "UpdateFileSystem",
                    {
                        "FileSystemId": "$id",
                        "ThroughputMode": "$throughput_mode",
                        "ProvisionedThroughputInMibps": "$throughput_mibps",
                    },
                ),
            ),
            until=_AVAILABLE,
        ),
        Change(("infrequent_after_days",), step=_age),
        Change(("policy",), step=_allow),
    ),
    check=_checked,
    # Mount targets take a while to go.
    busy=("FileSystemInUse", "IncorrectFileSystemLifeCycleState"),
    delete=Call("DeleteFileSystem", {"FileSystemId": "$id"}, absent=_GONE),
    sweep=Call("DescribeFileSystems"),
    found=(
        "FileSystems[?contains(Tags[?Key=='guanyun:environment'].Value, $environment)"
        " && LifeCycleState != 'deleting' && LifeCycleState != 'deleted'].{id: FileSystemId, tags: Tags}"
    ),
    arn="arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}",
)
