"""Running a runbook: each step recorded before it begins and after it ended, so that a crash shows where it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from foundation.values.errors import GuanyunError
from foundation.work import check_held
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting, machine_scope, viewing
from infra.deployments import Applied, Deployer, Resumption, resuming
from infra.engine.errors import StateUnreadable
from infra.engine.resume import RESTORE_STEP, OrphanReport
from infra.ports import OnProgress
from runbooks.errors import UnknownRunbook
from runbooks.library import RUNBOOKS
from runbooks.library.restore_state import RESTORE, RESTORE_STATE, RESTORE_WITHOUT_DEPLOYMENT
from runbooks.library.resume_environment import RECORD_END, WITHOUT_DEPLOYMENT
from runbooks.model import Outcome, Run, Runbook, RunState, Step, StepRecord
from runbooks.tables import begin_step, end_run, end_step, insert_run, read_runs, running

OnStep = Callable[[Step, StepRecord], None]


@dataclass(frozen=True, slots=True)
class RunResult:
    """``run`` is None where there was nothing to do; ``applied`` the deployment that was finished, if one was."""

    run: Run | None
    applied: Applied | None = None
    report: OrphanReport | None = None

    @property
    def changed(self) -> bool:
        """Whether anything was done."""
        return self.run is not None


def run_runbook(
    deployer: Deployer,
    token: str,
    runbook: str,
    environment: str,
    *,
    progress: OnProgress | None = None,
    on_step: OnStep | None = None,
) -> RunResult:
    """Run the runbook on the environment; where nothing is broken, nothing is done and ``changed`` is False.

    Raises ``UnknownRunbook``, ``Refused``, ``LeaseHeld``, ``DifferentCloud`` and what a step raises; the run is then
    on record as failed.
    """
    if runbook not in RUNBOOKS:
        raise UnknownRunbook(runbook=runbook, known=", ".join(RUNBOOKS))
    with resuming(deployer, token, Act.RUNBOOK_RUN, environment, progress=progress) as resumption:
        if resumption is None:
            return RunResult(None)
        needed = _is_needed(runbook, resumption)
        run = _begin(deployer.office, token, RUNBOOKS[runbook], resumption, needed=needed)
        if run is None:
            return RunResult(None)
        execution = _Execution(resumption, run, on_step)
        if needed:
            execution.steps(RUNBOOKS[runbook])
        return execution.end(RunState.ENDED)


def runs(office: Office, token: str, environment: str | None = None) -> Sequence[Run]:
    """Runs inside the reader's scope with their steps, newest first."""
    with viewing(office, token) as view:
        return read_runs(view.transaction, view.scope, environment)


def _is_needed(runbook: str, resumption: Resumption) -> bool:
    """Whether there is anything broken that this runbook mends."""
    if runbook != RESTORE_STATE.id:
        return resumption.unfinished or resumption.locked
    try:
        resumption.deployer.engine.check_state(resumption.plan.environment)
    except StateUnreadable:
        return True
    return False


def _begin(office: Office, token: str, runbook: Runbook, resumption: Resumption, *, needed: bool) -> Run | None:
    """The run to go on with or a new one; None where nothing is needed and none was interrupted."""
    environment = resumption.plan.environment
    with acting(office, token, Act.RUNBOOK_RUN, f"environment:{environment}") as mandate:
        check_held(mandate.transaction, resumption.lease)
        interrupted = running(mandate.transaction, mandate.scope, runbook.id, environment)
        if interrupted is not None or not needed:
            return interrupted
        run = Run(
            id=office.ids("run"),
            runbook=runbook.id,
            environment=environment,
            agency=resumption.plan.agency,
            deployment=resumption.deployment.id,
            state=RunState.RUNNING,
            person=mandate.actor.person,
            account=mandate.actor.account,
            started_at=mandate.recorded_at,
            ended_at=None,
        )
        insert_run(mandate.transaction, run)
        mandate.audit(
            AuditEvent.RUNBOOK_STARTED,
            f"run:{run.id}",
            {"runbook": runbook.id, "environment": environment, "deployment": run.deployment},
        )
        return run


class _Execution:
    """One run under way."""

    def __init__(self, resumption: Resumption, run: Run, on_step: OnStep | None) -> None:
        self._resumption, self._run, self._on_step = resumption, run, on_step
        self._office = resumption.deployer.office
        self._applied: Applied | None = None

    def steps(self, runbook: Runbook) -> None:
        """Run every step in order; one that raises ends the run as failed."""
        always = RESTORE_WITHOUT_DEPLOYMENT if runbook is RESTORE_STATE else WITHOUT_DEPLOYMENT
        for step in runbook.steps:
            if not self._resumption.unfinished and step.id not in always:
                self._record(step, self._start(step), Outcome.SKIPPED, ("no deployment is unfinished",))
                continue
            record = self._start(step)
            try:
                found = self._do(step)
            except GuanyunError as error:
                self._record(step, record, Outcome.FAILED, (str(error),))
                self.end(RunState.FAILED)
                raise
            self._record(step, record, Outcome.DONE, found)

    def end(self, state: RunState) -> RunResult:
        """Put the run's end on record."""
        real = self._office.clocks.real()
        with self._office.store.transaction() as transaction:
            end_run(transaction, machine_scope(), self._run.id, state, real)
            audit.append(
                transaction,
                AuditEvent.RUNBOOK_ENDED,
                subject=f"run:{self._run.id}",
                facts={"runbook": self._run.runbook, "environment": self._run.environment, "state": state.value},
                recorded_at=real,
                business_at=self._office.clocks.business(transaction),
                person=self._run.person,
                account=self._run.account,
            )
        ended = replace(self._run, state=state, ended_at=real)
        return RunResult(ended, self._applied, self._resumption.report)

    def _do(self, step: Step) -> tuple[str, ...]:
        if step.id == RECORD_END.id:
            self._applied = self._resumption.end()
            return (f"deployment {self._applied.deployment.id} ended",)
        if step.id == RESTORE.id:
            return self._resumption.run(RESTORE_STEP).found
        (there,) = (one for one in self._resumption.steps if one.name == step.id)
        return self._resumption.run(there).found

    def _start(self, step: Step) -> StepRecord:
        with self._office.store.transaction() as transaction:
            check_held(transaction, self._resumption.lease)
            return begin_step(transaction, machine_scope(), self._run, step.id, self._office.clocks.real())

    def _record(self, step: Step, record: StepRecord, outcome: Outcome, found: tuple[str, ...]) -> None:
        ended = replace(record, outcome=outcome, found=found, ended_at=self._office.clocks.real())
        with self._office.store.transaction() as transaction:
            end_step(transaction, machine_scope(), ended)
        if self._on_step is not None:
            self._on_step(step, ended)
