"""``guanyun:cloud:Bucket``: an S3 bucket with encryption, policy, versions, locks, ages and logs as properties.

S3 cannot tag in the create call, so a bucket is found again by its name, which begins with its environment's digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, always
from infra.provider.kinds.bucket_keeping import RULES, age, kept_as_said, lock, log, rules_shown
from infra.provider.kinds.keys import key_property
from infra.provider.naming import bucket_prefix

_GONE = ("NoSuchBucket", "404", "NotFound")
_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_RULE = "encrypted.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault"


def _unlocked(old: Plain, new: Plain) -> bool:
    """A lock is put on in place, and never taken off."""
    return bool(old) and not new


def _checked(properties: Properties) -> Iterator[tuple[str, str, str]]:
    if properties.get("kms_key_id") and properties.get("encryption") != "aws:kms":
        yield ("kms_key_id", "仅在 encryption 为 aws:kms 时填写", "goes with the encryption aws:kms only")
    yield from kept_as_said(properties)


def _version(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """Versioning once on can only be suspended."""
    status = "Enabled" if desired.get("versioning") else "Suspended"
    context.send("PutBucketVersioning", Bucket=identity, VersioningConfiguration={"Status": status})


def _set_policy(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    if desired.get("policy"):
        context.send("PutBucketPolicy", Bucket=identity, Policy=desired["policy"])
    else:
        context.send("DeleteBucketPolicy", Bucket=identity)


def _close(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    blocked = bool(desired.get("block_public_access"))
    wanted = dict.fromkeys(_BLOCKS, blocked)
    context.send("PutPublicAccessBlock", Bucket=identity, PublicAccessBlockConfiguration=wanted)


def _empty(context: Context, identity: str, state: Properties) -> None:
    """Delete every version of every object, where the program said that it may."""
    if not state.get("force_destroy") or context.describe(identity) is None:
        return
    while True:
        page = context.send("ListObjectVersions", Bucket=identity)
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not entries:
            return
        objects = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
        asked = {"Objects": objects, "Quiet": True}
        for refused in context.send("DeleteObjects", Bucket=identity, Delete=asked).get("Errors", []):
            # A locked object, for one: it would be there in the next round too.
            said = f"{refused['Key']} {refused['Message']}"
            raise CloudRefused(operation="DeleteObjects", reason=refused["Code"], message=said)


BUCKET = Kind(
    type_name="guanyun:cloud:Bucket",
    service="s3",
    named=True,
    prefix=bucket_prefix,
    properties=(
        Property(
            "name",
            path="identity",
            required=True,
            replaces=always,
            pattern=r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]",
            pattern_says=(
                "应为 3 至 63 个小写字母、数字、点和连字符",
                "should be 3 to 63 lower-case letters, digits, dots and hyphens",
            ),
        ),
        Property("encryption", path=f"{_RULE}.SSEAlgorithm", default="AES256", choices=("AES256", "aws:kms")),
        key_property("kms_key_id", f"{_RULE}.KMSMasterKeyID"),
        Property("policy", Shape.POLICY, path="ruled.Policy"),
        Property("versioning", Shape.BOOLEAN, path="versioned.Status == 'Enabled'", default=False),
        Property(
            "block_public_access",
            Shape.BOOLEAN,
            path="closed.PublicAccessBlockConfiguration || `{}`",
            read=lambda blocks: all(blocks.get(name) for name in _BLOCKS),
            default=True,
        ),
        Property(
            "object_lock",
            Shape.BOOLEAN,
            path="locked.ObjectLockConfiguration.ObjectLockEnabled == 'Enabled'",
            default=False,
            replaces=_unlocked,
        ),
        Property(
            "retention_mode",
            path="locked.ObjectLockConfiguration.Rule.DefaultRetention.Mode",
            choices=("GOVERNANCE", "COMPLIANCE"),
        ),
        Property(
            "retention_days",
            Shape.INTEGER,
            path="locked.ObjectLockConfiguration.Rule.DefaultRetention.Days",
            minimum=1,
            maximum=36500,
        ),
        Property("lifecycle_rules", RULES, path="aged.Rules", read=rules_shown, default=[]),
        Property("log_bucket", path="logged.LoggingEnabled.TargetBucket"),
        Property("log_prefix", path="logged.LoggingEnabled.TargetPrefix"),
        Property("force_destroy", Shape.BOOLEAN, default=False),
        Property("tags", Shape.TAGS, path="tagged.TagSet", default={}),
    ),
    create=Call(
        "CreateBucket",
        {
            "Bucket": "$name",
            "CreateBucketConfiguration": {"LocationConstraint": "$location"},
            "ObjectLockEnabledForBucket": "$object_lock",
        },
    ),
    describe=Call("HeadBucket", {"Bucket": "$id"}, absent=_GONE),
    view_path="@",
    looks={
        "tagged": Call("GetBucketTagging", {"Bucket": "$id"}, absent=("NoSuchTagSet",)),
        "encrypted": Call(
            "GetBucketEncryption", {"Bucket": "$id"}, absent=("ServerSideEncryptionConfigurationNotFoundError",)
        ),
        "ruled": Call("GetBucketPolicy", {"Bucket": "$id"}, absent=("NoSuchBucketPolicy",)),
        "versioned": Call("GetBucketVersioning", {"Bucket": "$id"}),
        "locked": Call(
            "GetObjectLockConfiguration", {"Bucket": "$id"}, absent=("ObjectLockConfigurationNotFoundError",)
        ),
        "aged": Call("GetBucketLifecycleConfiguration", {"Bucket": "$id"}, absent=("NoSuchLifecycleConfiguration",)),
        "logged": Call("GetBucketLogging", {"Bucket": "$id"}),
        "closed": Call("GetPublicAccessBlock", {"Bucket": "$id"}, absent=("NoSuchPublicAccessBlockConfiguration",)),
    },
    # Bare; where a cloud encrypts or closes a bucket by itself, ours is written over it.
    newborn={
        **dict.fromkeys(("tagged", "ruled", "closed", "encrypted", "locked", "aged")),
        **dict.fromkeys(("versioned", "logged"), MappingProxyType({})),
    },
    # Tags first: until then only the name says whose it is.
    changes=(
        Change(("tags",), (Call("PutBucketTagging", {"Bucket": "$id", "Tagging": {"TagSet": "$tags"}}),)),
        Change(
            ("encryption", "kms_key_id"),
            (
                Call(
                    "PutBucketEncryption",
                    {
                        "Bucket": "$id",
                        "ServerSideEncryptionConfiguration": {
                            "Rules": [
                                {
                                    "ApplyServerSideEncryptionByDefault": {
                                        "SSEAlgorithm": "$encryption",
                                        "KMSMasterKeyID": "$kms_key_id",
                                    }
                                }
                            ]
                        },
                    },
                ),
            ),
        ),
        Change(("versioning",), step=_version),
        Change(("object_lock", "retention_mode", "retention_days"), step=lock),
        Change(("lifecycle_rules",), step=age),
        Change(("log_bucket", "log_prefix"), step=log),
        Change(("block_public_access",), step=_close),
        Change(("policy",), step=_set_policy),
    ),
    before_delete=_empty,
    check=_checked,
    delete=Call("DeleteBucket", {"Bucket": "$id"}, absent=_GONE),
    sweep=Call("ListBuckets", {"Prefix": "$bucket_prefix"}),
    found="Buckets[].{id: Name}",
    arn="arn:{partition}:s3:::{id}",
)
