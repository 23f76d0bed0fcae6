"""The engine: specs into plans, plans into cloud resources, and dead runs to their end.

Owns the Pulumi CLI, its home on disk, plan digests, progress and resume. Does not own approvals, leases or the record
of deployments; knows no database.
"""

from infra.engine.backends import Backend, backend_from
from infra.engine.command import CommandLine, locate
from infra.engine.driver import Driver
from infra.engine.errors import (
    EngineError,
    EngineFailed,
    EngineLocked,
    EngineMissing,
    EngineStillRunning,
    NotDeployed,
    PlanChanged,
    PlanViolated,
    UnknownBackend,
)
from infra.engine.model import Operation, Outcome, Outputs, PlannedStep, PlanSummary, Progress, StackState
from infra.engine.plans import differences
from infra.engine.resume import (
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
    "RESUME_STEPS",
    "Backend",
    "CommandLine",
    "Driver",
    "EngineError",
    "EngineFailed",
    "EngineLocked",
    "EngineMissing",
    "EngineStillRunning",
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
    "ResumeContext",
    "ResumeStep",
    "StackState",
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
