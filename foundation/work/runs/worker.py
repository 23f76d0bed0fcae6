"""The worker: holds its lease, claims runs, hands them to the engine, takes back what was abandoned."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue

import structlog

from foundation.store import DatabaseUnavailable
from foundation.work.errors import LeaseLost
from foundation.work.leases import Died, check_held, held, nobody_died
from foundation.work.runs.claiming import (
    Worker,
    adopt,
    anything_waiting,
    claim,
    give_back,
    park_strangers,
    register,
    take_back,
)
from foundation.work.runs.engine import Engine, EngineAddress
from foundation.work.runs.model import Run
from foundation.work.runs.tables import WORKER
from foundation.work.runs.workshop import Workshop

_log = structlog.get_logger("guanyun.work")


@dataclass(frozen=True, slots=True)
class Station:
    """Where and how a worker works: its name (unique among those alive), its process, its program's version."""

    name: str
    holder: str
    host: str
    pid: int
    version: str
    engine: EngineAddress
    places: int = 8
    lease: timedelta = timedelta(seconds=30)
    poll: float = 0.25
    look_after: float = 10.0


@contextmanager
def at_work(
    workshop: Workshop, station: Station, *, only: str | None = None, died: Died = nobody_died
) -> Iterator[Shift]:
    """Take the worker's lease and launch the engine; at the end everything is stopped in order.

    ``only``: work on one run (a command in the foreground) and leave every other. Raises ``LeaseHeld`` while another
    process works under the same name.
    """
    name = WORKER + station.name
    with held(workshop.store, name, station.holder, length=station.lease, clock=workshop.clock, died=died) as lease:
        worker = Worker(station.name, lease)
        shift = Shift(workshop, worker, station, only=only)
        try:
            shift.begin()
            yield shift
        finally:
            shift.end()


class Shift:
    """One worker from its launch to its end."""

    def __init__(self, workshop: Workshop, worker: Worker, station: Station, *, only: str | None = None) -> None:
        self.worker = worker
        self._workshop = workshop
        self._station = station
        self._only = only
        self._wake: SimpleQueue[None] = SimpleQueue()  # the only one of its kind that a signal handler may use
        self._stopped = False
        self._over: deque[str] = deque()
        self._engine = Engine(workshop, worker, station.engine, ended=self._ended, brief=only is not None)
        self._unstarted: list[Run] = []
        self._looked_after = float("-inf")
        self._takes_back_from = float("-inf")

    def begin(self) -> None:
        """Register, take over what the name's last holder left, launch the engine."""
        station = self._station
        register(self._workshop, self.worker, host=station.host, pid=station.pid, version=station.version)
        left = adopt(self._workshop, self.worker, only=self._only)
        self._workshop.on_point("adopted")
        self._engine.launch()
        _log.info("work.worker-started", worker=station.name, number=self.worker.lease.number, taken_over=len(left))
        self._start(left)

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Work until ``stop`` is called or ``until`` says so; raises ``LeaseLost`` when another took the name."""
        while not self._stopped:
            worked = False
            try:
                if until():
                    return
                worked = self.turn()
            except DatabaseUnavailable as away:
                _log.warning("work.database-away", because=away.text("en"))
                # Leases ran out while nobody could renew them: their holders first get the time to.
                self._takes_back_from = time.monotonic() + self._station.lease.total_seconds()
                self._rest(2.0)
            except LeaseLost:
                _log.error("work.lease-lost", worker=self.worker.name)
                raise
            if not worked:
                self._rest(self._station.poll)

    def turn(self) -> bool:
        """One look at the queue: whether anything was started."""
        self._give_back()
        now = time.monotonic()
        if now - self._looked_after >= self._station.look_after:
            self._looked_after = now
            self._look_after()
        free = self._station.places - len(self._engine.active)
        if free <= 0 or not anything_waiting(self._workshop):
            return False
        claimed = claim(self._workshop, self.worker, places=free, only=self._only)
        if claimed:
            self._workshop.on_point("claimed")
        self._start(claimed)
        return bool(claimed)

    @property
    def busy(self) -> bool:
        """Whether any flow is in this process's threads."""
        return bool(self._engine.active)

    def stop(self) -> None:
        """Start nothing more; flows end at their next step. Safe in a signal handler."""
        self._stopped = True
        self._engine.stopping.set()  # nobody waits for this event, so nobody holds its lock
        self._wake.put(None)

    def end(self, *, seconds: int = 20) -> None:
        """Wait for the flows and end the engine; what did not stop in time is taken up by the next worker."""
        self.stop()
        self._engine.stop(seconds=seconds)
        with suppress(DatabaseUnavailable):
            self._give_back()
        _log.info("work.worker-ended", worker=self.worker.name, number=self.worker.lease.number)

    def _start(self, claimed: Sequence[Run]) -> None:
        for number, run in enumerate(claimed):
            try:
                self._engine.start(run)
            except Exception:
                self._unstarted += claimed[number:]
                raise

    def _give_back(self) -> None:
        while self._unstarted:
            give_back(self._workshop, self._unstarted[-1])
            self._unstarted.pop()

    def _rest(self, seconds: float) -> None:
        """Until something ends here, somebody stops the shift, or the time is over."""
        with suppress(Empty):
            self._wake.get(timeout=seconds)
            while True:
                self._wake.get_nowait()

    def _look_after(self) -> None:
        self._forget()
        with self._workshop.store.transaction(alongside=True) as transaction:
            check_held(transaction, self.worker.lease)
        if self._only is not None:
            return
        if time.monotonic() >= self._takes_back_from:
            for run in take_back(self._workshop, self.worker, self._engine.active):
                _log.warning("work.run-taken-back", run=run.id, kind=run.kind, worker=run.worker)
        for id_ in park_strangers(self._workshop, self.worker):
            _log.warning("work.run-parked", run=id_)

    def _forget(self) -> None:
        names = [self._over.popleft() for _ in range(len(self._over))]
        try:
            self._engine.forget(names)
        except DatabaseUnavailable:
            self._over.extend(names)
            raise

    def _ended(self, name: str) -> None:
        self._over.append(name)
        self._wake.put(None)
