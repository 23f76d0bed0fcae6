"""A plan's properties one by one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every property by its path; a list is one value."""
    if isinstance(value, Mapping) and value and not is_secret(value):
        for key in sorted(value):
            yield from leaves(value[key], f"{path}.{key}" if path else str(key))
    elif path:
        yield path, value


def head(path: str) -> str:
    """The input that a path lies in."""
    return path.partition(".")[0].partition("[")[0]


def is_secret(value: Any) -> bool:
    """Whether it is what a plan's document holds in a secret's place."""
    return isinstance(value, Mapping) and value.keys() == {"secret"}
