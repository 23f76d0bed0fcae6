"""Dates and instants as a person types them."""

from __future__ import annotations

from datetime import date, datetime, time


def instant(text: str) -> datetime:
    """``2026-03-01`` is that day's first instant in Shanghai; anything longer an ISO 8601 instant with its offset.

    Raises ``InvalidValue``.
    """
    from foundation.values.instant import SHANGHAI, parse_instant, utc

    try:
        return utc(datetime.combine(date.fromisoformat(text), time(), SHANGHAI))
    except ValueError:
        return parse_instant(text)
