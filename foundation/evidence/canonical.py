"""Canonical JSON: sorted keys, no white space, UTF-8, decimals as strings, instants in UTC, never a float.

The form of RFC 8785 for what it shares with us; money is whole numbers, everything else exact is a string.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from foundation.evidence.errors import NotCanonical, NotCanonicalizable
from foundation.values.instant import Interval, format_instant
from foundation.values.month import Month


def plain(value: object, *, path: str = "$") -> Any:  # noqa: C901, PLR0911, PLR0912 - one case a type
    """``value`` as nested dicts, lists, strings, integers, booleans and None."""
    if value is None or (isinstance(value, (bool, str)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain(value.value, path=path)
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotCanonicalizable(path=path, found=repr(value))
        return decimal_text(value)
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Month):
        return str(value)
    if isinstance(value, Interval):
        return {"start": format_instant(value.start), "end": format_instant(value.end)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: plain(getattr(value, name), path=f"{path}.{name}") for name in names}
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise NotCanonicalizable(path=path, found="a key that is not text")
        return {str(key): plain(item, path=f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, path=f"{path}[{index}]") for index, item in enumerate(value)]
    raise NotCanonicalizable(path=path, found=repr(value))


def decimal_text(value: Decimal) -> str:
    """A decimal without exponent or trailing zeros; zero is ``0``. Exact: no context rounds it."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def canonical_text(value: object) -> str:
    """The one text of a value."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical_bytes(value: object) -> bytes:
    """The one byte form of a value: what is hashed, signed and stored."""
    return canonical_text(value).encode()


def read_canonical(data: bytes | str, *, what: str) -> Any:
    """Read canonical JSON; other bytes for the same value are refused, so that no second form can pass."""
    raw = data.encode() if isinstance(data, str) else data
    try:
        value = json.loads(raw, parse_float=_no_float, parse_constant=_no_float)
        if canonical_bytes(value) != raw:
            raise NotCanonical(what=what)
    except (ValueError, RecursionError, NotCanonicalizable) as cause:
        raise NotCanonical(what=what) from cause
    return value


def _no_float(text: str) -> object:
    raise ValueError(text)
