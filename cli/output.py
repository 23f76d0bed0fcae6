"""How a command speaks: tables or JSON, findings, errors in both languages."""

from __future__ import annotations

import os
import sys
import tempfile
import textwrap
import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from foundation.evidence import canonical_text, plain
from foundation.values.errors import GuanyunError
from foundation.values.findings import Finding

console = Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
errors = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def languages() -> tuple[str, ...]:
    """The languages to speak: ``GUANYUN_LANG`` zh or en; both unless said."""
    chosen = os.environ.get("GUANYUN_LANG", "")
    return (chosen,) if chosen in {"zh", "en"} else ("zh", "en")


def say(zh: str, en: str) -> None:
    """One line of news."""
    texts = {"zh": zh, "en": en}
    console.print(" · ".join(texts[language] for language in languages()), markup=False)


def warn(zh: str, en: str) -> None:
    """Something to look after that does not stop the command."""
    texts = {"zh": zh, "en": en}
    errors.print(" · ".join(texts[language] for language in languages()), markup=False, style="yellow")


def print_error(error: GuanyunError) -> None:
    """An expected failure: its code, its text in both languages, its findings if it carries any."""
    for language in languages():
        errors.print(error.text("zh" if language == "zh" else "en"), markup=False, style="bold red")
    errors.print(f"[{error.code}]", markup=False, style="dim")
    findings = error.facts.get("findings")
    if isinstance(findings, Sequence):
        print_findings([finding for finding in findings if isinstance(finding, Finding)], to=errors)
    usage = error.facts.get("usage")
    if isinstance(usage, Sequence):
        for line in usage:
            errors.print(f"  {line}", markup=False)


def print_findings(findings: Iterable[Finding], *, to: Console = console, limit: int = 40) -> None:
    """Findings, each with its place; long lists end with how many more there are."""
    every = list(findings)
    for finding in every[:limit]:
        texts = {"zh": finding.zh, "en": finding.en}
        spoken = " · ".join(texts[language] for language in languages())
        to.print(f"{finding.severity:8}{finding.place}: {spoken} [{finding.code}]", markup=False)
    if len(every) > limit:
        to.print(f"… {len(every) - limit} (--json)", markup=False)


def show(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
    *,
    json: bool,
    empty: tuple[str, str] = ("无", "none"),
) -> None:
    """A list as a table of ``columns`` (field → heading), or as JSON with every field."""
    if json:
        sys.stdout.write(canonical_text(list(rows)) + "\n")
        return
    if not rows:
        say(*empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for field, heading in columns.items():
        numeric = all(isinstance(row.get(field), int) and not isinstance(row.get(field), bool) for row in rows)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(field)) for field in columns))
    console.print(table)


def show_one(value: Mapping[str, Any], *, json: bool) -> None:
    """One thing, field by field, or as JSON. What has parts of its own stands below its name, indented."""
    if json:
        sys.stdout.write(canonical_text(value) + "\n")
        return
    width = max(len(field) for field in value)
    for field, item in value.items():
        if _has_parts(item):
            console.print(f"{field}\n{_indented(item)}", markup=False, highlight=False)
        else:
            console.print(f"{field:<{width}}  {_cell(item)}", markup=False)


def _has_parts(item: Any) -> bool:
    """Whether it is more than one line of plain values."""
    if isinstance(item, Mapping):
        return bool(item)
    return isinstance(item, list | tuple) and any(isinstance(part, Mapping | list | tuple) for part in item)


def _indented(item: Any) -> str:
    import yaml

    text = yaml.safe_dump(plain(item), allow_unicode=True, sort_keys=False, width=1000)
    return textwrap.indent(text.rstrip("\n"), "  ")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else canonical_text(value).strip('"')


def print_interrupted() -> None:
    """The person pressed Ctrl-C."""
    _complain("已中断,再次运行同一命令即可继续", "interrupted; run the same command again to go on")


def report_defect(error: Exception) -> int:
    """Something nobody foresaw: the details go to a file only its owner reads, the person gets its name."""
    _hide_parameters(error)
    try:
        descriptor, name = tempfile.mkstemp(prefix="guanyun-", suffix=".log")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        name = os.devnull
    _complain(
        f"内部错误({type(error).__name__}),详情在 {name}", f"internal error ({type(error).__name__}), details in {name}"
    )
    errors.print("[cli.defect]", markup=False, style="dim")
    return 70


def _complain(zh: str, en: str) -> None:
    texts = {"zh": zh, "en": en}
    for language in languages():
        errors.print(texts[language], markup=False, style="bold red")


def _hide_parameters(error: BaseException) -> None:
    """A statement's parameters may hold a password's hash or a person's name: they belong in no log."""
    at: BaseException | None = error
    while at is not None:
        if hasattr(at, "hide_parameters"):
            at.hide_parameters = True
        at = at.__cause__ or at.__context__
