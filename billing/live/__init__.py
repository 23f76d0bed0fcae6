"""``verify --live``: the record database, the usage store and the audit chain against the roots handed out.

Owns the comparison of a running installation with what its readers kept; roots and keys are the reader's. Every
difference is a finding that names the statement, the settlement, the series-day or the audit entry. The offline check
of a pack is ``billing.verification``'s, the comparison of SLI minutes ``monitoring``'s, through a port.
"""

from billing.live.checking import LiveSources, verify_live
from billing.live.ports import SliChecks

__all__ = ["LiveSources", "SliChecks", "verify_live"]
