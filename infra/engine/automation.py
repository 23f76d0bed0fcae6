"""The engine over Pulumi's Automation API: inline program, real CLI, one stack an environment."""

from __future__ import annotations

import json
import logging
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pulumi.automation import Stack
from pulumi.automation.errors import CommandError, ConcurrentUpdateError

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.ids import Ids
from governance.environments import EnvironmentSpec, spec_document
from infra.components import Placement
from infra.engine.command import CommandLine, EngineCommand, locate
from infra.engine.errors import EngineFailed, EngineLocked, EngineStillRunning, NotDeployed, PlanChanged, PlanViolated
from infra.engine.files import write_durably
from infra.engine.model import Outcome, Outputs, PlanSummary, Progress, StackState, plan_from_document
from infra.engine.plans import outside_plan, summarise
from infra.engine.processes import PREVIEW, RunRecord, Runs, end_engine, end_run
from infra.engine.progress import EventFollower
from infra.engine.secrets import SecretMarks, ensure_agency_key, provider_url
from infra.engine.state import read_state
from infra.engine.workspace import EngineHome, EngineWorkspace, engine_environment
from infra.program import program, write_input
from infra.provider.clients import Clients

OnProgress = Callable[[Progress], None]
# An engine that is gone in the middle makes both of these write tracebacks to the terminal, from threads of their own;
# what happened is told by ``EngineFailed``.
logging.getLogger("grpc._server").addHandler(logging.NullHandler())
logging.getLogger("grpc._server").propagate = False
warnings.filterwarnings("ignore", category=UserWarning, module=r"pulumi\.automation\._stack")
_OUTSIDE_PLAN = ("violates plan", "not allowed by the plan", "expected resource operations")
_PLAN, _APPROVED, _ADOPTION = "plan.json", "approved.json", "adoption.json"


@dataclass(frozen=True, slots=True)
class _Session:
    """One engine run on one stack."""

    environment: str
    stack: Stack
    workspace: EngineWorkspace
    run: RunRecord


class AutomationEngine:
    """The ``Engine`` port (``infra.ports``).

    ``home`` is the engine's folder; ``cloud`` the cloud as the AWS SDKs read it from an environment (endpoint, region,
    credentials); ``placement`` its region's zones, and the bound of every role.
    """

    def __init__(
        self,
        home: Path,
        *,
        cloud: Mapping[str, str],
        placement: Placement,
        ids: Ids,
        command: CommandLine | None = None,
    ) -> None:
        self._home = EngineHome(home.resolve())
        self._cloud = {"AWS_REGION": cloud.get("AWS_DEFAULT_REGION", ""), **cloud}
        self._placement = placement
        self._clients = Clients.from_environment(cloud)
        self._ids = ids
        self._command = command
        self._runs = Runs(self._home.runs, ids)

    @property
    def home(self) -> EngineHome:
        """Where the engine keeps its state."""
        return self._home

    def preview(self, spec: EnvironmentSpec, *, progress: OnProgress | None = None) -> PlanSummary:
        """Refresh in memory and compute the exact difference; nothing in the cloud or the state changes."""
        with self._open(spec.environment, PREVIEW, spec=spec) as session:
            return self._plan(session, spec, session.run.folder / _PLAN, progress)

    def apply(
        self, spec: EnvironmentSpec, *, approved: str, deployment: str, progress: OnProgress | None = None
    ) -> Outcome:
        """Plan again, compare with the ``approved`` digest (``PlanChanged``), and run under that very plan."""
        with self._open(spec.environment, "apply", spec=spec, deployment=deployment) as session:
            folder = self._home.deployment(deployment)
            folder.mkdir(parents=True, exist_ok=True)
            summary = self._plan(session, spec, folder / _PLAN, progress)
            if summary.digest != approved:
                raise PlanChanged(
                    environment=spec.environment,
                    approved=approved[:12],
                    found=summary.digest[:12],
                    changes=_said(summary),
                )
            # From here on this is the approved plan, also for whoever has to finish this run after a crash.
            write_durably(folder / _APPROVED, canonical_bytes(summary.document()))
            return self._up(session, deployment, approved, len(summary.changes), progress)

    def continue_apply(
        self, spec: EnvironmentSpec, *, approved: str, deployment: str, progress: OnProgress | None = None
    ) -> Outcome:
        """Finish a deployment that did not end, under its id, adopting what it made but did not record.

        What is left to do is planned again and must lie inside the approved plan (else ``PlanChanged``): the engine
        refuses its own old plan where a replacement was cut in two. A deployment that was stopped before its plan
        was settled has made nothing, and begins anew.
        """
        folder = self._home.deployment(deployment)
        if not (folder / _APPROVED).exists():
            return self.apply(spec, approved=approved, deployment=deployment, progress=progress)
        settled = plan_from_document(json.loads((folder / _APPROVED).read_bytes()))
        known = self.state(spec.environment).all_ids
        adoption = json.dumps({"environment": spec.environment, "state_ids": list(known)})
        write_durably(folder / _ADOPTION, adoption.encode())
        told = {"GUANYUN_ADOPTION": str(folder / _ADOPTION)}
        with self._open(spec.environment, "apply", spec=spec, deployment=deployment, **told) as session:
            rest = self._plan(session, spec, folder / _PLAN, progress)
            outside = ("approved digest",) if settled.digest != approved else outside_plan(settled, rest)
            if outside:
                raise PlanChanged(
                    environment=spec.environment,
                    approved=approved[:12],
                    found=rest.digest[:12],
                    changes=", ".join(outside),
                )
            return self._up(session, deployment, approved, len(rest.changes), progress)

    def refresh(
        self, environment: str, *, clear_pending: bool = False, progress: OnProgress | None = None
    ) -> StackState:
        """Read every resource from the cloud into the state; drop unfinished creates with ``clear_pending``."""
        with self._open(environment, "refresh") as session:
            follower = EventFollower("refresh", progress)
            with self._explained(environment, "refresh", follower):
                session.stack.refresh(clear_pending_creates=clear_pending, on_event=follower, show_secrets=False)
            return read_state(environment, session.workspace.export_state(environment))

    def destroy(self, environment: str, *, deployment: str, progress: OnProgress | None = None) -> None:
        """Delete every resource of the environment; its stack and history stay."""
        with self._open(environment, "destroy", deployment=deployment) as session:
            total = sum(len(ids) for ids in self._export(session).ids.values())
            follower = EventFollower("destroy", progress, total)
            with self._explained(environment, "destroy", follower):
                session.stack.destroy(refresh=True, on_event=follower, show_secrets=False)

    def cancel(self, environment: str) -> None:
        """Remove the engine's lock of a run that is dead. Only for the lease's holder."""
        for lock in self._home.locks(environment):
            # Whether an engine on another machine still lives cannot be seen from here.
            if lock.elsewhere or lock.holder is not None:
                raise EngineLocked(environment=environment, holder=str(lock))
        with self._open(environment, "cancel") as session, self._explained(environment, "cancel", None):
            session.stack.cancel()

    def state(self, environment: str) -> StackState:
        """What the state holds; an empty state where the environment was never deployed."""
        try:
            with self._open(environment, PREVIEW) as session:
                return self._export(session)
        except NotDeployed:
            return StackState(environment, {}, {})

    def state_ids(self, environment: str) -> Mapping[str, frozenset[str]]:
        """Cloud ids by type token."""
        return self.state(environment).ids

    def outputs(self, environment: str) -> Outputs:
        """Cloud ids by kind and spec name."""
        return self.state(environment).outputs

    def end_left_behind(self, environment: str) -> tuple[str, ...]:
        """End the processes of runs that died, the engine by SIGINT first; says what each of them did."""
        said: list[str] = []
        for run in self._runs.left_behind(environment):
            end_run(run, environment=environment, report=said.append)
        for lock in self._home.locks(environment):
            # A driver may die between starting the engine and recording it: the lock names it too.
            if lock.holder is not None:
                said.append(f"engine {lock.pid}: {end_engine(lock.holder, environment=environment)}")
        return tuple(said)

    def locks(self, environment: str) -> tuple[str, ...]:
        """The engine's locks on the environment, for people."""
        return tuple(str(lock) for lock in self._home.locks(environment))

    def end_deployment(self, deployment: str) -> None:
        """Forget a deployment's plan: that it ended, or was given up, is on record."""
        shutil.rmtree(self._home.deployment(deployment), ignore_errors=True)

    def _plan(self, session: _Session, spec: EnvironmentSpec, plan: Path, progress: OnProgress | None) -> PlanSummary:
        follower = EventFollower("plan", progress)
        with self._explained(spec.environment, "plan", follower):
            session.stack.preview(refresh=True, plan=str(plan), on_event=follower)
        return summarise(
            environment=spec.environment,
            spec_digest=sha256_hex(canonical_bytes(spec_document(spec))),
            provider_version=version("guanyun"),
            engine_plan=json.loads(plan.read_bytes()),
            events=follower.events,
            mark_secret=SecretMarks(self._home.settings(spec.environment), self._clients, environment=spec.environment),
        )

    def _up(self, session: _Session, deployment: str, digest: str, total: int, progress: OnProgress | None) -> Outcome:
        follower = EventFollower("apply", progress, total)
        plan = self._home.deployment(deployment) / _PLAN
        with self._explained(session.environment, "apply", follower):
            session.stack.up(plan=str(plan), refresh=True, message=deployment, on_event=follower, show_secrets=False)
        # What was approved stays until the caller has recorded the end: killed before that, this is done again.
        return Outcome(session.environment, deployment, digest, self._export(session), dict(follower.changes))

    def _export(self, session: _Session) -> StackState:
        with self._explained(session.environment, "export", None):
            return read_state(session.environment, session.workspace.export_state(session.environment))

    @contextmanager
    def _open(
        self,
        environment: str,
        purpose: str,
        *,
        spec: EnvironmentSpec | None = None,
        deployment: str = PREVIEW,
        **more: str,
    ) -> Iterator[_Session]:
        self._home.prepare()
        exists = self._home.has_stack(environment)
        if not exists and spec is None:
            raise NotDeployed(environment=environment)
        if self._command is None:
            self._command = locate()
        secrets = None
        if not exists and spec is not None:
            secrets = provider_url(ensure_agency_key(self._clients, spec.agency), self._clients.region)
        run = self._runs.begin(environment, purpose)
        if spec is not None:
            # Each run reads its own input: another preview must not change the spec under a running apply.
            write_input(run.folder, spec, self._placement)
            if purpose != PREVIEW:
                write_input(self._home.path, spec, self._placement)
        told = engine_environment(
            self._home,
            self._cloud,
            GUANYUN_ENVIRONMENT=environment,
            GUANYUN_DEPLOYMENT=deployment,
            GUANYUN_PROVIDER_RECORD=str(run.provider_path),
            **more,
        )
        workspace = EngineWorkspace(
            work_dir=str(self._home.path),
            program=None if spec is None else program(run.folder),
            env_vars=told,
            secrets_provider=secrets,
            pulumi_command=EngineCommand(self._command, run, environment),
        )
        try:
            with self._explained(environment, "open", None):
                stack = Stack.select(environment, workspace) if exists else Stack.create(environment, workspace)
            yield _Session(environment, stack, workspace, run)
        except EngineStillRunning:
            # The record stays: whoever resumes must know which process it is.
            raise
        except BaseException:
            run.remove()
            raise
        run.remove()

    @contextmanager
    def _explained(self, environment: str, action: str, follower: EventFollower | None) -> Iterator[None]:
        """Turn the CLI's errors into ours; the CLI's own output is the last resort."""
        try:
            yield
        except ConcurrentUpdateError as cause:
            locks = self._home.locks(environment)
            holder = ", ".join(str(lock) for lock in locks) or "?"
            raise EngineLocked(environment=environment, holder=holder) from cause
        except CommandError as cause:
            lines = [line for line in str(cause).splitlines() if "error:" in line] or [f"exit {cause}"[:400]]
            detail = "; ".join(lines) if follower is None else follower.failure("; ".join(lines))
            if any(mark in detail for mark in _OUTSIDE_PLAN):
                raise PlanViolated(environment=environment, detail=detail) from cause
            raise EngineFailed(environment=environment, action=action, detail=detail) from cause


def _said(summary: PlanSummary) -> str:
    """A plan in one line, for an error."""
    changes = [f"{step.operation.value} {step.kind} {step.name}" for step in summary.changes]
    return ", ".join(changes[:10]) or "no changes"
