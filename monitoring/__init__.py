"""运: measuring. Probe logs become SLI minutes, minutes become signed day roots; traces become usage records.

Owns the evidence of availability and the collectors of consumption. It measures and never judges: tiers and deduction
are ``governance.sla``'s and ``billing``'s, points ``supervision``'s; usage records are handed to ``billing`` to keep.
"""

from __future__ import annotations

from monitoring.planetlab import Instance, Traces, planetlab_records, planetlab_table, read_planetlab
from monitoring.probes import ProbeLog, read_probe_log
from monitoring.sli import (
    ProbeImport,
    SealedDay,
    SliBreak,
    SliDay,
    SliDayProof,
    import_probe_log,
    month_minutes,
    seal_days,
    sealed_days,
    sli_breaks,
    sli_proofs,
)

__all__ = [
    "Instance",
    "ProbeImport",
    "ProbeLog",
    "SealedDay",
    "SliBreak",
    "SliDay",
    "SliDayProof",
    "Traces",
    "import_probe_log",
    "month_minutes",
    "planetlab_records",
    "planetlab_table",
    "read_planetlab",
    "read_probe_log",
    "seal_days",
    "sealed_days",
    "sli_breaks",
    "sli_proofs",
]
