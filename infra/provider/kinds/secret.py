"""``guanyun:cloud:Secret``: a secret of Secrets Manager, and its value.

The value is never read. The id of its version in the cloud is made from it (slowly, so that it cannot be guessed
back): another id there means another value, written by somebody else, and the next update puts ours back.
A deleted secret can be called back for ``recovery_window_days`` (30 if not said); with ``force_destroy`` it is gone at
once. Meanwhile its name is taken, so the name in the cloud ends in a part of the create's token.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra.provider.context import Context
from infra.provider.kind import Call, Change, Kind, Plain, Properties, Property, Shape, View
from infra.provider.kinds.fingerprints import fingerprint
from infra.provider.kinds.keys import key_property
from infra.provider.kinds.listing import Row, owned
from infra.provider.kinds.tagging import TAGS, retagging
from infra.provider.naming import ENVIRONMENT_TAG

_GONE = ("ResourceNotFoundException",)
_CURRENT = "AWSCURRENT"
_DEFAULT_KEY = "alias/aws/secretsmanager"
_BYTES = 65536


def _holds(view: View, value: Plain) -> bool:
    return bool(view.get("current") == fingerprint(str(value), str(view["ARN"])))


def _current(context: Context, identity: str) -> Plain:
    """The id of the current version; nothing before the first value."""
    stages = context.send("DescribeSecret", SecretId=identity).get("VersionIdsToStages") or {}
    return next((version for version in stages if _CURRENT in stages[version]), None)


def _write(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    """A value that the secret had before is a version that is there: it becomes the current one again."""
    if not desired.get("value"):
        return
    version = fingerprint(desired["value"], identity)
    stages: dict[str, list[str]] = context.send("DescribeSecret", SecretId=identity).get("VersionIdsToStages") or {}
    current = next((one for one in stages if _CURRENT in stages[one]), None)
    if version not in stages or current is None:
        context.send("PutSecretValue", SecretId=identity, ClientRequestToken=version, SecretString=desired["value"])
        return
    context.send(
        "UpdateSecretVersionStage",
        SecretId=identity,
        VersionStage=_CURRENT,
        MoveToVersionId=version,
        RemoveFromVersionId=current,
    )


def _describe_again(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    key = desired.get("kms_key_id") or _DEFAULT_KEY
    context.send("UpdateSecret", SecretId=identity, Description=desired.get("description", ""), KmsKeyId=key)


def _allow(context: Context, identity: str, _actual: Properties, desired: Properties) -> None:
    if desired.get("policy"):
        context.send("PutResourcePolicy", SecretId=identity, ResourcePolicy=desired["policy"], BlockPublicPolicy=True)
    else:
        context.send("DeleteResourcePolicy", SecretId=identity)


def _found(context: Context) -> Iterator[Row]:
    """The filter knows beginnings only, and key and value apart."""
    filters = [{"Key": "tag-key", "Values": [ENVIRONMENT_TAG]}, {"Key": "tag-value", "Values": [context.environment]}]
    pages = context.pages(Call("ListSecrets", {"Filters": filters}), {})
    return owned(context, ({"id": one["ARN"], "tags": one.get("Tags")} for page in pages for one in page["SecretList"]))


def _checked(properties: Properties) -> Iterator[tuple[str, str, str]]:
    if properties.get("recovery_window_days") and properties.get("force_destroy"):
        yield ("recovery_window_days", "不与 force_destroy 同用", "does not go with force_destroy")
    value = properties.get("value")
    if isinstance(value, str) and len(value.encode()) > _BYTES:
        yield ("value", f"至多 {_BYTES} 字节", f"holds more than {_BYTES} bytes")


SECRET = Kind(
    type_name="guanyun:cloud:Secret",
    service="secretsmanager",
    properties=(
        Property(
            "name",
            path="Tags[?Key=='Name'].Value | [0]",
            required=True,
            pattern=r"[A-Za-z0-9/_+=.@-]{1,200}",
            pattern_says=(
                "应为 200 个以内的字母、数字和 /_+=.@-",
                "should be up to 200 letters, digits and /_+=.@-",
            ),
        ),
        Property("value", secret=True, held=_holds),
        Property("description", path="Description || ''", default=""),
        key_property("kms_key_id", "KmsKeyId", read=lambda key: None if key == _DEFAULT_KEY else key),
        Property("policy", Shape.POLICY, path="ruled.ResourcePolicy"),
        Property("recovery_window_days", Shape.INTEGER, minimum=7, maximum=30),
        Property("force_destroy", Shape.BOOLEAN),
        TAGS,
    ),
    # The value comes afterwards: its version is named after the ARN, which the cloud makes.
    create=Call(
        "CreateSecret",
        {
            "Name": "$unique_name",
            "Description": "$description",
            "KmsKeyId": "$kms_key_id",
            "ClientRequestToken": "$client_token",
            "Tags": "$tags",
        },
    ),
    identity="ARN",
    describe=Call("DescribeSecret", {"SecretId": "$id"}, absent=_GONE),
    view_path="@",
    looks={"ruled": Call("GetResourcePolicy", {"SecretId": "$id"}, absent=_GONE), "current": _current},
    dying="DeletedDate != `null`",
    gone="DeletedDate != `null`",
    changes=(
        retagging(
            Call("TagResource", {"SecretId": "$id", "Tags": "$tags"}),
            Call("UntagResource", {"SecretId": "$id", "TagKeys": "$surplus"}),
            properties=("name", "tags"),
        ),
        Change(("description", "kms_key_id"), step=_describe_again),
        Change(("policy",), step=_allow),
        Change(("value",), step=_write, until="`true`"),
    ),
    check=_checked,
    delete=Call(
        "DeleteSecret",
        {
            "SecretId": "$id",
            "RecoveryWindowInDays": "$recovery_window_days",
            "ForceDeleteWithoutRecovery": "$force_destroy",
        },
        absent=_GONE,
    ),
    sweep=_found,
    outputs={"arn": "ARN", "secret_name": "Name", "value_version": "current"},
)
