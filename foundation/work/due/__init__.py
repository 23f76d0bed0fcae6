"""Due work: rules that say when, kept in the database, and the tick that turns what is due into runs.

Owns when something is due by the clock and calendar of Shanghai, what is done about times that passed unattended, and
that no occurrence is done twice or forgotten. What the work is belongs to ``foundation.work.runs`` and the kinds
bound there; which working days a year has, to whoever loads calendars (``governance.calendar``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from foundation.work.due.errors import UnknownDueRule
from foundation.work.due.keeping import Recomputed, drop_rule, put_rule, recompute_awaiting
from foundation.work.due.model import CatchUp, DueRule, Occurrence, Outcome, Reason, Standing
from foundation.work.due.rules import (
    Cron,
    EveryDay,
    MonthDay,
    Rule,
    Sentence,
    WorkingDays,
    read_rule,
    rule_document,
    sentence,
)
from foundation.work.due.tables import history, late, rule_named, rules
from foundation.work.due.times import next_after, occurrences

if TYPE_CHECKING:
    from foundation.work.due.ports import CalendarAt, Enqueue
    from foundation.work.due.ticker import Ticker
    from foundation.work.due.ticking import LEASE, Ticked, Ticking, tick

# Only a worker ticks: whoever keeps rules does not load the scheduler.
_LATER = {
    **dict.fromkeys(("CalendarAt", "Enqueue"), "ports"),
    **dict.fromkeys(("LEASE", "Ticked", "Ticking", "tick"), "ticking"),
    "Ticker": "ticker",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "LEASE",
    "CalendarAt",
    "CatchUp",
    "Cron",
    "DueRule",
    "Enqueue",
    "EveryDay",
    "MonthDay",
    "Occurrence",
    "Outcome",
    "Reason",
    "Recomputed",
    "Rule",
    "Sentence",
    "Standing",
    "Ticked",
    "Ticker",
    "Ticking",
    "UnknownDueRule",
    "WorkingDays",
    "drop_rule",
    "history",
    "late",
    "next_after",
    "occurrences",
    "put_rule",
    "read_rule",
    "recompute_awaiting",
    "rule_document",
    "rule_named",
    "rules",
    "sentence",
    "tick",
]
