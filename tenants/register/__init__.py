"""The register 资源台账: the one list of what exists for whom, and from when to when.

Owns the entries; charging starts and ends at their instants. Deployments write it by an outbox event, billing and
monitoring read ``entries``. An entry is never edited: a change closes it and opens another, a correction is another
entry that cites it, and the database refuses everything else.
"""

from __future__ import annotations

from tenants.register.correcting import (
    Correction,
    decide_on_correction,
    late_corrections,
    list_corrections,
    propose_correction,
    read_correction,
)
from tenants.register.exporting import to_csv, to_xlsx
from tenants.register.model import Because, Cursor, Line, Opening, Query, Resource, resource_of
from tenants.register.ports import ChargedFrom
from tenants.register.reading import irregularities, life_of, register_at, register_page, row_of
from tenants.register.service import (
    close_entries,
    entries,
    follow_entries,
    open_entries,
    place_of_items,
    register_subscriber,
    resume_entries,
    suspend_entries,
    transfer_entries,
)

__all__ = [
    "Because",
    "ChargedFrom",
    "Correction",
    "Cursor",
    "Line",
    "Opening",
    "Query",
    "Resource",
    "close_entries",
    "decide_on_correction",
    "entries",
    "follow_entries",
    "irregularities",
    "late_corrections",
    "life_of",
    "list_corrections",
    "open_entries",
    "place_of_items",
    "propose_correction",
    "read_correction",
    "register_at",
    "register_page",
    "register_subscriber",
    "resource_of",
    "resume_entries",
    "row_of",
    "suspend_entries",
    "to_csv",
    "to_xlsx",
    "transfer_entries",
]
