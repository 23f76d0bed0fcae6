"""The backup plan: everything that carries the environment's tag, daily, under its key, kept so many days."""

from __future__ import annotations

from typing import Any

import pulumi

from governance.environments import EnvironmentSpec
from infra.components import names
from infra.components.placement import BACKUP_SELECTION
from infra.components.policies import assumed_by_service
from infra.components.site import Site
from infra.provider.kinds.backup_plan import BACKUP_PLAN
from infra.provider.kinds.backup_vault import BACKUP_VAULT
from infra.provider.kinds.role import ROLE
from infra.provider.naming import ENVIRONMENT_TAG

_NIGHTLY = "cron(0 18 * * ? *)"
"""Two in the morning in Shanghai, as the cloud counts (UTC)."""
_LONGEST_PLAN = 41


def build_backups(site: Site[EnvironmentSpec], key: Any) -> None:
    """Vault, plan, and the role that backs up. That a cloud cannot choose by tags is told, and not pretended away."""
    spec, placement = site.spec, site.placement
    if spec.backup is None:
        return
    vault = site.make(
        BACKUP_VAULT, names.BACKUP, name=names.bucket_name(spec.environment, names.BACKUP), kms_key_arn=key
    )
    chosen: dict[str, Any] = {}
    if BACKUP_SELECTION in placement.lacks:
        pulumi.log.warn(
            f"{spec.environment}: 此云不支持按标签选择备份对象,备份计划暂不覆盖磁盘和文件 / "
            "unsupported here: this cloud cannot choose by tags what is backed up"
        )
    else:
        role = site.make(
            ROLE,
            "backup",
            name=names.role_name(spec.environment, "backup"),
            description=f"Backs up environment {spec.environment}",
            assume_role_policy=assumed_by_service("backup.amazonaws.com"),
            permissions_boundary=placement.permissions_boundary,
            attached_policy_arns=[
                f"arn:{placement.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
            ],
        )
        chosen = {
            "selected_tags": [{"key": ENVIRONMENT_TAG, "value": spec.environment}],
            "role_arn": role.output("arn"),
        }
    site.make(
        BACKUP_PLAN,
        names.BACKUP,
        name=names.fitted(names.displayed(spec.environment, names.BACKUP), _LONGEST_PLAN),
        rules=[
            {
                "name": names.BACKUP,
                "vault_name": vault.id,
                "schedule": _NIGHTLY,
                "delete_after_days": spec.backup.retention_days,
            }
        ],
        **chosen,
    )
