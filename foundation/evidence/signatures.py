"""Signatures: Ed25519 behind one signer port. A reader brings the public keys; a document never does.

A key file is PEM. A public key's file name is ``<party>.<purpose>.pub.pem``: whose it is and what it may sign.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from foundation.evidence.canonical import canonical_bytes, plain
from foundation.evidence.digest import sha256_hex
from foundation.evidence.errors import NotCanonical, SignatureInvalid, UnknownKey, WrongKey


@dataclass(frozen=True, slots=True)
class Signed:
    """A body with its signature; ``key`` is the first 16 hexadecimal digits of the public key's SHA-256."""

    body: Mapping[str, Any]
    key: str
    signature: str


class Signer(Protocol):
    """Holds one private key. SM2 or a hardware token stand behind the same port."""

    @property
    def key(self) -> str: ...

    def signature(self, data: bytes) -> bytes: ...


class FileSigner:
    """An Ed25519 key in a PEM file of mode 0600."""

    def __init__(self, path: Path) -> None:
        loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(loaded, Ed25519PrivateKey):
            raise WrongKey(what=path.name, found=type(loaded).__name__, expected="Ed25519")
        self._private = loaded

    @property
    def key(self) -> str:
        return key_id(self._private.public_key())

    def signature(self, data: bytes) -> bytes:
        return self._private.sign(data)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The reader's public keys: key id → (``party.purpose``, key)."""

    keys: Mapping[str, tuple[str, Ed25519PublicKey]]


def key_id(public: Ed25519PublicKey) -> str:
    """The short name of a public key."""
    return sha256_hex(public.public_bytes_raw())[:16]


def create_key(private_path: Path, public_path: Path) -> str:
    """Make a key pair once; an existing private key is kept. Returns the key id."""
    private_path.parent.mkdir(parents=True, exist_ok=True)
    public_path.parent.mkdir(parents=True, exist_ok=True)
    if not private_path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        partial = private_path.with_suffix(".part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(private_path)
    loaded = serialization.load_pem_private_key(private_path.read_bytes(), password=None)
    if not isinstance(loaded, Ed25519PrivateKey):
        raise WrongKey(what=private_path.name, found=type(loaded).__name__, expected="Ed25519")
    public = loaded.public_key()
    public_path.write_bytes(
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return key_id(public)


def read_key_ring(folder: Path) -> KeyRing:
    """Every ``*.pub.pem`` of a folder."""
    keys: dict[str, tuple[str, Ed25519PublicKey]] = {}
    for path in sorted(folder.glob("*.pub.pem")):
        try:
            loaded = serialization.load_pem_public_key(path.read_bytes())
        except ValueError as cause:
            raise WrongKey(what=path.name, found="unreadable", expected="Ed25519 PEM") from cause
        if not isinstance(loaded, Ed25519PublicKey):
            raise WrongKey(what=path.name, found=type(loaded).__name__, expected="Ed25519")
        keys[key_id(loaded)] = (path.name.removesuffix(".pub.pem"), loaded)
    return KeyRing(keys)


def sign(body: Mapping[str, Any], signer: Signer) -> Signed:
    """Sign the canonical bytes of ``body``."""
    document = plain(body)
    text = base64.b64encode(signer.signature(canonical_bytes(document))).decode()
    return Signed(body=document, key=signer.key, signature=text)


def signed_from_document(document: object, *, what: str) -> Signed:
    """Read ``{body, key, signature}``; any other shape is refused."""
    match document:
        case {"body": dict() as body, "key": str() as key, "signature": str() as signature, **rest} if not rest:
            return Signed(body=body, key=key, signature=signature)
    raise NotCanonical(what=what)


def open_signed(signed: Signed, ring: KeyRing, *, owner: str, what: str) -> Mapping[str, Any]:
    """The body, if ``owner`` (``party.purpose``, or a purpose with ``*.``) signed exactly it."""
    known = ring.keys.get(signed.key)
    if known is None:
        raise UnknownKey(what=what, key=signed.key)
    name, public = known
    wanted = owner.removeprefix("*")
    if not (name.endswith(wanted) if owner.startswith("*") else name == owner):
        raise WrongKey(what=what, found=name, expected=owner)
    try:
        public.verify(base64.b64decode(signed.signature, validate=True), canonical_bytes(signed.body))
    except (InvalidSignature, ValueError) as cause:
        raise SignatureInvalid(what=what) from cause
    return signed.body
