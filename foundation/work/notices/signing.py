"""How a webhook's receiver knows that a notice is ours, whole, fresh and not taken before.

Three headers go with the body (canonical JSON of the notice):

    Guanyun-Notice:    <notice id>
    Guanyun-Timestamp: <when it was sent, UTC: 2026-11-01T00:00:00Z>
    Guanyun-Signature: hmac-sha256 <64 hexadecimal digits>
                   or  ed25519 <key id, 16 hexadecimal digits> <signature, base64>

Signed are the canonical bytes of ``{"body": <SHA-256 of the body, hex>, "for": "guanyun-webhook-1", "notice": <id>,
"timestamp": <timestamp>}``. A receiver checks with ``check_received``, refuses what is older than five minutes, and
remembers the ids it took: a try again has another timestamp and the same id, and so has a replay.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from foundation.evidence import (
    KeyRing,
    Signed,
    Signer,
    canonical_bytes,
    keyed_hex,
    open_signed,
    read_canonical,
    sha256_hex,
    sign,
)
from foundation.evidence.errors import EvidenceError
from foundation.values.errors import InvalidValue
from foundation.values.instant import format_instant, parse_instant
from foundation.work.notices.errors import NoticeInvalid, NoticeRepeated, SignatureRefused
from foundation.work.notices.model import Notice, notice_of

NOTICE, TIMESTAMP, SIGNATURE = "Guanyun-Notice", "Guanyun-Timestamp", "Guanyun-Signature"
FRESH = timedelta(minutes=5)
"""How far sender's and receiver's clocks and the way between them may lie apart."""

LARGEST = 1_048_576
"""Bytes of a body a receiver looks at."""


class WebhookSigner(Protocol):
    """Makes the text of ``Guanyun-Signature``."""

    def __call__(self, signed: Mapping[str, Any]) -> str: ...


class WebhookChecker(Protocol):
    """Whether that text is a signature of ``signed``."""

    def __call__(self, signature: str, signed: Mapping[str, Any]) -> bool: ...


@dataclass(frozen=True, slots=True)
class SharedKey:
    """HMAC-SHA-256 with a key both sides keep in a file; signs and checks."""

    key: bytes

    def __post_init__(self) -> None:
        if len(self.key) < 16:
            raise NoticeInvalid(field="key", found=f"{len(self.key)} bytes", expected="≥ 16")

    def sign(self, signed: Mapping[str, Any]) -> str:
        """A ``WebhookSigner``."""
        return f"hmac-sha256 {keyed_hex(self.key, canonical_bytes(signed))}"

    def check(self, signature: str, signed: Mapping[str, Any]) -> bool:
        """A ``WebhookChecker``."""
        return hmac.compare_digest(signature.encode(), self.sign(signed).encode())


@dataclass(frozen=True, slots=True)
class HouseKey:
    """The house's Ed25519 signature: the receiver needs no secret, only the public key."""

    signer: Signer

    def sign(self, signed: Mapping[str, Any]) -> str:
        """A ``WebhookSigner``."""
        made = sign(signed, self.signer)
        return f"ed25519 {made.key} {made.signature}"


@dataclass(frozen=True, slots=True)
class HouseKeyRing:
    """Checks the house's signature with the receiver's own copy of the public keys; ``owner``: ``party.purpose``."""

    ring: KeyRing
    owner: str

    def check(self, signature: str, signed: Mapping[str, Any]) -> bool:
        """A ``WebhookChecker``."""
        match signature.split(" "):
            case ["ed25519", key, text]:
                try:
                    open_signed(Signed(signed, key, text), self.ring, owner=self.owner, what=NOTICE)
                except EvidenceError:
                    return False
                return True
        return False


def signed_headers(notice: str, body: bytes, *, at: datetime, signer: WebhookSigner) -> dict[str, str]:
    """The three headers for a body sent at ``at``."""
    timestamp = format_instant(at.replace(microsecond=0))
    signature = signer(_signed(notice, timestamp, body))
    return {NOTICE: notice, TIMESTAMP: timestamp, SIGNATURE: signature}


def check_received(
    headers: Mapping[str, str],
    body: bytes,
    *,
    checker: WebhookChecker,
    now: datetime,
    taken: Callable[[str], bool],
    fresh: timedelta = FRESH,
) -> Notice:
    """The notice, if it holds; ``taken`` says whether one of that id was taken before (keep ids longer than ``fresh``).

    Raises ``SignatureRefused``; ``NoticeRepeated`` for one taken before, to be answered as the first time (2xx).
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        notice, timestamp, signature = (given[name.lower()] for name in (NOTICE, TIMESTAMP, SIGNATURE))
        sent = parse_instant(timestamp, field=TIMESTAMP)
    except (KeyError, InvalidValue) as cause:
        raise SignatureRefused(what="headers") from cause
    if len(body) > LARGEST:
        raise SignatureRefused(what="body size")
    if not checker(signature, _signed(notice, timestamp, body)):
        raise SignatureRefused(what=SIGNATURE)
    if abs(now - sent) > fresh:
        raise SignatureRefused(what=TIMESTAMP)
    try:
        read = notice_of(read_canonical(body, what="notice"))
    except (EvidenceError, NoticeInvalid, AttributeError) as cause:
        raise SignatureRefused(what="body") from cause
    if read.id != notice:
        raise SignatureRefused(what=NOTICE)
    if taken(notice):
        raise NoticeRepeated(id=notice)
    return read


def _signed(notice: str, timestamp: str, body: bytes) -> Mapping[str, Any]:
    return {"body": sha256_hex(body), "for": "guanyun-webhook-1", "notice": notice, "timestamp": timestamp}
