"""Why an uploaded file is not taken in: each reason's code and its texts in both languages."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.values.findings import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason; ``field`` names the part of a package."""

    code: str
    found: str = ""
    expected: str = ""
    field: str = ""


_TEXTS: dict[str, tuple[str, str, str]] = {
    "name": ("a plain file name", "文件名不合要求:{found}", "the file's name is not acceptable: {found}"),
    "empty": ("a file with content", "文件是空的", "the file is empty"),
    "too-large": (
        "a smaller file",
        "文件过大:{found},上限 {expected}",
        "the file is too large: {found}, at most {expected}",
    ),
    "ending": (
        "an allowed kind of file",
        "不接收 {found} 类文件,可用:{expected}",
        "files of the kind {found} are not taken in, these are: {expected}",
    ),
    "type-differs": (
        "the kind its name says",
        "内容({found})与文件名后缀不符,应为 {expected}",
        "the content ({found}) is not what the name's ending says: {expected}",
    ),
    "active-content": (
        "a file without programs",
        "文件内含可执行内容:{found}",
        "the file carries active content: {found}",
    ),
    "encrypted": ("a file without a password", "文件加了密码", "the file is encrypted"),
    "damaged": ("a complete file", "文件已损坏:{found}", "the file is damaged: {found}"),
}


def refusal(reason: Refusal, file: str) -> Finding:
    """The reason as a finding on ``file``."""
    expected, zh, en = _TEXTS[reason.code]
    facts = {"found": reason.found, "expected": reason.expected or expected}
    return Finding(
        code=f"documents.content.{reason.code}",
        severity=Severity.ERROR,
        place=Place(file=file, field=reason.field),
        found=reason.found,
        expected=reason.expected or expected,
        zh=zh.format(**facts),
        en=en.format(**facts),
    )
