"""What a fleet operation asks of others; ``wiring`` binds each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from foundation.store import Scope, Transaction
from foundation.values.instant import Clock
from foundation.work.runs import Job, Steps
from governance.authority import Office
from infra.fleet.model import Selection

if TYPE_CHECKING:
    from infra.deployments import ApprovedEnvironment, Deployer
    from infra.ports import OnProgress


@dataclass(frozen=True, slots=True)
class Candidate:
    """An environment that fits a selection, with what stands approved for it."""

    environment: str
    agency: str
    approved: ApprovedEnvironment | None


class Candidates(Protocol):
    """Reads which environments fit, inside the scope, by name."""

    def __call__(self, transaction: Transaction, scope: Scope, selection: Selection) -> Sequence[Candidate]: ...


Enqueue = Callable[[Transaction, Sequence[Job]], Sequence[tuple[str, bool]]]
"""Puts jobs into their queue: each one's run id, and whether it is new."""


class Retry(Protocol):
    """Tries a run again, as a person does who may control work: an act of its own with its own audit entry."""

    def __call__(self, token: str, run: str) -> bool:
        """Whether this changed anything. Raises ``Refused``, ``WrongState`` where the run has moved on meanwhile."""
        ...


@dataclass(frozen=True)
class Fleet:
    """The office, the environments there are, the queue, and the way to try a parked run again."""

    office: Office
    candidates: Candidates
    enqueue: Enqueue
    retry: Retry


@dataclass(frozen=True)
class Hands:
    """What carries a member's run out: the deployer, and a token of whoever asked for the operation."""

    deployer: Callable[[], Deployer]
    token: Callable[[Steps, str], AbstractContextManager[str]]
    """Called with the run and the subject under which the operation was asked for."""
    progress: Callable[[Steps], OnProgress | None]
    clock: Clock
