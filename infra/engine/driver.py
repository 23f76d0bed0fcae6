"""The driver: plans, applies and destroys any number of environments, with one CLI process for each step.

Its parts live in this process and serve all engines that it starts: one server of programs, one attached provider.
"""

from __future__ import annotations

import json
import shutil
import threading
import weakref
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.ids import Ids
from infra.components import Buildable, Placement, document_of
from infra.engine.adopting import adoptions_of, awaited, with_adoptions
from infra.engine.attached import AttachedProvider
from infra.engine.backends import Backend
from infra.engine.command import CommandLine, locate
from infra.engine.errors import EngineLocked, EngineStillRunning, NotDeployed, PlanChanged
from infra.engine.events import event_stream
from infra.engine.failing import failure_of
from infra.engine.files import write_durably
from infra.engine.home import EngineHome, engine_environment
from infra.engine.kept import KeptPlan
from infra.engine.model import Outcome, Outputs, PlanSummary, StackState, plan_from_document
from infra.engine.plans import outside_plan, summarise
from infra.engine.port import OnProgress
from infra.engine.processes import PREVIEW, RunRecord, Runs, end_engine, end_run
from infra.engine.programs import ProgramServer
from infra.engine.progress import EventFollower
from infra.engine.restoring import said_of
from infra.engine.running import FOLLOWED, CommandFailed, run_engine
from infra.engine.secrets import SecretMarks, ensure_agency_key, provider_url
from infra.engine.state import read_state
from infra.program import passwords_of, program, write_input
from infra.provider.births import read_births
from infra.provider.clients import Clients
from infra.provider.clouds import Clouds
from infra.provider.work import Work

_PACKAGE = Path(__file__).parents[1]
_LOCKED = "the stack is currently locked by"
_PLAN, _APPROVED, _ADOPTION, _BIRTHS = "plan.json", "approved.json", "adoption.json", "births.jsonl"
_STATE_AT_THE_END = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""A first apply: the whole state would be written twice a resource, while ``births.jsonl`` tells what was made."""


@dataclass(frozen=True, slots=True)
class _Session:
    """The engine runs of one operation on one stack."""

    environment: str
    run: RunRecord
    settings: Path
    told: Mapping[str, str]
    client: str


class Driver:
    """The ``ResumableEngine`` port. Safe for many threads; on one environment it does one thing after the other.

    ``home`` is the engine's folder; ``cloud`` the cloud as the AWS SDKs read it from an environment (endpoint, region,
    credentials); ``placement`` its region's zones, and the bound of every role; ``backend`` where the state lies, in
    ``home`` by default. Servers start with the first operation that needs them and end with ``close`` or the process.
    """

    def __init__(
        self,
        home: Path,
        *,
        cloud: Mapping[str, str],
        placement: Placement,
        ids: Ids,
        command: CommandLine | None = None,
        backend: Backend | None = None,
    ) -> None:
        self._home = EngineHome(home.resolve(), backend)
        self._cloud = {"AWS_REGION": cloud.get("AWS_DEFAULT_REGION", ""), **cloud}
        self._placement = placement
        self._clients = Clients.from_environment(cloud)
        self._clouds = Clouds(self._clients)
        self._given_command = command
        self._runs = Runs(self._home.runs, ids)
        self._programs = ProgramServer()
        self._provider = AttachedProvider(self._cloud)
        # At the end of the process too: a server that is still up then says so with a traceback.
        weakref.finalize(self, _close, self._programs, self._provider)
        self._turns: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)

    @property
    def home(self) -> EngineHome:
        """Where the engine keeps its state."""
        return self._home

    @cached_property
    def _cli(self) -> CommandLine:
        return self._given_command or locate()

    def close(self) -> None:
        """Stop the servers."""
        _close(self._programs, self._provider)

    def preview(self, spec: Buildable, *, progress: OnProgress | None = None) -> PlanSummary:
        """Refresh in memory and compute the exact difference; nothing in the cloud or the state changes."""
        with self._open(spec.environment, PREVIEW, spec=spec) as session:
            plan = session.run.folder / _PLAN
            summary = self._plan(session, spec, plan, progress)
            self._kept(spec).keep(summary, plan, fresh=self._is_fresh(spec))
            return summary

    def apply(self, spec: Buildable, *, approved: str, deployment: str, progress: OnProgress | None = None) -> Outcome:
        """Plan again, compare with the ``approved`` digest (``PlanChanged``), and run under that very plan.

        A fresh environment is not planned again where the engine's plan is still at hand: with nothing in its state,
        nothing in the cloud can change what it plans. Its state is written once, at the end.
        """
        with self._open(spec.environment, "apply", spec=spec, deployment=deployment) as session:
            folder = self._home.deployment(deployment)
            folder.mkdir(parents=True, exist_ok=True)
            fresh = self._is_fresh(spec)
            summary = self._kept(spec).take(approved, folder / _PLAN, fresh=fresh)
            if summary is None:
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
            told = {**session.told, **(_STATE_AT_THE_END if fresh else {})}
            return self._up(replace(session, told=told), deployment, approved, len(summary.changes), progress)

    def continue_apply(
        self, spec: Buildable, *, approved: str, deployment: str, progress: OnProgress | None = None
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
        adoption = folder / _ADOPTION
        left = {"environment": spec.environment, "state_ids": list(known), "born": read_births(folder / _BIRTHS)}
        write_durably(adoption, json.dumps(left).encode())
        with self._open(spec.environment, "apply", spec=spec, deployment=deployment, adoption=adoption) as session:
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
            clearing = ["--clear-pending-creates"] if clear_pending else []
            follower = EventFollower("refresh", progress)
            self._follow(session, "refresh", follower, "refresh", "--yes", "--skip-preview", *clearing)
            return self.state(environment)

    def destroy(self, environment: str, *, deployment: str, progress: OnProgress | None = None) -> None:
        """Delete every resource of the environment; its stack and history stay."""
        with self._open(environment, "destroy", deployment=deployment) as session:
            follower = EventFollower("destroy", progress, len(self.state(environment).all_ids))
            arguments = ("destroy", "--yes", "--skip-preview", "--refresh", f"--message={deployment}")
            self._follow(session, "destroy", follower, *arguments)

    def cancel(self, environment: str) -> None:
        """Remove the engine's lock of a run that is dead. Only for the lease's holder."""
        for lock in self._home.locks(environment):
            # Whether an engine on another machine still lives cannot be seen from here.
            if lock.elsewhere or lock.holder is not None:
                raise EngineLocked(environment=environment, holder=str(lock))
        with self._open(environment, "cancel") as session:
            self._run(session, "cancel", None, "cancel", "--yes", f"--stack={environment}")

    def state(self, environment: str) -> StackState:
        """What the state holds; an empty state where the environment was never deployed."""
        latest = self._home.latest(environment)
        return StackState(environment, {}, {}) if latest is None else read_state(environment, {"deployment": latest})

    def check_state(self, environment: str) -> None:
        """Raise ``StateUnreadable`` where the state cannot be read: before anything is begun."""
        self._home.check_state(environment)

    def restore_state(self, environment: str) -> tuple[str, ...]:
        """Put the newest copy of a state that cannot be read in its place; what was put back, for people."""
        copy = self._home.restore(environment)
        return () if copy is None else said_of(copy)

    def state_ids(self, environment: str) -> Mapping[str, frozenset[str]]:
        """Cloud ids by type token."""
        return self.state(environment).ids

    def outputs(self, environment: str) -> Outputs:
        """Cloud ids by kind and spec name."""
        return self.state(environment).outputs

    def end_left_behind(self, environment: str) -> tuple[str, ...]:
        """End the engines of runs that died, by SIGINT first, and wait for their drivers; what each of them did."""
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

    def _is_fresh(self, spec: Buildable) -> bool:
        """Whether nothing in the cloud can change what is planned: there is nothing in state, nothing to adopt."""
        return self._home.is_fresh(spec.environment) and not adoptions_of(spec)

    def _kept(self, spec: Buildable) -> KeptPlan:
        return KeptPlan(
            self._home.plan(spec.environment),
            by={
                "spec": sha256_hex(canonical_bytes(document_of(spec))),
                "placement": sha256_hex(canonical_bytes(self._placement.document())),
                "guanyun": version("guanyun"),
                "engine": str(self._cli.version),
                "code": _code(),
            },
        )

    def _plan(self, session: _Session, spec: Buildable, plan: Path, progress: OnProgress | None) -> PlanSummary:
        follower = EventFollower("plan", progress)
        self._follow(session, "plan", follower, "preview", "--refresh", f"--save-plan={plan}")
        summary = summarise(
            environment=spec.environment,
            spec_digest=sha256_hex(canonical_bytes(document_of(spec))),
            provider_version=version("guanyun"),
            engine_plan=json.loads(plan.read_bytes()),
            events=follower.events,
            mark_secret=SecretMarks(session.settings, self._clients, environment=spec.environment),
        )
        if not adoptions_of(spec):
            return summary
        return with_adoptions(summary, spec, self.state(spec.environment), self._clouds)

    def _up(self, session: _Session, deployment: str, digest: str, total: int, progress: OnProgress | None) -> Outcome:
        follower = EventFollower("apply", progress, total)
        plan = self._home.deployment(deployment) / _PLAN
        self._follow(
            session,
            "apply",
            follower,
            "up",
            "--yes",
            "--skip-preview",
            "--refresh",
            f"--plan={plan}",
            f"--message={deployment}",
        )
        # What was approved stays until the caller has recorded the end: killed before that, this is done again.
        state = self.state(session.environment)
        return Outcome(session.environment, deployment, digest, state, dict(follower.changes))

    def _follow(self, session: _Session, action: str, follower: EventFollower, *arguments: str) -> None:
        """Run the CLI for one operation on the stack, with its program and its events."""
        served = (f"--client={session.client}",) if session.client else ()
        with event_stream(follower) as events:
            self._run(
                session,
                action,
                follower,
                *arguments,
                f"--stack={session.environment}",
                f"--config-file={session.settings}",
                f"--event-log={events}",
                *served,
                *FOLLOWED,
            )

    def _run(self, session: _Session, action: str, follower: EventFollower | None, *arguments: str) -> None:
        environment = session.environment
        try:
            run_engine(self._cli, arguments, environ=session.told, run=session.run, environment=environment)
        except CommandFailed as cause:
            if _LOCKED in cause.output:
                holder = ", ".join(str(lock) for lock in self._home.locks(environment)) or "?"
                raise EngineLocked(environment=environment, holder=holder) from cause
            detail = str(cause) if follower is None else follower.failure(str(cause))
            raise failure_of(detail)(environment=environment, action=action, detail=detail) from cause

    @contextmanager
    def _open(
        self,
        environment: str,
        purpose: str,
        *,
        spec: Buildable | None = None,
        deployment: str = PREVIEW,
        adoption: Path | None = None,
    ) -> Iterator[_Session]:
        with self._turns[environment]:
            self._home.prepare()
            exists = self._home.has_stack(environment)
            if not exists and spec is None:
                raise NotDeployed(environment=environment)
            run = self._runs.begin(environment, purpose)
            try:
                run.prepare(self._home.path / "Pulumi.yaml")
                with self._served(run, spec, purpose) as client:
                    session = self._session(environment, run, client)
                    if not exists and spec is not None:
                        self._create_stack(session, spec)
                    wanted = adoptions_of(spec)
                    given = awaited(wanted, self.state(environment)) if wanted else {}
                    births = None if deployment == PREVIEW else self._home.deployment(deployment) / _BIRTHS
                    self._provider.works.begin(Work(environment, deployment, adoption, given, births))
                    try:
                        yield session
                    finally:
                        self._end_work(run, environment)
            except EngineStillRunning:
                # The record stays: whoever resumes must know which process it is.
                raise
            except BaseException:
                run.remove()
                raise
            run.remove()

    @contextmanager
    def _served(self, run: RunRecord, spec: Buildable | None, purpose: str) -> Iterator[str]:
        """The address of the run's program; "" for operations that need none."""
        if spec is None:
            yield ""
            return
        # Each run reads its own input: another preview must not change the spec under a running apply.
        write_input(run.folder, spec, self._placement)
        if purpose != PREVIEW:
            write_input(self._home.path, spec, self._placement)
        with self._programs.serving(run.folder, program(run.folder, passwords_of(self._home.path))) as client:
            yield client

    def _session(self, environment: str, run: RunRecord, client: str) -> _Session:
        told = engine_environment(self._home, self._cloud, PULUMI_DEBUG_PROVIDERS=self._provider.address())
        return _Session(environment, run, self._home.settings(environment), told, client)

    def _create_stack(self, session: _Session, spec: Buildable) -> None:
        secrets = provider_url(ensure_agency_key(self._clients, spec.agency), self._clients.region)
        arguments = ("stack", "init", f"--stack={session.environment}", "--no-select", f"--secrets-provider={secrets}")
        self._run(session, "open", None, f"--cwd={self._home.path}", *arguments)

    def _end_work(self, run: RunRecord, environment: str) -> None:
        """Let nothing more be started for the environment, and nothing go on before the last call has come back."""
        if self._provider.works.end(environment):
            raise EngineStillRunning(environment=environment, process=run.driver.pid)


@cache
def _code() -> str:
    """Stands for the code that plans follow from, as this process has it: another build of one version differs."""
    files = sorted(_PACKAGE.rglob("*.py"))
    states = [(str(file.relative_to(_PACKAGE)), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return sha256_hex(canonical_bytes(states))


def _close(programs: ProgramServer, provider: AttachedProvider) -> None:
    programs.close()
    provider.close()


def _said(summary: PlanSummary) -> str:
    """A plan in one line, for an error."""
    changes = [f"{step.operation.value} {step.kind} {step.name}" for step in summary.changes]
    return ", ".join(changes[:10]) or "no changes"
