"""Dataset and grading files: every mistake is a finding with file, line and field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from foundation.values.findings import Finding
from governance.yaml_documents import Code, Form, Problems, Text, read_form
from tenants.datasets.model import DataItem, Description, ItemGrade, Masking, Sharing

_MOST_ITEMS = 500


class _Item(Form):
    code: Code
    zh: Text
    en: Text
    type: Text
    personal: bool


class _Dataset(Form):
    id: Code
    zh: Text
    en: Text
    system: Code
    subject_area: Text
    update_cycle: Text
    sharing: Sharing
    basis: Annotated[str, Field(max_length=500)] = ""
    plan: Code
    items: Annotated[list[_Item], Field(min_length=1, max_length=_MOST_ITEMS)]


class _Datasets(Form):
    datasets: Annotated[list[_Dataset], Field(min_length=1, max_length=1000)]


class _Grade(Form):
    level: Annotated[int, Field(ge=1, le=4)]
    masking: Masking


class _Grading(Form):
    category: Text
    items: Annotated[dict[Code, _Grade], Field(min_length=1, max_length=_MOST_ITEMS)]


def read_datasets(path: Path) -> tuple[tuple[Description, ...] | None, tuple[Finding, ...]]:
    """The datasets an agency describes, or findings."""
    form, findings = read_form(path, _Datasets, _check_datasets)
    if form is None:
        return None, findings
    return tuple(_description(one) for one in form.datasets), findings


def read_grading(path: Path) -> tuple[tuple[str, Mapping[str, ItemGrade]] | None, tuple[Finding, ...]]:
    """(category, grades by item code) from a file, or findings."""
    form, findings = read_form(path, _Grading, _check_nothing)
    if form is None:
        return None, findings
    return (form.category, {code: ItemGrade(one.level, one.masking) for code, one in form.items.items()}), findings


def _check_nothing(form: _Grading, problems: Problems) -> None:
    """The shape says all."""


def _check_datasets(form: _Datasets, problems: Problems) -> None:
    seen: set[str] = set()
    for index, one in enumerate(form.datasets):
        if one.id in seen:
            problems.add(
                ("datasets", index, "id"),
                found=one.id,
                expected="each id once",
                zh="数据集编号重复",
                en="another dataset of this file has the id",
            )
        seen.add(one.id)
        if one.sharing is not Sharing.FREE and not one.basis.strip():
            problems.add(
                ("datasets", index, "basis"),
                found="",
                expected="the legal basis",
                zh=f"{one.sharing.zh}须写明依据",
                en=f"sharing {one.sharing} needs the legal basis",
            )
        codes: set[str] = set()
        for place, item in enumerate(one.items):
            if item.code in codes:
                problems.add(
                    ("datasets", index, "items", place, "code"),
                    found=item.code,
                    expected="each code once",
                    zh="数据项编码重复",
                    en="another item of this dataset has the code",
                )
            codes.add(item.code)


def _description(form: _Dataset) -> Description:
    items = tuple(DataItem(one.code, one.zh, one.en, one.type, one.personal) for one in form.items)
    fields = {name: getattr(form, name) for name in Description.__slots__ if name != "items"}
    return Description(**fields | {"items": items})
