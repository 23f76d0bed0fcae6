from __future__ import annotations

from infra.provider.checking import check
from infra.provider.kinds.bucket import BUCKET
from infra.provider.kinds.trail import TRAIL
from infra.provider.naming import bucket_name, role_name
from tests.infra.provider.kinds.example import Example


def bucket(short: str) -> Example:
    return Example(
        kind=BUCKET,
        create=lambda made: {"name": bucket_name(made.environment, short)},
        update=None,
        replace=None,
    )


EXAMPLE = Example(
    kind=TRAIL,
    needs={"first": bucket("trail"), "second": bucket("trails")},
    create=lambda made: {
        "name": role_name(made.environment, "audit"),
        "bucket_name": made["first"].id,
        "key_prefix": "audit",
        "tags": {"agency": "a"},
    },
    update=lambda made: {
        "name": role_name(made.environment, "audit"),
        "bucket_name": made["second"].id,
        "key_prefix": "audit",
        "all_regions": False,
        "logging": False,
        "tags": {"agency": "b"},
    },
    replace=lambda made: {"name": role_name(made.environment, "other"), "bucket_name": made["first"].id},
)


def test_a_log_group_needs_a_role_and_a_role_a_log_group() -> None:
    given = {"name": "trail", "bucket_name": "b", "log_group_arn": "arn:aws-cn:logs:cn-north-1:1:log-group:a:*"}
    assert [failure.path for failure in check(TRAIL, given, "env")[1]] == ["log_role_arn"]


def test_a_trail_is_of_all_regions_and_can_be_validated_unless_said_otherwise() -> None:
    checked, _ = check(TRAIL, {"name": "trail", "bucket_name": "b"}, "env")
    assert checked["all_regions"] is checked["validation"] is checked["logging"] is True
