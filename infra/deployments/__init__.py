"""Deployments: plans and their approval, and how each becomes resources exactly once.

Owns the environment's lease, the record of plans and deployments, the cloud each environment is built in, and the
event ``deployment.ended`` that opens and closes the register. The engine does the work; who approved what is read
through ports. A deployment that did not end is finished by ``apply_plan`` or the runbook *resume-environment*.
"""

from __future__ import annotations

from infra.deployments.applying import apply_plan, resuming
from infra.deployments.cloud import ProviderCloud
from infra.deployments.deployer import Deployer
from infra.deployments.errors import (
    ApprovalChanged,
    DeploymentError,
    DeploymentUnfinished,
    NothingApproved,
    PlanSuperseded,
    ResourcesMissing,
)
from infra.deployments.finishing import Resumption
from infra.deployments.model import (
    Applied,
    Coverage,
    Deployment,
    DeploymentState,
    EnvironmentStatus,
    Plan,
    Planned,
    Reason,
    Risk,
    Step,
)
from infra.deployments.planning import approve_plan, plan_environment
from infra.deployments.ports import ApprovedEnvironment
from infra.deployments.status import compare_with_cloud, environment_status, plan_with_digest
from infra.deployments.tables import newest_deployments, newest_plan, newest_plans

__all__ = [
    "Applied",
    "ApprovalChanged",
    "ApprovedEnvironment",
    "Coverage",
    "Deployer",
    "Deployment",
    "DeploymentError",
    "DeploymentState",
    "DeploymentUnfinished",
    "EnvironmentStatus",
    "NothingApproved",
    "Plan",
    "PlanSuperseded",
    "Planned",
    "ProviderCloud",
    "Reason",
    "ResourcesMissing",
    "Resumption",
    "Risk",
    "Step",
    "apply_plan",
    "approve_plan",
    "compare_with_cloud",
    "environment_status",
    "newest_deployments",
    "newest_plan",
    "newest_plans",
    "plan_environment",
    "plan_with_digest",
    "resuming",
]
