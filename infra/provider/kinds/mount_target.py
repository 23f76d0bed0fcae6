"""``guanyun:cloud:MountTarget``: a file system's address in one subnet. It has no tags: it is its file system's."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Properties, Property, Shape, Within, always

_GONE = ("MountTargetNotFound", "FileSystemNotFound")
_LIVE = "LifeCycleState != 'deleting' && LifeCycleState != 'deleted'"


def _there(context: Context, inputs: Properties) -> str | None:
    """The cloud makes one a zone: one in this very subnet is what a create would make."""
    answer = context.send("DescribeMountTargets", FileSystemId=inputs["file_system_id"])
    for one in answer["MountTargets"]:
        if one["SubnetId"] == inputs["subnet_id"] and one["LifeCycleState"] in ("creating", "available", "updating"):
            return str(one["MountTargetId"])
    return None


MOUNT_TARGET = Kind(
    type_name="guanyun:cloud:MountTarget",
    service="efs",
    properties=(
        Property("file_system_id", path="FileSystemId", required=True, replaces=always),
        Property("subnet_id", path="SubnetId", required=True, replaces=always),
        Property("private_ip", path="IpAddress", replaces=always, offered=True),
        Property("security_group_ids", Shape.TEXTS, path="guarded.SecurityGroups", offered=True),
    ),
    create=Call(
        "CreateMountTarget",
        {
            "FileSystemId": "$file_system_id",
            "SubnetId": "$subnet_id",
            "IpAddress": "$private_ip",
            "SecurityGroups": "$security_group_ids",
        },
    ),
    identity="MountTargetId",
    existing=_there,
    describe=Call("DescribeMountTargets", {"MountTargetId": "$id"}, absent=_GONE),
    view_path="MountTargets[0]",
    looks={"guarded": Call("DescribeMountTargetSecurityGroups", {"MountTargetId": "$id"}, absent=_GONE)},
    ready="LifeCycleState == 'available'",
    dying="LifeCycleState == 'deleting' || LifeCycleState == 'deleted'",
    gone="LifeCycleState == 'deleted'",
    changes=(
        Change(
            ("security_group_ids",),
            (
                Call(
                    "ModifyMountTargetSecurityGroups",
                    {"MountTargetId": "$id", "SecurityGroups": "$security_group_ids"},
                ),
            ),
        ),
    ),
    exclusive=(("file_system_id", "subnet_id"),),
    delete=Call("DeleteMountTarget", {"MountTargetId": "$id"}, absent=_GONE),
    sweep=Within(
        "guanyun:cloud:FileSystem",
        Call("DescribeMountTargets", {"FileSystemId": "$id"}, absent=_GONE),
        f"MountTargets[?{_LIVE}].{{id: MountTargetId}}",
    ),
    arn="arn:{partition}:elasticfilesystem:{region}:{account}:mount-target/{id}",
    outputs={"network_interface_id": "NetworkInterfaceId", "availability_zone": "AvailabilityZoneName"},
)
