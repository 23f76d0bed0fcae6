"""The engine as the rest of ``infra`` and the runbooks see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from infra.components import Buildable
from infra.engine.model import Outcome, Outputs, PlanSummary, Progress, StackState

OnProgress = Callable[[Progress], None]
"""Called from another thread, many times a second; must return at once and not raise."""


class Engine(Protocol):
    """Turns environment specs into cloud resources. One stack an environment, one run at a time on each.

    The caller holds the environment's lease; the engine knows nothing of leases, approvals or the database.
    Every method raises ``EngineError`` and its subclasses only.
    """

    def preview(self, spec: Buildable, *, progress: OnProgress | None = None) -> PlanSummary:
        """Refresh in memory and compute the exact difference; nothing in the cloud or the state changes."""
        ...

    def apply(self, spec: Buildable, *, approved: str, deployment: str, progress: OnProgress | None = None) -> Outcome:
        """Plan again, compare with the ``approved`` digest (``PlanChanged``), and run under that very plan."""
        ...

    def continue_apply(
        self, spec: Buildable, *, approved: str, deployment: str, progress: OnProgress | None = None
    ) -> Outcome:
        """Finish a deployment that did not end, under its plan and id, adopting what it made but did not record."""
        ...

    def refresh(
        self, environment: str, *, clear_pending: bool = False, progress: OnProgress | None = None
    ) -> StackState:
        """Read every resource from the cloud into the state; drop unfinished creates with ``clear_pending``."""
        ...

    def destroy(self, environment: str, *, deployment: str, progress: OnProgress | None = None) -> None:
        """Delete every resource of the environment; its stack and history stay."""
        ...

    def cancel(self, environment: str) -> None:
        """Remove the engine's lock of a run that is dead. Only for the lease's holder."""
        ...

    def state(self, environment: str) -> StackState:
        """What the state holds; an empty state where the environment was never deployed."""
        ...

    def state_ids(self, environment: str) -> Mapping[str, frozenset[str]]:
        """Cloud ids by type token."""
        ...

    def outputs(self, environment: str) -> Outputs:
        """Cloud ids by kind and spec name."""
        ...


class ResumableEngine(Engine, Protocol):
    """An engine whose dead runs can be finished by a later one."""

    def end_left_behind(self, environment: str) -> tuple[str, ...]:
        """End the processes that dead runs left; one line each."""
        ...

    def locks(self, environment: str) -> tuple[str, ...]:
        """The engine's locks on the environment, for people."""
        ...

    def check_state(self, environment: str) -> None:
        """Raise ``StateUnreadable`` where the state cannot be read."""
        ...

    def restore_state(self, environment: str) -> tuple[str, ...]:
        """Put the newest copy of a state that cannot be read in its place; one line each, none where it can be."""
        ...

    def end_deployment(self, deployment: str) -> None:
        """Forget a deployment's plan, once it is on record that it ended or was given up."""
        ...
