"""What differs between two versions of one thing, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from foundation.evidence import plain

_KEYS = ("id", "agency", "name", "goal")
"""What tells the items of a list apart, so that one put before another is no change of all that follow."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field (``funds[就业补助资金].share``) and its value in either version; None where it is not there."""

    field: str
    before: Any
    after: Any


def differences(before: object, after: object) -> tuple[Difference, ...]:
    """Every field that is not the same, by name. Both are values of one kind."""
    one, other = dict(_leaves("", plain(before))), dict(_leaves("", plain(after)))
    return tuple(
        Difference(field, one.get(field), other.get(field))
        for field in sorted({*one, *other})
        if one.get(field) != other.get(field)
    )


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(f"{path}.{name}" if path else name, item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            key = next((str(item[key]) for key in _KEYS if isinstance(item, dict) and key in item), str(index))
            yield from _leaves(f"{path}[{key}]", item)
    else:
        yield path, value
