"""Taking runs from the queue, and taking back those whose worker is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from foundation.store import Transaction
from foundation.work.leases import Lease, check_held, lease_table
from foundation.work.runs.choosing import take_turns
from foundation.work.runs.ending import claim_holds, park
from foundation.work.runs.errors import CodeChanged, CodeRemoved, KilledTooOften
from foundation.work.runs.kinds import Kind
from foundation.work.runs.model import Lane, Run, RunState
from foundation.work.runs.tables import (
    IS_RUNNING,
    IS_WAITING,
    WORKER,
    pause_table,
    run_of,
    run_table,
    runs,
    served,
    served_table,
    worker_table,
)
from foundation.work.runs.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Worker:
    """Who works: its name and the lease that makes it the only one of that name."""

    name: str
    lease: Lease


def claim(workshop: Workshop, worker: Worker, *, places: int, only: str | None = None) -> Sequence[Run]:
    """Claim at most ``places`` runs, fairly; each is then RUNNING under this worker, its attempt one higher.

    ``only`` narrows it to one run (a command that works in the foreground). Raises ``LeaseLost``.
    """
    claimed: list[Run] = []
    with workshop.store.transaction(alongside=True) as transaction:
        check_held(transaction, worker.lease)
        now = workshop.clock()
        for kind in _kinds_in_turn(workshop, transaction):
            if len(claimed) >= places:
                break
            for run in _next(workshop, transaction, kind, places - len(claimed), now, only):
                claimed.append(_take(workshop, transaction, worker, run, now))
    return claimed


def anything_waiting(workshop: Workshop) -> bool:
    """Whether a run may start now, roughly: the cheap question asked before a claim."""
    with workshop.store.reading() as transaction:
        waiting = runs.select(workshop.scope, run_table.c.number).where(IS_WAITING, _due(workshop.clock()))
        return transaction.value(waiting.limit(1)) is not None


def lock_kind(workshop: Workshop, transaction: Transaction, kind: str) -> None:
    """Hold a kind's turn for this transaction, so that two workers do not both count the same free place."""
    dialect = postgresql if transaction.dialect == "postgresql" else sqlite
    nobody = dialect.insert(served_table).values(kind=kind, agency="", turn=0)
    transaction.write(nobody.on_conflict_do_nothing())
    transaction.row(
        served.select(workshop.scope, served_table.c.turn)
        .where(served_table.c.kind == kind, served_table.c.agency == "")
        .with_for_update()
    )


def _due(now: datetime) -> ColumnElement[bool]:
    """Whether a waiting run may start: its time has come, or had come when it began to wait (a clock set back since
    then does not make it wait again)."""
    return or_(run_table.c.not_before <= now, run_table.c.not_before <= run_table.c.updated_at)


def _kinds_in_turn(workshop: Workshop, transaction: Transaction) -> list[Kind]:
    """Kinds of which something waits, each locked: fewest running first, among equals the one served longest ago; so
    that no kind takes every place of a worker while another waits."""
    queued = runs.select(workshop.scope, run_table.c.kind).where(IS_WAITING)
    waiting = {row["kind"] for row in transaction.rows(queued.distinct())}
    paused = {row["kind"] for row in transaction.rows(select(pause_table.c.kind))}
    kinds = [workshop.kinds[name] for name in sorted(waiting - paused) if name in workshop.kinds]
    for kind in kinds:  # in the order of their names, so that two workers never wait for one another
        lock_kind(workshop, transaction, kind.name)
    many = runs.select(workshop.scope, run_table.c.kind, func.count().label("many"))
    many = many.where(IS_RUNNING).group_by(run_table.c.kind)
    running = {row["kind"]: row["many"] for row in transaction.rows(many)}
    last = served.select(workshop.scope, served_table.c.kind, func.max(served_table.c.turn).label("last"))
    turns = {row["kind"]: row["last"] for row in transaction.rows(last.group_by(served_table.c.kind))}
    return sorted(kinds, key=lambda kind: (running.get(kind.name, 0), turns.get(kind.name, 0)))


def _next(
    workshop: Workshop, transaction: Transaction, kind: Kind, places: int, now: datetime, only: str | None
) -> list[Run]:
    may_start = and_(
        run_table.c.kind == kind.name,
        IS_WAITING,
        _due(now),
        run_table.c.version.in_(sorted({kind.version, *kind.finishes})),
    )
    if only is not None:
        query = runs.select(workshop.scope).where(may_start, run_table.c.id == only)
        rows = transaction.rows(query.with_for_update(skip_locked=True))
        return [run_of(row) for row in rows]
    waiting = _by_agency(workshop, transaction, may_start)
    if not waiting:
        return []
    running = _by_agency(
        workshop,
        transaction,
        and_(run_table.c.kind == kind.name, IS_RUNNING),
    )
    free = min(places, kind.concurrency - sum(running.values()))
    if free <= 0:
        return []
    last = transaction.rows(served.select(workshop.scope).where(served_table.c.kind == kind.name))
    turn = {row["agency"]: row["turn"] for row in last}
    lanes = [
        Lane(agency, count, running.get(agency, 0), turn.get(agency, 0)) for agency, count in sorted(waiting.items())
    ]
    turns = take_turns(lanes, free, for_one_agency=kind.for_one_agency)
    chosen: list[Run] = []
    for agency, count in turns:
        query = runs.select(workshop.scope).where(may_start, run_table.c.agency == agency)
        query = query.order_by(run_table.c.priority, run_table.c.number).limit(count)
        # Locked, so that what a person does to it meanwhile comes before or after the claim, never in between.
        rows = transaction.rows(query.with_for_update(skip_locked=True))
        chosen.extend(run_of(row) for row in rows)
    _remember_turns(workshop, transaction, kind.name, [agency for agency, _ in turns])
    return chosen


def _by_agency(workshop: Workshop, transaction: Transaction, which: ColumnElement[bool]) -> Mapping[str, int]:
    query = runs.select(workshop.scope, run_table.c.agency, func.count().label("many")).where(which)
    return {row["agency"]: row["many"] for row in transaction.rows(query.group_by(run_table.c.agency))}


def _remember_turns(workshop: Workshop, transaction: Transaction, kind: str, agencies: Sequence[str]) -> None:
    # Over all kinds: they take turns as well.
    last = transaction.value(served.select(workshop.scope, func.max(served_table.c.turn)))
    dialect = postgresql if transaction.dialect == "postgresql" else sqlite
    statement = dialect.insert(served_table)
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "agency"], set_={"turn": statement.excluded.turn}
    )
    transaction.write(
        statement, [{"kind": kind, "agency": agency, "turn": last + 1 + n} for n, agency in enumerate(agencies)]
    )


def _take(workshop: Workshop, transaction: Transaction, worker: Worker, run: Run, now: datetime) -> Run:
    row = transaction.row(
        runs.update(workshop.scope)
        .where(run_table.c.number == run.number)
        .values(
            state=RunState.RUNNING.value,
            attempt=run.attempt + 1,
            worker=worker.name,
            worker_number=worker.lease.number,
            started_at=run.started_at or now,
            updated_at=now,
            reason="",
            reason_exit=0,
            reason_zh="",
            reason_en="",
        )
        .returning(run_table)
    )
    assert row is not None  # noqa: S101 - it was selected in this transaction
    return run_of(row)


def adopt(workshop: Workshop, worker: Worker, *, only: str | None = None) -> Sequence[Run]:
    """Take over what an earlier holder of this worker's name left running: the runs to go on with, each as a new
    attempt.

    One under which the process died too often is parked. What this program cannot finish goes back to its queue, and
    with ``only`` every other run.
    """
    with workshop.store.transaction() as transaction:
        check_held(transaction, worker.lease)
        now = workshop.clock()
        left = _running(workshop, transaction, run_table.c.worker == worker.name)
        going_on = []
        for run in left:
            if _dead_too_often(workshop, transaction, run, now):
                continue
            kind = workshop.kinds.get(run.kind)
            here = kind is not None and kind.can_finish(run.version) and only in {None, run.id}
            values = {"deaths": run.deaths + 1, "updated_at": now}
            if here:
                values |= {"attempt": run.attempt + 1, "worker_number": worker.lease.number}
            else:
                values |= {"state": RunState.QUEUED.value, "worker": "", "worker_number": 0}
            row = transaction.row(
                runs.update(workshop.scope)
                .where(run_table.c.number == run.number)
                .values(**values)
                .returning(run_table)
            )
            if row is not None and row["state"] == RunState.RUNNING.value:
                going_on.append(run_of(row))
        return going_on


def take_back(workshop: Workshop, worker: Worker, active: Collection[str]) -> Sequence[Run]:
    """Put back into the queue what nobody carries on: runs of workers whose lease ran out or passed on, and runs of
    this worker that are in none of its threads (``active`` run ids). Returns those runs as they were."""
    with workshop.store.reading() as transaction:
        if not _running(workshop, transaction, _abandoned(workshop, worker, active), lock=False):
            return []
    with workshop.store.transaction() as transaction:
        check_held(transaction, worker.lease)
        now = workshop.clock()
        taken = _running(workshop, transaction, _abandoned(workshop, worker, active))
        for run in taken:
            if not _dead_too_often(workshop, transaction, run, now):
                _back_to_queue(workshop, transaction, run_table.c.number == run.number, deaths=run.deaths + 1)
        return taken


def _abandoned(workshop: Workshop, worker: Worker, active: Collection[str]) -> ColumnElement[bool]:
    alive = exists().where(
        lease_table.c.name == WORKER + run_table.c.worker,
        lease_table.c.number == run_table.c.worker_number,
        lease_table.c.expires_at > workshop.clock(),
    )
    mine = and_(run_table.c.worker == worker.name, run_table.c.worker_number == worker.lease.number)
    return or_(and_(~mine, ~alive), and_(mine, run_table.c.id.not_in(sorted(active))))


def _running(
    workshop: Workshop, transaction: Transaction, which: ColumnElement[bool], *, lock: bool = True
) -> list[Run]:
    query = runs.select(workshop.scope).where(IS_RUNNING, which)
    query = query.order_by(run_table.c.number)
    return [run_of(row) for row in transaction.rows(query.with_for_update() if lock else query)]


def _back_to_queue(workshop: Workshop, transaction: Transaction, which: ColumnElement[bool], **values: Any) -> None:
    waiting = {"state": RunState.QUEUED.value, "worker": "", "worker_number": 0, "updated_at": workshop.clock()}
    transaction.write(runs.update(workshop.scope).where(which).values(**waiting, **values))


def give_back(workshop: Workshop, run: Run) -> None:
    """Make a run wait again that this worker has claimed and cannot start, if the claim still holds."""
    with workshop.store.transaction(alongside=True) as transaction:
        _back_to_queue(workshop, transaction, claim_holds(run))


def _dead_too_often(workshop: Workshop, transaction: Transaction, run: Run, now: datetime) -> bool:
    kind = workshop.kinds.get(run.kind)
    if kind is None or run.deaths + 1 < kind.deaths:
        return False
    park(workshop, transaction, run, KilledTooOften(times=run.deaths + 1), deaths=run.deaths + 1)
    return True


def park_strangers(workshop: Workshop, worker: Worker) -> Sequence[str]:
    """Park waiting runs that no live worker's program can carry out, so that none waits unseen; their ids."""
    with workshop.store.reading() as transaction:
        if not _strangers(workshop, transaction):
            return []
    with workshop.store.transaction() as transaction:
        check_held(transaction, worker.lease)
        parked = []
        for run, error in _strangers(workshop, transaction):
            park(workshop, transaction, run, error)
            parked.append(run.id)
        return parked


def _strangers(workshop: Workshop, transaction: Transaction) -> list[tuple[Run, CodeRemoved | CodeChanged]]:
    """Waiting runs whose kind nobody alive knows, or whose version nobody alive can finish."""
    versions: dict[str, set[int]] = {}
    live = select(worker_table.c.kinds).join(lease_table, lease_table.c.name == WORKER + worker_table.c.name)
    live = live.where(lease_table.c.number == worker_table.c.number, lease_table.c.expires_at > workshop.clock())
    for row in transaction.rows(live):
        for kind, can_finish in row["kinds"].items():
            versions.setdefault(kind, set()).update(can_finish)
    for kind in workshop.kinds:
        versions.setdefault(kind.name, set()).update({kind.version, *kind.finishes})
    groups = transaction.rows(
        runs.select(workshop.scope, run_table.c.kind, run_table.c.version)
        .where(IS_WAITING)
        .group_by(run_table.c.kind, run_table.c.version)
    )
    found: list[tuple[Run, CodeRemoved | CodeChanged]] = []
    for group in groups:
        known = versions.get(group["kind"])
        if known is not None and group["version"] in known:
            continue
        error = (
            CodeRemoved(kind=group["kind"])
            if known is None
            else CodeChanged(kind=group["kind"], found=group["version"], expected=sorted(known))
        )
        rows = transaction.rows(
            runs.select(workshop.scope)
            .where(IS_WAITING, run_table.c.kind == group["kind"])
            .where(run_table.c.version == group["version"])
            .limit(500)
        )
        found.extend((run_of(row), error) for row in rows)
    return found


def register(workshop: Workshop, worker: Worker, *, host: str, pid: int, version: str) -> None:
    """Say who holds the worker's name and what its program can finish."""
    with workshop.store.transaction(alongside=True) as transaction:
        check_held(transaction, worker.lease)
        row = {
            "number": worker.lease.number,
            "holder": worker.lease.holder,
            "host": host,
            "pid": pid,
            "version": version,
            "kinds": {kind.name: sorted({kind.version, *kind.finishes}) for kind in workshop.kinds},
            "started_at": workshop.clock(),
        }
        changed = transaction.write(update(worker_table).where(worker_table.c.name == worker.name).values(**row))
        if not changed:
            transaction.write(insert(worker_table).values(name=worker.name, **row))
