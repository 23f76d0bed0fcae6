"""The durable engine: one DBOS workflow for each attempt at a run.

DBOS starts the flow in a thread, once for each attempt's name, and keeps that it did. Which steps are done, and what is
to be done after a kill, is said by our own rows alone (decision 0009): whoever takes a run up again does so as a new
attempt, hence a new workflow, and what DBOS itself starts again finds that it is superseded. A DBOS that was lost, or
that starts something twice, changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine as SqlEngine
from sqlalchemy.engine import make_url

from foundation.store.away import Stage, away_in_words
from foundation.work.runs.carrying import carry_out
from foundation.work.runs.claiming import Worker
from foundation.work.runs.model import Run
from foundation.work.runs.workshop import Workshop

_log = structlog.get_logger("guanyun.work")
_NAME = "guanyun"
_WORKFLOW = "guanyun.run"
_ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where DBOS keeps its journal: a SQLAlchemy URL (SQLite file or PostgreSQL), and the schema on PostgreSQL.

    The URL may hold a password, so it is never shown.
    """

    url: str = field(repr=False)
    schema: str = "dbos"


@dataclass
class _Launched:
    """What the workflow function needs, for the one DBOS a process can have."""

    workshop: Workshop
    worker: Worker
    stopping: threading.Event
    ended: Callable[[str], None]
    database: SqlEngine
    handed: dict[str, Run] = field(default_factory=dict)
    """Attempts this process claimed and has not ended, by name. No other is carried out here."""
    running: set[str] = field(default_factory=set)
    """Ids of the runs that have a thread."""
    over: deque[str] = field(default_factory=lambda: deque(maxlen=64))
    lock: threading.Lock = field(default_factory=threading.Lock)


_launched: _Launched | None = None


@DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=1_000_000)
def _attempt(name: str) -> str:
    """Carry out the attempt of that name, if it is this process's to carry out."""
    here = _launched
    if here is None:
        return "stopped"
    with here.lock:
        run = here.handed.get(name)
        if run is None:
            return "superseded"
        if run.id in here.running:  # an earlier attempt that lost its claim is still in the middle of a step
            del here.handed[name]
            return "under way"
        here.running.add(run.id)
    try:
        state = carry_out(here.workshop, run, stopping=here.stopping.is_set)
    finally:
        with here.lock:
            here.running.discard(run.id)
            here.handed.pop(name, None)
        here.over.append(name)
        here.ended(name)
    return "superseded" if state is None else state.value


class Engine:
    """DBOS, launched for one worker. A process has one at a time."""

    def __init__(
        self,
        workshop: Workshop,
        worker: Worker,
        address: EngineAddress,
        *,
        ended: Callable[[str], None],
        brief: bool = False,
    ) -> None:
        """``brief``: for one run only, so that the end need not wait for DBOS's slower looks around."""
        self._database = journal_database(address)
        self._here = _Launched(workshop, worker, threading.Event(), ended, self._database)
        self._config = DBOSConfig(
            name=_NAME,
            system_database_url=address.url,
            system_database_engine=self._database,
            dbos_system_schema=address.schema,
            executor_id=worker.name,
            application_version=_NAME,  # which code may finish a run is said by its kind's version, in our own row
            use_listen_notify=False,  # nothing of ours waits on a notification
            notification_listener_polling_interval_sec=0.05 if brief else 1.0,
            log_level="ERROR",
        )

    def launch(self) -> None:
        """Start DBOS. Raises ``DatabaseUnavailable``."""
        global _launched  # noqa: PLW0603 - DBOS is one for a process, and so is what its workflow works with
        _launched = self._here
        with away_in_words(self._database, Stage(writing=True)):
            DBOS(config=self._config)
            DBOS.launch()

    def start(self, run: Run) -> None:
        """Carry out a claimed run in a thread. Raises ``DatabaseUnavailable``; it has not been started then."""
        with self._here.lock:
            self._here.handed[run.name] = run
        try:
            with away_in_words(self._database, Stage(writing=True)), SetWorkflowID(run.name):
                DBOS.start_workflow(_attempt, run.name)
        except BaseException:
            with self._here.lock:
                self._here.handed.pop(run.name, None)
            raise

    @property
    def active(self) -> frozenset[str]:
        """Ids of the runs that were handed to this process's threads and have not ended there."""
        with self._here.lock:
            return frozenset(self._here.running | {run.id for run in self._here.handed.values()})

    def forget(self, names: list[str]) -> None:
        """Drop what DBOS keeps of attempts that have ended: our rows say all there is to say."""
        if names:
            with away_in_words(self._database, Stage(writing=True)):
                DBOS.delete_workflows(names)

    def stop(self, *, seconds: int) -> None:
        """Ask every flow to stop at its next step, wait for them, and end DBOS."""
        global _launched  # noqa: PLW0603 - as in launch
        self._here.stopping.set()
        until = time.monotonic() + seconds
        while self.active and time.monotonic() < until:
            time.sleep(0.02)
        self._let_dbos_note_the_end()
        DBOS.destroy()
        self._database.dispose()
        _launched = None

    def _let_dbos_note_the_end(self) -> None:
        """DBOS writes a workflow's end after our flow has returned; without it the next start would look again."""
        until = time.monotonic() + 1.0
        for name in list(self._here.over):
            while time.monotonic() < until:
                status = DBOS.get_workflow_status(name)
                if status is None or status.status in _ENDED:
                    break
                time.sleep(0.01)

    @property
    def stopping(self) -> threading.Event:
        """Set when the flows shall stop at their next step."""
        return self._here.stopping


def journal_database(address: EngineAddress) -> SqlEngine:
    """DBOS's database, as carefully written as our own."""
    url = make_url(address.url)
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=10,
            hide_parameters=True,
            connect_args={"connect_timeout": 5, "application_name": "guanyun-dbos"},
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
