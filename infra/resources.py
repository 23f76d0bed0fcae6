"""Guanyun's cloud resources as Pulumi resources: what a program writes down.

One class for every kind: ``CloudResource(VPC, "hub", name="…", cidr_block="10.0.0.0/16")``. Names are the same in
Python, in the engine's state and in a plan: a property here *is* the property of the provider's kind.
"""

from __future__ import annotations

from typing import Any

import pulumi

from infra.provider.errors import MissingProperty, WrongProperty
from infra.provider.kind import Kind
from infra.provider.naming import bucket_name, role_name, role_path

__all__ = ["CloudResource", "bucket_name", "role_name", "role_path"]


class CloudResource(pulumi.CustomResource):  # type: ignore[misc]
    """A resource of one kind. Raises ``WrongProperty`` or ``MissingProperty`` at once, naming kind and property."""

    def __init__(
        self, kind: Kind, resource_name: str, /, opts: pulumi.ResourceOptions | None = None, **properties: Any
    ) -> None:
        for name in properties:
            if not kind.has(name):
                raise WrongProperty(kind=kind.short, property=name)
        given = {name: value for name, value in properties.items() if value is not None}
        for one in kind.properties:
            if one.required and one.name not in given:
                raise MissingProperty(kind=kind.short, property=one.name)
        defaults = {one.name: one.default for one in kind.properties if one.default is not None}
        told = dict.fromkeys(("arn", *kind.outputs, *(one.name for one in kind.properties)))
        self.__dict__["cloud_kind"] = kind
        super().__init__(kind.type_name, resource_name, {**told, **defaults, **given}, opts)

    def output(self, name: str) -> pulumi.Output[Any]:
        """A property or an output of the resource. Raises ``WrongProperty``."""
        kind: Kind = self.__dict__["cloud_kind"]
        if name != "arn" and name not in kind.outputs and not kind.has(name):
            raise WrongProperty(kind=kind.short, property=name)
        found: pulumi.Output[Any] = self.__dict__[name]
        return found
