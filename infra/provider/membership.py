"""Set-valued properties that change member by member: what to remove, replace and add, and the calls for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.provider.composite import alike, key_of, to_cloud
from infra.provider.context import Context
from infra.provider.errors import CloudRefused
from infra.provider.kind import (
    AnyShape,
    Call,
    Change,
    Field,
    ListOf,
    MapOf,
    ObjectOf,
    Plain,
    Properties,
    SetOf,
    Shape,
    View,
    equal,
)
from infra.provider.paths import search
from infra.provider.templates import names


@dataclass(frozen=True, slots=True)
class Members:
    """What must happen to one property's members, in the program's form."""

    removed: tuple[Plain, ...]
    replaced: tuple[Plain, ...]
    added: tuple[Plain, ...]


def members(shape: AnyShape, old: Plain, new: Plain, *, replaceable: bool) -> Members:
    """Compare two normal forms member by member."""
    holder, before, after = _holder(shape), _items(old), _items(new)
    olds, news = ({key_of(holder, one): one for one in items} for items in (before, after))
    stays = {key for key in olds.keys() & news.keys() if alike(holder.item, olds[key], news[key], equal)}
    changed = (olds.keys() & news.keys()) - stays
    swapped = () if replaceable else changed
    return Members(
        removed=tuple(olds[key] for key in olds if key not in news or key in swapped),
        replaced=tuple(news[key] for key in news if key in changed and replaceable),
        added=tuple(news[key] for key in news if key not in olds or key in swapped),
    )


def converge_members(
    context: Context, identity: str, change: Change, view: View, old: Plain, desired: Properties
) -> None:
    """Bring the members from what they are to what they should be: away first, then changed, then new."""
    (name,) = change.properties
    shape = context.kind.named_property(name).shape
    found = members(shape, old, desired.get(name), replaceable=change.replace is not None)
    for call, items, harmless in (
        (change.remove, found.removed, True),
        (change.replace, found.replaced, False),
        (change.add, found.added, False),
    ):
        if call is not None and items:
            _each(context, identity, call, items, _Setting(change, shape, view, desired), removing=harmless)


def remove_members(context: Context, identity: str, change: Change, view: View, actual: Properties) -> None:
    """Remove all of them, as before a delete."""
    converge_members(
        context, identity, change, view, actual.get(change.properties[0]), {**actual, change.properties[0]: None}
    )


@dataclass(frozen=True, slots=True)
class _Setting:
    change: Change
    shape: AnyShape
    view: View
    properties: Properties


def _each(
    context: Context, identity: str, call: Call, items: tuple[Plain, ...], setting: _Setting, *, removing: bool
) -> None:
    shape = _item_shape(setting.shape)
    if "items" in {name.partition(".")[0] for name in names(call.parameters)}:
        _send(context, identity, call, setting, removing=removing, items=[to_cloud(shape, one) for one in items])
        return
    for one in items:
        item = _Item.of(shape, one)
        handle = None
        if setting.change.handle:
            handle = search(context.expression(setting.change.handle, identity, item=item), setting.view)
            if handle is None and removing:
                continue  # the cloud has let go of it already
        _send(context, identity, call, setting, removing=removing, item=item, handle=handle)


def _send(context: Context, identity: str, call: Call, setting: _Setting, *, removing: bool, **extra: Plain) -> None:
    try:
        context.call(call, setting.properties, identity, **extra)
    except CloudRefused as refusal:
        if refusal.reason not in (call.absent if removing else call.present):
            raise


class _Item(dict[str, Plain]):
    """A member in the cloud's form, in which the program's field names are found as well."""

    @classmethod
    def of(cls, shape: AnyShape, value: Plain) -> Plain:
        cloud = to_cloud(shape, value)
        if not isinstance(cloud, Mapping) or not isinstance(value, Mapping):
            return cloud
        item = cls(cloud)
        fields = {one.name: one.shape for one in getattr(shape, "fields", ())}
        item.declared = {name: to_cloud(fields.get(name, Shape.TEXT), one) for name, one in value.items()}
        return item

    declared: dict[str, Plain] = {}  # noqa: RUF012  # each item has its own

    def get(self, name: str, default: Plain = None) -> Plain:
        """A field by the program's name, or a member by the cloud's."""
        return self.declared.get(name, super().get(name, default))


def _holder(shape: AnyShape) -> SetOf:
    """The property as a set: a map's members are told apart by their keys, a list's by all of them."""
    if isinstance(shape, SetOf):
        return shape
    mapped = isinstance(shape, MapOf) or shape in _MAPS
    return SetOf(_item_shape(shape), key=("key",) if mapped else ())


_MAPS = {Shape.TEXT_MAP, Shape.POLICY_MAP, Shape.TAGS}


def _item_shape(shape: AnyShape) -> AnyShape:
    if isinstance(shape, SetOf | ListOf):
        return shape.item
    if isinstance(shape, MapOf) or shape in _MAPS:
        value = shape.value if isinstance(shape, MapOf) else Shape.TEXT
        return ObjectOf((Field("key"), Field("value", value)))
    return Shape.TEXT


def _items(value: Plain) -> list[Plain]:
    if isinstance(value, Mapping):
        return [{"key": key, "value": one} for key, one in sorted(value.items())]
    return list(value or ())
