"""``guanyun:cloud:BackupPlan``: when backups are made and how long they are kept, and of what, chosen by tags."""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import CloudRefused, UnsupportedHere
from infra.provider.kind import (
    Call,
    Change,
    Field,
    Kind,
    ObjectOf,
    Plain,
    Properties,
    Property,
    SetOf,
    Shape,
    TagStyle,
)
from infra.provider.kinds.listing import Row, owned
from infra.provider.kinds.tagging import retagging

_GONE = ("ResourceNotFoundException",)
_SELECTION = "guanyun"
_COLD_DAYS = 90  # what is moved to cold storage stays there that long

_RULE = ObjectOf(
    (
        Field("name", required=True, cloud="RuleName"),
        Field("vault_name", required=True, cloud="TargetBackupVaultName"),
        Field("schedule", required=True, cloud="ScheduleExpression"),
        Field("timezone", offered=True, cloud="ScheduleExpressionTimezone"),
        Field("start_minutes", Shape.INTEGER, offered=True, minimum=60, cloud="StartWindowMinutes"),
        Field("complete_minutes", Shape.INTEGER, offered=True, minimum=120, cloud="CompletionWindowMinutes"),
        Field("cold_after_days", Shape.INTEGER, minimum=1, cloud="Lifecycle.MoveToColdStorageAfterDays"),
        Field("delete_after_days", Shape.INTEGER, minimum=1, cloud="Lifecycle.DeleteAfterDays"),
        Field("continuous", Shape.BOOLEAN, default=False, cloud="EnableContinuousBackup"),
    )
)
_TAG = ObjectOf(
    (Field("key", required=True), Field("value", required=True)),
)
# The name has a part of the token: of two plans alike in name and rules the cloud refuses the second.
_PLAN = {"BackupPlanName": "$unique_name", "Rules": "$rules"}


def _checked(properties: Properties) -> Iterator[tuple[str, str, str]]:
    for index, rule in enumerate(properties.get("rules") or []):
        cold, end = (rule.get("cold_after_days"), rule.get("delete_after_days")) if isinstance(rule, dict) else (0, 0)
        if isinstance(cold, int) and isinstance(end, int) and end < cold + _COLD_DAYS and cold:
            yield (
                f"rules[{index}].delete_after_days",
                f"转入冷存储后至少再保留 {_COLD_DAYS} 天",
                f"should be at least {_COLD_DAYS} days after the move to cold storage",
            )
    if bool(properties.get("selected_tags")) != bool(properties.get("role_arn")):
        yield ("role_arn", "与 selected_tags 须同时填写", "goes with selected_tags: both or none")


def _selections(context: Context, identity: str) -> list[dict[str, Plain]]:
    try:
        pages = context.pages(Call("ListBackupSelections", {"BackupPlanId": "$id"}), {}, identity)
    except CloudRefused as refusal:
        if refusal.reason in _GONE:
            return []
        raise
    return [one for page in pages for one in page["BackupSelectionsList"]]


def _selected(context: Context, identity: str) -> Plain:
    """Our selection; nothing where there is none, or the cloud has no selections."""
    try:
        ours = [one for one in _selections(context, identity) if one["SelectionName"] == _SELECTION]
        if not ours:
            return None
        seen = context.send("GetBackupSelection", BackupPlanId=identity, SelectionId=ours[0]["SelectionId"])
    except UnsupportedHere:
        return None
    return seen["BackupSelection"]


def _select(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """A selection does not change: it is made anew. All tags must be there."""
    for old in _selections(context, identity):
        if old["SelectionName"] == _SELECTION:
            context.send("DeleteBackupSelection", BackupPlanId=identity, SelectionId=old["SelectionId"])
    if not desired.get("selected_tags"):
        return
    conditions = [
        {"ConditionKey": f"aws:ResourceTag/{tag['key']}", "ConditionValue": tag["value"]}
        for tag in desired["selected_tags"]
    ]
    context.send(
        "CreateBackupSelection",
        BackupPlanId=identity,
        BackupSelection={
            "SelectionName": _SELECTION,
            "IamRoleArn": desired["role_arn"],
            "Resources": ["*"],
            "Conditions": {"StringEquals": conditions},
        },
    )


def _unselect(context: Context, identity: str, _state: Properties) -> None:
    """A plan with selections is not deleted."""
    try:
        for one in _selections(context, identity):
            context.send("DeleteBackupSelection", BackupPlanId=identity, SelectionId=one["SelectionId"])
    except UnsupportedHere:
        return


def _tags_of(conditions: Plain) -> Plain:
    return [
        {"key": one["ConditionKey"].removeprefix("aws:ResourceTag/"), "value": one["ConditionValue"]}
        for one in conditions or ()
    ]


def _found(context: Context) -> Iterator[Row]:
    """The listing shows no tags; an account has a hundred plans at most."""
    plans = [one for page in context.pages(Call("ListBackupPlans"), {}) for one in page["BackupPlansList"]]
    return owned(
        context,
        (
            {"id": one["BackupPlanId"], "tags": context.send("ListTags", ResourceArn=one["BackupPlanArn"])["Tags"]}
            for one in plans
        ),
    )


BACKUP_PLAN = Kind(
    type_name="guanyun:cloud:BackupPlan",
    service="backup",
    tag_style=TagStyle.MAP,
    properties=(
        Property(
            "name",
            path="tagged.Tags.Name",
            required=True,
            pattern=r"[A-Za-z0-9_.-]{1,41}",
            pattern_says=("应为 41 个以内的字母、数字和 _.-", "should be up to 41 letters, digits and _.-"),
        ),
        Property("rules", SetOf(_RULE, key=("name",)), path="BackupPlan.Rules", required=True),
        Property(
            "selected_tags",
            SetOf(_TAG, key=("key",)),
            path="selected.Conditions.StringEquals",
            read=_tags_of,
            default=[],
        ),
        Property("role_arn", path="selected.IamRoleArn"),
        Property("tags", Shape.TAGS, path="tagged.Tags", default={}),
    ),
    create=Call(
        "CreateBackupPlan",
        {"BackupPlan": _PLAN, "BackupPlanTags": "$tags", "CreatorRequestId": "$short_token"},
    ),
    identity="BackupPlanId",
    describe=Call("GetBackupPlan", {"BackupPlanId": "$id"}, absent=_GONE),
    view_path="@",
    looks={"tagged": Call("ListTags", {"ResourceArn": "$arn"}, absent=_GONE), "selected": _selected},
    dying="DeletionDate != `null`",
    changes=(
        retagging(
            Call("TagResource", {"ResourceArn": "$arn", "Tags": "$tags"}),
            Call("UntagResource", {"ResourceArn": "$arn", "TagKeyList": "$surplus"}),
            properties=("name", "tags"),
        ),
        Change(("name", "rules"), (Call("UpdateBackupPlan", {"BackupPlanId": "$id", "BackupPlan": _PLAN}),)),
        Change(("selected_tags", "role_arn"), step=_select),
    ),
    check=_checked,
    before_delete=_unselect,
    delete=Call("DeleteBackupPlan", {"BackupPlanId": "$id"}, absent=_GONE),
    sweep=_found,
    arn="arn:{partition}:backup:{region}:{account}:backup-plan:{id}",
)
