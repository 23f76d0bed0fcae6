"""Secrets a person types: at a terminal without being shown, or line by line from a file descriptor."""

from __future__ import annotations

import os
from typing import TextIO


class Secrets:
    """Asks once for each; with a ``descriptor`` reads one line of it instead."""

    def __init__(self, descriptor: int | None = None) -> None:
        self._descriptor = descriptor
        self._stream: TextIO | None = None

    def password(self, account: str) -> str:
        """The account's password."""
        return self._ask(f"{account} 密码 password: ")

    def new_password(self, account: str) -> str:
        """The password an account is to have; at a terminal it is typed twice."""
        from foundation.values.errors import InvalidValue

        new = self._ask(f"{account} 新密码 new password: ")
        if self._descriptor is None and self._ask("再输一次 once more: ") != new:
            raise InvalidValue(field="password", found="two different ones", expected="the same twice")
        return new

    def code(self, account: str) -> str:
        """The code an authenticator program shows, or a recovery code."""
        return self._ask(f"{account} 动态口令或恢复码 code: ").replace(" ", "")

    def identity(self, name: str) -> str:
        """A person's identity number: of it only a keyed hash is kept."""
        return self._ask(f"{name} 身份号码 identity number: ").strip()

    def subject(self, person: str) -> str:
        """What the issuer calls a person: personal data, so it is no argument either."""
        return self._ask(f"{person} 在统一身份认证中的标识 subject: ")

    def _ask(self, prompt: str) -> str:
        from foundation.values.errors import InvalidValue

        if self._descriptor is None:
            import warnings
            from getpass import GetPassWarning, getpass

            try:
                with warnings.catch_warnings():
                    # Without a terminal the answer would be echoed, or be whatever is piped in.
                    warnings.simplefilter("error", GetPassWarning)
                    return getpass(prompt)
            except GetPassWarning:
                expected = "a terminal, or --password-fd"
                raise InvalidValue(field="password", found="no terminal", expected=expected) from None
            except (EOFError, UnicodeDecodeError):
                raise InvalidValue(field="password", found="nothing", expected="a line of UTF-8 text") from None
        try:
            if self._stream is None:
                self._stream = os.fdopen(self._descriptor, "r", encoding="utf-8")
            return self._stream.readline().rstrip("\r\n")
        except (OSError, ValueError):
            found = f"file descriptor {self._descriptor}"
            raise InvalidValue(field="--password-fd", found=found, expected="a readable line of UTF-8 text") from None
