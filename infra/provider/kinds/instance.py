"""``guanyun:cloud:Instance``: a virtual machine."""

from __future__ import annotations

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always
from infra.provider.kinds.keys import key_property
from infra.provider.kinds.tagging import NAME, RETAG, TAGS, by_environment, specification

_RUNNING = "State.Name == 'running'"
_STOPPED = "State.Name == 'stopped'"
_UNKNOWN_YET = frozenset({"InvalidParameterValue", "InvalidIamInstanceProfileArn.Malformed"})
_ROOT = {
    "root_size_gb": "VolumeSize",
    "root_volume_type": "VolumeType",
    "root_encrypted": "Encrypted",
    "root_kms_key_id": "KmsKeyId",
}
_TRIES, _PAUSE = 15, 2.0


def _resize(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """A type changes only while the machine is stopped; it runs again afterwards whatever it did before."""
    context.send("StopInstances", InstanceIds=[identity])
    context.until(identity, _STOPPED)
    context.send("ModifyInstanceAttribute", InstanceId=identity, InstanceType={"Value": desired["instance_type"]})
    context.send("StartInstances", InstanceIds=[identity])
    context.until(identity, _RUNNING)


def _name_of(arn: Plain) -> Plain:
    return str(arn).rpartition("/")[2] if arn else None


def _root(context: Context, properties: Properties) -> Plain:
    """The image says what its root device is called; nothing where the program leaves the root as the image has it."""
    said = {member: properties[name] for name, member in _ROOT.items() if properties.get(name) is not None}
    if not said:
        return None
    image = context.send("DescribeImages", ImageIds=[properties["image_id"]])["Images"][0]
    device = image["RootDeviceName"]
    own = next((one.get("Ebs") for one in image.get("BlockDeviceMappings") or () if one["DeviceName"] == device), None)
    if own and own.get("VolumeSize"):  # some clouds take no device without a size: it stays the image's
        said = {"VolumeSize": own["VolumeSize"], **said}
    return [{"DeviceName": device, "Ebs": said}]


def _root_volume(context: Context, identity: str) -> Plain:
    """The volume behind the root device; nothing while the machine has none."""
    machine = context.seen or context.describe(identity) or {}
    for one in machine.get("BlockDeviceMappings") or ():
        if one["DeviceName"] == machine.get("RootDeviceName"):
            return _volume(context, one["Ebs"]["VolumeId"])
    return None


def _volume(context: Context, identity: str) -> Plain:
    try:
        found = context.send("DescribeVolumes", VolumeIds=[identity])
    except CloudRefused as refusal:
        if refusal.reason != "InvalidVolume.NotFound":
            raise
        return None
    return next(iter(found["Volumes"]), None)


def _grow(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """The file system on it grows at the next start."""
    volume = _root_volume(context, identity) or {}
    wanted = {"Size": desired.get("root_size_gb"), "VolumeType": desired.get("root_volume_type")}
    given = {name: value for name, value in wanted.items() if value}
    context.send("ModifyVolume", VolumeId=volume["VolumeId"], **given)


def _smaller(old: Plain, new: Plain) -> bool:
    """A disk only grows in place."""
    return isinstance(old, int) and isinstance(new, int) and new < old


def _tokens(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    context.send("ModifyInstanceMetadataOptions", InstanceId=identity, HttpTokens=desired["metadata_tokens"])


def _assume(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """A profile is not in the create call: one that was just made is known to machines some seconds later."""
    filters = [
        {"Name": "instance-id", "Values": [identity]},
        {"Name": "state", "Values": ["associating", "associated"]},
    ]
    held = context.send("DescribeIamInstanceProfileAssociations", Filters=filters)["IamInstanceProfileAssociations"]
    if not desired.get("instance_profile_id"):
        for one in held:
            context.send("DisassociateIamInstanceProfile", AssociationId=one["AssociationId"])
        return
    wanted = {"Name": desired["instance_profile_id"]}
    if held:
        replaced = held[0]["AssociationId"]
        _when_known(context, "ReplaceIamInstanceProfileAssociation", AssociationId=replaced, IamInstanceProfile=wanted)
    else:
        _when_known(context, "AssociateIamInstanceProfile", InstanceId=identity, IamInstanceProfile=wanted)


def _when_known(context: Context, operation: str, **parameters: Plain) -> None:
    for attempt in range(_TRIES):
        try:
            context.send(operation, **parameters)
            return
        except CloudRefused as refusal:
            if refusal.reason not in _UNKNOWN_YET or attempt == _TRIES - 1:
                raise
        context.sleep(_PAUSE)


INSTANCE = Kind(
    type_name="guanyun:cloud:Instance",
    service="ec2",
    properties=(
        NAME,
        Property("image_id", path="ImageId", required=True, replaces=always),
        Property("instance_type", path="InstanceType", required=True),
        Property("subnet_id", path="SubnetId", required=True, replaces=always),
        Property("security_group_ids", Shape.TEXTS, path="SecurityGroups[].GroupId", default=[], offered=True),
        Property("instance_profile_id", path="IamInstanceProfile.Arn", read=_name_of),
        Property(
            "metadata_tokens",
            path="MetadataOptions.HttpTokens",
            default="required",
            choices=("required", "optional"),
        ),
        Property("root_size_gb", Shape.INTEGER, path="rooted.Size", offered=True, minimum=1, replaces=_smaller),
        Property("root_volume_type", path="rooted.VolumeType", offered=True),
        Property("root_encrypted", Shape.BOOLEAN, path="rooted.Encrypted", offered=True, replaces=always),
        key_property("root_kms_key_id", "rooted.KmsKeyId", offered=True, replaces=always),
        Property("private_ip", path="PrivateIpAddress", replaces=always, offered=True),
        Property("user_data", replaces=always, secret=True),
        TAGS,
    ),
    derived={"root": _root},
    create=Call(
        "RunInstances",
        {
            "ImageId": "$image_id",
            "InstanceType": "$instance_type",
            "SubnetId": "$subnet_id",
            "SecurityGroupIds": "$security_group_ids",
            "PrivateIpAddress": "$private_ip",
            "UserData": "$user_data",
            "BlockDeviceMappings": "$root",
            "MetadataOptions": {"HttpTokens": "$metadata_tokens"},
            "MinCount": 1,
            "MaxCount": 1,
            "ClientToken": "$client_token",
            "TagSpecifications": specification("instance"),
        },
    ),
    identity="Instances[0].InstanceId",
    describe=Call("DescribeInstances", {"InstanceIds": ["$id"]}, absent=("InvalidInstanceID.NotFound",)),
    view_path="Reservations[0].Instances[0]",
    looks={"rooted": _root_volume},
    ready=_RUNNING,
    dying="State.Name == 'terminated' || State.Name == 'shutting-down'",
    gone="State.Name == 'terminated'",
    changes=(
        Change(("instance_type",), step=_resize),
        Change(
            ("security_group_ids",),
            (Call("ModifyInstanceAttribute", {"InstanceId": "$id", "Groups": "$security_group_ids"}),),
        ),
        Change(("root_size_gb", "root_volume_type"), step=_grow),
        Change(("metadata_tokens",), step=_tokens),
        Change(("instance_profile_id",), step=_assume),
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
