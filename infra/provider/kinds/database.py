"""``guanyun:cloud:Database``: a relational database of RDS.

Engine, encryption, place and first database replace it; class, size, version upwards and the rest change in place, at
once. A delete leaves a final snapshot unless ``final_snapshot`` is false, and ``deletion_protection`` refuses it.
The cloud never shows the master password, so a change of it by hand is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always
from infra.provider.kinds.database_names import DATABASE_NAME
from infra.provider.kinds.keys import key_property
from infra.provider.kinds.tagging import retagging
from infra.provider.naming import name_prefix

_GONE = ("DBInstanceNotFound", "DBInstanceNotFoundFault")
_AVAILABLE = "DBInstanceStatus == 'available' || DBInstanceStatus == 'storage-optimization'"
_SETTLED = f"({_AVAILABLE}) && length(keys(PendingModifiedValues || `{{}}`)) == `0`"
_NO_SNAPSHOT = frozenset({"creating", "failed", "incompatible-network", "incompatible-restore"})
_IN_PLACE = {
    "instance_class": "DBInstanceClass",
    "size_gb": "AllocatedStorage",
    "storage_type": "StorageType",
    "iops": "Iops",
    "engine_version": "EngineVersion",
    "multi_zone": "MultiAZ",
    "backup_days": "BackupRetentionPeriod",
    "backup_window": "PreferredBackupWindow",
    "maintenance_window": "PreferredMaintenanceWindow",
    "auto_minor_upgrade": "AutoMinorVersionUpgrade",
    "publicly_accessible": "PubliclyAccessible",
    "port": "DBPortNumber",
    "security_group_ids": "VpcSecurityGroupIds",
    "parameter_group_name": "DBParameterGroupName",
    "deletion_protection": "DeletionProtection",
}


def _smaller(old: Plain, new: Plain) -> bool:
    """Storage only grows in place."""
    return isinstance(old, int) and isinstance(new, int) and new < old


def _numbers(version: Plain) -> list[int]:
    return [int(part) for part in str(version).split(".") if part.isdigit()]


def _same_version(old: Plain, new: Plain) -> bool:
    """``8.0`` asks for any 8.0: the minor version is the cloud's."""
    return str(old) == str(new) or str(old).startswith(f"{new}.")


def _older(old: Plain, new: Plain) -> bool:
    """A version only rises in place."""
    return not _same_version(old, new) and _numbers(new) < _numbers(old)


def _modify(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """One modification for everything that differs: each has its own wait and maybe its own restart."""
    given = {name: value for name in _IN_PLACE if (value := desired.get(name)) not in (None, "")}
    changed = {
        _IN_PLACE[name]: value
        for name, value in given.items()
        if not context.kind.named_property(name).same(actual.get(name), value)
    }
    if not changed:
        return
    if "engine_version" in given and _numbers(given["engine_version"])[:1] != _numbers(actual["engine_version"])[:1]:
        changed["AllowMajorVersionUpgrade"] = True
    context.send("ModifyDBInstance", DBInstanceIdentifier=identity, ApplyImmediately=True, **changed)


def _password(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """The cloud never shows it: it is set when the program's changes, and once for a database that was imported."""
    password = desired.get("master_password")
    if password:
        context.send(
            "ModifyDBInstance", DBInstanceIdentifier=identity, ApplyImmediately=True, MasterUserPassword=password
        )


def _end(context: Context, identity: str, state: Properties) -> None:
    """The delete itself, with a final snapshot where it is wanted and can be made; its name is that of no other."""
    view = context.describe(identity)
    if view is None or view["DBInstanceStatus"] == "deleting":
        return
    how: dict[str, Plain] = {"SkipFinalSnapshot": True}
    if state.get("final_snapshot", True) and view["DBInstanceStatus"] not in _NO_SNAPSHOT:
        made_by = str(state.get("token") or view.get("DbiResourceId") or "")
        how = {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": f"{identity}-{made_by[-4:].lower()}"}
    context.send("DeleteDBInstance", DBInstanceIdentifier=identity, **how)


def _checked(properties: Properties) -> Iterator[tuple[str, str, str]]:
    if properties.get("kms_key_id") and properties.get("storage_encrypted") is False:
        yield ("kms_key_id", "仅在 storage_encrypted 为 true 时填写", "goes with storage_encrypted only")
    password = properties.get("master_password")
    if isinstance(password, str) and (len(password) < 8 or any(sign in password for sign in '/@" ')):
        yield (
            "master_password",
            '至少 8 个字符,不能有 / @ " 和空格',
            'should be at least 8 characters without / @ " and spaces',
        )


DATABASE = Kind(
    type_name="guanyun:cloud:Database",
    service="rds",
    named=True,
    prefix=name_prefix,
    properties=(
        DATABASE_NAME,
        Property("engine", path="Engine", required=True, replaces=always),
        Property(
            "engine_version",
            path="EngineVersion",
            required=True,
            same=_same_version,
            replaces=_older,
            pattern=r"[0-9][0-9A-Za-z.\-]*",
            pattern_says=("应为版本号", "should be a version"),
        ),
        Property("instance_class", path="DBInstanceClass", required=True),
        Property(
            "size_gb",
            Shape.INTEGER,
            path="AllocatedStorage",
            required=True,
            minimum=20,
            maximum=65536,
            replaces=_smaller,
        ),
        Property("storage_type", path="StorageType", default="gp3", choices=("gp2", "gp3", "io1", "io2", "standard")),
        Property("iops", Shape.INTEGER, path="Iops", offered=True, minimum=1000),
        Property("storage_encrypted", Shape.BOOLEAN, path="StorageEncrypted", default=True, replaces=always),
        key_property("kms_key_id", "KmsKeyId", replaces=always, offered=True),
        Property("multi_zone", Shape.BOOLEAN, path="MultiAZ", default=False),
        Property("backup_days", Shape.INTEGER, path="BackupRetentionPeriod", default=7, maximum=35),
        Property("backup_window", path="PreferredBackupWindow", offered=True),
        Property("maintenance_window", path="PreferredMaintenanceWindow", offered=True),
        Property("auto_minor_upgrade", Shape.BOOLEAN, path="AutoMinorVersionUpgrade", default=True),
        Property("publicly_accessible", Shape.BOOLEAN, path="PubliclyAccessible", default=False),
        Property("port", Shape.INTEGER, path="Endpoint.Port", offered=True, minimum=1150, maximum=65535),
        Property("database_subnet_group_id", path="DBSubnetGroup.DBSubnetGroupName", required=True, replaces=always),
        Property("security_group_ids", Shape.TEXTS, path="VpcSecurityGroups[].VpcSecurityGroupId", offered=True),
        Property("parameter_group_name", path="DBParameterGroups[0].DBParameterGroupName", offered=True),
        Property("database_name", path="DBName", replaces=always, offered=True),
        Property("master_username", path="MasterUsername", required=True, replaces=always),
        Property("master_password", secret=True, required=True),
        Property("deletion_protection", Shape.BOOLEAN, path="DeletionProtection", default=True),
        Property("final_snapshot", Shape.BOOLEAN, default=True),
        Property("tags", Shape.TAGS, path="TagList", default={}),
    ),
    # Not protected yet: what cannot be completed is taken back.
    create=Call(
        "CreateDBInstance",
        {
            "DBInstanceIdentifier": "$name",
            "Engine": "$engine",
            "EngineVersion": "$engine_version",
            "DBInstanceClass": "$instance_class",
            "AllocatedStorage": "$size_gb",
            "StorageType": "$storage_type",
            "Iops": "$iops",
            "StorageEncrypted": "$storage_encrypted",
            "KmsKeyId": "$kms_key_id",
            "MultiAZ": "$multi_zone",
            "BackupRetentionPeriod": "$backup_days",
            "PreferredBackupWindow": "$backup_window",
            "PreferredMaintenanceWindow": "$maintenance_window",
            "AutoMinorVersionUpgrade": "$auto_minor_upgrade",
            "PubliclyAccessible": "$publicly_accessible",
            "Port": "$port",
            "DBSubnetGroupName": "$database_subnet_group_id",
            "VpcSecurityGroupIds": "$security_group_ids",
            "DBParameterGroupName": "$parameter_group_name",
            "DBName": "$database_name",
            "MasterUsername": "$master_username",
            "MasterUserPassword": "$master_password",
            "DeletionProtection": False,
            "CopyTagsToSnapshot": True,
            "Tags": "$tags",
        },
    ),
    describe=Call("DescribeDBInstances", {"DBInstanceIdentifier": "$id"}, absent=_GONE),
    view_path="DBInstances[0]",
    ready=_AVAILABLE,
    dying="DBInstanceStatus == 'deleting'",
    gone="`false`",
    changes=(
        retagging(
            Call("AddTagsToResource", {"ResourceName": "$arn", "Tags": "$tags"}),
            Call("RemoveTagsFromResource", {"ResourceName": "$arn", "TagKeys": "$surplus"}),
        ),
        Change(("master_password",), step=_password, until=_SETTLED),
        Change(tuple(_IN_PLACE), step=_modify, until=_SETTLED),
    ),
    check=_checked,
    seconds=3600.0,
    exclusive=(("name",),),
    before_delete=_end,
    # Begun by the step before it, which knows how: here one that is going already is as good as gone.
    delete=Call(
        "DeleteDBInstance",
        {"DBInstanceIdentifier": "$id", "SkipFinalSnapshot": True},
        absent=(*_GONE, "InvalidDBInstanceState", "InvalidDBInstanceStateFault"),
    ),
    sweep=Call("DescribeDBInstances"),
    found=(
        "DBInstances[?starts_with(DBInstanceIdentifier, $prefix) && DBInstanceStatus != 'deleting']"
        ".{id: DBInstanceIdentifier, tags: TagList}"
    ),
    arn="arn:{partition}:rds:{region}:{account}:db:{id}",
    outputs={"endpoint": "Endpoint.Address"},
)
