"""The chain itself: pure functions over entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex

GENESIS = "0" * 64
"""What the first entry names as the one before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``recorded_at`` is real time, ``business_at`` the time the business stood at.

    ``person`` and ``account`` are empty where a machine acted. ``previous`` and ``hash`` are SHA-256 in hexadecimal.
    """

    number: int
    recorded_at: datetime
    business_at: datetime
    event: str
    person: str
    account: str
    subject: str
    facts: Mapping[str, Any]
    previous: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that does not fit: its number, and in what."""

    number: int
    zh: str
    en: str


def entry_hash(entry: Entry) -> str:
    """The hash of an entry over everything in it but the hash itself."""
    return sha256_hex(canonical_bytes(replace(entry, hash="")))


def first_break(chain: Iterable[Entry]) -> Break | None:
    """Walk the chain from entry 1 and name the first entry that was edited, is missing or stands elsewhere."""
    previous, expected = GENESIS, 1
    for entry in chain:
        if entry.number != expected:
            return Break(expected, f"缺少第 {expected} 条", f"entry {expected} is missing")
        if entry.previous != previous:
            return Break(entry.number, "与上一条不相连", "it does not follow the entry before it")
        if entry_hash(entry) != entry.hash:
            return Break(entry.number, "内容被改动", "its content was changed")
        previous, expected = entry.hash, expected + 1
    return None
