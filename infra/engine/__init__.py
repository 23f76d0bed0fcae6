"""The engine: specs into plans, plans into cloud resources, and dead runs to their end.

Owns the Pulumi CLI, its home on disk, plan digests, progress and resume. Does not own approvals, leases or the record
of deployments; knows no database.
"""

from infra.engine.backends import Backend, backend_from
from infra.engine.command import CommandLine, locate
from infra.engine.driver import Driver
from infra.engine.errors import (
    CloudAway,
    CredentialsEnded,
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineMissing,
    EngineStillRunning,
    NoCopyOfState,
    NotDeployed,
    PlanChanged,
    PlanViolated,
    QuotaReached,
    StateUnreadable,
    UnknownBackend,
)
from infra.engine.model import Operation, Outcome, Outputs, PlannedStep, PlanSummary, Progress, StackState
from infra.engine.plans import differences
from infra.engine.resume import (
    RESTORE_STEP,
    RESUME_STEPS,
    OrphanReport,
    ResumeContext,
    ResumeStep,
    StepResult,
    Unfinished,
    compare_with_state,
    resume,
)
from infra.engine.surroundings import read_placement

__all__ = [
    "RESTORE_STEP",
    "RESUME_STEPS",
    "Backend",
    "CloudAway",
    "CommandLine",
    "CredentialsEnded",
    "Driver",
    "EngineError",
    "EngineFailed",
    "EngineLocked",
    "EngineMissing",
    "EngineStillRunning",
    "NoCopyOfState",
    "NotDeployed",
    "Operation",
    "OrphanReport",
    "Outcome",
    "Outputs",
    "PlanChanged",
    "PlanSummary",
    "PlanViolated",
    "PlannedStep",
    "Progress",
    "QuotaReached",
    "ResumeContext",
    "ResumeStep",
    "StackState",
    "StateUnreadable",
    "StepResult",
    "Unfinished",
    "UnknownBackend",
    "backend_from",
    "compare_with_state",
    "differences",
    "locate",
    "read_placement",
    "resume",
]
