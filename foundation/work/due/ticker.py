"""A worker's ticker: APScheduler calls the tick at an interval. Its own store is memory; the rows are the truth."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from foundation.store import StoreError
from foundation.values.errors import GuanyunError
from foundation.values.instant import SHANGHAI
from foundation.work.due.ticking import BATCH, LEASE, Ticked, Ticking, tick
from foundation.work.errors import LeaseHeld, LeaseLost
from foundation.work.leases import Died, Lease, acquire, heartbeat, nobody_died, release

_JOB = "tick"
_log = structlog.get_logger("guanyun.due")


class _FromNow(BaseTrigger):  # type: ignore[misc]
    """At once, then an interval after each firing.

    APScheduler's own interval walks through every firing missed since the last: a machine that starts in 1970 and
    then hears the time would do so for millions of them.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now if previous_fire_time is None else now + self._every


class Ticker:
    """Ticks every ``every`` while it holds the lease ``due``, and asks for the lease while another has it.

    A tick that fails is logged, and the next one tries again: what was due then is due still.
    """

    def __init__(
        self,
        ticking: Ticking,
        holder: str,
        *,
        every: timedelta = timedelta(seconds=5),
        lease_length: timedelta = timedelta(seconds=30),
        limit: int = BATCH,
        died: Died = nobody_died,
    ) -> None:
        self._ticking = ticking
        self._holder = holder
        self._every = every
        self._lease_length = lease_length
        self._limit = limit
        self._died = died
        self._lease: Lease | None = None
        self._asked_at: float | None = None
        self._ticked_at = time.monotonic()
        self._busy = threading.Lock()
        self._stopped = threading.Event()
        self._scheduler: BackgroundScheduler | None = None
        self._watch: threading.Thread | None = None

    def start(self) -> None:
        """Begin ticking, at once and then at the interval; returns immediately."""
        if self._scheduler is not None:
            return
        self._stopped.clear()
        self._ticked_at = time.monotonic()
        self._scheduler = BackgroundScheduler(timezone=SHANGHAI, executors={"default": ThreadPoolExecutor(1)})
        once: dict[str, Any] = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._scheduler.add_job(self.once, _FromNow(self._every), id=_JOB, **once)
        self._scheduler.start()
        self._watch = threading.Thread(target=self._watch_clock, name="due clock", daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """End after the tick under way, and let the lease go."""
        if self._scheduler is None or self._watch is None:
            return
        self._stopped.set()
        self._scheduler.shutdown(wait=True)
        self._watch.join()
        self._scheduler = self._watch = None
        if self._lease is not None:
            try:
                release(self._ticking.store, self._lease, clock=self._ticking.clock)
            except GuanyunError as error:
                _log.warning("due.lease-not-released", code=error.code, reason=error.text("en"))
            self._lease = None

    def once(self) -> Ticked | None:
        """One tick; None where another holds the lease or it failed (which is logged and never raised)."""
        with self._busy:
            self._ticked_at = time.monotonic()
            return self._once()

    def _once(self) -> Ticked | None:
        try:
            lease = self._held()
            if lease is None:
                return None
            ticked = tick(self._ticking, lease, limit=self._limit)
        except LeaseLost:
            _log.warning("due.lease-lost", holder=self._holder)
            self._lease = None
            return None
        except StoreError as error:
            _log.warning("due.database-unavailable", code=error.code, reason=error.text("en"))
            return None
        except Exception:
            # Whatever it was, the worker goes on: the rows are as they were, and the next tick meets them again.
            _log.exception("due.tick-failed")
            return None
        if ticked.enqueued or ticked.skipped or ticked.set_aside:
            _log.info("due.ticked", enqueued=ticked.enqueued, skipped=ticked.skipped, set_aside=ticked.set_aside)
        return ticked

    def _held(self) -> Lease | None:
        """Our lease, renewed or asked for at a third of its length; None while another has it."""
        now = time.monotonic()
        resting = self._asked_at is not None and now - self._asked_at < self._lease_length.total_seconds() / 3
        store, clock = self._ticking.store, self._ticking.clock
        if self._lease is None and not resting:
            self._asked_at = now
            try:
                self._lease = acquire(
                    store, LEASE, self._holder, length=self._lease_length, clock=clock, died=self._died
                )
            except LeaseHeld:
                return None
        elif self._lease is not None and not resting:
            heartbeat(store, self._lease, length=self._lease_length, clock=clock)
            self._asked_at = now
        return self._lease

    def _watch_clock(self) -> None:
        """APScheduler waits for a time of the wall clock: set back by a day, it would sleep for a day. Wake it."""
        while not self._stopped.wait(self._every.total_seconds()):
            scheduler = self._scheduler
            if scheduler is None or time.monotonic() - self._ticked_at < 3 * self._every.total_seconds():
                continue
            if not self._busy.locked():
                scheduler.reschedule_job(_JOB, trigger=_FromNow(self._every))
