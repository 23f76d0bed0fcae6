"""What the engine refuses or cannot do.

InfraError
└── EngineError
    ├── EngineMissing
    ├── EngineLocked
    ├── EngineFailed
    ├── EngineStillRunning
    ├── PlanChanged
    ├── PlanViolated
    ├── NotDeployed
    └── UnknownBackend
"""

from __future__ import annotations

from infra.errors import InfraError


class EngineError(InfraError):
    """Base of this room's errors."""

    code = "infra.engine"


class EngineMissing(EngineError):
    """No Pulumi CLI in range: ``wanted``, ``looked``."""

    code = "infra.engine-missing"
    zh = "找不到版本为 {wanted} 的 Pulumi 命令行(找过:{looked});请运行 make setup"
    en = "no Pulumi CLI of version {wanted} (looked at: {looked}); run `make setup`"


class EngineLocked(EngineError):
    """Another engine run holds the environment: ``environment``, ``holder``."""

    code = "infra.engine-locked"
    zh = "环境 {environment} 正被另一次运行占用({holder});它若已中断,请运行 resume-environment 操作手册"
    en = (
        "environment {environment} is held by another run ({holder}); "
        "if that run died, run the runbook resume-environment"
    )


class EngineFailed(EngineError):
    """The engine ended with an error: ``environment``, ``action``, ``detail`` (the cloud's own words)."""

    code = "infra.engine-failed"
    zh = "环境 {environment} 的 {action} 失败:{detail}"
    en = "{action} of environment {environment} failed: {detail}"


class EngineStillRunning(EngineError):
    """A process of an earlier run cannot be ended: ``environment``, ``process``."""

    code = "infra.engine-still-running"
    zh = "环境 {environment} 上一次运行的进程 {process} 无法结束,不能恢复"
    en = "process {process} of the last run of environment {environment} cannot be ended, so it cannot be resumed"


class PlanChanged(EngineError):
    """The plan is no longer the approved one: ``environment``, ``approved``, ``found``, ``changes``."""

    code = "infra.plan-changed"
    exit_status = 3
    zh = "环境 {environment} 的部署计划已变:批准的是 {approved},现在是 {found}({changes});请重新计划并重新批准"
    en = (
        "the plan of environment {environment} has changed: approved {approved}, found {found} ({changes}); "
        "plan again and have it approved again"
    )


class PlanViolated(EngineError):
    """The engine met a step which the approved plan does not hold: ``environment``, ``detail``."""

    code = "infra.plan-violated"
    exit_status = 3
    zh = "环境 {environment}:引擎要做的一步不在已批准的计划内,已停止:{detail}"
    en = "environment {environment}: a step outside the approved plan was refused: {detail}"


class NotDeployed(EngineError):
    """There is no such environment in the engine's state: ``environment``."""

    code = "infra.not-deployed"
    zh = "环境 {environment} 还没有部署过"
    en = "environment {environment} has never been deployed"


class UnknownBackend(EngineError):
    """The setting for the engine's state cannot be used: ``url``, ``reason_zh``, ``reason_en``."""

    code = "infra.unknown-backend"
    zh = "引擎状态的存放地址 {url} 不可用:{reason_zh}"
    en = "the address {url} of the engine's state cannot be used: {reason_en}"
