"""What is known, for a short time, of a cloud that cannot be reached: found out once, and not by every look anew.

Each look that meets such a cloud would wait for it as long as every other. So the first ones to find out say so here,
and those that come within the next minute do not even begin. It is the knowledge of one process and lasts a minute:
whoever is killed or comes later finds out again, and the first look after that minute tries the cloud itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.values.errors import GuanyunError
from foundation.values.instant import SHANGHAI, Clock
from infra.drift.errors import NotReached
from infra.errors import CloudUnreachable

LASTING = timedelta(minutes=1)
_IN_A_ROW = 2
"""Environments in a row that must fail before their regions count as away: of one it may be its own trouble."""

Regions = frozenset[str]
_EVERYTHING: Regions = frozenset()


@dataclass(frozen=True, slots=True)
class _Word:
    failure: GuanyunError
    environments: tuple[str, ...]
    at: datetime


class Reach:
    """Safe for many threads. ``regions`` are all that an environment lies in; those with the same ones share a fate."""

    def __init__(self, clock: Clock, *, lasting: timedelta = LASTING) -> None:
        """``clock`` is real time."""
        self._clock = clock
        self._lasting = lasting
        self._words: dict[Regions, _Word] = {}
        self._lock = threading.Lock()

    def check(self, regions: Callable[[], Regions] = lambda: _EVERYTHING) -> None:
        """Raise ``NotReached`` where the whole cloud, or these regions, could not be reached a moment ago.

        ``regions`` is asked for only where anything of that kind is known.
        """
        with self._lock:
            known = dict(self._words)
        if not known:
            return
        now = self._clock()
        for wanted in (_EVERYTHING, regions()):
            word = known.get(wanted)
            enough = 1 if wanted == _EVERYTHING else _IN_A_ROW
            if word and len(word.environments) >= enough and timedelta() <= now - word.at < self._lasting:
                raise NotReached(
                    environment=word.environments[-1],
                    at=f"{word.at.astimezone(SHANGHAI):%H:%M:%S}",
                    reason_zh=word.failure.text("zh"),
                    reason_en=word.failure.text("en"),
                )

    def lost(self, environment: str, regions: Regions, failure: GuanyunError) -> None:
        """The look at an environment could not reach the cloud: not at all, or somewhere in its regions."""
        wanted = _EVERYTHING if isinstance(failure, CloudUnreachable) else regions
        with self._lock:
            before = self._words.get(wanted)
            others = () if before is None else tuple(one for one in before.environments if one != environment)
            self._words[wanted] = _Word(failure, (*others[-_IN_A_ROW:], environment), self._clock())

    def seen(self, regions: Callable[[], Regions]) -> None:
        """A look has seen what lies in these regions, which are asked for only where anything is known."""
        if self._words:
            there = regions()
            with self._lock:
                self._words.pop(_EVERYTHING, None)
                self._words.pop(there, None)
