"""How long the single job of one agency waits while ten thousand of another are in the queue.

Usage: python bench/work/fairness.py [JOBS]    (10000 unless said; SQLite, one worker, four places)

Prints the seconds from being asked for to being started, of the worst of ten single jobs asked for one after another;
ends with 1 when it is over the floor.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import structlog  # noqa: E402

from bench.work.side import clock  # noqa: E402
from foundation.store import Scope, Store, metadata, open_store  # noqa: E402
from foundation.values.ids import random_ids  # noqa: E402
from foundation.work.runs import Job, Kind, Kinds, Steps, Workshop, enqueue, enqueue_many, read_run  # noqa: E402
from foundation.work.runs.engine import EngineAddress  # noqa: E402
from foundation.work.runs.worker import Station, at_work  # noqa: E402
from wiring.tables import gather  # noqa: E402

FLOOR_SECONDS = 2.0
ASKED = 10


def _flow(steps: Steps) -> None:
    steps.read("look", lambda: time.sleep(0.05))


def longest_wait(folder: Path, jobs: int) -> float:
    """Seconds the slowest of the single jobs waited for its start."""
    gather()
    store = open_store(f"sqlite:///{folder}/records.db")
    metadata.create_all(store.engine)
    kinds = Kinds([Kind("bench", "测", "bench", _flow)])
    here = Workshop(store, clock, random_ids, kinds, Scope(None), lambda *_: None)
    with store.transaction() as transaction:
        many = [Job("bench", {}, key=f"many-{number}", agency="many") for number in range(jobs)]
        enqueue_many(transaction, many, kinds=kinds, clock=clock, ids=random_ids)
    station = Station(
        name="bench",
        holder=f"bench {os.getpid()}",
        host="bench",
        pid=os.getpid(),
        version="bench",
        engine=EngineAddress(f"sqlite:///{folder}/dbos.db"),
        lease=timedelta(seconds=60),
    )
    waits: list[float] = []
    with at_work(here, station) as shift:
        asker = threading.Thread(target=_ask, args=(store, kinds, waits))
        asker.start()
        shift.run(lambda: not asker.is_alive())
    store.close()
    return max(waits)


def _ask(store: Store, kinds: Kinds, waits: list[float]) -> None:
    time.sleep(1.0)  # the queue of the many is under way by then
    for number in range(ASKED):
        with store.transaction() as transaction:
            single = Job("bench", {}, key=f"single-{number}", agency="single")
            id_, _ = enqueue(transaction, single, kinds=kinds, clock=clock, ids=random_ids)
        started = None
        while started is None:
            time.sleep(0.01)
            with store.reading() as transaction:
                run = read_run(transaction, Scope(None), id_)
            started = run.started_at
        waits.append((started - run.enqueued_at).total_seconds())


def main() -> int:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory(prefix="guanyun-bench-") as folder:
        longest = longest_wait(Path(folder), jobs)
    print(f"fairness: the single job started after {longest:.2f} s at most, {jobs} of another agency waiting")
    return 0 if longest <= FLOOR_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
