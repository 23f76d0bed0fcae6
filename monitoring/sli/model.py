"""Frozen values of sealed minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from foundation.evidence import ProofStep, Signed


@dataclass(frozen=True, slots=True)
class SliDay:
    """One service's day for one agency: 1,440 states as in ``governance.sla``.

    ``source`` says how the checks came about (``replay``); ``evidence`` is the digest of the file they came in.
    """

    agency: str
    service: str
    day: date
    states: str
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class SealedDay:
    """A day's root as it was signed and handed out; a later version covers what was recorded after the earlier."""

    day: date
    version: int
    root: str
    signed: Signed

    @property
    def name(self) -> str:
        """What it is called in the handed-out folder."""
        return f"sli-{self.day.isoformat()}.v{self.version}"


@dataclass(frozen=True, slots=True)
class SliDayProof:
    """What one agency needs to show its own part of a day whole: its leaves by service, its salt, the way up."""

    sealed: SealedDay
    agency: str
    salt: str
    leaves: Mapping[str, str]
    proof: tuple[ProofStep, ...]
