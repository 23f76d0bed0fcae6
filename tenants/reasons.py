"""The reason somebody gives for saying no: how long it may be, and what of it the audit log keeps."""

from __future__ import annotations

from foundation.evidence import sha256_hex
from foundation.values.errors import InvalidValue


def check_reason(reason: str) -> None:
    """Raise ``InvalidValue`` unless the other side has 1 to 500 characters to read."""
    if not 1 <= len(reason) <= 500:
        raise InvalidValue(field="reason", found=f"{len(reason)} characters", expected="1 to 500 characters")


def reason_digest(reason: str) -> str:
    """A reason may name people: the log keeps what proves it unchanged, the thing itself keeps the words."""
    return sha256_hex(reason.encode())
