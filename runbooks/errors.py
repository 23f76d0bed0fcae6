"""What can go wrong with runbooks, besides what the steps themselves raise.

RunbooksError
└── UnknownRunbook
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class RunbooksError(GuanyunError):
    """Base of this package's errors."""

    code = "runbooks.error"


class UnknownRunbook(RunbooksError):
    """There is no runbook ``runbook``; ``known`` lists those there are."""

    code = "runbooks.unknown"
    exit_status = 2
    zh = "没有操作手册 {runbook};现有:{known}"
    en = "there is no runbook {runbook}; there are: {known}"
