"""What the engine refuses or cannot do.

InfraError
└── EngineError
    ├── EngineMissing
    ├── EngineLocked
    ├── EngineFailed
    │   ├── CredentialsEnded
    │   ├── QuotaReached
    │   └── CloudAway
    ├── EngineStillRunning
    ├── PlanChanged
    ├── PlanViolated
    ├── NotDeployed
    ├── StateUnreadable
    ├── NoCopyOfState
    ├── AdoptionRefused
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


class CredentialsEnded(EngineFailed):
    """A run was stopped by credentials that the cloud no longer accepts."""

    code = "infra.credentials-ended"
    exit_status = 3
    zh = (
        "环境 {environment} 的 {action} 因云凭证失效而停止。请更新凭证后重新运行同一命令,"
        "未完成的部署会接着做完。{detail}"
    )
    en = (
        "{action} of environment {environment} stopped: the cloud no longer accepts the credentials. Renew them and "
        "run the same command again, the deployment goes on where it stopped. {detail}"
    )


class QuotaReached(EngineFailed):
    """A run was stopped by a quota of the cloud's own."""

    code = "infra.quota-reached"
    exit_status = 3
    zh = (
        "环境 {environment} 的 {action} 因云上配额用尽而停止。请提高配额或释放资源后重新运行同一命令,"
        "未完成的部署会接着做完。{detail}"
    )
    en = (
        "{action} of environment {environment} stopped: a quota of the cloud is used up. Have it raised or give "
        "something back, and run the same command again, the deployment goes on where it stopped. {detail}"
    )


class CloudAway(EngineFailed):
    """A run was stopped by a cloud that did not answer as it should for as long as a run waits."""

    code = "infra.cloud-away"
    exit_status = 4
    zh = "环境 {environment} 的 {action} 停止:云接口持续不可用。恢复后重新运行同一命令,未完成的部署会接着做完。{detail}"
    en = (
        "{action} of environment {environment} stopped: the cloud's API was away for longer than a run waits. Run the "
        "same command again when it is back, the deployment goes on where it stopped. {detail}"
    )


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


class AdoptionRefused(EngineError):
    """What exists cannot become part of the environment: ``environment``, ``reasons_zh``, ``reasons_en``."""

    code = "infra.adoption-refused"
    exit_status = 3
    zh = "环境 {environment} 不能纳入已有资源,什么都没有改动:{reasons_zh}"
    en = "environment {environment} cannot adopt what exists, and nothing was touched: {reasons_en}"


class StateUnreadable(EngineError):
    """The engine's state cannot be read, so nothing was run: ``environment``, ``file``, ``reason``, ``copy``."""

    code = "infra.state-unreadable"
    exit_status = 3
    zh = (
        "环境 {environment} 的引擎状态 {file} 读不出来({reason}),什么都没有运行。最近的可读副本:{copy}。"
        "请运行 guanyun runbook run restore-state {environment}"
    )
    en = (
        "the engine's state of environment {environment}, {file}, cannot be read ({reason}); nothing was run. "
        "Its newest readable copy: {copy}. Run guanyun runbook run restore-state {environment}"
    )


class NoCopyOfState(EngineError):
    """The state cannot be read, nor any copy of it: ``environment``, ``file``, ``looked``."""

    code = "infra.no-copy-of-state"
    exit_status = 3
    zh = (
        "环境 {environment} 的引擎状态 {file} 没有可读的副本(看过:{looked});什么都没有改变,云上资源仍在。"
        "请从存储的备份恢复该文件"
    )
    en = (
        "no copy of the engine's state of environment {environment}, {file}, can be read (looked at: {looked}); "
        "nothing was changed, and what is in the cloud is still there. Bring the file back from a backup of its storage"
    )


class UnknownBackend(EngineError):
    """The setting for the engine's state cannot be used: ``url``, ``reason_zh``, ``reason_en``."""

    code = "infra.unknown-backend"
    zh = "引擎状态的存放地址 {url} 不可用:{reason_zh}"
    en = "the address {url} of the engine's state cannot be used: {reason_en}"
