"""What can go wrong with due work.

WorkError
└── UnknownDueRule   no rule of that name, or outside the asker's scope
"""

from __future__ import annotations

from foundation.work.errors import WorkError


class UnknownDueRule(WorkError):
    """There is no rule ``name``."""

    code = "work.unknown-due-rule"
    exit_status = 2
    zh = "没有名为 {name} 的定时规则"
    en = "there is no due rule called {name}"
