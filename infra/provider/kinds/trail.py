"""``guanyun:cloud:Trail``: the audit trail of an account or organisation, in a bucket, with digests to check it by."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Properties, Property, Shape, always
from infra.provider.kinds.keys import key_property
from infra.provider.kinds.listing import Row, owned
from infra.provider.kinds.tagging import retagging

_GONE = ("TrailNotFoundException",)
_AT_ONCE = 20  # trails in one question for tags


def _logs_together(properties: Properties) -> Iterator[tuple[str, str, str]]:
    if bool(properties.get("log_group_arn")) != bool(properties.get("log_role_arn")):
        yield ("log_role_arn", "与 log_group_arn 须同时填写", "goes with log_group_arn: both or none")


def _switch(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    context.send("StartLogging" if desired.get("logging") else "StopLogging", Name=identity)


def _found(context: Context) -> Iterator[Row]:
    """A trail of all regions shows in each of them; it lives in one."""
    listed = [
        one["TrailARN"]
        for page in context.pages(Call("ListTrails"), {})
        for one in page["Trails"]
        if one.get("HomeRegion", context.clients.region) == context.clients.region
    ]
    asked = [listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE)]
    told = (page for some in asked for page in context.pages(Call("ListTags", {"ResourceIdList": some}), {}))
    shown = (one for page in told for one in page["ResourceTagList"])
    return owned(context, ({"id": one["ResourceId"].rpartition("/")[2], "tags": one.get("TagsList")} for one in shown))


_SETTINGS = {
    "S3BucketName": "$bucket_name",
    "S3KeyPrefix": "$key_prefix",
    "IsMultiRegionTrail": "$all_regions",
    "IncludeGlobalServiceEvents": "$global_events",
    "EnableLogFileValidation": "$validation",
    "IsOrganizationTrail": "$organization",
    "KmsKeyId": "$kms_key_id",
    "CloudWatchLogsLogGroupArn": "$log_group_arn",
    "CloudWatchLogsRoleArn": "$log_role_arn",
}

TRAIL = Kind(
    type_name="guanyun:cloud:Trail",
    service="cloudtrail",
    named=True,
    properties=(
        Property(
            "name",
            path="identity",
            required=True,
            replaces=always,
            pattern=r"[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]",
            pattern_says=(
                "应为 3 至 128 个字母、数字和 ._-,首尾为字母或数字",
                "should be 3 to 128 letters, digits and ._-, letters or digits at both ends",
            ),
        ),
        Property("bucket_name", path="S3BucketName", required=True),
        Property("key_prefix", path="S3KeyPrefix", default=""),
        Property("all_regions", Shape.BOOLEAN, path="IsMultiRegionTrail", default=True),
        Property("global_events", Shape.BOOLEAN, path="IncludeGlobalServiceEvents", default=True),
        Property("validation", Shape.BOOLEAN, path="LogFileValidationEnabled", default=True),
        Property("organization", Shape.BOOLEAN, path="IsOrganizationTrail", default=False),
        key_property("kms_key_id", "KmsKeyId"),
        Property("log_group_arn", path="CloudWatchLogsLogGroupArn"),
        Property("log_role_arn", path="CloudWatchLogsRoleArn"),
        Property("logging", Shape.BOOLEAN, path="status.IsLogging", default=True),
        Property("tags", Shape.TAGS, path="tagged.ResourceTagList[0].TagsList", default={}),
    ),
    create=Call("CreateTrail", {"Name": "$name", **_SETTINGS, "TagsList": "$tags"}),
    describe=Call("GetTrail", {"Name": "$id"}, absent=_GONE),
    view_path="Trail",
    looks={
        "status": Call("GetTrailStatus", {"Name": "$id"}, absent=_GONE),
        "tagged": Call("ListTags", {"ResourceIdList": ["$arn"]}, absent=_GONE),
    },
    changes=(
        retagging(
            Call("AddTags", {"ResourceId": "$arn", "TagsList": "$tags"}),
            Call("RemoveTags", {"ResourceId": "$arn", "TagsList": "$surplus"}),
        ),
        Change(
            (
                *("bucket_name", "key_prefix", "all_regions", "global_events", "validation", "organization"),
                *("kms_key_id", "log_group_arn", "log_role_arn"),
            ),
            (Call("UpdateTrail", {"Name": "$id", **_SETTINGS}),),
        ),
        Change(("logging",), step=_switch),
    ),
    check=_logs_together,
    delete=Call("DeleteTrail", {"Name": "$id"}, absent=_GONE),
    sweep=_found,
    arn="arn:{partition}:cloudtrail:{region}:{account}:trail/{id}",
)
