"""Diff: what would change, whether in place, and whether the old one must go first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from infra.provider.composite import alike, key_of, nothing
from infra.provider.kind import AnyShape, Described, Kind, ListOf, ObjectOf, Plain, Properties, Property, SetOf
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
    items = tuple(item for one in kind.inputs for item in _compare(one, old.get(one.name), new.get(one.name)))
    changed = {item.property for item in items}
    groups = (*kind.exclusive, kind.made_of) if kind.made_of else kind.exclusive
    kept = (group for group in groups if all(new.get(name) and name not in changed for name in group))
    replaced = any(item.replaces for item in items)
    return Differences(items, delete_first=replaced and any(True for _ in kept))


def differs(one: Property, actual: Plain, desired: Plain) -> bool:
    """Whether one property is not what it should be."""
    return bool(_compare(one, actual, desired))


def _compare(one: Property, old: Plain, new: Plain) -> list[Difference]:
    if new is None and one.offered:
        return []
    old = normal(one.shape, old)
    if nothing(old) and nothing(new):
        return []
    if nothing(old) or nothing(new):
        how = How.ADD if nothing(old) else How.DELETE
    elif contains_unknown(new) or not alike(one.shape, old, new, one.same):
        how = How.UPDATE
    else:
        return []
    replaces = one.replaces is not None and one.replaces(old, new)
    return [Difference(path, one.name, one_how, replaces) for path, one_how in _paths(one, one.name, old, new, how)]


def _paths(one: Described, path: str, old: Plain, new: Plain, how: How) -> list[tuple[str, How]]:
    """The paths at which a value differs: down to fields, keys and members where there are such."""
    found = _below(one.shape, path, old, new) if how is How.UPDATE else []
    return found or [(path, how)]


def _below(shape: AnyShape, path: str, old: Plain, new: Plain) -> list[tuple[str, How]]:
    if isinstance(shape, ObjectOf) and isinstance(old, Mapping) and isinstance(new, Mapping):
        return [found for one in shape.fields for found in _field(one, path, old.get(one.name), new.get(one.name))]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _keys(path, old, new)
    if isinstance(shape, ListOf | SetOf) and isinstance(old, list) and isinstance(new, list):
        return _members(shape, path, old, new)
    return []


def _field(one: Described, path: str, old: Plain, new: Plain) -> list[tuple[str, How]]:
    if (new is None and one.offered) or (nothing(old) and nothing(new)):
        return []
    how = How.ADD if nothing(old) else How.DELETE if nothing(new) else How.UPDATE
    if how is How.UPDATE and not contains_unknown(new) and alike(one.shape, old, new, one.same):
        return []
    return _paths(one, f"{path}.{one.name}" if one.name else path, old, new, how)


def _members(shape: ListOf | SetOf, path: str, old: list[Plain], new: list[Plain]) -> list[tuple[str, How]]:
    """Members by place, or by key where a set has one; the index is that of the new list, of the old for what goes."""
    if isinstance(shape, SetOf):
        olds = {key_of(shape, one): index for index, one in enumerate(old)}
        pairs: list[tuple[int | None, int | None]]
        pairs = [(olds.pop(key_of(shape, one), None), index) for index, one in enumerate(new)]
        pairs += [(index, None) for index in olds.values()]
    else:
        length = max(len(old), len(new))
        pairs = [(at if at < len(old) else None, at if at < len(new) else None) for at in range(length)]
    item = Described("", shape.item)
    changed: dict[str, How] = {}
    for before, after in pairs:
        index = before if after is None else after
        values = (None if before is None else old[before], None if after is None else new[after])
        for at, how in _field(item, f"{path}[{index}]", *values):
            # One member goes and another comes at the same index: the engine knows one change a path.
            changed[at] = how if at not in changed else How.UPDATE
    return list(changed.items())


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
