"""Runs: every long piece of work, its queue, its steps, its end.

Owns what a run is, who may carry it on, which of its steps are done and what is to be done after a kill. Owns no kind
of work: those are named in ``wiring`` and belong to their rooms.
"""

from foundation.work.runs.claiming import Worker
from foundation.work.runs.control import cancel, pause, pause_kind, paused_kinds, resolve, resume, resume_kind, retry
from foundation.work.runs.enqueueing import enqueue, enqueue_many, join_or_enqueue
from foundation.work.runs.errors import (
    CodeChanged,
    CodeRemoved,
    NothingHappened,
    OutcomeUnknown,
    Parked,
    UnknownKind,
    UnknownRun,
    WrongState,
)
from foundation.work.runs.kinds import Flow, Kind, Kinds
from foundation.work.runs.model import (
    Asked,
    Backoff,
    DidNotHappen,
    Effect,
    Found,
    Happened,
    Job,
    Json,
    NotClear,
    Progress,
    Run,
    RunState,
    StepRow,
    StepState,
    progress_of,
)
from foundation.work.runs.ports import OnPoint, RunAudit
from foundation.work.runs.reading import (
    OPEN,
    WorkerRow,
    find_runs,
    read_run,
    read_runs,
    read_steps,
    workers,
)
from foundation.work.runs.steps import Steps
from foundation.work.runs.tables import WORKER
from foundation.work.runs.workshop import Workshop

__all__ = [
    "OPEN",
    "WORKER",
    "Asked",
    "Backoff",
    "CodeChanged",
    "CodeRemoved",
    "DidNotHappen",
    "Effect",
    "Flow",
    "Found",
    "Happened",
    "Job",
    "Json",
    "Kind",
    "Kinds",
    "NotClear",
    "NothingHappened",
    "OnPoint",
    "OutcomeUnknown",
    "Parked",
    "Progress",
    "Run",
    "RunAudit",
    "RunState",
    "StepRow",
    "StepState",
    "Steps",
    "UnknownKind",
    "UnknownRun",
    "Worker",
    "WorkerRow",
    "Workshop",
    "WrongState",
    "cancel",
    "enqueue",
    "enqueue_many",
    "find_runs",
    "join_or_enqueue",
    "pause",
    "pause_kind",
    "paused_kinds",
    "progress_of",
    "read_run",
    "read_runs",
    "read_steps",
    "resolve",
    "resume",
    "resume_kind",
    "retry",
    "workers",
]
