"""Between what the engine sends and plain properties. Integers come as floats and go as floats.

Straight from and into the messages: the SDK's ``PropertyValue`` in between took an eighth of a driver's time. The
signatures are those of ``pulumi.runtime.rpc``; what no kind of ours takes (assets, references to resources) is refused.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value  # type: ignore[import-untyped]
from pulumi.runtime import rpc

from infra.provider.kind import AnyShape, Kind, ListOf, MapOf, ObjectOf, Plain, Properties, SetOf
from infra.provider.normal import UNKNOWN

_SIGNATURE = rpc._special_sig_key
_SECRET, _OUTPUT = rpc._special_secret_sig, rpc._special_output_value_sig


def to_plain(struct: Struct) -> Properties:
    """Plain properties, without nulls at the top. Raises ``ValueError`` for what is no plain value."""
    plain = {name: _plain(value) for name, value in struct.fields.items()}
    return {name: value for name, value in plain.items() if value is not None}


def to_struct(plain: Properties, secrets: Iterable[str] = ()) -> Struct:
    """The message for the engine; those named in ``secrets`` are marked."""
    marked = frozenset(secrets)
    struct = Struct()
    for name, value in plain.items():
        field = struct.fields[name]
        if name in marked:
            fields = field.struct_value.fields
            fields[_SIGNATURE].string_value = _SECRET
            field = fields["value"]
        _fill(field, value)
    return struct


def secret_names(*many: Struct) -> frozenset[str]:
    """The properties that hold a secret anywhere."""
    return frozenset(name for struct in many for name, value in struct.fields.items() if _has_secret(value))


def secret_properties(kind: Kind) -> frozenset[str]:
    """The properties that a kind declares secret, in whole or in a part, and its secret outputs."""
    declared = {one.name for one in kind.inputs if one.secret or _holds_secret(one.shape)}
    return frozenset({*declared, *kind.secret_outputs})


def secret_texts(*many: Struct, declared: Container[str] = ()) -> frozenset[str]:
    """The secret texts themselves, to be kept out of messages: those marked, and the properties in ``declared``."""
    found = [
        _plain(value)
        for struct in many
        for name, value in struct.fields.items()
        if name in declared or _has_secret(value)
    ]
    return frozenset(text for value in found for text in _texts(value) if len(text) >= 4)


def _holds_secret(shape: AnyShape) -> bool:
    if isinstance(shape, ObjectOf):
        return any(one.secret or _holds_secret(one.shape) for one in shape.fields)
    if isinstance(shape, ListOf | SetOf):
        return _holds_secret(shape.item)
    return isinstance(shape, MapOf) and _holds_secret(shape.value)


def _plain(value: Value) -> Plain:
    kind = value.WhichOneof("kind")
    plain: Plain = None
    if kind == "string_value":
        plain = UNKNOWN if value.string_value == rpc.UNKNOWN else value.string_value
    elif kind == "number_value":
        number: float = value.number_value
        plain = int(number) if number.is_integer() else number
    elif kind == "bool_value":
        plain = value.bool_value
    elif kind == "list_value":
        plain = [_plain(one) for one in value.list_value.values]
    elif kind == "struct_value":
        fields = value.struct_value.fields
        signed = _SIGNATURE in fields
        plain = _plain(_wrapped(fields)) if signed else {name: _plain(one) for name, one in fields.items()}
    return plain


def _wrapped(fields: Mapping[str, Any]) -> Value:
    """What a secret, or an output with its dependencies, holds; an output that holds nothing is not known yet."""
    signature = fields[_SIGNATURE].string_value
    if signature not in {_SECRET, _OUTPUT}:
        raise ValueError(f"a value of signature {signature} where a plain one is expected")
    if "value" in fields:
        return fields["value"]
    if signature == _SECRET:
        raise ValueError("a secret without its value")
    return Value(string_value=rpc.UNKNOWN)


def _has_secret(value: Value) -> bool:
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return any(_has_secret(one) for one in value.list_value.values)
    if kind != "struct_value":
        return False
    fields = value.struct_value.fields
    if _SIGNATURE in fields:
        signature = fields[_SIGNATURE].string_value
        if signature == _SECRET or (signature == _OUTPUT and "secret" in fields and fields["secret"].bool_value):
            return True
    return any(_has_secret(one) for one in fields.values())


def _fill(target: Value, plain: Plain) -> None:
    if plain is UNKNOWN:
        target.string_value = rpc.UNKNOWN
    elif isinstance(plain, str):
        target.string_value = plain
    elif isinstance(plain, bool):
        target.bool_value = plain
    elif plain is None:
        target.null_value = 0
    elif isinstance(plain, int | float):
        target.number_value = plain
    elif isinstance(plain, Mapping):
        struct = target.struct_value
        struct.SetInParent()
        for name, one in plain.items():
            _fill(struct.fields[name], one)
    elif isinstance(plain, list | tuple):
        items = target.list_value
        items.SetInParent()
        for one in plain:
            _fill(items.values.add(), one)
    else:
        raise TypeError(f"{type(plain).__name__} is no plain value")


def _texts(value: Plain) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
