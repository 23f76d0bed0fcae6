"""The words a resource kind is described in: properties, calls, changes.

A kind is data. A path is a JMESPath expression over the kind's *view*: what its ``describe`` call answers, with the
answers of its ``looks`` beside it under their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.provider.context import Context

Plain = Any
"""What JSON can say, and ``UNKNOWN``."""

Properties = dict[str, Plain]
View = dict[str, Any]


class Shape(StrEnum):
    """The type of a property, with the form its values are compared in."""

    TEXT = "string"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    POLICY = "policy"  # JSON text, compared by meaning
    TEXTS = "texts"  # a set of texts, kept sorted
    TAGS = "tags"  # a map for the program, a list of key and value for the cloud
    POLICY_MAP = "policy-map"
    RULES = "rules"  # firewall rules, kept sorted


def equal(old: Plain, new: Plain) -> bool:
    """Plain equality of normal forms."""
    return bool(old == new)


def always(_old: Plain, _new: Plain) -> bool:
    """Every change of the property."""
    return True


@dataclass(frozen=True, slots=True)
class Property:
    """One input.

    ``path`` shows its value in the view; without one the cloud never tells it, and the state is believed.
    ``replaces`` says which changes need another resource. ``offered`` marks an input which the cloud chooses where
    the program does not. ``pattern`` and ``pattern_says`` (zh, en) hold for texts. ``read`` turns what the path shows
    into the program's form, where normalising is not enough.
    """

    name: str
    shape: Shape = Shape.TEXT
    path: str = ""
    required: bool = False
    default: Plain = None
    replaces: Callable[[Plain, Plain], bool] | None = None
    offered: bool = False
    secret: bool = False
    pattern: str = ""
    pattern_says: tuple[str, str] = ("", "")
    choices: tuple[str, ...] = ()
    minimum: int = 0
    same: Callable[[Plain, Plain], bool] = equal
    read: Callable[[Plain], Plain] | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of the AWS API.

    ``parameters`` is a template: ``"$name"`` is a property, ``"$id"``, ``"$client_token"``, ``"$environment"``,
    ``"$path"``, ``"$bucket_prefix"``, ``"$location"`` (the region where S3 wants it named), ``"$unique_name"`` or
    ``"$tags"`` (all tags as ``[{"Key", "Value"}]``); what has no value is left out. ``absent`` are the error codes
    that mean "there is none".
    """

    operation: str
    parameters: Mapping[str, Plain] = field(default_factory=dict)
    service: str = ""
    absent: tuple[str, ...] = ()


Look = Callable[["Context", str], Any]
"""``look(context, id)`` sees a part of a resource that takes more than one call."""

Step = Callable[["Context", str, Properties, Properties], None]
"""``step(context, id, actual, desired)`` brings a resource from what it is to what it should be."""


@dataclass(frozen=True, slots=True)
class Change:
    """How some properties change in place: either ``calls`` with the desired values, or a ``step``.

    Made whenever one of them differs from the cloud: after the create call, on adoption, and on update.
    """

    properties: tuple[str, ...]
    calls: tuple[Call, ...] = ()
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource kind, whole.

    ``identity`` is the id's path in the create call's answer; a ``named`` kind is its ``name`` instead.
    ``view_path`` is the resource in the describe call's answer. ``dying`` counts as gone on read, ``gone`` ends the
    wait of a delete; ``ready`` ends the wait of a create. ``found`` gives ``[{id, tags}]`` of the ``sweep`` call.
    ``exclusive`` are groups of properties of which the cloud holds only one at a time: a replacement which keeps a
    whole group must delete first. ``check`` gives (path, zh, en) for what is wrong between properties.
    """

    type_name: str
    service: str
    properties: tuple[Property, ...]
    create: Call
    describe: Call
    view_path: str
    delete: Call
    sweep: Call
    found: str
    identity: str = ""
    named: bool = False
    arn: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    looks: Mapping[str, Call | Look] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    ready: str = ""
    dying: str = ""
    gone: str = ""
    exclusive: tuple[tuple[str, ...], ...] = ()
    before_delete: Callable[[Context, str, Properties], None] | None = None
    check: Callable[[Properties], Iterable[tuple[str, str, str]]] | None = None

    @property
    def short(self) -> str:
        """The last part of the type token."""
        return self.type_name.rpartition(":")[2]

    def named_property(self, name: str) -> Property:
        """The property of that name."""
        return next(one for one in self.properties if one.name == name)

    @property
    def tags_path(self) -> str:
        """Where the view shows the tags."""
        return self.named_property("tags").path

    def operations(self) -> tuple[Call, ...]:
        """Every call of the spec, for the check against botocore's models."""
        changes = tuple(call for change in self.changes for call in change.calls)
        looks = tuple(look for look in self.looks.values() if isinstance(look, Call))
        return (self.create, self.describe, self.delete, self.sweep, *looks, *changes)
