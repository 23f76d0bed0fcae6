"""Logins as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from governance.parties import Account, Duty


class Way(StrEnum):
    """How a session came about."""

    PASSWORD = "password"  # noqa: S105 - the name of a way
    ISSUER = "issuer"
    BEHALF = "behalf"


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who holds a valid token: one account, the one duty it serves now, and what the token is narrowed to.

    ``acts`` is None where every act of the duty is meant; ``api_token`` is empty for a person's own session.
    ``stale`` says that the last use on record is old enough to be written anew.
    """

    account: Account
    duty: Duty | None
    way: Way | None
    second_factor: bool
    expires_at: datetime
    acts: frozenset[str] | None = None
    api_token: str = ""
    stale: bool = False

    @property
    def duties(self) -> frozenset[Duty]:
        """The one duty, or none while none is chosen."""
        return frozenset() if self.duty is None else frozenset({self.duty})

    @property
    def in_person(self) -> bool:
        """Whether somebody logged in, rather than a token or work on their behalf."""
        return self.way in {Way.PASSWORD, Way.ISSUER}


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just opened. ``token`` is told here and never again."""

    account: str
    token: str
    duty: Duty
    expires_at: datetime
    idle_minutes: int


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token for programs: its name and limits, never the token itself. ``acts`` empty: every act of the duty."""

    id: str
    account: str
    name: str
    duty: Duty
    acts: frozenset[str]
    read_only: bool
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    ended_at: datetime | None
    because: str
