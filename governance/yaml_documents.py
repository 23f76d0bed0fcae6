"""YAML at the edge: a file a person wrote becomes a checked value, or findings that name file, line and field.

A number with a decimal point is refused unless it is quoted: YAML reads it as a binary float, and money has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from foundation.values.findings import Finding, Place, Severity

_LARGEST = 2**20
_DEEPEST = 20
_PLAIN_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,14})?")

FieldPath = tuple[str | int, ...]
Rows = Mapping[FieldPath, int]
"""The line, from 1, on which each field of a file stands."""


def _decimal(value: object) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _PLAIN_DECIMAL.fullmatch(value):
        try:
            return Decimal(value)
        except InvalidOperation as cause:  # pragma: no cover - the pattern allows only decimals
            raise ValueError("a decimal") from cause
    raise ValueError('a whole number, or a decimal in quotes such as "0.05"')


ExactDecimal = Annotated[Decimal, BeforeValidator(_decimal)]
"""A decimal written as a whole number or as quoted text."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
"""An identifier: 1 to 40 letters, digits, points and hyphens."""


class Form(BaseModel):
    """The base of every form: nothing unknown is let through, nothing is changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


FormT = TypeVar("FormT", bound=Form)


class Problems:
    """Collects the findings of one document; ``rows`` gives the line of a field."""

    def __init__(self, file: str, rows: Mapping[FieldPath, int]) -> None:
        self.file = file
        self._rows = rows
        self.findings: list[Finding] = []

    def add(self, path: FieldPath, *, found: object, expected: str, zh: str, en: str, code: str = "invalid") -> None:
        """One finding at the field ``path``, or at the nearest line above it that is known."""
        row = next((self._rows[path[:size]] for size in range(len(path), -1, -1) if path[:size] in self._rows), None)
        self.findings.append(
            Finding(
                code=f"governance.document.{code}",
                severity=Severity.ERROR,
                place=Place(file=self.file, row=row, field=field_text(path)),
                found=str(found)[:80],
                expected=expected,
                zh=zh,
                en=en,
            )
        )


def field_text(path: FieldPath) -> str:
    """A field path as a reader writes it: ``contract.scheme.grades[2].at_least``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def read_form(
    path: Path, form: type[FormT], check: Callable[[FormT, Problems], None]
) -> tuple[FormT | None, tuple[Finding, ...]]:
    """Read the file as ``form``; ``check`` adds what the shape alone cannot say. On any finding there is no form."""
    document, rows, findings = load_document(path)
    if document is None:
        return None, findings
    problems = Problems(path.name, rows)
    problems.findings.extend(findings)
    return fill_form(document, form, check, problems)


def load_document(path: Path) -> tuple[Any, Rows, tuple[Finding, ...]]:
    """A YAML or JSON file's plain values (None where it cannot be read), its lines, and what is wrong with it."""
    problems = Problems(path.name, {})
    text = _text(path, problems)
    document, rows = (None, {}) if text is None else _load(text, problems)
    return document, rows, tuple(problems.findings)


def fill_form(
    document: object, form: type[FormT], check: Callable[[FormT, Problems], None], problems: Problems
) -> tuple[FormT | None, tuple[Finding, ...]]:
    """``document`` (nested plain values, from whatever kind of file) as ``form``; see ``read_form``.

    ``problems`` may have findings already; a field that has one is not complained of twice.
    """
    told = {finding.place.field for finding in problems.findings}
    try:
        filled = form.model_validate(document)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False):
            zh, en = _words(problem["type"], problem["msg"])
            shown = "" if problem["type"] == "missing" else problem.get("input")
            if field_text(problem["loc"]) not in told:
                problems.add(problem["loc"], found=shown, expected=en, zh=zh, en=en)
    else:
        check(filled, problems)
        return (None, tuple(problems.findings)) if problems.findings else (filled, ())
    return None, tuple(problems.findings)


def _with_rows(earlier: Problems, file: str, rows: Mapping[FieldPath, int]) -> Problems:
    problems = Problems(file, rows)
    problems.findings.extend(earlier.findings)
    return problems


def _text(path: Path, problems: Problems) -> str | None:
    try:
        if path.stat().st_size > _LARGEST:
            zh, en = "文件过大,上限 1 MiB", "the file is larger than 1 MiB"
        else:
            return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        zh, en = "找不到文件", "the file does not exist"
    except UnicodeDecodeError:
        zh, en = "文件不是 UTF-8 文本", "the file is not UTF-8 text"
    except OSError as error:
        why = error.strerror or type(error).__name__
        zh, en = f"文件无法读取:{why}", f"the file cannot be read: {why}"
    problems.add((), found="", expected="a readable YAML file", zh=zh, en=en, code="unreadable")
    return None


def _load(text: str, problems: Problems) -> tuple[Any, dict[FieldPath, int]]:
    rows: dict[FieldPath, int] = {}
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        found = _Reader(rows)
        document = None if node is None else found.value(node, ())
        if document is None:  # also of a file that says nothing but "null" or "!"
            problems.add(
                (), found="", expected="a document", zh="文件是空的", en="the file is empty", code="unreadable"
            )
            return None, rows
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        row = None if mark is None else mark.line + 1
        why = getattr(error, "problem", None) or type(error).__name__
        place = Problems(problems.file, {} if row is None else {(): row})
        place.add((), found=why, expected="YAML", zh=f"不是合法的 YAML:{why}", en=f"not YAML: {why}", code="unreadable")
        problems.findings.extend(place.findings)
        return None, rows
    by_line = _with_rows(problems, problems.file, rows)
    for path, shown, zh, en in found.wrong:
        by_line.add(path, found=shown, expected=en, zh=zh, en=en)
    problems.findings[:] = by_line.findings
    return document, rows


class _Reader:
    """Turns YAML nodes into plain values and remembers each field's line. Dates stay text."""

    def __init__(self, rows: dict[FieldPath, int]) -> None:
        self._rows = rows
        self._seen: set[int] = set()
        self.wrong: list[tuple[FieldPath, str, str, str]] = []

    def value(self, node: yaml.Node, path: FieldPath) -> Any:
        self._rows.setdefault(path, node.start_mark.line + 1)
        if len(path) > _DEEPEST:
            self.wrong.append((path[:3], "", "嵌套过深", "nested too deeply"))
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._seen:
            self.wrong.append((path, "*", "不支持引用(&、*)", "no references (& and *)"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        fields: dict[str, Any] = {}
        for key, item in node.value:
            name = str(key.value)
            if name in fields:
                self.wrong.append(((*path, name), name, "字段重复", "each field once"))
            fields[name] = self.value(item, (*path, name))
        return fields

    def _scalar(self, node: yaml.ScalarNode, path: FieldPath) -> Any:
        match node.tag.rpartition(":")[2]:
            case "int" if re.fullmatch(r"-?\d{1,18}", node.value):
                return int(node.value)
            case "float":
                zh, en = '小数须加引号,如 "0.05"', 'a decimal stands in quotes, such as "0.05"'
                self.wrong.append((path, node.value, zh, en))
                return node.value  # its text, so that the rest of the document is still looked at
            case "bool":
                return node.value.lower() in {"true", "yes", "on"}
            case "null":
                return None
            case _:
                return node.value


_WORDS = {
    "missing": ("缺少此项", "required"),
    "extra_forbidden": ("没有这个字段", "no such field"),
    "string_type": ("应为文字", "a text"),
    "string_too_short": ("不能为空", "not empty"),
    "string_too_long": ("过长", "shorter"),
    "string_pattern_mismatch": ("只能用字母、数字、点和连字符,最多 40 个", "up to 40 letters, digits, points, hyphens"),
    "int_type": ("应为整数", "a whole number"),
    "int_parsing": ("应为整数", "a whole number"),
    "bool_type": ("应为 true 或 false", "true or false"),
    "list_type": ("应为列表", "a list"),
    "dict_type": ("应为字段表", "a table of fields"),
    "model_type": ("应为字段表", "a table of fields"),
    "too_short": ("至少一项", "at least one"),
}


def _words(kind: str, message: str) -> tuple[str, str]:
    if kind in _WORDS:
        return _WORDS[kind]
    text = message.removeprefix("Value error, ")
    return f"不合要求:{text}", text
