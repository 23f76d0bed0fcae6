"""What runs beside the worker's queue, each in its thread: events are delivered, due work is ticked, the audit log's
head is signed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from foundation.store import StoreError, Transaction
from foundation.work import died, this_process
from foundation.work.outbox import Failure
from foundation.work.runs import Job, enqueue_many
from governance.authority import machine_scope
from governance.calendar import calendar_at
from wiring.processes.checkpointing import Checkpoints
from wiring.subscriptions import deliver_outstanding
from wiring.work import workshop

if TYPE_CHECKING:
    from foundation.work.due import Ticking
    from wiring.application import Application

_log = structlog.get_logger("guanyun.worker")
_PAUSE, _IDLE = 1.0, 2.0
"""Seconds between two looks at the outbox, while there is something and while there is nothing. A command delivers what
it announced by itself, so nobody waits for the idle look."""


class Deliveries:
    """Delivers what is outstanding once a second; a look at nothing is one query, every other second."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._stopped = threading.Event()
        self._away = ""
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch under way."""
        self._stopped.set()
        self._thread.join()

    def once(self) -> bool:
        """One look: whether there was something. Nothing is raised: what fails is logged and tried again."""
        try:
            done = deliver_outstanding(self._application, told=_told, stop=self._stopped.is_set)
        except StoreError as error:
            if error.code != self._away:
                _log.warning("outbox.database-away", code=error.code, because=error.text("en"))
            self._away = error.code
            return True
        except Exception:
            # Whatever it was, the rows say what is outstanding, and the next look meets it again.
            _log.exception("outbox.look-failed")
            return True
        if self._away:
            _log.info("outbox.database-back")
            self._away = ""
        if done.made:
            _log.info("outbox.delivered", made=done.made, failed=done.failed)
        return bool(done.made or done.failed or done.stuck)

    def _run(self) -> None:
        while not self._stopped.is_set():
            self._stopped.wait(_PAUSE if self.once() else _IDLE)


def _told(failure: Failure) -> None:
    event = failure.event
    say = _log.error if failure.dead else _log.warning
    say(
        "outbox.dead-letter" if failure.dead else "outbox.failed",
        subscriber=failure.subscriber,
        number=event.number,
        topic=event.topic,
        subject=event.subject,
        tries=failure.tries,
        exc_info=failure.error,
    )


def ticking(application: Application) -> Ticking:
    """What a tick needs, bound to this installation's queue and calendar."""
    from foundation.work.due import Ticking

    here = workshop(application)

    def put(transaction: Transaction, jobs: Sequence[Job]) -> Sequence[str]:
        asked = enqueue_many(transaction, jobs, kinds=here.kinds, clock=here.clock, ids=here.ids)
        return [id_ for id_, _ in asked]

    return Ticking(application.store, machine_scope(), here.clock, put, calendar_at)


@contextmanager
def beside(application: Application) -> Iterator[None]:
    """All of them, while the block runs."""
    from foundation.work.due import Ticker

    deliveries, ticker = Deliveries(application), Ticker(ticking(application), this_process(), died=died)
    checkpoints = Checkpoints(application)
    deliveries.start()
    try:
        checkpoints.start()
        ticker.start()
        yield
    finally:
        ticker.stop()
        checkpoints.stop()
        deliveries.stop()
