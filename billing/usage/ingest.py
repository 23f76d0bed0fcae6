"""Take in batches: file first, then ledger and audit in one transaction. A batch taken twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import insert, update

from billing.usage import records
from billing.usage.files import UsageStore
from billing.usage.tables import BatchRow, batch_table, batches_of
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.metering import UsageRecord


@dataclass(frozen=True, slots=True)
class Batch:
    """What one collector has to say of one period: its ``source``, the ``period`` (``2026-03-01``), the rows."""

    source: str
    period: str
    table: pa.Table


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking batches in did: how many were new, how many stood already, and rows in all of them."""

    new: int
    standing: int
    rows: int


def batch_of(source: str, period: str, usage: Iterable[UsageRecord]) -> Batch:
    """A batch of records."""
    return Batch(source, period, records.table_of(usage))


def record_batches(
    office: Office, token: str, store: UsageStore, batches: Sequence[Batch], *, replacing: bool = False
) -> Taken:
    """Store batches and enter them in the ledger; empty ones are left out unless they replace something.

    ``replacing`` says that each batch is all its source has to say of its period: a batch of other content that stood
    there is superseded, and counts no longer once its days are closed again. Raises ``InvalidRecord``.
    """
    for batch in batches:
        records.check(batch.table, batch.source)
    new = 0
    with acting(office, token, Act.USAGE_COLLECT, f"usage:{batches[0].source if batches else ''}") as mandate:
        for batch in batches:
            new += _record(mandate, store, batch, replacing=replacing)
    return Taken(new, len(batches) - new, sum(batch.table.num_rows for batch in batches))


def _record(mandate: Mandate, store: UsageStore, batch: Batch, *, replacing: bool) -> bool:
    digest = records.content_digest(batch.table)
    there = batches_of(mandate.transaction, batch.source, batch.period)
    found = next((row for row in there if row.sha256 == digest), None)
    in_force = [row for row in there if row.superseded_by is None and row.sha256 != digest]
    if batch.table.num_rows == 0 and found is None and not (replacing and in_force):
        return False
    if found is None:
        _enter(mandate, store, batch, digest)
    elif found.superseded_by is not None and replacing:
        _supersede(mandate, found, None)
    if replacing:
        for row in in_force:
            _supersede(mandate, row, digest)
    changed = found is None or (replacing and (found.superseded_by is not None or bool(in_force)))
    if changed:
        mandate.audit(
            AuditEvent.USAGE_BATCH_RECORDED,
            f"usage:{batch.source}/{batch.period}",
            {
                "sha256": digest,
                "rows": batch.table.num_rows,
                "sum": records.total(batch.table),
                "supersedes": [row.sha256 for row in in_force] if replacing else [],
            },
        )
    return changed


def _enter(mandate: Mandate, store: UsageStore, batch: Batch, digest: str) -> None:
    path = store.batch_path(batch.source, batch.period, digest)
    file_digest = store.write(path, batch.table)
    empty = batch.table.num_rows == 0
    first = mandate.now if empty else records.instant_of(pc.min(batch.table["start_us"]).as_py())
    last = mandate.now if empty else records.instant_of(pc.max(batch.table["end_us"]).as_py())
    row = BatchRow(
        source=batch.source,
        period=batch.period,
        sha256=digest,
        rows=batch.table.num_rows,
        sum=records.total(batch.table),
        first=first,
        last=last,
        file=path,
        file_sha256=file_digest,
        superseded_by=None,
        recorded_at=mandate.recorded_at,
    )
    values = {name: getattr(row, name) for name in BatchRow.__slots__}
    mandate.transaction.write(insert(batch_table).values(**values))


def _supersede(mandate: Mandate, row: BatchRow, by: str | None) -> None:
    mandate.transaction.write(
        update(batch_table)
        .where(
            batch_table.c.source == row.source,
            batch_table.c.period == row.period,
            batch_table.c.sha256 == row.sha256,
        )
        .values(superseded_by=by)
    )
