"""Asking for work, in the transaction of the fact that makes it necessary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

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
    return enqueue_many(transaction, [job], kinds=kinds, clock=clock, ids=ids)[0]


def enqueue_many(
    transaction: Transaction, jobs: Sequence[Job], *, kinds: Kinds, clock: Clock, ids: Ids
) -> Sequence[tuple[str, bool]]:
    """``enqueue`` for many jobs, in the order given, by one statement."""
    now = clock()
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for job in jobs:
        row = _row(job, kinds[job.kind], now=now, id_=ids("run"))
        _same(job, rows.setdefault((job.kind, job.key), row), row)
    standing = {
        (row["kind"], row["key"]): row
        for row in transaction.returned(_or_as_it_stands(transaction), list(rows.values()))
    }
    result = []
    told: set[str] = set()
    for job in jobs:
        asked, there = rows[job.kind, job.key], standing[job.kind, job.key]
        _same(job, there, asked)
        id_ = str(there["id"])
        result.append((id_, id_ == asked["id"] and id_ not in told))
        told.add(id_)
    return result


def join_or_enqueue(
    transaction: Transaction, scope: Scope, job: Job, *, kinds: Kinds, clock: Clock, ids: Ids
) -> tuple[str, bool]:
    """The open run of the same kind, subject and inputs, whoever asked for it; otherwise a new one.

    For a command that a person repeats: while it is under way the second one follows the first, later it is asked
    anew. Call it in a transaction that is alone.
    """
    digest = sha256_hex(canonical_bytes(plain(job.inputs)))
    query = runs.select(scope, run_table.c.id).where(
        run_table.c.kind == job.kind,
        run_table.c.subject == job.subject,
        run_table.c.input_digest == digest,
        run_table.c.state.not_in(sorted(ENDED)),
    )
    found = transaction.value(query.order_by(run_table.c.number.desc()).limit(1))
    if found is not None:
        return str(found), False
    return enqueue(transaction, job, kinds=kinds, clock=clock, ids=ids)


def _same(job: Job, there: Mapping[Any, Any], asked: Mapping[str, Any]) -> None:
    """Raise ``AlreadyThere`` unless what stands under the job's kind and key is the same job of the same agency."""
    if there["agency"] != asked["agency"]:
        found, expected = "another agency's", asked["agency"]
    elif there["input_digest"] != asked["input_digest"]:
        found, expected = there["input_digest"][:12], asked["input_digest"][:12]
    else:
        return
    raise AlreadyThere(what="run", key=f"{job.kind}/{job.key}", found=found, expected=expected)


def _or_as_it_stands(transaction: Transaction) -> ReturningInsert[Any]:
    """``INSERT`` that gives back the row of that kind and key, the new one or the one that stood there unchanged."""
    dialect = postgresql if transaction.dialect == "postgresql" else sqlite
    statement = dialect.insert(run_table)
    statement = statement.on_conflict_do_update(index_elements=["kind", "key"], set_={"kind": statement.excluded.kind})
    columns = (run_table.c.id, run_table.c.kind, run_table.c.key, run_table.c.agency, run_table.c.input_digest)
    returning: ReturningInsert[Any] = statement.returning(*columns)
    return returning


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
