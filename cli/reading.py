"""Files a person hands in: all their findings at once, or the document."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding
from governance.errors import InvalidDocument

if TYPE_CHECKING:
    from tenants.requests import Written

T = TypeVar("T")


def accepted(document: T | None, findings: Sequence[Finding]) -> T:
    """The document, or an error that carries every finding."""
    if document is None:
        raise InvalidDocument(count=len(findings), first=findings[0].en if findings else "", findings=findings)
    return document


def read_yaml(file: Path) -> dict[str, Any]:
    """A YAML or JSON file that holds one mapping."""
    import yaml

    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as cause:
        reason = " ".join(str(cause).split())[:200]
        raise InvalidValue(field=file.name, found=reason, expected="a YAML file") from cause
    if not isinstance(document, dict):
        raise InvalidValue(field=file.name, found=type(document).__name__, expected="a YAML mapping")
    return document


def read_written(file: Path) -> Written:
    """The same with its lines, of what is asked for or decided."""
    from governance.yaml_documents import load_document
    from tenants.requests import Written

    document, rows, findings = load_document(file)
    if findings:
        raise InvalidDocument(count=len(findings), first=findings[0].en, findings=findings)
    if not isinstance(document, dict):
        raise InvalidValue(field=file.name, found=type(document).__name__, expected="a YAML mapping")
    return Written(document, file.name, rows)


def read_bytes(file: Path) -> bytes:
    """A file's content; one that cannot be read is an error that names it."""
    try:
        return file.read_bytes()
    except OSError as cause:
        found = cause.strerror or type(cause).__name__
        raise InvalidValue(field=file.name, found=found, expected="a readable file") from cause
