"""What a preview does not know yet, and a value that is not of its shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final


class _Unknown:
    """A value that a preview does not know yet."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


class ShapeError(ValueError):
    """``at`` is the path below the property, such as ``[0].protocol``."""

    def __init__(self, zh: str, en: str, at: str = "") -> None:
        self.zh, self.en, self.at = zh, en, at
        super().__init__(en)


def contains_unknown(value: Any) -> bool:
    """Whether any part of a value is unknown."""
    if isinstance(value, Mapping):
        return any(contains_unknown(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(contains_unknown(one) for one in value)
    return value is UNKNOWN
