"""What can go wrong with work.

WorkError
├── LeaseHeld   somebody else holds the lease and is alive
└── LeaseLost   this holder's lease passed to another; it may not write
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class WorkError(GuanyunError):
    """Base of this package's errors."""

    code = "work.error"


class LeaseHeld(WorkError):
    """``name`` is held by ``holder`` until ``until`` unless it renews."""

    code = "work.lease-held"
    exit_status = 5
    zh = "{name} 正由 {holder} 使用,租约到 {until}:请等它结束,或在到期后重试"
    en = "{name} is in use by {holder}, lease until {until}: wait for it, or try again after that"


class LeaseLost(WorkError):
    """``name``: fencing number ``number`` is no longer the newest."""

    code = "work.lease-lost"
    exit_status = 5
    zh = "{name} 的租约(编号 {number})已失去,未写入"
    en = "the lease on {name} (number {number}) was lost; nothing was written"
