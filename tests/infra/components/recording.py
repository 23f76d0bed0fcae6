"""Takes a component's resources down instead of making them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime import mocks, settings
from pulumi.runtime.stack import run_pulumi_func

from infra.components import Placement

PLACEMENT = Placement("aws-cn", "123456789012", ("cn-north-1a", "cn-north-1b"), "arn:aws-cn:iam::aws:policy/Bound")


@dataclass
class Recording(mocks.Mocks):  # type: ignore[misc]
    """Every resource by (kind, name), with its inputs; the id says what it is."""

    made: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """Give it an id that says what it is, and an ARN."""
        kind = args.typ.rpartition(":")[2]
        if (kind, args.name) in self.made:
            raise AssertionError(f"two resources are {kind} {args.name}")
        self.made[kind, args.name] = args.inputs
        identity = f"{kind.lower()}-{args.name}"
        return identity, {**args.inputs, "arn": f"arn:{identity}", "root_id": f"root-{args.name}"}

    def call(self, args: mocks.MockCallArgs) -> Any:
        """No function is called."""
        raise AssertionError(args.token)

    def of(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """The resources of one kind, by name."""
        return {name: inputs for (one, name), inputs in self.made.items() if one == kind}

    def cloud(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Everything but the stack and its components."""
        return {key: inputs for key, inputs in self.made.items() if "tags" in inputs or "account" in inputs}


def record(build: Callable[[], Any], *, stack: str = "stack") -> Recording:
    """Run a program against a recording."""
    recording = Recording()
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        mocks.set_mocks(recording, project="guanyun", stack=stack, preview=False)
        loop.run_until_complete(run_pulumi_func(build))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
        settings.reset_options()
    return recording
