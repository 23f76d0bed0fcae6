"""Values the engine speaks in: a plan and its digest, progress, the outcome of a run, what state holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from foundation.evidence import canonical_bytes, plain, sha256_hex

DIGEST_SEMANTICS = 1
"""The version of what a plan's digest covers; written into the digest itself."""

Outputs = Mapping[str, Mapping[str, str]]
"""Cloud ids by kind and spec name: ``{"instance": {"web-1": "i-…"}, …}``."""


class Operation(StrEnum):
    """What a step does to one resource."""

    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One resource of a plan.

    ``before`` and ``after`` are its inputs (empty where there are none), with each secret replaced by its HMAC;
    ``changed`` are the input names that differ, ``replace_reasons`` those of them which force a replacement. Of what
    is adopted ``before`` is what the cloud has, with its ``id``.
    """

    urn: str
    kind: str
    name: str
    operation: Operation
    changed: tuple[str, ...] = ()
    replace_reasons: tuple[str, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlanSummary:
    """The exact difference the engine will make to one environment; an approval binds to ``digest``.

    ``engine_plan`` is the SHA-256 of the engine's own update plan without its time and seeds. ``drifted`` names
    resources whose cloud state was found to differ from the last known one; it is shown, and reaches the digest
    only through the steps it causes.
    """

    environment: str
    spec_digest: str
    provider_version: str
    steps: tuple[PlannedStep, ...]
    engine_plan: str
    drifted: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of the canonical JSON of all that an approval covers."""
        return sha256_hex(canonical_bytes(self.document()))

    def document(self) -> dict[str, Any]:
        """What the digest covers, as plain JSON values."""
        return {
            "semantics": DIGEST_SEMANTICS,
            "environment": self.environment,
            "spec_digest": self.spec_digest,
            "provider_version": self.provider_version,
            "steps": list(self.steps),
            "engine_plan": self.engine_plan,
        }

    @cached_property
    def counts(self) -> Mapping[Operation, int]:
        """How many steps of each operation; operations that do not occur count zero."""
        counter = Counter(step.operation for step in self.steps)
        return {operation: counter[operation] for operation in Operation}

    @property
    def creates(self) -> int:
        """Resources to be made."""
        return self.counts[Operation.CREATE]

    @property
    def updates(self) -> int:
        """Resources to be changed in place."""
        return self.counts[Operation.UPDATE]

    @property
    def replaces(self) -> int:
        """Resources to be made anew, the old ones deleted."""
        return self.counts[Operation.REPLACE]

    @property
    def deletes(self) -> int:
        """Resources to be deleted for good."""
        return self.counts[Operation.DELETE]

    @property
    def same(self) -> int:
        """Resources left as they are."""
        return self.counts[Operation.SAME]

    @property
    def changes(self) -> tuple[PlannedStep, ...]:
        """The steps that do something."""
        return tuple(step for step in self.steps if step.operation is not Operation.SAME)

    @property
    def only_adds(self) -> bool:
        """Whether nothing is deleted or replaced: the request's approval may then cover it."""
        return not (self.replaces or self.deletes)


def plan_from_document(document: Mapping[str, Any]) -> PlanSummary:
    """Read what ``PlanSummary.document`` gave, also after it was stored as JSON; its digest is the same."""
    steps = tuple(
        PlannedStep(
            urn=step["urn"],
            kind=step["kind"],
            name=step["name"],
            operation=Operation(step["operation"]),
            changed=tuple(step["changed"]),
            replace_reasons=tuple(step["replace_reasons"]),
            before=step["before"],
            after=step["after"],
        )
        for step in plain(document["steps"])
    )
    return PlanSummary(
        environment=document["environment"],
        spec_digest=document["spec_digest"],
        provider_version=document["provider_version"],
        steps=steps,
        engine_plan=document["engine_plan"],
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of a live display.

    ``step`` is the phase (plan, refresh, apply, destroy). ``done`` of ``total`` resources are finished; ``total``
    is 0 where it cannot be known yet. ``operation`` is the engine's word for what happens to ``name``.
    """

    step: str
    kind: str
    name: str
    operation: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class StackState:
    """What the engine's state says about one environment.

    ``ids`` are cloud ids by type token, also of resources waiting to be deleted; ``pending`` are URNs whose
    operation had begun when the engine was stopped; ``held`` the id of each resource by kind and name.
    """

    environment: str
    ids: Mapping[str, frozenset[str]]
    outputs: Outputs
    pending: tuple[str, ...] = ()
    held: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def all_ids(self) -> tuple[str, ...]:
        """Every cloud id, sorted."""
        return tuple(sorted(one for ids in self.ids.values() for one in ids))


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run: the deployment it belonged to, the plan's digest it ran under, and what exists now."""

    environment: str
    deployment: str
    digest: str
    state: StackState
    changes: Mapping[str, int]
