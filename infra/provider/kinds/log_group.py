"""``guanyun:cloud:LogGroup``: where logs go, under its environment's path, with a key and a time to keep them."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Properties, Property, Shape, TagStyle, always
from infra.provider.kinds.keys import key_property
from infra.provider.kinds.tagging import retagging
from infra.provider.naming import role_path

_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
_GONE = ("ResourceNotFoundException",)


def _kept(properties: Properties) -> Iterator[tuple[str, str, str]]:
    days = properties.get("retention_days")
    if isinstance(days, int) and days not in _DAYS:
        listed = ", ".join(map(str, _DAYS))
        yield ("retention_days", f"应为以下之一:{listed}", f"should be one of {listed}")


def _keep(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """Without a number of days logs are kept for ever."""
    if desired.get("retention_days"):
        context.send("PutRetentionPolicy", logGroupName=identity, retentionInDays=desired["retention_days"])
    else:
        context.send("DeleteRetentionPolicy", logGroupName=identity)


def _lock(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """What is there already stays under the key it was written with."""
    if desired.get("kms_key_id"):
        context.send("AssociateKmsKey", logGroupName=identity, kmsKeyId=desired["kms_key_id"])
    else:
        context.send("DisassociateKmsKey", logGroupName=identity)


LOG_GROUP = Kind(
    type_name="guanyun:cloud:LogGroup",
    service="logs",
    named=True,
    prefix=role_path,
    tag_style=TagStyle.MAP,
    properties=(
        Property(
            "name",
            path="identity",
            required=True,
            replaces=always,
            pattern=r"[A-Za-z0-9_\-/.#]{1,512}",
            pattern_says=(
                "应为 512 个以内的字母、数字和 _-/.#",
                "should be up to 512 letters, digits and _-/.#",
            ),
        ),
        Property("retention_days", Shape.INTEGER, path="retentionInDays"),
        key_property("kms_key_id", "kmsKeyId"),
        Property(
            "log_group_class",
            path="logGroupClass || 'STANDARD'",
            default="STANDARD",
            choices=("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
            replaces=always,
        ),
        Property("tags", Shape.TAGS, path="tagged.tags", default={}),
    ),
    create=Call(
        "CreateLogGroup",
        {"logGroupName": "$name", "kmsKeyId": "$kms_key_id", "logGroupClass": "$log_group_class", "tags": "$tags"},
    ),
    # The listing is sorted: a group of this very name comes before those whose names go on.
    describe=Call("DescribeLogGroups", {"logGroupNamePrefix": "$id"}, absent=_GONE),
    view_path="logGroups[?logGroupName == $id] | [0]",
    looks={"tagged": Call("ListTagsForResource", {"resourceArn": "$arn"}, absent=_GONE)},
    changes=(
        retagging(
            Call("TagResource", {"resourceArn": "$arn", "tags": "$tags"}),
            Call("UntagResource", {"resourceArn": "$arn", "tagKeys": "$surplus"}),
        ),
        Change(("retention_days",), step=_keep),
        Change(("kms_key_id",), step=_lock),
    ),
    check=_kept,
    exclusive=(("name",),),
    delete=Call("DeleteLogGroup", {"logGroupName": "$id"}, absent=_GONE),
    sweep=Call("DescribeLogGroups", {"logGroupNamePrefix": "$prefix"}),
    found="logGroups[].{id: logGroupName}",
    arn="arn:{partition}:logs:{region}:{account}:log-group:{id}",
)
