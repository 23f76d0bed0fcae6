"""Diff: what would change, whether in place, and whether the old one must go first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from infra.provider.kind import Kind, Plain, Properties, Property
from infra.provider.normal import contains_unknown, normal


class How(StrEnum):
    """What happens to one path."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Difference:
    """One changed path; ``replaces`` if only another resource can have it."""

    path: str
    property: str
    how: How
    replaces: bool


@dataclass(frozen=True, slots=True)
class Differences:
    """All of them."""

    items: tuple[Difference, ...]
    delete_first: bool

    @property
    def properties(self) -> tuple[str, ...]:
        """The names of the changed properties, once each."""
        return tuple(dict.fromkeys(item.property for item in self.items))

    @property
    def replaces(self) -> tuple[str, ...]:
        """The names of those that need another resource."""
        return tuple(dict.fromkeys(item.property for item in self.items if item.replaces))


def differ(kind: Kind, old: Properties, new: Properties) -> Differences:
    """Compare the state (inputs and outputs) with checked inputs."""
    items = tuple(item for one in kind.properties for item in _compare(one, old.get(one.name), new.get(one.name)))
    changed = {item.property for item in items}
    kept = (group for group in kind.exclusive if all(new.get(name) and name not in changed for name in group))
    replaced = any(item.replaces for item in items)
    return Differences(items, delete_first=replaced and any(True for _ in kept))


def differs(one: Property, actual: Plain, desired: Plain) -> bool:
    """Whether one property is not what it should be."""
    return bool(_compare(one, actual, desired))


def _compare(one: Property, old: Plain, new: Plain) -> list[Difference]:
    if new is None and one.offered:
        return []
    old = normal(one.shape, old)
    if _nothing(old) and _nothing(new):
        return []
    if _nothing(old) or _nothing(new):
        how = How.ADD if _nothing(old) else How.DELETE
    elif contains_unknown(new) or not one.same(old, new):
        how = How.UPDATE
    else:
        return []
    replaces = one.replaces is not None and one.replaces(old, new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return [Difference(path, one.name, one_how, replaces) for path, one_how in _keys(one.name, old, new)]
    return [Difference(one.name, one.name, how, replaces)]


def _keys(name: str, old: Mapping[str, Plain], new: Mapping[str, Plain]) -> list[tuple[str, How]]:
    changed: list[tuple[str, How]] = []
    for key in sorted({*old, *new}):
        path = f'{name}["{key}"]'
        if key not in old:
            changed.append((path, How.ADD))
        elif key not in new:
            changed.append((path, How.DELETE))
        elif old[key] != new[key]:
            changed.append((path, How.UPDATE))
    return changed


def _nothing(value: Plain) -> bool:
    return value is None or value in ("", [], {})
