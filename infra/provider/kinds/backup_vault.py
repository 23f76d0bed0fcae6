"""``guanyun:cloud:BackupVault``: where backups are kept, under a key, with a lock on how long if wanted."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, TagStyle, always
from infra.provider.kinds.keys import same_key
from infra.provider.kinds.tagging import retagging
from infra.provider.naming import bucket_prefix

_GONE = ("ResourceNotFoundException",)


def _locked(properties: Properties) -> Iterator[tuple[str, str, str]]:
    least, most = properties.get("min_retention_days"), properties.get("max_retention_days")
    if isinstance(least, int) and isinstance(most, int) and most < least:
        yield ("max_retention_days", "不应小于 min_retention_days", "should not be less than min_retention_days")
    if properties.get("lock_grace_days") and not (least or most):
        yield ("lock_grace_days", "须有保留期限", "goes with a retention")


def _lock(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """With days of grace the lock can be lifted by nobody once they are over."""
    wanted = {
        "MinRetentionDays": desired.get("min_retention_days"),
        "MaxRetentionDays": desired.get("max_retention_days"),
        "ChangeableForDays": desired.get("lock_grace_days"),
    }
    given = {name: days for name, days in wanted.items() if days}
    if given:
        context.send("PutBackupVaultLockConfiguration", BackupVaultName=identity, **given)
    else:
        context.send("DeleteBackupVaultLockConfiguration", BackupVaultName=identity)


def _found(context: Context) -> Iterator[dict[str, Plain]]:
    prefix = bucket_prefix(context.environment)
    for page in context.pages(Call("ListBackupVaults"), {}):
        for one in page["BackupVaultList"]:
            if one["BackupVaultName"].startswith(prefix):
                yield {"id": one["BackupVaultName"]}


BACKUP_VAULT = Kind(
    type_name="guanyun:cloud:BackupVault",
    service="backup",
    named=True,
    prefix=bucket_prefix,
    tag_style=TagStyle.MAP,
    properties=(
        Property(
            "name",
            path="identity",
            required=True,
            replaces=always,
            pattern=r"[A-Za-z0-9_-]{2,50}",
            pattern_says=("应为 2 至 50 个字母、数字和 _-", "should be 2 to 50 letters, digits and _-"),
        ),
        Property(
            "kms_key_arn",
            path="EncryptionKeyArn",
            replaces=always,
            offered=True,
            same=same_key,
            pattern=r"arn:(?!.*:alias/).*",
            pattern_says=("应为密钥的 ARN,不能是别名", "should be a key's ARN, not an alias"),
        ),
        Property("min_retention_days", Shape.INTEGER, path="MinRetentionDays", minimum=1),
        Property("max_retention_days", Shape.INTEGER, path="MaxRetentionDays", minimum=1, maximum=36500),
        Property("lock_grace_days", Shape.INTEGER, minimum=3, maximum=36500),
        Property("tags", Shape.TAGS, path="tagged.Tags", default={}),
    ),
    create=Call(
        "CreateBackupVault",
        {
            "BackupVaultName": "$name",
            "EncryptionKeyArn": "$kms_key_arn",
            "BackupVaultTags": "$tags",
            "CreatorRequestId": "$short_token",
        },
    ),
    describe=Call("DescribeBackupVault", {"BackupVaultName": "$id"}, absent=_GONE),
    view_path="@",
    looks={"tagged": Call("ListTags", {"ResourceArn": "$arn"}, absent=_GONE)},
    changes=(
        retagging(
            Call("TagResource", {"ResourceArn": "$arn", "Tags": "$tags"}),
            Call("UntagResource", {"ResourceArn": "$arn", "TagKeyList": "$surplus"}),
        ),
        Change(("min_retention_days", "max_retention_days"), step=_lock),
    ),
    check=_locked,
    exclusive=(("name",),),
    delete=Call("DeleteBackupVault", {"BackupVaultName": "$id"}, absent=_GONE),
    sweep=_found,
    arn="arn:{partition}:backup:{region}:{account}:backup-vault:{id}",
)
