"""What a kind's test module gives to the tests that hold for every kind."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.provider.clients import Clients
from infra.provider.kind import Kind, Properties
from infra.provider.lifecycle import Resource


@dataclass
class Made(Mapping[str, Resource]):
    """The resources an example ``needs``, by the names it gives them, in one environment of the sandbox."""

    clients: Clients
    environment: str
    resources: dict[str, Resource] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Resource:
        return self.resources[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.resources)

    def __len__(self) -> int:
        return len(self.resources)

    def image(self, index: int = 0) -> str:
        """One of the cloud's machine images."""
        images = self.clients.call("ec2", "DescribeImages", {"Owners": ["amazon"]})["Images"]
        return sorted(str(image["ImageId"]) for image in images)[index]


@dataclass(frozen=True, eq=False)
class Example:
    """How a kind is made, changed and replaced. One object is made once, however many examples need it.

    ``update`` are changed inputs, in place; ``replace`` are changed inputs that need another resource. ``secret``
    are properties that must stay secret in state. ``unsupported`` are operations the sandbox lacks, or answers
    wrongly, said why in a comment where it is written: ``read`` (it does not show what it was told), ``import``,
    ``drift``, ``adopt`` (it drops the tags of the create call, by which a half-made one is found), or ``again``
    (after a delete it still holds what the resource stood on).
    """

    kind: Kind
    create: Callable[[Made], Properties]
    update: Callable[[Made], Properties] | None
    replace: Callable[[Made], Properties] | None
    needs: Mapping[str, Example] = field(default_factory=dict)
    secret: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()


def examples() -> dict[str, Example]:
    """The ``EXAMPLE`` of every test module here, by type token."""
    found: dict[str, Example] = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.stem == "test_every_kind":
            continue
        example = getattr(importlib.import_module(f"tests.infra.provider.kinds.{path.stem}"), "EXAMPLE", None)
        if isinstance(example, Example):
            found[example.kind.type_name] = example
    return found
