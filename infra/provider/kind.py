"""The words a resource kind is described in: properties, calls, changes.

A kind is data. A path is a JMESPath expression over the kind's *view*: what its ``describe`` call answers, with the
answers of its ``looks`` beside it under their names, ``identity`` (the id) and ``parts`` (of an id made of several).
Inside an expression ``$id``, ``$id.part``, ``$item`` and ``$item.field`` stand for those texts, quoted.
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
    NUMBER = "number"  # a whole number, or one with a fraction
    BOOLEAN = "boolean"
    CIDR = "cidr"  # a network, IPv4 or IPv6, in its shortest form
    POLICY = "policy"  # JSON text, compared by meaning
    TEXTS = "texts"  # a set of texts, kept sorted
    TEXT_MAP = "text-map"
    TAGS = "tags"  # a map for the program; the kind's tag style for the cloud
    POLICY_MAP = "policy-map"
    RULES = "rules"  # firewall rules, kept sorted


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """An object of declared fields, and no others."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose order means something."""

    item: AnyShape


@dataclass(frozen=True, slots=True)
class SetOf:
    """A list whose order means nothing, kept sorted.

    ``key`` names the fields that tell its objects apart, where the cloud holds one of a key: two of a key are
    refused, and one whose other fields change is the same one, changed.
    """

    item: AnyShape
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapOf:
    """Any texts as keys, values of one shape. The cloud's form is a map too."""

    value: AnyShape


AnyShape = Shape | ObjectOf | ListOf | SetOf | MapOf


def equal(old: Plain, new: Plain) -> bool:
    """Plain equality of normal forms."""
    return bool(old == new)


def always(_old: Plain, _new: Plain) -> bool:
    """Every change of the property."""
    return True


@dataclass(frozen=True, slots=True)
class Described:
    """What a property and a field of an object have in common.

    ``offered`` marks an input which the cloud chooses where the program does not. ``pattern`` and ``pattern_says``
    (zh, en) hold for texts, ``minimum`` and ``maximum`` for numbers, ``choices`` for texts. ``same`` compares two
    values that mean the same without being equal.
    """

    name: str
    shape: AnyShape = Shape.TEXT
    required: bool = False
    default: Plain = None
    offered: bool = False
    secret: bool = False
    pattern: str = ""
    pattern_says: tuple[str, str] = ("", "")
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int | None = None
    same: Callable[[Plain, Plain], bool] = equal


@dataclass(frozen=True, slots=True)
class Field(Described):
    """One field of an object. ``cloud`` is its member in the cloud's form, dotted where it lies deeper.

    Without ``cloud`` it is the name in capitals: ``from_port`` is ``FromPort``.
    """

    cloud: str = ""

    @property
    def member(self) -> str:
        """The member's name in the cloud's form."""
        return self.cloud or "".join(part.capitalize() for part in self.name.split("_"))


@dataclass(frozen=True, slots=True)
class Property(Described):
    """One input.

    ``path`` shows its value in the view; without one the cloud never tells it, and the state is believed. What it
    shows of an object, list or map of declared shape is turned into the program's form by the fields' ``cloud``
    names; ``read`` does it where that is not enough. ``replaces`` says which changes need another resource.
    ``held`` is for a value that is written and never shown, but told by a digest: whether the view holds it.
    """

    path: str = ""
    replaces: Callable[[Plain, Plain], bool] | None = None
    read: Callable[[Plain], Plain] | None = None
    held: Callable[[View, Plain], bool] | None = None


WHERE = (
    Property(
        "account",
        replaces=always,
        pattern=r"\d{12}",
        pattern_says=("应为 12 位账号", "should be an account number of 12 digits"),
    ),
    Property(
        "region",
        replaces=always,
        pattern=r"[a-z0-9-]+",
        pattern_says=("应为区域名", "should be a region's name"),
    ),
)
"""Two inputs that every kind takes besides its own. Empty: the credentials' account, the environment's region."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of the AWS API.

    ``parameters`` is a template. ``"$name"`` is a property in the cloud's form, ``"$name.field"`` a field of it;
    besides there are

    - ``$id``, and ``$id.part`` of an id made of several; ``$arn`` as the kind's ``arn`` says
    - ``$tags``: all tags in the kind's tag style; ``$surplus``: the keys to take away (in ``retagging`` only)
    - ``$client_token`` (64 characters), ``$short_token`` (32), both the same for the same create
    - ``$unique_name``, ``$short_name`` (32 characters): the name with a part of the token
    - ``$environment``, ``$path``, ``$prefix``: what the kind's names begin with, ``$bucket_prefix``
    - ``$account``, ``$region``, ``$partition``, ``$location`` (the region where S3 wants it named)
    - ``$item``, ``$item.field``, ``$items``, ``$handle``: see ``Change``

    and what has no value is left out. ``absent`` are the error codes that mean "there is none", ``present`` those
    that mean "it is so already".
    """

    operation: str
    parameters: Mapping[str, Plain] = field(default_factory=dict)
    service: str = ""
    absent: tuple[str, ...] = ()
    present: tuple[str, ...] = ()


Look = Callable[["Context", str], Any]
"""``look(context, id)`` sees a part of a resource that takes more than one call."""

Step = Callable[["Context", str, Properties, Properties], None]
"""``step(context, id, actual, desired)`` brings a resource from what it is to what it should be."""


@dataclass(frozen=True, slots=True)
class Change:
    """How some properties change in place: ``calls`` with the desired values, a ``step``, or ``add`` and ``remove``.

    Made whenever one of them differs from the cloud: after the create call, on adoption, and on update.

    ``add``, ``remove`` and ``replace`` are for one set-valued property (associations, targets, routes): the members
    to add and to remove are worked out, and each is a call with ``$item``, or one call for all with ``$items``. A
    member whose ``SetOf.key`` stays and whose rest changes is one ``replace`` call, or removed and added. ``handle``
    is an expression over the view for what a removal needs of the cloud, ``$handle``, such as an association's id.
    A map's member is ``{"key": …, "value": …}``. With ``emptied`` all members are removed before the resource is
    deleted. ``until`` is waited for afterwards, over the view. ``carried`` names the calls that a step makes, so that
    they too are checked against botocore's models.
    """

    properties: tuple[str, ...]
    calls: tuple[Call, ...] = ()
    step: Step | None = None
    add: Call | None = None
    remove: Call | None = None
    replace: Call | None = None
    handle: str = ""
    emptied: bool = False
    until: str = ""
    carried: tuple[Call, ...] = ()

    def operations(self) -> tuple[Call, ...]:
        """Every call of it."""
        return (
            *self.calls,
            *self.carried,
            *(call for call in (self.add, self.remove, self.replace) if call is not None),
        )


class TagStyle(StrEnum):
    """How a service writes tags in its requests. How it answers is seen from the answer."""

    LIST = "Key, Value"
    LOWER = "key, value"
    KMS = "TagKey, TagValue"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Tagged:
    """A sweep by the tagging service: one call for all such kinds of an environment.

    ``resource`` is what the ARN says, service and the beginning of its last part: ``"kms:key/"``. The id is what
    follows; with ``whole`` it is the whole ARN. ``service`` of an ARN is that before the colon. ``unless`` are
    beginnings of what follows that mean another kind: ``elasticloadbalancing:loadbalancer/`` unless ``app/``.
    With ``ask`` each is described too, where the service also lists what is going.
    """

    resource: str
    whole: bool = False
    unless: tuple[str, ...] = ()
    ask: bool = False


Sweep = Callable[["Context"], Iterable[Mapping[str, Any]]]
"""``sweep(context)`` gives ``{"id": …, "tags": …}`` of each resource of the environment; ``tags`` may be missing."""


@dataclass(frozen=True, slots=True)
class Within:
    """A sweep of what has neither tags nor listing of its own: one call for each resource of the ``parent`` kind.

    ``call`` is filled with the parent's id as ``$id``; ``found`` gives ``[{id, tags}]`` of its answer, where ``$id``
    may be named too.
    """

    parent: str
    call: Call
    found: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource kind, whole.

    ``identity`` is the id's path in the create call's answer, or a function of context and answer which may wait for
    it. A mapping makes an id of several parts: part name → path, or ``"$property"``; it reads ``one,other`` in the
    order given. A ``named`` kind is its ``name`` instead. Where the id is made of inputs alone, a create finds it
    again without tags; anything else is created with tags or swept.

    ``existing`` is asked on every create: the id of what is there already and is taken over, such as the one
    organisation of an account. ``derived`` are further names in templates, made of the inputs.

    ``view_path`` is the resource in the describe call's answer. ``dying`` counts as gone on read, ``gone`` ends the
    wait of a delete; ``ready`` ends the wait of a create. These three and a change's ``until`` may speak of a look by
    its name: it is then looked at in each round. ``sweep`` lists the environment's resources: a call with ``found``
    giving ``[{id, tags}]`` of its answer, a function, a ``Tagged`` or a ``Within``. ``prefix`` says what the names of
    an environment begin with, where only the name says whose a resource is.
    ``newborn`` says what looks show of a resource that was made this instant, so that nobody need ask; only what the
    cloud promises, or what a change sets in any case, belongs there. ``create.present`` are the codes by which the
    create call itself says that the name is taken; without them it is asked before.
    ``shown_at_birth`` is where the create call's answer shows the resource just as the describe call does: if it is
    ready by that, it is not asked for again.
    ``exclusive`` are groups of properties of which the cloud holds only one at a time: a replacement which keeps a
    whole group must delete first. ``check`` gives (path, zh, en) for what is wrong between properties. ``busy`` are
    error codes of the delete call that mean "not yet"; ``seconds`` bounds each wait.
    """

    type_name: str
    service: str
    properties: tuple[Property, ...]
    create: Call
    describe: Call
    view_path: str
    delete: Call | Callable[[Context, str, Properties], None]
    sweep: Call | Sweep | Tagged | Within
    found: str = ""
    identity: str | Mapping[str, str] | Callable[[Context, View], str] = ""
    named: bool = False
    existing: Callable[[Context, Properties], str | None] | None = None
    derived: Mapping[str, Callable[[Context, Properties], Plain]] = field(default_factory=dict)
    prefix: Callable[[str], str] | None = None
    arn: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    secret_outputs: tuple[str, ...] = ()
    looks: Mapping[str, Call | Look] = field(default_factory=dict)
    newborn: Mapping[str, Any] = field(default_factory=dict)
    shown_at_birth: str = ""
    changes: tuple[Change, ...] = ()
    ready: str = ""
    dying: str = ""
    gone: str = ""
    exclusive: tuple[tuple[str, ...], ...] = ()
    busy: tuple[str, ...] = ()
    tag_style: TagStyle = TagStyle.LIST
    before_delete: Callable[[Context, str, Properties], None] | None = None
    check: Callable[[Properties], Iterable[tuple[str, str, str]]] | None = None
    seconds: float = 600.0

    @property
    def short(self) -> str:
        """The last part of the type token."""
        return self.type_name.rpartition(":")[2]

    @property
    def inputs(self) -> tuple[Property, ...]:
        """Its own properties, and where it shall be."""
        return (*self.properties, *WHERE)

    def has(self, name: str) -> bool:
        """Whether it takes an input of that name."""
        return any(one.name == name for one in self.inputs)

    def named_property(self, name: str) -> Property:
        """The property of that name."""
        return next(one for one in self.inputs if one.name == name)

    @property
    def tags_path(self) -> str:
        """Where the view shows the tags; empty for what cannot be tagged."""
        return next((one.path for one in self.properties if one.name == "tags"), "")

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts of an id made of several."""
        return tuple(self.identity) if isinstance(self.identity, Mapping) else ()

    @property
    def made_of(self) -> tuple[str, ...]:
        """The properties that make up the id, where it is made of inputs alone."""
        if self.named:
            return ("name",)
        if not isinstance(self.identity, Mapping) or not all(one.startswith("$") for one in self.identity.values()):
            return ()
        return tuple(one[1:].partition(".")[0] for one in self.identity.values())

    def operations(self) -> tuple[Call, ...]:
        """Every call of the spec, for the check against botocore's models."""
        changes = tuple(call for change in self.changes for call in change.operations())
        looks = tuple(look for look in self.looks.values() if isinstance(look, Call))
        sweep = self.sweep.call if isinstance(self.sweep, Within) else self.sweep
        swept = (sweep,) if isinstance(sweep, Call) else ()
        deleted = (self.delete,) if isinstance(self.delete, Call) else ()
        return (self.create, self.describe, *deleted, *swept, *looks, *changes)
