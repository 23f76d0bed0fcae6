"""``restore-state``: put a copy in the place of an engine state that cannot be read, and finish what it lacks."""

from __future__ import annotations

from infra.engine.resume import RESTORE_STEP
from runbooks.library.resume_environment import RESUME_ENVIRONMENT, WITHOUT_DEPLOYMENT
from runbooks.model import Effect, Runbook, Step

__all__ = ["RESTORE", "RESTORE_STATE", "RESTORE_WITHOUT_DEPLOYMENT"]

RESTORE = Step(RESTORE_STEP.name, RESTORE_STEP.zh, RESTORE_STEP.en, Effect.STATE)
RESTORE_WITHOUT_DEPLOYMENT = WITHOUT_DEPLOYMENT | {RESTORE.id, "refresh-state"}
"""The steps that make sense where every deployment has ended: the copy of its end lacks nothing."""

_END_PROCESSES, *_REST = RESUME_ENVIRONMENT.steps

RESTORE_STATE = Runbook(
    id="restore-state",
    zh="恢复损坏的引擎状态",
    en="restore a damaged engine state",
    when_zh="引擎状态文件被截断或损坏(磁盘故障、断电),命令以 infra.state-unreadable 拒绝运行",
    when_en="the engine's state was cut or damaged (disk, power): commands refuse to run with infra.state-unreadable",
    steps=(_END_PROCESSES, RESTORE, *_REST),
)
