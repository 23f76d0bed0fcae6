"""``resume-environment``: bring a deployment whose run died to its end."""

from __future__ import annotations

from infra.engine.resume import RESUME_STEPS
from runbooks.model import Effect, Runbook, Step

_EFFECTS = {
    "end-processes": Effect.PROCESSES,
    "release-lock": Effect.STATE,
    "refresh-state": Effect.STATE,
    "finish": Effect.CLOUD,
    "compare": Effect.LOOKS,
}
RECORD_END = Step(
    "record-end",
    "记录部署结束,并通知台账",
    "put the deployment's end on record and tell the register",
    Effect.RECORDS,
)
WITHOUT_DEPLOYMENT = frozenset({"end-processes", "release-lock", "compare"})
"""The steps that make sense where only a dead engine's lock is left."""

RESUME_ENVIRONMENT = Runbook(
    id="resume-environment",
    zh="恢复中断的部署",
    en="resume an interrupted deployment",
    when_zh="部署被中断(进程被终止、断电、云接口失联)后,环境显示“部署未结束”或引擎锁未释放",
    when_en="a deployment was interrupted (killed, power lost, cloud unreachable): its end is not on record, or the "
    "engine's lock is still there",
    steps=(*(Step(step.name, step.zh, step.en, _EFFECTS[step.name]) for step in RESUME_STEPS), RECORD_END),
)
