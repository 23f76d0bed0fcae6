"""Frozen values back from their plain documents: the other way of ``foundation.evidence.plain``. Pure.

The dataclass says the shape. A field too many, too few or of another type is refused with its path, so that nothing
in a handed-over document is passed by unseen.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from billing.verification.errors import Undecodable
from foundation.values.errors import GuanyunError
from foundation.values.instant import Interval, parse_instant
from foundation.values.month import Month

_Value = TypeVar("_Value")


class _Wrong(Exception):
    """A document does not fit, at ``path``."""

    def __init__(self, path: str, found: object, expected: str) -> None:
        super().__init__(path)
        self.path, self.found, self.expected = path, repr(found)[:80], expected


def decode(kind: type[_Value], document: object, *, what: str) -> _Value:
    """The value of ``kind`` that ``document`` is the plain form of; raises ``Undecodable`` naming ``what``."""
    try:
        value: _Value = _decode(kind, document, "$")
    except _Wrong as wrong:
        raise Undecodable(what=what, path=wrong.path, found=wrong.found, expected=wrong.expected) from wrong
    return value


def decode_all(kind: type[_Value], document: object, *, what: str) -> tuple[_Value, ...]:
    """The values of a list of such documents."""
    if not isinstance(document, list):
        raise Undecodable(what=what, path="$", found=repr(document)[:80], expected="a list")
    return tuple(decode(kind, each, what=f"{what}[{index}]") for index, each in enumerate(document))


def _interval(document: Any) -> Interval:
    match document:
        case {"start": str() as start, "end": str() as end, **rest} if not rest:
            return Interval(parse_instant(start), parse_instant(end))
    raise ValueError(document)


_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def decimal_of(text: str) -> Decimal:
    """A plain decimal; an exponent is refused, because a few characters of it would be a number of any size."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


_FROM_TEXT: Mapping[Any, Callable[[str], Any]] = {
    str: str,
    Decimal: decimal_of,
    datetime: parse_instant,
    date: date.fromisoformat,
    Month: Month.parse,
}


def _decode(kind: Any, document: Any, path: str) -> Any:
    try:
        if kind is Any:
            return document
        if kind in _FROM_TEXT and isinstance(document, str):
            return _FROM_TEXT[kind](document)
        if get_origin(kind) is not None:
            return _composed(kind, document, path)
        if isinstance(kind, type):
            return _single(kind, document, path)
    except (ValueError, GuanyunError) as cause:
        raise _Wrong(path, document, getattr(kind, "__name__", str(kind))) from cause
    raise _Wrong(path, document, str(kind))


def _single(kind: type, document: Any, path: str) -> Any:
    if kind is Interval:
        return _interval(document)
    if kind in (int, bool) and type(document) is kind:
        return document
    if issubclass(kind, Enum):
        return kind(document)
    if dataclasses.is_dataclass(kind) and isinstance(document, dict):
        return _dataclass(kind, document, path)
    raise ValueError(document)


def _composed(kind: Any, document: Any, path: str) -> Any:
    arguments = get_args(kind)
    if get_origin(kind) in (Union, types.UnionType):
        inner = next(each for each in arguments if each is not type(None))
        return None if document is None else _decode(inner, document, path)
    if get_origin(kind) is tuple and isinstance(document, list):
        return tuple(_decode(arguments[0], each, f"{path}[{index}]") for index, each in enumerate(document))
    if get_origin(kind) is Mapping and isinstance(document, dict):
        return {key: _decode(arguments[1], each, f"{path}.{key}") for key, each in document.items()}
    raise ValueError(document)


def _dataclass(kind: Any, document: Mapping[str, Any], path: str) -> Any:
    fields = _hints(kind)
    if set(document) != set(fields):
        differing = sorted(set(document) ^ set(fields))
        raise _Wrong(f"{path}.{differing[0]}", sorted(document), f"the fields of {kind.__name__}")
    return kind(**{name: _decode(hint, document[name], f"{path}.{name}") for name, hint in fields.items()})


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}
