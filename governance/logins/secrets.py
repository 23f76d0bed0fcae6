"""What is kept secret at rest: sealed with a key that lies in a file, never in the database."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.evidence import keyed_hex
from governance.logins.errors import SealBroken

Randomness = Callable[[int], bytes]
"""Gives so many bytes nobody can guess."""


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and hashes with one key of 32 bytes."""

    key: bytes = field(repr=False)
    randomness: Randomness = field(repr=False)

    def seal(self, secret: bytes, *, owner: str) -> str:
        """AES-256-GCM; opens for the same ``owner`` only, so that a row copied to another account is worth nothing."""
        nonce = self.randomness(12)
        return urlsafe_b64encode(nonce + AESGCM(self.key).encrypt(nonce, secret, owner.encode())).decode()

    def open(self, sealed: str, *, owner: str) -> bytes:
        """What was sealed. Raises ``SealBroken`` where key, owner or text is another."""
        try:
            whole = urlsafe_b64decode(sealed)
            return AESGCM(self.key).decrypt(whole[:12], whole[12:], owner.encode())
        except (InvalidTag, ValueError):
            raise SealBroken(owner=owner) from None

    def hash_code(self, code: str, *, owner: str) -> str:
        """What is kept of a recovery code."""
        return keyed_hex(self.key, f"{owner}:{code}".encode())
