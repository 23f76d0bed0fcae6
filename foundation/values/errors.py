"""The root of every error a user can meet.

GuanyunError
└── one base class per package, in its own ``errors.py``
    └── one class per refusal, with a stable ``code`` and a text in both languages
"""

from __future__ import annotations

from typing import ClassVar, Literal

Language = Literal["zh", "en"]


class GuanyunError(Exception):
    """An expected failure: it has a stable code, says what to do, and ends a command with ``exit_status``.

    Subclasses set ``code`` (``package.kebab-case``), ``zh`` and ``en``; the texts are ``str.format`` templates
    over the keyword arguments the error is raised with. Never put a secret among them.
    """

    code: ClassVar[str] = "guanyun.error"
    exit_status: ClassVar[int] = 1
    zh: ClassVar[str] = "出错了"
    en: ClassVar[str] = "something went wrong"

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(f"{self.code}: {self.text('en')}")

    def text(self, language: Language) -> str:
        """The message in one language, without the code."""
        return (self.zh if language == "zh" else self.en).format(**self.facts)


class InvalidValue(GuanyunError):
    """A value is outside its type: ``field``, ``found``, ``expected``."""

    code = "values.invalid"
    exit_status = 2
    zh = "{field}:得到 {found},应为 {expected}"
    en = "{field}: found {found}, expected {expected}"
