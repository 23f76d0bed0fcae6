"""One side of a measurement, as a whole process: ours or a bare DBOS, on the database of a URL.

Usage: python bench/work/side.py (ours|bare) URL FOLDER NAME RUNS STEPS [idle]

Both commit the same domain fact in each step, four runs at a time. Ours adds its own row, the audit entry of the hash
chain and the outbox event, all in the fact's transaction. Prints one JSON line: steps, seconds, CPU seconds, MB.
``idle``: no runs; looks at itself for twenty seconds instead.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import BigInteger, Column, Integer, String, Table, func, insert, select

from foundation.store import Scope, Store, Transaction, metadata, open_store
from foundation.values.ids import random_ids
from foundation.work import Event, publish
from foundation.work.runs import Job, Json, Kind, Kinds, Run, Steps, Workshop, enqueue_many
from foundation.work.runs.engine import EngineAddress, journal_database
from foundation.work.runs.worker import Station, at_work
from governance import audit
from governance.audit import AuditEvent

AT_ONCE = 4
IDLE_SECONDS = 20.0
fact_table = Table(
    "bench_fact",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("run", String(100), nullable=False),
    Column("step", String(40), nullable=False),
)


def clock() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def facts(store: Store, prefix: str) -> int:
    """How many facts there are of the runs whose names begin so."""
    query = select(func.count()).select_from(fact_table).where(fact_table.c.run.like(f"{prefix}%"))
    with store.reading() as transaction:
        return int(transaction.value(query))


def _write_fact(transaction: Transaction, run: str, step: str) -> None:
    transaction.write(insert(fact_table).values(run=run, step=step))


def workshop(store: Store, steps: int) -> Workshop:
    """Ours: each step writes the fact, its audit entry and its event."""

    def flow(taken: Steps) -> Json:
        label = taken.run.inputs["label"]
        for number in range(steps):

            def record(transaction: Transaction, step: str = f"step-{number}") -> Json:
                _write_fact(transaction, label, step)
                now = clock()
                audit.append(
                    transaction,
                    AuditEvent.DAY_CLOSED,
                    subject=f"bench:{label}",
                    facts={"step": step},
                    recorded_at=now,
                    business_at=now,
                )
                publish(transaction, Event("bench.done", f"bench:{label}", {"step": step}), clock=clock)
                return step

            taken.fact(f"step-{number}", record)
        return None

    def note(transaction: Transaction, event: str, run: Run, facts: object) -> None:
        now = clock()
        audit.append(
            transaction,
            AuditEvent.WORK_SUCCEEDED,
            subject=f"run:{run.id}",
            facts={"kind": run.kind},
            recorded_at=now,
            business_at=now,
        )

    kinds = Kinds([Kind("bench", "测", "bench", flow, concurrency=AT_ONCE * 8)])
    return Workshop(store, clock, random_ids, kinds, Scope(None), note)


def enqueue(store: Store, here: Workshop, prefix: str, runs: int) -> None:
    """Ask for ``runs`` runs whose facts are told by ``prefix``."""
    jobs = [
        Job("bench", {"label": f"{prefix}-{number}"}, key=f"{prefix}-{number}", agency=f"agency-{number % 4}")
        for number in range(runs)
    ]
    with store.transaction() as transaction:
        enqueue_many(transaction, jobs, kinds=here.kinds, clock=clock, ids=random_ids)


def _journal(url: str, folder: Path) -> EngineAddress:
    return EngineAddress(f"sqlite:///{folder}/dbos.db" if url.startswith("sqlite") else url)


def station(url: str, folder: Path, name: str) -> Station:
    """This process as a worker of that name."""
    return Station(
        name=name,
        holder=f"bench {os.getpid()}",
        host="bench",
        pid=os.getpid(),
        version="bench",
        engine=_journal(url, folder),
        places=AT_ONCE,
        lease=timedelta(seconds=60),
    )


def ours(url: str, folder: Path, name: str, runs: int, steps: int, *, idle: bool) -> dict[str, float]:
    """Carry out what was asked for under ``name``, and whatever else waits."""
    store = open_store(url)
    here = workshop(store, steps)
    if runs:
        enqueue(store, here, name, runs)
    with at_work(here, station(url, folder, name)) as shift:
        if idle:
            return _idle(lambda: shift.run(_after(IDLE_SECONDS)))
        started = time.perf_counter()
        shift.run(lambda: not shift.busy and facts(store, f"{name}-") >= runs * steps)
        return _spent(started, runs * steps)


def bare(url: str, folder: Path, name: str, runs: int, steps: int, *, idle: bool) -> dict[str, float]:
    """A DBOS workflow whose steps commit the fact and nothing else; its journal as carefully written as ours."""
    store = open_store(url)
    address = _journal(url, folder)
    DBOS(
        config=DBOSConfig(
            name="bare",
            system_database_url=address.url,
            system_database_engine=journal_database(address),
            executor_id=name,
            application_version="bare",
            use_listen_notify=False,
            log_level="ERROR",
        )
    )

    @DBOS.step(name="bare.step")
    def step(label: str, number: int) -> str:
        with store.transaction(alongside=True) as transaction:
            _write_fact(transaction, label, f"step-{number}")
        return f"step-{number}"

    @DBOS.workflow(name="bare.run")
    def workflow(label: str) -> None:
        for number in range(steps):
            step(label, number)

    DBOS.launch()
    try:
        if idle:
            return _idle(lambda: time.sleep(IDLE_SECONDS))
        started = time.perf_counter()
        numbers: Iterator[int] = iter(range(runs))
        lock = threading.Lock()

        def drive() -> None:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                with SetWorkflowID(f"{name}-{number}"):
                    handle = DBOS.start_workflow(workflow, f"{name}-{number}")
                handle.get_result()

        threads = [threading.Thread(target=drive) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return _spent(started, runs * steps)
    finally:
        DBOS.destroy()


def _idle(wait: Callable[[], None]) -> dict[str, float]:
    process = psutil.Process()
    time.sleep(3.0)  # let the launch be over
    before = process.cpu_times()
    started = time.perf_counter()
    wait()
    seconds = time.perf_counter() - started
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return {"core_percent": 100 * used / seconds, "megabytes": process.memory_info().rss / 1e6}


def _spent(started: float, steps: int) -> dict[str, float]:
    seconds = time.perf_counter() - started
    cpu = psutil.Process().cpu_times()
    return {
        "steps": steps,
        "seconds": seconds,
        "steps_per_second": steps / seconds,
        "cpu_seconds": cpu.user + cpu.system,
        "megabytes": psutil.Process().memory_info().rss / 1e6,
    }


def _after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() >= until


def main(arguments: list[str]) -> int:
    """Run one side; prints its figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    side, url, folder, name, runs, steps, *rest = arguments
    run = {"ours": ours, "bare": bare}[side]
    figures = run(url, Path(folder), name, int(runs), int(steps), idle=rest == ["idle"])
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
