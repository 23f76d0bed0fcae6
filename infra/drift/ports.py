"""What drift asks of others; ``wiring`` binds each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from foundation.store import Transaction
from foundation.values.instant import Clock
from foundation.work.runs import Job
from infra.drift.model import Who
from infra.drift.reaching import Reach

if TYPE_CHECKING:
    from infra.deployments import Deployer


class Trail(Protocol):
    """The cloud's own record of who called what."""

    def who(self, cloud_id: str, place: tuple[str, str], *, since: datetime, before: datetime) -> Who:
        """The last write to a resource at or before ``before`` that was not the deployer's, in ``place``: (account,
        region). Never raises: what cannot be asked is said so in the answer."""
        ...


Enqueue = Callable[[Transaction, Sequence[Job]], Sequence[tuple[str, bool]]]
"""Puts jobs into their queue: each one's run id, and whether it is new."""


@dataclass(frozen=True)
class Watcher:
    """What a look works with."""

    deployer: Deployer
    trail: Trail
    clock: Clock
    """Real time: looks are the machine's, whatever day business has."""
    reach: Reach
    """Shared by every look of this process."""
