"""SLI minutes 分钟可用性: what was measured, agency by agency and service by service, sealed day by day.

Owns the record of minutes, which is written once, and the signed trees over it. What availability they come to is
``governance.sla``'s, what it costs ``billing``'s.
"""

from monitoring.sli.checking import SliBreak, sli_breaks
from monitoring.sli.importing import ProbeImport, import_probe_log
from monitoring.sli.model import SealedDay, SliDay, SliDayProof
from monitoring.sli.sealing import seal_days
from monitoring.sli.tables import month_minutes, sealed_days, sli_proofs

__all__ = [
    "ProbeImport",
    "SealedDay",
    "SliBreak",
    "SliDay",
    "SliDayProof",
    "import_probe_log",
    "month_minutes",
    "seal_days",
    "sealed_days",
    "sli_breaks",
    "sli_proofs",
]
