"""The key that turns identity numbers into hashes: a file of the installation, never in the database."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from foundation.evidence import keyed_hex
from wiring.errors import IdentityKeyMissing
from wiring.settings import Settings


def identity_hash(settings: Settings, *, make: bool = False) -> Callable[[str], str]:
    """Gives the keyed hash of an identity number. Raises ``IdentityKeyMissing``; with ``make`` the key is made once.

    With another key nobody on record would be known again, so that none is made beside a database that has people.
    """
    path = settings.keys_folder / "identity.key"
    if not path.exists():
        if not make:
            raise IdentityKeyMissing(path=path)
        write_secret(path, secrets.token_bytes(32))
    key = path.read_bytes()
    return lambda number: keyed_hex(key, number.strip().encode())


def write_secret(path: Path, content: bytes) -> None:
    """A file of mode 0600, whole or not at all."""
    partial = path.with_name(path.name + ".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
