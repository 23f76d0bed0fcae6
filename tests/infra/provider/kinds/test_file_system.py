from __future__ import annotations

import json

from infra.provider.checking import check
from infra.provider.kinds.file_system import FILE_SYSTEM
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_key import EXAMPLE as KEY

ENCRYPTED_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": "*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}

EXAMPLE = Example(
    kind=FILE_SYSTEM,
    needs={"key": KEY},
    create=lambda made: {
        "name": "共享目录",
        "kms_key_id": made["key"].properties["arn"],
        "infrequent_after_days": 30,
        "policy": json.dumps(ENCRYPTED_ONLY),
        "tags": {"agency": "a"},
    },
    # Not its throughput: the sandbox has no UpdateFileSystem. Not its policy taken away: nor DeleteFileSystemPolicy.
    update=lambda made: {
        "name": "another name",
        "kms_key_id": made["key"].properties["arn"],
        "infrequent_after_days": 1,
        "policy": json.dumps(ENCRYPTED_ONLY).replace("Deny", "Allow"),
        "tags": {"agency": "b"},
    },
    replace=lambda made: {"name": "another", "performance_mode": "maxIO"},
)


def test_provisioned_throughput_says_how_much() -> None:
    _, failures = check(FILE_SYSTEM, {"name": "f", "throughput_mode": "provisioned"}, "env")
    assert [failure.path for failure in failures] == ["throughput_mibps"]


def test_days_that_the_cloud_does_not_know_are_refused() -> None:
    _, failures = check(FILE_SYSTEM, {"name": "f", "infrequent_after_days": 20}, "env")
    assert [failure.path for failure in failures] == ["infrequent_after_days"]
