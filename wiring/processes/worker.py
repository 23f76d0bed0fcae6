"""The worker as a process: ``guanyun worker``.

It answers probes from its first moment, waits for a database that is away, works until it is told to stop, and ends
with the lease's own error where another process works under its name.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from prometheus_client import make_wsgi_app
from sqlalchemy.exc import InterfaceError, OperationalError

from foundation.store import DatabaseUnavailable
from foundation.values.errors import GuanyunError
from foundation.work import died
from foundation.work.metrics import registry
from foundation.work.runs.worker import Shift, at_work
from wiring.application import Application, open_unchecked
from wiring.database import check_current
from wiring.health import Reason, not_ready
from wiring.house_rules import put_house_rules
from wiring.logs import configure
from wiring.processes.beside import beside
from wiring.processes.records import recorded, the_only_one
from wiring.processes.serving import LOOPBACK, probes, served
from wiring.processes.settings import ProcessSettings
from wiring.processes.stopping import stopping_on_signal
from wiring.processes.watching import watched
from wiring.work import station, workshop

if TYPE_CHECKING:
    from wiring.settings import Settings

NAME = "worker"
_log = structlog.get_logger("guanyun.worker")
_TRY_AGAIN = 2.0
"""Seconds between two tries to reach a database that is away."""
_POLL = 0.5
"""Seconds between two looks at an empty queue: each costs a query, and nobody is there to mind half a second."""
_STARTING = Reason("worker.starting", "正在启动", "it is starting")
_STOPPING = Reason("worker.stopping", "正在停止", "it is stopping")


def run_worker(settings: Settings, own: ProcessSettings) -> None:
    """Work until SIGTERM or SIGINT. Raises ``LeaseHeld``, ``LeaseLost`` (exit 5), ``PortTaken``, ``NotMigrated``."""
    configure(NAME, settings.work_folder)
    application = open_unchecked(settings)
    try:
        WorkerProcess(application, own).run()
    except GuanyunError as error:
        _log.error("worker.ended", code=error.code, because=error.text("en"), zh=error.text("zh"))
        raise
    except Exception:
        _log.exception("worker.defect")
        raise
    finally:
        application.store.close()


class WorkerProcess:
    """One worker process from its first answer to its last."""

    def __init__(self, application: Application, own: ProcessSettings) -> None:
        self._application = application
        self._own = own
        self._stopped = threading.Event()
        self._shift: Shift | None = None
        self._reason: Reason | None = _STARTING

    def run(self) -> None:
        """Serve and work until told to stop."""
        application, own = self._application, self._own
        metrics = make_wsgi_app(registry(watched(application)))
        now = application.office.clocks.real()
        folder = application.settings.work_folder
        with (
            the_only_one(folder, NAME),
            stopping_on_signal(self.stop),
            served(probes(self.reasons, metrics), port=own.worker_port, setting="GUANYUN_WORKER_PORT") as port,
            recorded(folder, NAME, host=LOOPBACK, port=port, now=now) as record,
        ):
            _log.info("worker.listening", address=record.address, pid=record.pid)
            while not self._stopped.is_set():
                try:
                    self._work()
                except (DatabaseUnavailable, OperationalError, InterfaceError) as away:
                    self._wait(away)
            _log.info("worker.stopped")

    def stop(self) -> None:
        """Start nothing more; what is under way stops at its next step."""
        _log.info("worker.stopping")
        self._reason = _STOPPING
        self._stopped.set()
        shift = self._shift
        if shift is not None:
            shift.stop()

    def reasons(self) -> Sequence[Reason]:
        """Why it is not ready; empty while it works and the database answers."""
        own = self._reason
        return [*([own] if own is not None else []), *not_ready(self._application)]

    def _work(self) -> None:
        application = self._application
        check_current(application.store)
        here = replace(station(application), places=self._own.worker_places, poll=_POLL)
        with at_work(workshop(application), here, died=died) as shift:
            self._shift = shift
            try:
                if self._stopped.is_set():  # told so before the shift was there to hear it
                    return
                put_house_rules(application)
                with beside(application):
                    self._reason = None
                    shift.run()
            finally:
                self._shift = None
                self._reason = _STOPPING if self._stopped.is_set() else _STARTING

    def _wait(self, away: Exception) -> None:
        because = away.text("en") if isinstance(away, GuanyunError) else type(away).__name__
        _log.warning("worker.database-away", because=because, again_in_seconds=_TRY_AGAIN)
        self._stopped.wait(_TRY_AGAIN)
