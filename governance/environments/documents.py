"""The spec as a plain document: what its digest is taken over."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

from governance.environments.model import SINCE, EnvironmentSpec


def spec_document(spec: EnvironmentSpec) -> dict[str, Any]:
    """The spec as plain JSON values; its canonical bytes are what an approval binds to."""
    return plain_fields(spec)


def plain_fields(value: Any) -> dict[str, Any]:
    """A frozen dataclass as plain JSON values; a later field is left out while it has its default."""
    return {
        field.name: _plain(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if SINCE not in field.metadata or getattr(value, field.name) != field.default
    }


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain_fields(value)
    if isinstance(value, Enum):
        return value.value
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value
