"""What can be wrong with a workbook: each problem's code and its texts in both languages."""

from __future__ import annotations

import dataclasses
import json

from foundation.values.findings import Finding, Place, Severity


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, as the reading process says it: plain text and numbers, so that it crosses as JSON."""

    code: str
    sheet: str = ""
    row: int | None = None
    field: str = ""
    found: str = ""
    expected: str = ""

    def to_text(self) -> str:
        """The problem as one line."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)


# code -> (what was expected where the problem does not say, Chinese, English)
_TEXTS: dict[str, tuple[str, str, str]] = {
    "missing": ("a file that exists", "找不到文件", "the file does not exist"),
    "unreadable": ("a regular file that may be read", "文件无法读取:{found}", "the file cannot be read: {found}"),
    "empty": ("an .xlsx workbook", "文件是空的", "the file is empty"),
    "not-a-workbook": (
        "an .xlsx workbook",
        "文件不是 .xlsx 工作簿({found})",
        "the file is not an .xlsx workbook ({found})",
    ),
    "encrypted": (
        "a workbook without a password",
        "工作簿加了密码,请去掉密码后再导入",
        "the workbook is encrypted; remove its password and import it again",
    ),
    "damaged": (
        "a complete .xlsx workbook",
        "工作簿已损坏:{found}",
        "the workbook is damaged: {found}",
    ),
    "too-large": (
        "a smaller workbook",
        "工作簿过大:{found},上限 {expected}",
        "the workbook is too large: {found}, at most {expected}",
    ),
    "far-cell": (
        "cells near the top left",
        "单元格 {field} 离表头太远,工作表占 {found};上限 {expected}",
        "cell {field} is too far out: the sheet spans {found}, at most {expected}",
    ),
    "reader-died": (
        "a workbook that can be read",
        "读取工作簿的进程异常结束({found})",
        "the process that read the workbook died ({found})",
    ),
    "reader-stopped": (
        "a workbook that is read in time",
        "读取工作簿超时({found})",
        "reading the workbook took too long ({found})",
    ),
    "out-of-memory": (
        "a workbook that fits the memory limit",
        "读取工作簿所需内存超过 {expected}",
        "reading the workbook needs more memory than {expected}",
    ),
}


def finding(problem: Problem, file: str) -> Finding:
    """The problem as a finding on ``file``; a code this version does not know becomes ``damaged``."""
    code = problem.code if problem.code in _TEXTS else "damaged"
    expected, zh, en = _TEXTS[code]
    facts = {"found": problem.found, "field": problem.field, "expected": problem.expected or expected}
    return Finding(
        code=f"documents.workbook.{code}",
        severity=Severity.ERROR,
        place=Place(file=file, sheet=problem.sheet, row=problem.row, field=problem.field),
        found=problem.found,
        expected=problem.expected or expected,
        zh=zh.format(**facts),
        en=en.format(**facts),
    )
