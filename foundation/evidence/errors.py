"""What can be wrong with evidence.

EvidenceError
├── NotCanonicalizable   a value has no canonical form (a float, a naive instant)
├── NotCanonical         bytes are not the canonical form of what they say
├── SignatureInvalid     the signature is not that key's over those bytes
├── UnknownKey           the reader's ring has no such key
└── WrongKey             the key belongs to a party that may not sign this
"""

from __future__ import annotations

from foundation.values.errors import GuanyunError


class EvidenceError(GuanyunError):
    """Base of this package's errors."""

    code = "evidence.error"
    exit_status = 3


class NotCanonicalizable(EvidenceError):
    """``path`` and ``found``: what in the value has no canonical form."""

    code = "evidence.not-canonicalizable"
    zh = "{path} 的值 {found} 没有规范形式"
    en = "the value {found} at {path} has no canonical form"


class NotCanonical(EvidenceError):
    """``what`` was read but its bytes are not the canonical ones."""

    code = "evidence.not-canonical"
    zh = "{what} 不是规范 JSON"
    en = "{what} is not canonical JSON"


class SignatureInvalid(EvidenceError):
    """``what`` carries a signature that does not fit."""

    code = "evidence.signature-invalid"
    zh = "{what} 的签名不符"
    en = "the signature on {what} does not fit"


class UnknownKey(EvidenceError):
    """``what`` is signed with ``key``, which the reader was not given."""

    code = "evidence.unknown-key"
    zh = "{what} 用密钥 {key} 签名,读者的公钥目录里没有它"
    en = "{what} is signed with key {key}, which is not among the reader's public keys"


class WrongKey(EvidenceError):
    """``what`` must be signed by ``expected``, not by ``found``."""

    code = "evidence.wrong-key"
    zh = "{what} 由 {found} 签名,应由 {expected} 签名"
    en = "{what} is signed by {found}, expected {expected}"


class HandedOutDiffers(EvidenceError):
    """``name`` was handed out before with another body."""

    code = "evidence.handed-out-differs"
    zh = "{name} 已经交出过,内容不同"
    en = "{name} was handed out before with another content"
