"""The reason somebody gives for what they decide: how long it may be."""

from __future__ import annotations

from foundation.values.errors import InvalidValue

_LONGEST = 500


def check_reason(field: str, text: str) -> None:
    """Raise ``InvalidValue`` unless there are 1 to 500 characters to read, and not blanks alone."""
    if not text.strip() or len(text) > _LONGEST:
        raise InvalidValue(field=field, found=f"{len(text)} characters", expected="1 to 500 characters")
