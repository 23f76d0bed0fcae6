"""Which environments are being worked on, and for how long: an attached provider serves many at once.

An engine's environment is begun before the engine starts and ended when it has gone, however it went. What belongs
to an environment is asked here, by the stack's name in a URN; nothing is taken from variables of the process.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from infra.provider.errors import NoWork

__all__ = ["Begun", "Work", "Works", "environment_of", "type_of"]


@dataclass(frozen=True, slots=True)
class Work:
    """One run of an engine. ``adoption`` is the deployer's file of ids in state, after a run that did not end;
    ``births`` the deployment's file in which creates are noted (``infra.provider.births``).

    ``given`` are the ids of what the cloud has already and shall become part of the environment, by kind and name.
    """

    environment: str
    deployment: str
    adoption: Path | None = None
    given: Mapping[tuple[str, str], str] = field(default_factory=dict)
    births: Path | None = None

    def given_to(self, kind: str, urn: str) -> str:
        """The id of what exists already for the resource of that URN; "" where it is to be made."""
        return self.given.get((kind, urn.rpartition("::")[2]), "")


def environment_of(urn: str) -> str:
    """The stack of ``urn:pulumi:STACK::PROJECT::TYPE::NAME``: it is called as its environment."""
    return urn.removeprefix("urn:pulumi:").partition("::")[0]


def type_of(urn: str) -> str:
    """The type of a resource, without those of its parents; "" where the URN has none."""
    return next(iter(urn.split("::")[2:3]), "").rpartition("$")[2]


class Begun:
    """A work that was begun; it stays the same object until it is ended."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._ended = False
        self._sending = 0
        self._under_way: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def operation(self, urn: str) -> Iterator[None]:
        """Round one create, read, update or delete. Raises ``NoWork`` once ended."""
        self._enter(urn)
        try:
            yield
        finally:
            self._leave(urn)

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Round one request to the cloud. Raises ``NoWork`` once ended, so that nothing more is sent."""
        self._enter("")
        try:
            yield
        finally:
            self._leave("")

    def end(self, wait: float) -> tuple[str, ...]:
        """Let nothing new begin, and wait for what is under way; the URNs of what still was when the time was up."""
        deadline = time.monotonic() + wait
        with self._changed:
            self._ended = True
            while self._under_way or self._sending:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return tuple(sorted(self._under_way))

    def _enter(self, urn: str) -> None:
        with self._changed:
            if self._ended:
                raise NoWork(environment=self.work.environment)
            self._sending += not urn
            if urn:
                self._under_way[urn] += 1

    def _leave(self, urn: str) -> None:
        with self._changed:
            self._sending -= not urn
            if urn:
                self._under_way[urn] -= 1
                self._under_way += Counter()  # drops what has come to nothing
            self._changed.notify_all()


class Works:
    """Every work that is under way in this process. Safe for many threads."""

    def __init__(self) -> None:
        self._begun: dict[str, Begun] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The one work of a provider that an engine started: ``GUANYUN_ENVIRONMENT``, ``…_DEPLOYMENT``, ``…_ADOPTION``.

        The stack is called as the environment.
        """
        works = cls()
        environment = environ.get("GUANYUN_ENVIRONMENT", "")
        if environment:
            adoption = environ.get("GUANYUN_ADOPTION")
            deployment = environ.get("GUANYUN_DEPLOYMENT", "")
            works.begin(Work(environment, deployment, Path(adoption) if adoption else None))
        return works

    def begin(self, work: Work) -> None:
        """From now on the environment is worked on; a work begun before it is at its end."""
        with self._lock:
            before = self._begun.get(work.environment)
            self._begun[work.environment] = Begun(work)
        if before is not None:
            before.end(0)

    def end(self, environment: str, *, wait: float = 90.0) -> tuple[str, ...]:
        """Nothing new starts once this returns, ``wait`` seconds at most.

        The URNs of what was still under way then: their requests may yet be carried out, so a resuming run must
        sweep after them. An environment that was never begun has none.
        """
        with self._lock:
            begun = self._begun.pop(environment, None)
        return begun.end(wait) if begun is not None else ()

    def of(self, urn: str) -> Work:
        """The work of a URN's environment. Raises ``NoWork``."""
        return self.begun(urn).work

    def begun(self, urn: str) -> Begun:
        """The same with its gate."""
        environment = environment_of(urn)
        with self._lock:
            found = self._begun.get(environment)
        if found is None:
            raise NoWork(environment=environment)
        return found

    @property
    def environments(self) -> tuple[str, ...]:
        """Those worked on now."""
        with self._lock:
            return tuple(sorted(self._begun))
