"""What is kept of a failed handler: a code and words in both languages, no traceback, no secret."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.values.errors import GuanyunError
from foundation.work.outbox.errors import HandlerFailed

LONGEST = 1_000
"""Characters kept of a text."""


@dataclass(frozen=True, slots=True)
class Words:
    """A failure as people may read it."""

    code: str
    zh: str
    en: str


def words_of(error: Exception) -> Words:
    """An error of ours speaks for itself; of others only what is known to hold no secret is kept.

    The text of an arbitrary exception may repeat an address with its password or a row of somebody's data.
    """
    told = error if isinstance(error, GuanyunError) else _in_words(error)
    return Words(told.code[:100], _clean(told.text("zh")), _clean(told.text("en")))


def _in_words(error: Exception) -> GuanyunError:
    reason = ""
    if isinstance(error, OSError) and error.strerror:
        reason = error.strerror if error.filename is None else f"{error.strerror}: {error.filename}"
    return HandlerFailed(kind=type(error).__qualname__, reason=reason)


def _clean(text: str) -> str:
    """Text that either database takes: no NUL (PostgreSQL refuses it), nothing that is not UTF-8."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:LONGEST]
