"""Quotas 配额 and budgets 预算: how much may be taken, by whom, of what, and what is taken now.

Owns the published, dated limits, the uses that take from them and the counters between. A use is reserved while its
request is open, held once granted, released when it ends; it fits in every quota that covers it or is refused. Does
not know what a request is: it names a subject. Does not charge: what was really spent comes from billing by a port.
"""

from __future__ import annotations

from tenants.quotas.documents import QuotaDocument, QuotaLine, read_quotas
from tenants.quotas.model import FEN_A_MONTH, FEN_A_YEAR, Amount, QuotaKey, QuotaUse, Standing, UseState, units_text
from tenants.quotas.ports import Spending
from tenants.quotas.publishing import draft_quotas, publish_quotas
from tenants.quotas.reading import DatedLimit, months_used, quota_history, quota_uses, quotas
from tenants.quotas.recounting import Difference, recount
from tenants.quotas.reserving import hold, release, reserve, standing

__all__ = [
    "FEN_A_MONTH",
    "FEN_A_YEAR",
    "Amount",
    "DatedLimit",
    "Difference",
    "QuotaDocument",
    "QuotaKey",
    "QuotaLine",
    "QuotaUse",
    "Spending",
    "Standing",
    "UseState",
    "draft_quotas",
    "hold",
    "months_used",
    "publish_quotas",
    "quota_history",
    "quota_uses",
    "quotas",
    "read_quotas",
    "recount",
    "release",
    "reserve",
    "standing",
    "units_text",
]
