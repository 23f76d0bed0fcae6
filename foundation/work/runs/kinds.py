"""Kinds of work: named in ``wiring``, each with its flow and the limits it runs under."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from foundation.work.runs.errors import UnknownKind
from foundation.work.runs.model import Backoff, Json

if TYPE_CHECKING:
    from foundation.work.runs.steps import Steps

Flow = Callable[["Steps"], Json]
"""What a run does, step by step; run again from the start after an interruption, it finds its finished steps done."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work. ``version`` grows when the flow's steps change; ``finishes`` names the older versions whose runs
    this flow can still finish.

    ``concurrency`` holds over all workers, ``for_one_agency`` within it; ``attempts`` is the budget of failures;
    ``deaths`` how often the worker may die under one run before it is parked; ``within`` the time from being asked for
    to its deadline.
    """

    name: str
    zh: str
    en: str
    flow: Flow
    version: int = 1
    finishes: frozenset[int] = frozenset()
    concurrency: int = 4
    for_one_agency: int | None = None
    attempts: int = 5
    deaths: int = 5
    backoff: Backoff = field(default_factory=Backoff)
    within: timedelta | None = None
    transient: tuple[type[Exception], ...] = ()
    """Errors of ours worth another try. What is not ours (a defect, a broken pipe) always is, within the budget; any
    other error of ours says the same thing however often it is asked, and ends the run."""

    def can_finish(self, version: int) -> bool:
        """Whether runs begun under ``version`` may go on with this flow."""
        return version == self.version or version in self.finishes


class Kinds:
    """The kinds a program knows, by name."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        listed = list(kinds)
        self._by_name: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in listed})
        if len(self._by_name) != len(listed):
            raise ValueError("two kinds of work have one name")

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._by_name.values())

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Kind:
        """The kind of that name; raises ``UnknownKind``."""
        kind = self._by_name.get(name)
        if kind is None:
            raise UnknownKind(kind=name, known=", ".join(sorted(self._by_name)))
        return kind

    def get(self, name: str) -> Kind | None:
        """The kind of that name, if this program has it."""
        return self._by_name.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, sorted."""
        return tuple(sorted(self._by_name))
