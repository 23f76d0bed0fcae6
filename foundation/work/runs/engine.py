"""The durable engine: one DBOS workflow for each attempt at a run, one DBOS step for each of its steps.

DBOS starts the flow in a thread, keeps that it was started, and starts it again after a kill. What has been done is
said by our own rows alone (decision 0009): a DBOS that was lost, or that starts something twice, changes nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine as SqlEngine
from sqlalchemy.engine import make_url

from foundation.work.runs.carrying import carry_out
from foundation.work.runs.claiming import Worker
from foundation.work.runs.model import Json, Run, RunState
from foundation.work.runs.tables import run_of, run_table, runs
from foundation.work.runs.workshop import Workshop

_log = structlog.get_logger("guanyun.work")
_NAME = "guanyun"
_WORKFLOW = "guanyun.run"
_ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


class _Result(TypedDict, total=False):
    outcome: Json
    error: str


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where DBOS keeps its journal: a SQLAlchemy URL (SQLite file or PostgreSQL), and the schema on PostgreSQL."""

    url: str
    schema: str = "dbos"


@dataclass
class _Launched:
    """What the workflow function needs, for the one DBOS a process can have."""

    workshop: Workshop
    worker: Worker
    stopping: threading.Event
    ended: Callable[[str], None]
    handed: set[str] = field(default_factory=set)
    running: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


_launched: _Launched | None = None


@DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=1_000_000)
def _attempt(name: str) -> str:
    """Carry out the attempt of that name, if it is still this worker's to carry out."""
    here = _launched
    if here is None:
        return "stopped"
    id_ = name.rpartition(".")[0]
    with here.lock:
        if id_ in here.running:
            return "under way"
        here.running.add(id_)
    try:
        run = _still_ours(here, name)
        state = None if run is None else carry_out(here.workshop, run, _checkpoint, stopping=here.stopping.is_set)
    finally:
        with here.lock:
            here.running.discard(id_)
            here.handed.discard(id_)
        here.ended(name)
    return "superseded" if state is None else state.value


def _checkpoint(name: str, do: Callable[[], Json]) -> Json:
    result: Json = DBOS.run_step({"name": name}, do)
    return result


def _still_ours(here: _Launched, name: str) -> Run | None:
    id_, _, attempt = name.rpartition(".")
    with here.workshop.store.reading() as transaction:
        row = transaction.row(runs.select(here.workshop.scope).where(run_table.c.id == id_))
    if row is None:
        return None
    run = run_of(row)
    mine = (run.state, str(run.attempt), run.worker, run.worker_number) == (
        RunState.RUNNING,
        attempt,
        here.worker.name,
        here.worker.lease.number,
    )
    return run if mine else None


class Engine:
    """DBOS, launched for one worker. A process has one at a time."""

    def __init__(
        self, workshop: Workshop, worker: Worker, address: EngineAddress, *, ended: Callable[[str], None]
    ) -> None:
        self._workshop = workshop
        self._here = _Launched(workshop, worker, threading.Event(), ended)
        self._database = _database(address)
        self._config = DBOSConfig(
            name=_NAME,
            system_database_url=address.url,
            system_database_engine=self._database,
            dbos_system_schema=address.schema,
            executor_id=worker.name,
            application_version=_NAME,  # which code may finish a run is said by its kind's version, in our own row
            use_listen_notify=False,  # nothing of ours waits on a notification
            notification_listener_polling_interval_sec=0.5,
            log_level="ERROR",
        )

    def launch(self) -> None:
        """Start DBOS; it takes up by itself what this worker's name left unfinished."""
        global _launched  # noqa: PLW0603 - DBOS is one for a process, and so is what its workflow works with
        _launched = self._here
        DBOS(config=self._config)
        DBOS.launch()

    def start(self, run: Run) -> bool:
        """Carry out a claimed run in a thread; False if DBOS has ended that attempt, so that another is needed."""
        status = DBOS.get_workflow_status(run.name) if run.deaths else None
        if status is not None and status.status in _ENDED:
            return False
        with self._here.lock:
            self._here.handed.add(run.id)
        with SetWorkflowID(run.name):
            DBOS.start_workflow(_attempt, run.name)
        return True

    @property
    def active(self) -> frozenset[str]:
        """Ids of the runs that were handed to this process's threads and have not ended there."""
        with self._here.lock:
            return frozenset(self._here.running | self._here.handed)

    def forget(self, names: list[str]) -> None:
        """Drop what DBOS keeps of attempts that have ended: our rows say all there is to say."""
        if names:
            DBOS.delete_workflows(names)

    def stop(self, *, seconds: int) -> None:
        """Ask every flow to stop at its next step, wait for them, and end DBOS."""
        global _launched  # noqa: PLW0603 - as in launch
        self._here.stopping.set()
        DBOS.destroy(workflow_completion_timeout_sec=seconds)
        self._database.dispose()
        _launched = None

    @property
    def stopping(self) -> threading.Event:
        """Set when the flows shall stop at their next step."""
        return self._here.stopping


def _database(address: EngineAddress) -> SqlEngine:
    """DBOS's database, as carefully written as our own."""
    url = make_url(address.url)
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10, hide_parameters=True
        )
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
