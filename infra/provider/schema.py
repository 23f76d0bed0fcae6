"""The provider's schema, derived from the specs: what Pulumi's own tools read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from infra.provider.kind import AnyShape, Described, Kind, ListOf, MapOf, ObjectOf, Property, SetOf, Shape

NAME = "guanyun"
VERSION = "0.1.0"

_ANY = {"$ref": "pulumi.json#/Any"}
_TEXT = {"type": "string"}
_PLAIN: dict[Shape, dict[str, Any]] = {
    Shape.TEXT: _TEXT,
    Shape.POLICY: _TEXT,
    Shape.CIDR: _TEXT,
    Shape.INTEGER: {"type": "integer"},
    Shape.NUMBER: {"type": "number"},
    Shape.BOOLEAN: {"type": "boolean"},
    Shape.TEXTS: {"type": "array", "items": _TEXT},
    Shape.TEXT_MAP: {"type": "object", "additionalProperties": _TEXT},
    Shape.TAGS: {"type": "object", "additionalProperties": _TEXT},
    Shape.POLICY_MAP: {"type": "object", "additionalProperties": _TEXT},
    Shape.RULES: {"type": "array", "items": {"type": "object", "additionalProperties": _ANY}},
}


def schema(kinds: Iterable[Kind]) -> dict[str, Any]:
    """The package's schema as JSON values: every kind a resource, every declared object a type."""
    from infra.provider.kinds import DOCUMENTED  # noqa: PLC0415  # the specs need this module's neighbours first

    types: dict[str, Any] = {}
    resources = {kind.type_name: _resource(kind, DOCUMENTED.get(kind.type_name, ""), types) for kind in kinds}
    return {"name": NAME, "version": VERSION, "types": types, "resources": resources}


def _resource(kind: Kind, says: str, types: dict[str, Any]) -> dict[str, Any]:
    inputs = {one.name: _property(kind, one, types) for one in kind.inputs}
    outputs = {
        name: {**_ANY, **({"secret": True} if name in kind.secret_outputs else {})}
        for name in kind.outputs
        if name not in ("arn", "token")
    }
    told = {"arn": {**_TEXT, "description": "ARN"}, "token": {**_TEXT, "description": "which create made it"}}
    required = [one.name for one in kind.properties if one.required]
    return {
        "description": says,
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": {**inputs, **outputs, **told},
        "required": ["arn", *required],
    }


def _property(kind: Kind, one: Property, types: dict[str, Any]) -> dict[str, Any]:
    replacing = {"willReplaceOnChanges": True} if one.replaces else {}
    base = f"{kind.type_name}{_camel(one.name)}"
    return {**_described(one), **_type(one.shape, base, types), **replacing}


def _type(shape: AnyShape, base: str, types: dict[str, Any]) -> dict[str, Any]:
    """The type of a shape; objects are entered among the ``types`` under ``base``."""
    if isinstance(shape, Shape):
        return _PLAIN[shape]
    if isinstance(shape, ObjectOf):
        types[base] = {
            "type": "object",
            "properties": {
                one.name: {**_described(one), **_type(one.shape, f"{base}{_camel(one.name)}", types)}
                for one in shape.fields
            },
            "required": [one.name for one in shape.fields if one.required],
        }
        return {"$ref": f"#/types/{base}"}
    if isinstance(shape, MapOf):
        return {"type": "object", "additionalProperties": _type(shape.value, base, types)}
    return {"type": "array", "items": _type(shape.item, base, types)}


def _described(one: Described) -> dict[str, Any]:
    says = [
        f"{one.pattern_says[0]} / {one.pattern_says[1]}" if one.pattern_says[1] else "",
        f"one of {', '.join(one.choices)}" if one.choices else "",
        f"≥ {one.minimum}" if one.minimum else "",
        f"≤ {one.maximum}" if one.maximum is not None else "",
        "the cloud chooses where it is not given" if one.offered else "",
        "compared by key" if isinstance(one.shape, SetOf) and one.shape.key else "",
        "order matters" if isinstance(one.shape, ListOf) else "",
    ]
    told = "; ".join(part for part in says if part)
    default = {"default": one.default} if isinstance(one.default, str | bool | int) else {}
    return {**({"description": told} if told else {}), **({"secret": True} if one.secret else {}), **default}


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
