"""Runbooks 操作手册: what a person does to a running system, written down as steps and run as written.

Owns the format, the running and the record of runs (run, step, attempt, outcome). What a step does belongs to the
room it acts on: here it is only named, ordered and recorded.
"""

from __future__ import annotations

from runbooks.errors import RunbooksError, UnknownRunbook
from runbooks.library import RUNBOOKS
from runbooks.model import Effect, Outcome, Run, Runbook, RunState, Step, StepRecord
from runbooks.running import RunResult, run_runbook, runs

__all__ = [
    "RUNBOOKS",
    "Effect",
    "Outcome",
    "Run",
    "RunResult",
    "RunState",
    "Runbook",
    "RunbooksError",
    "Step",
    "StepRecord",
    "UnknownRunbook",
    "run_runbook",
    "runs",
]
