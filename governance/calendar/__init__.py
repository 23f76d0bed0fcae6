"""The official calendar 工作日历: the notices of holidays and make-up working days that an authority loaded.

Owns which years are known beyond the published ones, every version of each, and the warning that the next one is
missing. What a working day is, is ``foundation.values.working_days``'; what is due by it, ``foundation.work.due``'s.
The values import nothing heavy: tables and use cases load when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from governance.calendar.model import Holiday, LoadedYear, Notice

if TYPE_CHECKING:
    from governance.calendar.loading import LOADED, load_year, waiting_deadlines
    from governance.calendar.reading import read_notice
    from governance.calendar.tables import calendar_at, loaded_years, newest_of
    from governance.calendar.warning import (
        MISSING,
        WARNING_KIND,
        WARNING_RULE,
        missing_finding,
        missing_warning,
        warn_if_missing,
    )

_LATER = {
    **dict.fromkeys(("LOADED", "load_year", "waiting_deadlines"), "loading"),
    "read_notice": "reading",
    **dict.fromkeys(("calendar_at", "loaded_years", "newest_of"), "tables"),
    **dict.fromkeys(
        ("MISSING", "WARNING_KIND", "WARNING_RULE", "missing_finding", "missing_warning", "warn_if_missing"), "warning"
    ),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "LOADED",
    "MISSING",
    "WARNING_KIND",
    "WARNING_RULE",
    "Holiday",
    "LoadedYear",
    "Notice",
    "calendar_at",
    "load_year",
    "loaded_years",
    "missing_finding",
    "missing_warning",
    "newest_of",
    "read_notice",
    "waiting_deadlines",
    "warn_if_missing",
]
