"""``guanyun:cloud:Key``: a KMS key with its alias, policy and rotation.

A delete only schedules the deletion: until ``deletion_window_days`` are over it can be called back by hand. For the
program a key that waits for its end is gone, and its alias is free at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.errors import AlreadyThere, CloudRefused, UnsupportedHere
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, Tagged, TagStyle, always
from infra.provider.kinds.tagging import retagging
from infra.provider.naming import ENVIRONMENT_TAG
from infra.provider.normal import tag_map

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_SPECS = (_SYMMETRIC, "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "HMAC_256", "SM2")
_USAGES = ("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")


def _rotates(properties: Properties) -> Iterator[tuple[str, str, str]]:
    if properties.get("key_spec") in _SPECS[1:] and properties.get("rotation") is True:
        yield ("rotation", "只有对称密钥可以自动轮换", "only a symmetric key can be rotated")


def _switch(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """Rotation is set on an enabled key only; a key that shall be disabled is so at the end."""
    rotation = (actual.get("rotation"), actual.get("rotation_days"))
    wanted = (desired.get("rotation"), desired.get("rotation_days") or actual.get("rotation_days"))
    rotated = rotation != wanted and (bool(desired.get("rotation")) or bool(actual.get("rotation")))
    enabled = bool(actual.get("enabled"))
    if not enabled and (rotated or desired.get("enabled")):
        context.send("EnableKey", KeyId=identity)
        enabled = True
    if rotated and desired.get("rotation"):
        days = {"RotationPeriodInDays": wanted[1]} if wanted[1] else {}
        context.send("EnableKeyRotation", KeyId=identity, **days)
    elif rotated:
        context.send("DisableKeyRotation", KeyId=identity)
    if enabled and not desired.get("enabled"):
        context.send("DisableKey", KeyId=identity)


def _rotated(context: Context, identity: str) -> Plain:
    """Nothing for a key that cannot be rotated: the cloud answers that it does not support it."""
    try:
        return context.send("GetKeyRotationStatus", KeyId=identity)
    except UnsupportedHere:
        return None


def _name(context: Context, identity: str, actual: Properties, desired: Properties) -> None:
    """An alias moves from the key that this one replaces; another environment's is not touched."""
    wanted = desired.get("alias")
    if wanted:
        try:
            context.send("CreateAlias", AliasName=wanted, TargetKeyId=identity)
        except CloudRefused as refusal:
            if refusal.reason != "AlreadyExistsException":
                raise
            _move(context, wanted, identity)
    if actual.get("alias"):
        context.send("DeleteAlias", AliasName=actual["alias"])


def _move(context: Context, alias: str, identity: str) -> None:
    holder = context.send("DescribeKey", KeyId=alias)["KeyMetadata"]["KeyId"]
    tags = tag_map(context.send("ListResourceTags", KeyId=holder)["Tags"])
    if tags.get(ENVIRONMENT_TAG) != context.environment:
        raise AlreadyThere(kind=context.kind.short, id=alias)
    context.send("UpdateAlias", AliasName=alias, TargetKeyId=identity)


def _unname(context: Context, identity: str, _state: Properties) -> None:
    """The cloud frees aliases at the end of the window only."""
    for alias in context.send("ListAliases", KeyId=identity).get("Aliases", []):
        context.send("DeleteAlias", AliasName=alias["AliasName"])


KEY = Kind(
    type_name="guanyun:cloud:Key",
    service="kms",
    tag_style=TagStyle.KMS,
    properties=(
        Property("name", path="tagged.Tags[?TagKey=='Name'].TagValue | [0]", required=True),
        Property("description", path="Description || ''", default=""),
        Property(
            "alias",
            path="aliased.Aliases[0].AliasName",
            pattern=r"alias/(?!aws/)[A-Za-z0-9/_-]{1,250}",
            pattern_says=(
                "应以 alias/ 开头,其后为字母、数字和 /_-",
                "should be alias/ and letters, digits and /_-",
            ),
        ),
        Property("policy", Shape.POLICY, path="ruled.Policy", offered=True),
        Property("rotation", Shape.BOOLEAN, path="rotated.KeyRotationEnabled || `false`", default=True),
        Property(
            "rotation_days",
            Shape.INTEGER,
            path="rotated.RotationPeriodInDays",
            offered=True,
            minimum=90,
            maximum=2560,
        ),
        Property("enabled", Shape.BOOLEAN, path="Enabled", default=True),
        Property("key_spec", path="KeySpec", default=_SYMMETRIC, choices=_SPECS, replaces=always),
        Property("key_usage", path="KeyUsage", default=_USAGES[0], choices=_USAGES, replaces=always),
        Property("multi_region", Shape.BOOLEAN, path="MultiRegion", default=False, replaces=always),
        Property("deletion_window_days", Shape.INTEGER, default=30, minimum=7, maximum=30),
        Property("tags", Shape.TAGS, path="tagged.Tags", default={}),
    ),
    create=Call(
        "CreateKey",
        {
            "Description": "$description",
            "Policy": "$policy",
            "KeySpec": "$key_spec",
            "KeyUsage": "$key_usage",
            "MultiRegion": "$multi_region",
            "Tags": "$tags",
        },
    ),
    identity="KeyMetadata.KeyId",
    describe=Call("DescribeKey", {"KeyId": "$id"}, absent=("NotFoundException",)),
    view_path="KeyMetadata",
    looks={
        "tagged": Call("ListResourceTags", {"KeyId": "$id"}),
        "aliased": Call("ListAliases", {"KeyId": "$id"}),
        "ruled": Call("GetKeyPolicy", {"KeyId": "$id", "PolicyName": "default"}),
        "rotated": _rotated,
    },
    ready="KeyState == 'Enabled' || KeyState == 'Disabled'",
    dying="starts_with(KeyState, 'Pending')",
    gone="starts_with(KeyState, 'Pending')",
    changes=(
        retagging(
            Call("TagResource", {"KeyId": "$id", "Tags": "$tags"}),
            Call("UntagResource", {"KeyId": "$id", "TagKeys": "$surplus"}),
            properties=("name", "tags"),
        ),
        Change(("description",), (Call("UpdateKeyDescription", {"KeyId": "$id", "Description": "$description"}),)),
        Change(
            ("policy",),
            (Call("PutKeyPolicy", {"KeyId": "$id", "PolicyName": "default", "Policy": "$policy"}),),
        ),
        Change(("alias",), step=_name),
        Change(("rotation", "rotation_days", "enabled"), step=_switch),
    ),
    check=_rotates,
    before_delete=_unname,
    delete=Call(
        "ScheduleKeyDeletion",
        {"KeyId": "$id", "PendingWindowInDays": "$deletion_window_days"},
        absent=("NotFoundException", "KMSInvalidStateException"),
    ),
    sweep=Tagged("kms:key/", ask=True),
    arn="arn:{partition}:kms:{region}:{account}:key/{id}",
)
