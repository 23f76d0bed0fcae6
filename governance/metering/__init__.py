"""The values that measuring, registering and billing speak to each other in.

Owns the shape of a usage record and of a register entry. Recording them is ``billing``'s and ``tenants``'.
"""

from governance.metering.model import RegisterEntry, UsageRecord

__all__ = ["RegisterEntry", "UsageRecord"]
