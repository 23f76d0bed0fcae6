"""First passwords of databases: never in a spec, a plan or a repository, and the same in every run of the program.

They are derived from a seed that the installation keeps, so that no run has to remember them. What a person or a
rotation sets afterwards the cloud never shows, and no plan takes back.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

_LENGTH = 32
_SEED_BYTES = 32
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789-_"
"""None that a database refuses, none that people mistake for another."""


class Passwords(Protocol):
    """Gives the first password of a named thing in an environment."""

    def __call__(self, environment: str, name: str) -> str:
        """The same text for the same names; nobody can tell it from another's."""
        ...


def derived(seed: bytes) -> Passwords:
    """Passwords by HMAC-SHA-512 of environment and name under the seed: 32 characters, some 187 bits."""

    def password(environment: str, name: str) -> str:
        found: list[str] = []
        counter = 0
        limit = 256 - 256 % len(_SIGNS)  # beyond it some signs would come up more often
        while len(found) < _LENGTH:
            told = f"{environment}\0{name}\0{counter}".encode()
            digest = hmac.new(seed, told, hashlib.sha512).digest()
            found.extend(_SIGNS[one % len(_SIGNS)] for one in digest if one < limit)
            counter += 1
        return "".join(found[:_LENGTH])

    return password


def seed_in(folder: Path, random_bytes: Callable[[int], bytes]) -> bytes:
    """The seed that an installation keeps in ``folder``; made by the first who asks, readable by its owner only."""
    path = folder / "passwords.seed"
    if not path.exists():
        new = folder / f".passwords.{random_bytes(8).hex()}"
        new.touch(mode=0o600, exist_ok=False)
        new.write_bytes(random_bytes(_SEED_BYTES))
        try:
            path.hardlink_to(new)  # of two at once, one wins and both read its seed
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return path.read_bytes()
