"""Between the engine's property values and plain ones. Integers come as floats and go as floats."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN as UNKNOWN_ON_THE_WIRE

from infra.provider.kind import AnyShape, Kind, ListOf, MapOf, ObjectOf, Plain, Properties, SetOf
from infra.provider.normal import UNKNOWN


def to_plain(values: Mapping[str, PropertyValue]) -> Properties:
    """Plain properties, without nulls at the top."""
    plain = {name: _plain(value) for name, value in values.items()}
    return {name: value for name, value in plain.items() if value is not None}


def secret_names(*many: Mapping[str, PropertyValue]) -> frozenset[str]:
    """The properties that hold a secret anywhere."""
    return frozenset(name for values in many for name, value in values.items() if value.contains_secret())


def secret_properties(kind: Kind) -> frozenset[str]:
    """The properties that a kind declares secret, in whole or in a part, and its secret outputs."""
    declared = {one.name for one in kind.inputs if one.secret or _holds_secret(one.shape)}
    return frozenset({*declared, *kind.secret_outputs})


def _holds_secret(shape: AnyShape) -> bool:
    if isinstance(shape, ObjectOf):
        return any(one.secret or _holds_secret(one.shape) for one in shape.fields)
    if isinstance(shape, ListOf | SetOf):
        return _holds_secret(shape.item)
    return isinstance(shape, MapOf) and _holds_secret(shape.value)


def secret_texts(*many: Mapping[str, PropertyValue], declared: Container[str] = ()) -> frozenset[str]:
    """The secret texts themselves, to be kept out of messages: those marked, and the properties in ``declared``."""
    found = [
        _plain(value)
        for values in many
        for name, value in values.items()
        if value.contains_secret() or name in declared
    ]
    return frozenset(text for value in found for text in _texts(value) if len(text) >= 4)


def to_values(plain: Properties, secrets: Iterable[str]) -> dict[str, PropertyValue]:
    """Property values for the engine; those named in ``secrets`` are marked."""
    marked = frozenset(secrets)
    return {name: _value(value).with_secret(name in marked) for name, value in plain.items()}


def _plain(value: PropertyValue) -> Plain:
    inner = value.value
    if isinstance(inner, Mapping):
        return {name: _plain(one) for name, one in inner.items()}
    if isinstance(inner, str):
        return UNKNOWN if inner == UNKNOWN_ON_THE_WIRE else inner
    if isinstance(inner, tuple | list):
        return [_plain(one) for one in inner]
    if isinstance(inner, float) and inner.is_integer():
        return int(inner)
    return inner


def _value(plain: Plain) -> PropertyValue:
    if plain is UNKNOWN:
        return PropertyValue(UNKNOWN_ON_THE_WIRE)
    if isinstance(plain, Mapping):
        return PropertyValue({name: _value(one) for name, one in plain.items()})
    if isinstance(plain, list | tuple):
        return PropertyValue([_value(one) for one in plain])
    if isinstance(plain, int) and not isinstance(plain, bool):
        return PropertyValue(float(plain))
    return PropertyValue(plain)


def _texts(value: Plain) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
