"""The chain itself: pure functions over entries and their links.

An entry's hash is taken over the canonical text of everything in it but the hash. Which digest made it is written in
front of the hash (``sm3:…``; none in front is SHA-256), so that one chain may go over from one digest to another.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from foundation.evidence import canonical_text, sha256_hex, sm3_hex
from foundation.values.instant import parse_instant


class Digest(StrEnum):
    """What the entries are hashed with."""

    SHA256 = "sha256"
    SM3 = "sm3"

    def of(self, text: str) -> str:
        """The hash of a canonical text: 64 hexadecimal digits, behind ``sm3:`` where it is one."""
        return f"sm3:{sm3_hex(text.encode())}" if self is Digest.SM3 else sha256_hex(text.encode())


GENESIS = "0" * 64
"""What the first entry names as the one before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``recorded_at`` is real time, ``business_at`` the time the business stood at.

    ``person`` and ``account`` are empty where a machine acted. ``previous`` and ``hash`` are as ``Digest.of`` says.
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


class Link(NamedTuple):
    """What the chain is made of: ``text`` is the entry's canonical text with an empty hash."""

    number: int
    previous: str
    hash: str
    text: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that does not fit: its number, and in what."""

    number: int
    zh: str
    en: str


def digest_of(hash_: str) -> Digest:
    """Which digest made this hash."""
    return Digest.SM3 if hash_.startswith("sm3:") else Digest.SHA256


def entry_hash(entry: Entry, digest: Digest = Digest.SHA256) -> str:
    """The hash of an entry over everything in it but the hash itself."""
    return digest.of(canonical_text(replace(entry, hash="")))


def link_of(entry: Entry) -> Link:
    """The entry as a link."""
    return Link(entry.number, entry.previous, entry.hash, canonical_text(replace(entry, hash="")))


def entry_of(link: Link) -> Entry:
    """The link as an entry. Raises ``ValueError``, ``KeyError`` or ``TypeError`` for a text that is none."""
    told = json.loads(link.text)
    at = {name: parse_instant(told[name], field=name) for name in ("recorded_at", "business_at")}
    return Entry(**{**told, **at, "hash": link.hash})


def keeping(chain: Iterable[Link], events: Collection[str], kept: list[Entry]) -> Iterator[Link]:
    """The same chain, passed on; its entries of these ``events`` are put into ``kept`` on the way."""
    marks = tuple(f'"event":{json.dumps(event)},' for event in events)
    for link in chain:
        if any(mark in link.text for mark in marks):  # few are parsed, so a million take no longer
            entry = entry_of(link)
            if entry.event in events:
                kept.append(entry)
        yield link


def link_break(link: Link, expected: int, previous: str) -> Break | None:
    """What does not fit in a link that should be number ``expected`` and follow the hash ``previous``."""
    if link.number != expected:
        return Break(expected, f"缺少第 {expected} 条", f"entry {expected} is missing")
    if link.previous != previous:
        return Break(link.number, "与上一条不相连", "it does not follow the entry before it")
    if digest_of(link.hash).of(link.text) != link.hash:
        return Break(link.number, "内容被改动", "its content was changed")
    return None


def first_break(chain: Iterable[Entry]) -> Break | None:
    """Walk the chain from entry 1 and name the first entry that was edited, is missing or stands elsewhere."""
    previous, expected = GENESIS, 1
    for entry in chain:
        broken = link_break(link_of(entry), expected, previous)
        if broken is not None:
            return broken
        previous, expected = entry.hash, expected + 1
    return None
