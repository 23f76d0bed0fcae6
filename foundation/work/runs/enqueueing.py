"""Asking for work, in the transaction of the fact that makes it necessary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite

from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.store import AlreadyThere, Scope, Transaction
from foundation.values.ids import Ids
from foundation.values.instant import Clock
from foundation.work.runs.kinds import Kind, Kinds
from foundation.work.runs.model import ENDED, Asked, Job, RunState
from foundation.work.runs.tables import run_table, runs


def enqueue(transaction: Transaction, job: Job, *, kinds: Kinds, clock: Clock, ids: Ids) -> tuple[str, bool]:
    """Put the job into its queue: the run's id, and whether it is new.

    The same kind and key give the same run; with other inputs they raise ``AlreadyThere``. Raises ``UnknownKind``.
    """
    row = _row(job, kinds[job.kind], now=clock(), id_=ids("run"))
    if transaction.write(_unless_there(transaction).values(row)):
        return str(row["id"]), True
    return _asked_before(transaction, job, row), False


def join_or_enqueue(transaction: Transaction, job: Job, *, kinds: Kinds, clock: Clock, ids: Ids) -> tuple[str, bool]:
    """The open run of the same kind, subject and inputs, whoever asked for it; otherwise a new one.

    For a command that a person repeats: while it is under way the second one follows the first, later it is asked
    anew. Call it in a transaction that is alone.
    """
    digest = sha256_hex(canonical_bytes(plain(job.inputs)))
    query = runs.select(Scope(frozenset({job.agency})), run_table.c.id).where(
        run_table.c.kind == job.kind,
        run_table.c.subject == job.subject,
        run_table.c.input_digest == digest,
        run_table.c.state.not_in(sorted(ENDED)),
    )
    found = transaction.value(query.order_by(run_table.c.number.desc()).limit(1))
    if found is not None:
        return str(found), False
    return enqueue(transaction, job, kinds=kinds, clock=clock, ids=ids)


def enqueue_many(
    transaction: Transaction, jobs: Sequence[Job], *, kinds: Kinds, clock: Clock, ids: Ids
) -> Sequence[tuple[str, bool]]:
    """``enqueue`` for many jobs: one statement for the new ones, in the order given."""
    now = clock()
    rows = [_row(job, kinds[job.kind], now=now, id_=ids("run")) for job in jobs]
    transaction.write(_unless_there(transaction), rows)
    found: dict[tuple[str, str], str] = {}
    by_kind: dict[str, list[Job]] = {}
    for job in jobs:
        by_kind.setdefault(job.kind, []).append(job)
    for kind, asked in by_kind.items():
        keys = [job.key for job in asked]
        everyone = Scope(frozenset(job.agency for job in asked))
        for start in range(0, len(keys), 500):
            query = runs.select(everyone, run_table.c.id, run_table.c.key).where(
                run_table.c.kind == kind, run_table.c.key.in_(keys[start : start + 500])
            )
            found |= {(kind, row["key"]): row["id"] for row in transaction.rows(query)}
    result = []
    for job, row in zip(jobs, rows, strict=True):
        there = found.get((job.kind, job.key))
        new = there == row["id"]
        result.append((str(row["id"]), True) if new else (_asked_before(transaction, job, row), False))
    return result


def _asked_before(transaction: Transaction, job: Job, row: Mapping[str, Any]) -> str:
    found = transaction.row(
        runs.select(Scope(frozenset({job.agency})), run_table.c.id, run_table.c.input_digest).where(
            run_table.c.kind == job.kind, run_table.c.key == job.key
        )
    )
    if found is None or found["input_digest"] != row["input_digest"]:
        raise AlreadyThere(
            what="run",
            key=f"{job.kind}/{job.key}",
            found="another agency's" if found is None else found["input_digest"][:12],
            expected=row["input_digest"][:12],
        )
    return str(found["id"])


def _unless_there(transaction: Transaction) -> Insert:
    """``INSERT`` that leaves the row of the same kind and key as it stands."""
    dialect = postgresql if transaction.dialect == "postgresql" else sqlite
    statement: Insert = dialect.insert(run_table).on_conflict_do_nothing(index_elements=["kind", "key"])
    return statement


def _row(job: Job, kind: Kind, *, now: datetime, id_: str) -> dict[str, Any]:
    inputs = plain(job.inputs)
    deadline = job.deadline if kind.within is None else min(job.deadline or now + kind.within, now + kind.within)
    return {
        "id": id_,
        "kind": job.kind,
        "version": kind.version,
        "agency": job.agency,
        "subject": job.subject,
        "inputs": inputs,
        "input_digest": sha256_hex(canonical_bytes(inputs)),
        "key": job.key,
        "account": job.account,
        "person": job.person,
        "priority": job.priority,
        "state": RunState.QUEUED.value,
        "asked": Asked.NOTHING.value,
        "not_before": job.not_before or now,
        "deadline": deadline,
        "attempt": 0,
        "failures": 0,
        "deaths": 0,
        "worker": "",
        "worker_number": 0,
        "done": 0,
        "total": 0,
        "note": "",
        "reason": "",
        "reason_exit": 0,
        "reason_zh": "",
        "reason_en": "",
        "enqueued_at": now,
        "updated_at": now,
    }
