"""What deployments refuse.

InfraError
└── DeploymentError
    ├── NothingApproved       no request on the environment is approved
    ├── ApprovalChanged       another spec was approved while the plan was made
    ├── PlanSuperseded        the plan is no longer the environment's newest, or was applied before
    ├── DeploymentUnfinished  an earlier deployment has to be finished first
    └── ResourcesMissing      the state names resources which the cloud does not have
"""

from __future__ import annotations

from infra.errors import InfraError


class DeploymentError(InfraError):
    """Base of this room's errors."""

    code = "infra.deployment"


class NothingApproved(DeploymentError):
    """No approved request on ``environment``."""

    code = "infra.nothing-approved"
    exit_status = 3
    zh = "环境 {environment} 没有已批准的申请,不能计划"
    en = "no request on environment {environment} is approved, so there is nothing to plan"


class ApprovalChanged(DeploymentError):
    """``environment``: the plan is for spec ``planned``, approved is ``approved``."""

    code = "infra.approval-changed"
    exit_status = 3
    zh = "环境 {environment} 的批准内容已变(计划的是 {planned},批准的是 {approved}):请重新计划"
    en = "what is approved for environment {environment} changed (planned {planned}, approved {approved}): plan again"


class PlanSuperseded(DeploymentError):
    """``digest`` is not the newest plan of ``environment``, or was applied before a later one."""

    code = "infra.plan-superseded"
    exit_status = 3
    zh = "环境 {environment} 的计划 {digest} 已被更新的计划或部署取代:请重新计划"
    en = "plan {digest} of environment {environment} was overtaken by a later plan or deployment: plan again"


class DeploymentUnfinished(DeploymentError):
    """``deployment`` of ``environment`` has not ended; ``found`` says what stands in the way."""

    code = "infra.deployment-unfinished"
    exit_status = 3
    zh = "环境 {environment} 的部署 {deployment} 尚未结束({found}):请先运行 guanyun runbook run resume-environment"
    en = (
        "deployment {deployment} of environment {environment} has not ended ({found}): "
        "run guanyun runbook run resume-environment first"
    )


class ResourcesMissing(DeploymentError):
    """After a run, the cloud lacks ``missing`` which the state of ``environment`` names."""

    code = "infra.resources-missing"
    exit_status = 3
    zh = "环境 {environment}:状态中有而云上没有的资源 {missing};部署未结束,请运行 resume-environment 操作手册"
    en = (
        "environment {environment}: the state names resources the cloud lacks: {missing}; "
        "the deployment has not ended, run the runbook resume-environment"
    )
