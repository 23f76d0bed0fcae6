"""Reads a grade file; on any finding there are no dimensions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from foundation.values.findings import Finding
from governance.yaml_documents import Code, Form, Problems, Text, read_form
from supervision.grades.model import Dimension


class _Dimension(Form):
    code: Code
    zh: Text
    weight: Annotated[int, Field(ge=1, le=100)]
    score: Annotated[int, Field(ge=0, le=100)]
    reason: Text


class _Grade(Form):
    dimensions: Annotated[list[_Dimension], Field(min_length=1)]


def read_grade(path: Path) -> tuple[tuple[Dimension, ...] | None, tuple[Finding, ...]]:
    """The dimensions of a grade file; their weights are percent and sum to 100."""
    form, findings = read_form(path, _Grade, _check)
    if form is None:
        return None, findings
    return tuple(Dimension(**each.model_dump()) for each in form.dimensions), ()


def _check(form: _Grade, problems: Problems) -> None:
    whole = sum(each.weight for each in form.dimensions)
    if whole != 100:
        problems.add(("dimensions",), found=whole, expected="100", zh="权重之和应为 100", en="the weights sum to 100")
    codes = [each.code for each in form.dimensions]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            problems.add(
                ("dimensions", index, "code"),
                found=code,
                expected="each code once",
                zh="编号重复",
                en="a repeated code",
            )
