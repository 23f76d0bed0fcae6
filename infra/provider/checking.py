"""Check: the inputs in normal form with their defaults, and everything that is wrong with them, by path."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from infra.provider.kind import AnyShape, Described, Kind, ListOf, MapOf, ObjectOf, Plain, Properties, SetOf, Shape
from infra.provider.naming import ENVIRONMENT_TAG, OWN_TAGS
from infra.provider.normal import UNKNOWN, ShapeError, contains_unknown, normal

_TAG_TEXT = re.compile(r"[\w .:/=+\-@]*")
_KEY_LENGTH, _VALUE_LENGTH, _TAG_COUNT = 128, 256, 46


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing wrong: the property path, and why in both languages."""

    path: str
    zh: str
    en: str

    @property
    def reason(self) -> str:
        """Both texts, as the engine shows them."""
        return f"{self.zh} / {self.en}"


def check(kind: Kind, inputs: Properties, environment: str) -> tuple[Properties, list[Failure]]:
    """The normal inputs and the failures; with any failure the inputs are not to be used."""
    failures = [
        Failure(name, "没有此属性", "is no property of this kind")
        for name in inputs
        if not name.startswith("__") and not kind.has(name)
    ]
    checked: Properties = {}
    for one in kind.inputs:
        given = inputs.get(one.name)
        if given is None:
            given = one.default
        try:
            value = normal(one.shape, given)
        except ShapeError as error:
            failures.append(Failure(one.name + error.at, error.zh, error.en))
            continue
        # The paths are those of the program's own order, which a set's normal form has not.
        failures += _failures(
            one, one.name, value if isinstance(one.shape, Shape) else normal(_in_order(one.shape), given)
        )
        if value is not None:
            checked[one.name] = value
    failures += _tag_failures(checked.get("tags"))
    if kind.check is not None:
        failures += [Failure(*one) for one in kind.check(checked)]
    failures += _name_failures(kind, checked.get("name"), environment)
    return checked, failures


def _failures(one: Described, path: str, value: Plain) -> list[Failure]:
    if value is None or value == "":
        return [Failure(path, "必须填写", "is required")] if one.required else []
    if contains_unknown(value):
        return [] if value is UNKNOWN else _inside(one.shape, path, value)
    wrong = _outside(one, value)
    return [Failure(path, *wrong)] if wrong else _inside(one.shape, path, value)


def _in_order(shape: AnyShape) -> AnyShape:
    """The same shape with lists for sets."""
    if isinstance(shape, ObjectOf):
        return ObjectOf(tuple(replace(one, shape=_in_order(one.shape)) for one in shape.fields))
    if isinstance(shape, MapOf):
        return MapOf(_in_order(shape.value))
    return ListOf(_in_order(shape.item)) if isinstance(shape, ListOf | SetOf) else shape


def _outside(one: Described, value: Plain) -> tuple[str, str] | None:
    """What a value itself breaks: choices, pattern or range."""
    if one.choices and value not in one.choices:
        listed = ", ".join(one.choices)
        return f"应为以下之一:{listed}", f"should be one of {listed}"
    if one.pattern and isinstance(value, str) and re.fullmatch(one.pattern, value) is None:
        return one.pattern_says
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < one.minimum:
            return f"不应小于 {one.minimum}", f"should be at least {one.minimum}"
        if one.maximum is not None and value > one.maximum:
            return f"不应大于 {one.maximum}", f"should be at most {one.maximum}"
    return None


def _inside(shape: AnyShape, path: str, value: Plain) -> list[Failure]:
    """The failures of fields, members and values, each by its own path."""
    parts: list[tuple[Described, str, Plain]]
    if isinstance(shape, ObjectOf):
        parts = [(one, f"{path}.{one.name}", value.get(one.name)) for one in shape.fields]
    elif isinstance(shape, ListOf | SetOf):
        parts = [(Described("", shape.item), f"{path}[{index}]", one) for index, one in enumerate(value)]
    elif isinstance(shape, MapOf):
        parts = [(Described("", shape.value), f'{path}["{key}"]', one) for key, one in value.items()]
    else:
        return []
    return [failure for one, at, part in parts for failure in _failures(one, at, part)]


def _tag_failures(tags: Plain) -> list[Failure]:
    if tags is None or tags is UNKNOWN:
        return []
    failures = []
    for key, value in tags.items():
        path = f'tags["{key}"]'
        if key in OWN_TAGS or key.startswith("aws:"):
            failures.append(Failure(path, "此标签由系统填写", "is a tag that is not the program's to set"))
        elif not _fits(key, _KEY_LENGTH) or not key or not (value is UNKNOWN or _fits(value, _VALUE_LENGTH)):
            failures.append(
                Failure(
                    path,
                    "标签键至多 128 字、值至多 256 字,只含文字、数字、空格与 _ . : / = + - @",
                    "is too long, or holds other characters than letters, digits, spaces and _ . : / = + - @",
                )
            )
    if len(tags) > _TAG_COUNT:
        failures.append(Failure("tags", f"至多 {_TAG_COUNT} 个标签", f"holds more than {_TAG_COUNT} tags"))
    return failures


def _fits(text: str, length: int) -> bool:
    return len(text) <= length and _TAG_TEXT.fullmatch(text) is not None


def _name_failures(kind: Kind, name: Plain, environment: str) -> list[Failure]:
    """What cannot be filed under a path is found again by its name, so the name must say whose it is."""
    if kind.prefix is None or not isinstance(name, str) or not environment:
        return []
    prefix = kind.prefix(environment)
    if name.startswith(prefix):
        return []
    return [Failure("name", f"名称应以 {prefix} 开头", f"should start with {prefix} ({ENVIRONMENT_TAG})")]
