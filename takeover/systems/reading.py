"""Reads ``systems.yaml``: every mistake is a finding with its field path and line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from foundation.values.findings import Finding, Place, Severity
from governance.environments import Protection, Zone
from governance.environments.model import NAME
from takeover.systems.model import BusinessSystem, SystemEntry, SystemsFile

_LARGEST = 2**18
_DEEPEST = 20
_STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)


@checked(frozen=True, config=_STRICT)
class _Entry:
    code: str = Field(pattern=f"^{NAME.pattern}$")
    name: str = Field(min_length=1)
    agency: str = Field(min_length=1)
    project: str = Field(min_length=1)
    zone: Zone = Zone.EXTRANET
    protection: Protection = Protection.LEVEL_2
    machines: list[str] = dataclasses.field(default_factory=list)
    patterns: list[str] = dataclasses.field(default_factory=list)


@checked(frozen=True, config=_STRICT)
class _Document:
    systems: list[_Entry] = Field(min_length=1)


_ADAPTER = TypeAdapter(_Document)
_Path = tuple[str | int, ...]


class _Unreadable(Exception):
    def __init__(self, row: int | None, field: str, found: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.facts = (row, field, found, zh, en)


def read_systems(path: Path) -> tuple[SystemsFile | None, tuple[Finding, ...]]:
    """Read the file; on any finding there are no systems."""
    try:
        if path.stat().st_size > _LARGEST:
            return None, (_finding(path.name, None, "", "", "文件过大,上限 256 KiB", "larger than 256 KiB"),)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None, (_finding(path.name, None, "", "", "找不到文件", "the file does not exist"),)
    except UnicodeDecodeError:
        return None, (_finding(path.name, None, "", "", "文件不是 UTF-8 文本", "the file is not UTF-8 text"),)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return None, (_finding(path.name, None, "", why, f"文件无法读取:{why}", f"cannot be read: {why}"),)
    return parse_systems(text, path.name)


def parse_systems(text: str, file: str) -> tuple[SystemsFile | None, tuple[Finding, ...]]:
    """Read the text of a ``systems.yaml``; on any finding there are no systems."""
    try:
        document, rows = _load(text)
    except _Unreadable as error:
        return None, (_finding(file, *error.facts),)
    try:
        checked_document = _ADAPTER.validate_python(document)
    except ValidationError as error:
        return None, tuple(_invalid(file, problem, rows) for problem in error.errors(include_url=False))
    entries = tuple(_entries(checked_document, rows))
    findings = tuple(_duplicates(file, entries, rows)) + tuple(_without_machines(file, entries))
    return (None, findings) if findings else (SystemsFile(file, entries), ())


def _entries(document: _Document, rows: dict[_Path, int]) -> Iterator[SystemEntry]:
    for index, entry in enumerate(document.systems):
        system = BusinessSystem(entry.code, entry.name, entry.agency, entry.project, entry.zone, entry.protection)
        machines, patterns = tuple(entry.machines), tuple(entry.patterns)
        yield SystemEntry(system, machines, patterns, index, rows.get(("systems", index), 1))


def _duplicates(file: str, entries: tuple[SystemEntry, ...], rows: dict[_Path, int]) -> Iterator[Finding]:
    first: dict[str, SystemEntry] = {}
    for entry in entries:
        other = first.setdefault(entry.system.code, entry)
        if other is not entry:
            path: _Path = ("systems", entry.index, "code")
            yield _finding(
                file,
                rows.get(path),
                _field(path),
                entry.system.code,
                f"系统编码 {entry.system.code} 在第 {other.row} 行已有",
                f"system code {entry.system.code} is already in line {other.row}",
            )


def _without_machines(file: str, entries: tuple[SystemEntry, ...]) -> Iterator[Finding]:
    for entry in entries:
        if not entry.machines and not entry.patterns:
            yield _finding(
                file,
                entry.row,
                _field(("systems", entry.index, "machines")),
                "",
                f"系统 {entry.system.code} 没有写虚拟机名称或模式",
                f"system {entry.system.code} lists neither machines nor patterns",
            )


def _load(text: str) -> tuple[Any, dict[_Path, int]]:
    """The document as plain values, and the line of every field path."""
    try:
        # an alias can make a small file enormous, and deep nesting a short one slow; this file needs neither
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                row = event.start_mark.line + 1 if event.start_mark else None
                raise _Unreadable(row, "", f"*{event.anchor}", "不支持 YAML 别名", "YAML aliases are not supported")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                row = event.start_mark.line + 1 if event.start_mark else None
                raise _Unreadable(row, "", "", "嵌套过深", "nested too deeply")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        rows: dict[_Path, int] = {}
        if node is not None:
            _walk(node, (), rows)
        return yaml.safe_load(text), rows
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        row = None if mark is None else mark.line + 1
        problem = error.problem or "YAML"
        raise _Unreadable(row, "", problem, f"不是合法的 YAML:{problem}", f"not valid YAML: {problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        found = type(error).__name__
        raise _Unreadable(None, "", found, "不是合法的 YAML", "not valid YAML") from None


def _walk(node: yaml.Node, path: _Path, rows: dict[_Path, int]) -> None:
    row = node.start_mark.line + 1
    rows[path] = row
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            if inner in rows:
                row = key.start_mark.line + 1
                raise _Unreadable(row, _field(inner), str(key.value), "字段重复", "the field is there twice")
            _walk(value, inner, rows)
            rows[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), rows)


def _invalid(file: str, problem: Any, rows: dict[_Path, int]) -> Finding:
    path: _Path = tuple(problem["loc"])
    known = path
    while known and known not in rows:
        known = known[:-1]
    field, message = _field(path) or "document", str(problem["msg"])
    found = "" if problem["type"] == "missing" else str(problem["input"])[:80]
    return _finding(file, rows.get(known), field, found, f"{field} 不合要求:{message}", f"{field}: {message}")


def _field(path: _Path) -> str:
    """``("systems", 0, "code")`` as ``systems[0].code``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def _finding(file: str, row: int | None, field: str, found: str, zh: str, en: str) -> Finding:
    return Finding(
        code="takeover.systems.invalid",
        severity=Severity.ERROR,
        place=Place(file=file, row=row, field=field),
        found=found,
        expected="systems.yaml",
        zh=zh,
        en=en,
    )
