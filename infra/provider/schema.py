"""The provider's schema, derived from the specs: what Pulumi's own tools read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from infra.provider.kind import Kind, Shape

NAME = "guanyun"
VERSION = "0.1.0"

_TYPES: dict[Shape, dict[str, Any]] = {
    Shape.TEXT: {"type": "string"},
    Shape.POLICY: {"type": "string"},
    Shape.INTEGER: {"type": "integer"},
    Shape.BOOLEAN: {"type": "boolean"},
    Shape.TEXTS: {"type": "array", "items": {"type": "string"}},
    Shape.TAGS: {"type": "object", "additionalProperties": {"type": "string"}},
    Shape.POLICY_MAP: {"type": "object", "additionalProperties": {"type": "string"}},
    Shape.RULES: {"type": "array", "items": {"type": "object", "additionalProperties": {"$ref": "pulumi.json#/Any"}}},
}


def schema(kinds: Iterable[Kind]) -> dict[str, Any]:
    """The package's schema as JSON values."""
    return {"name": NAME, "version": VERSION, "resources": {kind.type_name: _resource(kind) for kind in kinds}}


def _resource(kind: Kind) -> dict[str, Any]:
    inputs = {
        one.name: {
            **_TYPES[one.shape],
            **({"secret": True} if one.secret else {}),
            **({"willReplaceOnChanges": True} if one.replaces else {}),
        }
        for one in kind.properties
    }
    outputs = {name: {"type": "string"} for name in ("arn", "token", *kind.outputs)}
    return {
        "inputProperties": inputs,
        "requiredInputs": [one.name for one in kind.properties if one.required],
        "properties": {**inputs, **outputs},
        "required": ["arn"],
    }
