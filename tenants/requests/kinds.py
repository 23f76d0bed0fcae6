"""The kinds of request."""

from __future__ import annotations

from enum import StrEnum


class RequestKind(StrEnum):
    """What is asked."""

    CREATE = "create"
    CHANGE = "change"
    SUSPEND = "suspend"
    RESUME = "resume"
    TRANSFER = "transfer"
    TERMINATE = "terminate"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return _KINDS_ZH[self.value]

    @property
    def grants(self) -> bool:
        """Whether its approval sets what may be held from then on: money and quota are reserved for it."""
        return self in {RequestKind.CREATE, RequestKind.CHANGE, RequestKind.TRANSFER}


_KINDS_ZH = {
    "create": "开通",
    "change": "变更",
    "suspend": "暂停",
    "resume": "恢复",
    "transfer": "转移",
    "terminate": "终止",
}
