"""Files a person hands in: all their findings at once, or the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from foundation.values.findings import Finding
from governance.errors import InvalidCatalogue

T = TypeVar("T")


def accepted(document: T | None, findings: Sequence[Finding]) -> T:
    """The document, or an error that carries every finding."""
    if document is None:
        raise InvalidCatalogue(count=len(findings), first=findings[0].en if findings else "", findings=findings)
    return document
