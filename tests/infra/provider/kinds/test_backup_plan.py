from __future__ import annotations

from typing import Any

from infra.provider.checking import check
from infra.provider.kinds.backup_plan import BACKUP_PLAN
from infra.provider.kinds.backup_vault import BACKUP_VAULT
from infra.provider.naming import bucket_prefix
from tests.infra.provider.kinds.example import Example

VAULT = Example(
    kind=BACKUP_VAULT,
    create=lambda made: {"name": f"{bucket_prefix(made.environment)}plan"},
    update=None,
    replace=None,
)


def daily(made: Any, **more: Any) -> dict[str, Any]:
    return {
        "name": "daily",
        "vault_name": made["vault"].id,
        "schedule": "cron(0 18 * * ? *)",
        "delete_after_days": 35,
        **more,
    }


EXAMPLE = Example(
    kind=BACKUP_PLAN,
    needs={"vault": VAULT},
    create=lambda made: {"name": "level-three", "rules": [daily(made)], "tags": {"agency": "a"}},
    # Only its tags: the sandbox has no UpdateBackupPlan, and no selections.
    update=lambda made: {"name": "level-three", "rules": [daily(made)], "tags": {"agency": "b"}},
    replace=None,  # nothing of a plan needs another one
)


def failures(**more: Any) -> list[str]:
    rule = {"name": "daily", "vault_name": "v", "schedule": "cron(0 18 * * ? *)", **more.pop("rule", {})}
    return [failure.path for failure in check(BACKUP_PLAN, {"name": "p", "rules": [rule], **more}, "env")[1]]


def test_cold_storage_keeps_what_it_gets_for_90_days() -> None:
    assert failures(rule={"cold_after_days": 30, "delete_after_days": 60}) == ["rules[0].delete_after_days"]
    assert failures(rule={"cold_after_days": 30, "delete_after_days": 120}) == []


def test_a_selection_needs_a_role_and_a_role_a_selection() -> None:
    selected = [{"key": "backup", "value": "daily"}]
    assert failures(selected_tags=selected) == ["role_arn"]
    assert failures(role_arn="arn:aws-cn:iam::123456789012:role/backup") == ["role_arn"]
    assert failures(selected_tags=selected, role_arn="arn:aws-cn:iam::123456789012:role/backup") == []


def test_a_rule_without_a_schedule_is_refused() -> None:
    _, found = check(BACKUP_PLAN, {"name": "p", "rules": [{"name": "daily", "vault_name": "v"}]}, "env")
    assert [failure.path for failure in found] == ["rules[0].schedule"]
