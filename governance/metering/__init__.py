"""The values that measuring, registering and billing speak to each other in.

Owns the shape of a usage record and of a register entry, and the kinds of meter. Recording them is ``billing``'s and
``tenants``'; which meters there are is data of the catalogue.
"""

from governance.metering.kinds import SUMMED, MeterKind
from governance.metering.model import RegisterEntry, UsageRecord

__all__ = ["SUMMED", "MeterKind", "RegisterEntry", "UsageRecord"]
