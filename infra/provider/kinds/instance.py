"""``guanyun:cloud:Instance``: a virtual machine."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Properties, Property, Shape, always
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_RUNNING = "State.Name == 'running'"
_STOPPED = "State.Name == 'stopped'"


def _resize(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """A type changes only while the machine is stopped; it runs again afterwards whatever it did before."""
    context.send("StopInstances", InstanceIds=[identity])
    context.until(identity, _STOPPED)
    context.send("ModifyInstanceAttribute", InstanceId=identity, InstanceType={"Value": desired["instance_type"]})
    context.send("StartInstances", InstanceIds=[identity])
    context.until(identity, _RUNNING)


INSTANCE = Kind(
    type_name="guanyun:cloud:Instance",
    service="ec2",
    properties=(
        NAME,
        Property("image_id", path="ImageId", required=True, replaces=always),
        Property("instance_type", path="InstanceType", required=True),
        Property("subnet_id", path="SubnetId", required=True, replaces=always),
        Property("security_group_ids", Shape.TEXTS, path="SecurityGroups[].GroupId", default=[], offered=True),
        Property("private_ip", path="PrivateIpAddress", replaces=always, offered=True),
        Property("user_data", replaces=always, secret=True),
        TAGS,
    ),
    create=Call(
        "RunInstances",
        {
            "ImageId": "$image_id",
            "InstanceType": "$instance_type",
            "SubnetId": "$subnet_id",
            "SecurityGroupIds": "$security_group_ids",
            "PrivateIpAddress": "$private_ip",
            "UserData": "$user_data",
            "MinCount": 1,
            "MaxCount": 1,
            "ClientToken": "$client_token",
            "TagSpecifications": specification("instance"),
        },
    ),
    identity="Instances[0].InstanceId",
    describe=Call("DescribeInstances", {"InstanceIds": ["$id"]}, absent=("InvalidInstanceID.NotFound",)),
    view_path="Reservations[0].Instances[0]",
    ready=_RUNNING,
    dying="State.Name == 'terminated' || State.Name == 'shutting-down'",
    gone="State.Name == 'terminated'",
    changes=(
        Change(("instance_type",), step=_resize),
        Change(
            ("security_group_ids",),
            (Call("ModifyInstanceAttribute", {"InstanceId": "$id", "Groups": "$security_group_ids"}),),
        ),
        RETAG,
    ),
    delete=Call("TerminateInstances", {"InstanceIds": ["$id"]}, absent=("InvalidInstanceID.NotFound",)),
    sweep=Call(
        "DescribeInstances",
        by_environment(instance_state_name=["pending", "running", "stopping", "stopped"]),
    ),
    found="Reservations[].Instances[].{id: InstanceId, tags: Tags}",
    arn="arn:{partition}:ec2:{region}:{account}:instance/{id}",
    outputs={"availability_zone": "Placement.AvailabilityZone"},
    exclusive=(("subnet_id", "private_ip"),),
)
