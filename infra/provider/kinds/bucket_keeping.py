"""How long a bucket keeps what is in it: object lock, lifecycle rules; and where it logs who asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.provider.context import Context
from infra.provider.kind import Field, ObjectOf, Plain, Properties, SetOf, Shape
from infra.provider.normal import UNKNOWN

_DOES = ("expire_days", "expire_noncurrent_days", "archive_days", "abort_upload_days")

RULES = SetOf(
    ObjectOf(
        (
            Field("name", required=True, pattern=r".{1,255}", pattern_says=("至多 255 字", "may hold 255 characters")),
            Field("prefix", default=""),
            Field("expire_days", Shape.INTEGER, minimum=1),
            Field("expire_noncurrent_days", Shape.INTEGER, minimum=1),
            Field("archive_days", Shape.INTEGER, minimum=1),
            Field(
                "archive_class",
                default="GLACIER",
                choices=("STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"),
            ),
            Field("abort_upload_days", Shape.INTEGER, minimum=1),
        )
    ),
    key=("name",),
)
"""What becomes of objects under a prefix, by their age in days."""


def kept_as_said(properties: Properties) -> Iterator[tuple[str, str, str]]:
    """What is wrong between lock, versions, retention, rules and logs."""
    locked = properties.get("object_lock")
    if locked is True and properties.get("versioning") is False:
        yield ("versioning", "启用 object_lock 时必须为 true", "must be true with object_lock")
    if bool(properties.get("retention_mode")) != bool(properties.get("retention_days")):
        yield ("retention_days", "与 retention_mode 须同时填写", "goes with retention_mode: both or none")
    if properties.get("retention_mode") and locked is False:
        yield ("retention_mode", "须启用 object_lock", "goes with object_lock only")
    if properties.get("log_prefix") and not properties.get("log_bucket"):
        yield ("log_prefix", "须填写 log_bucket", "goes with log_bucket only")
    rules = properties.get("lifecycle_rules") or []
    for index, rule in enumerate(rules if rules is not UNKNOWN else ()):
        if rule is not UNKNOWN and not any(rule.get(name) for name in _DOES):
            yield (f"lifecycle_rules[{index}]", "没有任何期限", "names no number of days")


def lock(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """A lock is never taken away; its default retention can be."""
    if not desired.get("object_lock"):
        return
    said: dict[str, Plain] = {"ObjectLockEnabled": "Enabled"}
    if desired.get("retention_mode"):
        retention = {"Mode": desired["retention_mode"], "Days": desired["retention_days"]}
        said["Rule"] = {"DefaultRetention": retention}
    context.send("PutObjectLockConfiguration", Bucket=identity, ObjectLockConfiguration=said)


def age(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """All rules at once, or none."""
    rules = [_to_cloud(rule) for rule in desired.get("lifecycle_rules") or []]
    if rules:
        configuration = {"Rules": rules}
        context.send("PutBucketLifecycleConfiguration", Bucket=identity, LifecycleConfiguration=configuration)
    else:
        context.send("DeleteBucketLifecycle", Bucket=identity)


def log(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """Requests are written down in another bucket, or no more."""
    status: dict[str, Plain] = {}
    if desired.get("log_bucket"):
        status["LoggingEnabled"] = {
            "TargetBucket": desired["log_bucket"],
            "TargetPrefix": desired.get("log_prefix") or "",
        }
    context.send("PutBucketLogging", Bucket=identity, BucketLoggingStatus=status)


def rules_shown(rules: Plain) -> list[Plain]:
    """The cloud's rules as the program writes them."""
    return [_from_cloud(rule) for rule in rules or []]


def _to_cloud(rule: Plain) -> dict[str, Any]:
    said: dict[str, Any] = {"ID": rule["name"], "Status": "Enabled", "Filter": {"Prefix": rule.get("prefix", "")}}
    if rule.get("expire_days"):
        said["Expiration"] = {"Days": rule["expire_days"]}
    if rule.get("expire_noncurrent_days"):
        said["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["expire_noncurrent_days"]}
    if rule.get("archive_days"):
        said["Transitions"] = [{"Days": rule["archive_days"], "StorageClass": rule["archive_class"]}]
    if rule.get("abort_upload_days"):
        said["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule["abort_upload_days"]}
    return said


def _from_cloud(rule: Plain) -> dict[str, Plain]:
    moved = (rule.get("Transitions") or [{}])[0]
    shown = {
        "name": rule.get("ID"),
        "prefix": (rule.get("Filter") or {}).get("Prefix") or rule.get("Prefix") or "",
        "expire_days": (rule.get("Expiration") or {}).get("Days"),
        "expire_noncurrent_days": (rule.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays"),
        "archive_days": moved.get("Days"),
        "archive_class": moved.get("StorageClass"),
        "abort_upload_days": (rule.get("AbortIncompleteMultipartUpload") or {}).get("DaysAfterInitiation"),
    }
    return {name: value for name, value in shown.items() if value is not None}
