"""Digests as lower-case hexadecimal."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SM3, Hash


def sha256_hex(data: bytes) -> str:
    """SHA-256 of ``data``: 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def sm3_hex(data: bytes) -> str:
    """SM3 (GB/T 32905) of ``data``: 64 hexadecimal digits."""
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize().hex()


def keyed_hex(key: bytes, data: bytes) -> str:
    """HMAC-SHA-256 of ``data``: a digest that nobody without ``key`` can guess from a likely value."""
    return hmac.new(key, data, hashlib.sha256).hexdigest()
