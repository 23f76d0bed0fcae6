"""Objects, lists, sets and maps of declared shape: their normal form, and their form in the cloud."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from infra.provider.kind import AnyShape, Field, ListOf, MapOf, ObjectOf, Plain, SetOf, Shape
from infra.provider.unknown import UNKNOWN, ShapeError, contains_unknown

Each = Callable[[AnyShape, Plain], Plain]
Composite = ObjectOf | ListOf | SetOf | MapOf


def normal_composite(shape: Composite, value: Plain, each: Each) -> Plain:
    """The normal form; ``each`` is the normal form of a part. Raises ``ShapeError`` with the path."""
    if isinstance(shape, ObjectOf):
        return _object(shape, value, each)
    if isinstance(shape, MapOf):
        if not isinstance(value, Mapping):
            raise ShapeError("应为键值表", "should be a map")
        return {key: _at(f'["{key}"]', each, shape.value, value[key]) for key in sorted(value)}
    if not isinstance(value, list | tuple):
        raise ShapeError("应为列表", "should be a list")
    items = [_at(f"[{index}]", each, shape.item, one) for index, one in enumerate(value)]
    return items if isinstance(shape, ListOf) else _set(shape, items)


def _object(shape: ObjectOf, value: Plain, each: Each) -> dict[str, Plain]:
    if not isinstance(value, Mapping):
        raise ShapeError("应为对象", "should be an object")
    known = {one.name for one in shape.fields}
    for name in value:
        if name not in known:
            raise ShapeError("没有此项", "is no part of it", f".{name}")
    given = {one.name: value[one.name] if value.get(one.name) is not None else one.default for one in shape.fields}
    parts = {one.name: _at(f".{one.name}", each, one.shape, given[one.name]) for one in shape.fields}
    return {name: part for name, part in parts.items() if part is not None}


def _set(shape: SetOf, items: list[Plain]) -> Plain:
    """Sorted, and nothing twice.

    Two members that are not wholly known yet are two, however alike they look. Where what tells members apart is not
    known of some, their place among the others is not either: then the whole is not known.
    """
    whole = {canonical(one): one for one in items if not contains_unknown(one)}
    partly = [one for one in items if contains_unknown(one)]
    keyed = [one for one in partly if shape.key and not contains_unknown(_told(shape, one))]
    if len(keyed) < len(partly) < len(items):
        return UNKNOWN
    keys: set[str] = set()
    for one in (*whole.values(), *keyed) if shape.key else ():
        key = key_of(shape, one)
        if key in keys:
            raise ShapeError(f"{'、'.join(shape.key)} 重复", f"holds two of the same {', '.join(shape.key)}")
        keys.add(key)
    return sorted([*whole.values(), *partly], key=lambda one: (key_of(shape, one), canonical(one)))


def _told(shape: SetOf, item: Plain) -> Plain:
    """What tells a member from the others, as it is."""
    return [item.get(name) for name in shape.key] if isinstance(item, Mapping) else item


def _at(path: str, each: Each, shape: AnyShape, value: Plain) -> Plain:
    try:
        return each(shape, value)
    except ShapeError as error:
        raise ShapeError(error.zh, error.en, path + error.at) from None


def canonical(value: Plain) -> str:
    """One text for equal values; an unknown part reads as such."""
    return json.dumps(value, sort_keys=True, default=repr, ensure_ascii=False)


def key_of(shape: SetOf, item: Plain) -> str:
    """What tells a member from the others."""
    if not shape.key or not isinstance(item, Mapping):
        return canonical(item)
    return canonical([item.get(name) for name in shape.key])


def alike(shape: AnyShape, old: Plain, new: Plain, same: Callable[[Plain, Plain], bool]) -> bool:
    """Whether two normal forms mean the same: ``same`` for plain ones, the fields' own inside objects."""
    if isinstance(shape, ObjectOf) and isinstance(old, Mapping) and isinstance(new, Mapping):
        return all(_field_alike(one, old.get(one.name), new.get(one.name)) for one in shape.fields)
    if isinstance(shape, MapOf) and isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(alike(shape.value, old[key], new[key], same) for key in old)
    if isinstance(shape, ListOf | SetOf) and isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and _items_alike(shape, old, new, same)
    return same(old, new)


def _items_alike(shape: ListOf | SetOf, old: list[Plain], new: list[Plain], same: Callable[..., bool]) -> bool:
    if isinstance(shape, ListOf):
        return all(alike(shape.item, one, other, same) for one, other in zip(old, new, strict=True))
    left = list(old)
    for wanted in new:
        match = next((index for index, one in enumerate(left) if alike(shape.item, one, wanted, same)), None)
        if match is None:
            return False
        del left[match]
    return True


def filled(shape: AnyShape, seen: Plain, desired: Plain) -> Plain:
    """What was just told to the cloud, with what it chooses where nothing was told, as it was seen before."""
    if isinstance(shape, ObjectOf) and isinstance(seen, Mapping) and isinstance(desired, Mapping):
        parts = {
            one.name: seen.get(one.name)
            if one.offered and desired.get(one.name) is None
            else filled(one.shape, seen.get(one.name), desired.get(one.name))
            for one in shape.fields
        }
        return {name: part for name, part in parts.items() if part is not None}
    if isinstance(shape, SetOf) and isinstance(seen, list) and isinstance(desired, list):
        before = {key_of(shape, one): one for one in seen}
        return [filled(shape.item, before.get(key_of(shape, one)), one) for one in desired]
    return desired


def _field_alike(one: Field, old: Plain, new: Plain) -> bool:
    if new is UNKNOWN:
        return False
    if new is None and one.offered:
        return True
    if nothing(old) or nothing(new):
        return nothing(old) and nothing(new)
    return alike(one.shape, old, new, one.same)


def nothing(value: Plain) -> bool:
    """Whether a value says as much as none."""
    return value is None or value in ("", [], {})


def to_cloud(shape: AnyShape, value: Plain) -> Plain:
    """A normal form as the cloud's requests have it."""
    if value is None or isinstance(shape, Shape):
        return value
    if isinstance(shape, ObjectOf):
        built: dict[str, Plain] = {}
        for one in shape.fields:
            part = to_cloud(one.shape, value.get(one.name))
            if part is not None and part != "":
                _put(built, one.member.split("."), part)
        return built
    if isinstance(shape, MapOf):
        return {key: to_cloud(shape.value, one) for key, one in value.items()}
    return [to_cloud(shape.item, one) for one in value]


def _put(built: dict[str, Plain], path: Iterable[str], part: Plain) -> None:
    first, *rest = path
    if rest:
        _put(built.setdefault(first, {}), rest, part)
    else:
        built[first] = part


def from_cloud(shape: AnyShape, value: Plain) -> Plain:
    """What the cloud answers in the program's form, not yet normal."""
    if value is None or isinstance(shape, Shape):
        return value
    if isinstance(shape, ObjectOf):
        parts = {one.name: from_cloud(one.shape, _get(value, one.member)) for one in shape.fields}
        return {name: part for name, part in parts.items() if part is not None}
    if isinstance(shape, MapOf):
        return {key: from_cloud(shape.value, one) for key, one in value.items()}
    return [from_cloud(shape.item, one) for one in value]


def _get(value: Plain, member: str) -> Plain:
    for name in member.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
