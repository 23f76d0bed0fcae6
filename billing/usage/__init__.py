"""The usage store: batches as they come, days as they are closed, and what a month's use adds up to.

Owns idempotent ingest, duplicates and contradictions, cutting at boundaries, the signed day roots, and the one pass
over raw use. Does not own collecting (``billing.collect``, ``monitoring``) or what use costs (``billing.rating``).
"""

from billing.usage.closing import Closed, close_day, close_days, close_month, stale_days
from billing.usage.files import UsageStore
from billing.usage.ingest import Batch, Taken, batch_of, record_batches
from billing.usage.segment_pass import day_rows, month_segments
from billing.usage.series import day_leaves, label_of, leaf_rows, root_name
from billing.usage.splitting import split, split_by_day
from billing.usage.tables import (
    BatchRow,
    DayRow,
    Quarantined,
    all_days,
    batches_in,
    latest_days,
    leaves_of,
    quarantined,
    salts_of,
)

__all__ = [
    "Batch",
    "BatchRow",
    "Closed",
    "DayRow",
    "Quarantined",
    "Taken",
    "UsageStore",
    "all_days",
    "batch_of",
    "batches_in",
    "close_day",
    "close_days",
    "close_month",
    "day_leaves",
    "day_rows",
    "label_of",
    "latest_days",
    "leaf_rows",
    "leaves_of",
    "month_segments",
    "quarantined",
    "record_batches",
    "root_name",
    "salts_of",
    "split",
    "split_by_day",
    "stale_days",
]
