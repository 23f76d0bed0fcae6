"""Credentials come from files that only their owner can read; never from an argument, the environment or a log."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from foundation.work.notices.errors import SecretUnusable

LARGEST = 65_536
"""Bytes of a file of credentials."""


def read_secret(path: Path) -> bytes:
    """The content of a file that nobody else may read, without the line's end; raises ``SecretUnusable``."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
                raise SecretUnusable(
                    file=path.name, reason_zh="他人可读,请改为 0600", reason_en="others can read it, make it 0600"
                )
            content = file.read(LARGEST)
    except OSError as cause:
        reason = cause.strerror or type(cause).__name__
        raise SecretUnusable(file=path.name, reason_zh=reason, reason_en=reason) from None
    secret = content.strip(b"\r\n")
    if not secret:
        raise SecretUnusable(file=path.name, reason_zh="文件为空", reason_en="the file is empty")
    return secret


def read_login(path: Path) -> tuple[str, str]:
    """The user and password of ``{"user": …, "password": …}``; raises ``SecretUnusable``."""
    try:
        document = json.loads(read_secret(path))
    except ValueError:
        document = None
    match document:
        case {"user": str() as user, "password": str() as password}:
            return user, password
    shape = '{"user": …, "password": …}'
    raise SecretUnusable(file=path.name, reason_zh=f"应为 {shape}", reason_en=f"expected {shape}")
