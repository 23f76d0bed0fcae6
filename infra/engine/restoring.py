"""A state that cannot be read: which copies of it the engine keeps, and putting the newest one back.

The engine writes the state at every step, keeps the writing before as ``.bak``, and a whole copy at the end of every
run. So a copy lacks what was done since it was made; what that is the comparison with the cloud says afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infra.engine.backends import Backend, checkpoint_of
from infra.engine.errors import NoCopyOfState

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_COPIES = ("history", "backups")


@dataclass(frozen=True, slots=True)
class StateCopy:
    """A readable copy: its key, what it holds, when it was written, and how many resources it names."""

    key: str
    content: bytes
    written_at: datetime
    resources: int
    holds_something: bool


def copies(backend: Backend, key: str) -> tuple[StateCopy, ...]:
    """The readable copies of the state at ``key``, newest first; of two of one time the one of a finished run."""
    found = (_copy(backend, each) for each in _candidates(backend, key))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.written_at, reverse=True))


def restore(backend: Backend, key: str, environment: str) -> StateCopy:
    """Put the newest readable copy in the place of a state that cannot be read; the damaged one is kept beside it.

    Raises ``NoCopyOfState``, and has changed nothing then.
    """
    found = copies(backend, key)
    if not found:
        looked = ", ".join(_candidates(backend, key)) or "-"
        raise NoCopyOfState(environment=environment, file=key, looked=looked)
    damaged = backend.read(key)
    if damaged is not None:
        backend.write(f"{key}.damaged", damaged)
    backend.write(key, found[0].content)
    return found[0]


def holds_nothing(backend: Backend, key: str) -> bool:
    """Whether nobody can have made anything under this state: no run left a copy, and the writing before was empty."""
    before = _copy(backend, f"{key}.bak")
    return before is not None and not before.holds_something and list(_candidates(backend, key)) == [before.key]


def said_of(copy: StateCopy) -> tuple[str, ...]:
    """What was put back, for people, in both languages."""
    at = f"{copy.written_at:%Y-%m-%d %H:%M:%S%z}"
    return (
        f"放回副本 {copy.key} · put back {copy.key}",
        f"写于 {at},{copy.resources} 个资源;其后的改动不在其中 · "
        f"written at {at}, {copy.resources} resources; what was done after that is not in it",
        "损坏的原件留在旁边,名为 .damaged · the damaged file stays beside it as .damaged",
    )


def _candidates(backend: Backend, key: str) -> Iterator[str]:
    project, _, file = key.removeprefix(".pulumi/stacks/").partition("/")
    environment = file.removesuffix(".json")
    for kept in _COPIES:
        for each in backend.keys(f".pulumi/{kept}/{project}/{environment}"):
            if each.endswith(".json") and not each.endswith(".history.json"):
                yield each
    yield f"{key}.bak"


def _copy(backend: Backend, key: str) -> StateCopy | None:
    content = backend.read(key)
    if content is None:
        return None
    try:
        latest: dict[str, Any] = checkpoint_of(content)
    except ValueError:
        return None
    named = [one for one in latest.get("resources") or () if isinstance(one, dict) and one.get("custom")]
    resources = sum(1 for one in named if one.get("id") and not str(one.get("type", "")).startswith("pulumi:"))
    holds = bool(latest.get("resources") or latest.get("pending_operations"))
    return StateCopy(key, content, _written_at(latest), resources, holds)


def _written_at(latest: dict[str, Any]) -> datetime:
    try:
        told = datetime.fromisoformat(str((latest.get("manifest") or {}).get("time", "")))
    except ValueError:
        return _LONG_AGO
    return told if told.tzinfo else told.replace(tzinfo=UTC)
