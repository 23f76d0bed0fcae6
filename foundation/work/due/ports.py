"""What the tick asks of others, bound in ``wiring``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from foundation.store import Transaction
from foundation.values.working_days import WorkingCalendar
from foundation.work.runs.model import Job

CalendarAt = Callable[[Transaction], WorkingCalendar]
"""The working calendar as the database knows it now."""


class Enqueue(Protocol):
    """Puts jobs into their queues in this transaction; gives the run of each, in the order of the jobs.

    One run for a job's kind and key, however often it is asked for. Raises a ``GuanyunError`` where a job cannot be
    taken (its kind is unknown to this program); the caller then undoes the transaction.
    """

    def __call__(self, transaction: Transaction, jobs: Sequence[Job]) -> Sequence[str]: ...
