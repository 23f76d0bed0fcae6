from __future__ import annotations

from infra.provider.checking import check
from infra.provider.kinds.backup_vault import BACKUP_VAULT
from infra.provider.naming import bucket_prefix
from tests.infra.provider.kinds.example import Example
from tests.infra.provider.kinds.test_key import EXAMPLE as KEY

EXAMPLE = Example(
    kind=BACKUP_VAULT,
    needs={"key": KEY},
    create=lambda made: {
        "name": f"{bucket_prefix(made.environment)}backup",
        "kms_key_arn": made["key"].properties["arn"],
        "min_retention_days": 7,
        "tags": {"agency": "a"},
    },
    update=lambda made: {
        "name": f"{bucket_prefix(made.environment)}backup",
        "kms_key_arn": made["key"].properties["arn"],
        "min_retention_days": 14,
        "max_retention_days": 365,
        "tags": {"agency": "b"},
    },
    replace=lambda made: {"name": f"{bucket_prefix(made.environment)}other"},
)


def test_a_lock_that_could_never_hold_is_refused() -> None:
    name = f"{bucket_prefix('env')}v"
    _, failures = check(BACKUP_VAULT, {"name": name, "min_retention_days": 30, "max_retention_days": 7}, "env")
    assert [failure.path for failure in failures] == ["max_retention_days"]
    _, failures = check(BACKUP_VAULT, {"name": name, "lock_grace_days": 3}, "env")
    assert [failure.path for failure in failures] == ["lock_grace_days"]
