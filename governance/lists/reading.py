"""Reads a file of lists: each with its owner, dates and entries, and what a program compares.

lists:
  - id: negative-2026
    kind: negative
    zh: 市级政务云负面清单
    en: Municipal cloud, negative list
    owner: bureau
    document_number: 市政数〔2026〕3号
    since: 2026-01-01
    entries:
      - {number: 1, zh: 三级以上等保系统不得上公有区, en: …, matches: {protections: [level-4], zones: [internet]}}
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from foundation.values.findings import Finding
from foundation.values.instant import utc
from foundation.values.month import day_interval
from governance.lists.model import SIDES, DraftEntry, ListDraft, ListKind, Matches, Standing
from governance.yaml_documents import Code, FieldPath, Form, Problems, Text, read_form

Words = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
MatchCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}$")]
Codes = Annotated[list[MatchCode], Field(min_length=1, max_length=500)]


class _Matches(Form):
    services: Codes | None = None
    plans: Codes | None = None
    zones: Codes | None = None
    protections: Codes | None = None
    data_levels: Codes | None = None
    agencies: Codes | None = None
    systems: Codes | None = None
    requests: Codes | None = None
    datasets: Codes | None = None
    acts: Codes | None = None


class _Entry(Form):
    number: Annotated[int, Field(ge=1, le=9_999)]
    zh: Words
    en: Words
    matches: _Matches = Field(default_factory=_Matches)
    since: date | None = None
    until: date | None = None
    standing: Standing | None = None
    party: Code | None = None
    reason: Words | None = None


class _List(Form):
    id: Code
    kind: ListKind
    zh: Text
    en: Text
    owner: Code
    document_number: Text
    since: date
    until: date | None = None
    appeal_working_days: Annotated[int, Field(ge=1, le=250)] | None = None
    replaces: Code | None = None
    entries: Annotated[list[_Entry], Field(min_length=1, max_length=2_000)]


class _Document(Form):
    lists: Annotated[list[_List], Field(min_length=1, max_length=50)]


def read_lists(path: Path) -> tuple[tuple[ListDraft, ...] | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is nothing. ``until`` is the first day on which it holds no more."""
    form, findings = read_form(path, _Document, _check)
    return (None, findings) if form is None else (tuple(_draft(each) for each in form.lists), ())


def _check(form: _Document, problems: Problems) -> None:
    ids = [each.id for each in form.lists]
    for index, each in enumerate(form.lists):
        path: FieldPath = ("lists", index)
        if each.id in ids[:index]:
            problems.add((*path, "id"), found=each.id, expected="each id once", zh="编号重复", en="a repeated id")
        _check_dates(each.since, each.until, path, problems)
        if each.kind is ListKind.RED_BLACK and each.appeal_working_days is None:
            problems.add(
                (*path, "appeal_working_days"),
                found="",
                expected="working days",
                zh="红黑名单须写明申诉答复的工作日数",
                en="a red/black list says within how many working days an appeal is answered",
            )
        numbers = [entry.number for entry in each.entries]
        for at, entry in enumerate(each.entries):
            place: FieldPath = (*path, "entries", at)
            if entry.number in numbers[:at]:
                problems.add(
                    (*place, "number"),
                    found=entry.number,
                    expected="each number once",
                    zh="条目编号重复",
                    en="a repeated number",
                )
            _check_dates(entry.since or each.since, entry.until, place, problems)
            _check_standing(each.kind, entry, place, problems)


def _check_dates(since: date, until: date | None, path: FieldPath, problems: Problems) -> None:
    if until is not None and until <= since:
        problems.add(
            (*path, "until"),
            found=until,
            expected=f"after {since}",
            zh="结束不晚于开始",
            en="it ends before it begins",
        )


def _check_standing(kind: ListKind, entry: _Entry, path: FieldPath, problems: Problems) -> None:
    """Of a red/black list each entry says who, red or black, and why; of another list none does."""
    for name, value in (("standing", entry.standing), ("party", entry.party), ("reason", entry.reason)):
        if kind is ListKind.RED_BLACK and value is None:
            problems.add(
                (*path, name),
                found="",
                expected=name,
                zh="红黑名单的条目须写明单位、红或黑、理由",
                en="an entry of a red/black list names the party, red or black, and the reason",
            )
        if kind is not ListKind.RED_BLACK and value is not None:
            problems.add(
                (*path, name),
                found=value,
                expected="only in a red/black list",
                zh="只有红黑名单才列单位",
                en="only a red/black list names a party",
            )


def _draft(form: _List) -> ListDraft:
    return ListDraft(
        id=form.id,
        kind=form.kind,
        zh=form.zh,
        en=form.en,
        owner=form.owner,
        document_number=form.document_number,
        since=_midnight(form.since),
        until=None if form.until is None else _midnight(form.until),
        entries=tuple(_entry(each) for each in form.entries),
        appeal_working_days=form.appeal_working_days or 0,
        replaces=form.replaces or "",
    )


def _entry(form: _Entry) -> DraftEntry:
    return DraftEntry(
        number=form.number,
        zh=form.zh,
        en=form.en,
        matches=Matches(**{name: frozenset(getattr(form.matches, name) or ()) for name in SIDES}),
        since=None if form.since is None else _midnight(form.since),
        until=None if form.until is None else _midnight(form.until),
        standing=form.standing,
        party=form.party or "",
        reason=form.reason or "",
    )


def _midnight(day: date) -> datetime:
    return utc(day_interval(day).start)
