"""The file of a wish: every mistake is a finding with file, line and field."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from foundation.values.findings import Finding
from foundation.values.instant import SHANGHAI
from governance.yaml_documents import Code, Form, Problems, read_form
from tenants.grants.model import Offer, Wish

Words = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


class _Wish(Form):
    offer: Offer
    thing: Code
    system: Code
    purpose: Words
    basis: Words
    items: Annotated[list[Code], Field(max_length=500)] = Field(default_factory=list)
    level: Annotated[int, Field(ge=0, le=4)] = 0
    calls_a_day: Annotated[int, Field(ge=1, le=10**9)]
    start: date
    end: date


def read_wish(path: Path) -> tuple[Wish | None, tuple[Finding, ...]]:
    """The wish of a file, or findings. ``end`` is the first day it holds no more; days are Shanghai's."""
    form, findings = read_form(path, _Wish, _check)
    if form is None:
        return None, findings
    fields = form.model_dump() | {
        "items": tuple(form.items),
        "start": datetime.combine(form.start, time(), SHANGHAI),
        "end": datetime.combine(form.end, time(), SHANGHAI),
    }
    return Wish(**fields), findings


def _check(form: _Wish, problems: Problems) -> None:
    if form.end <= form.start:
        problems.add(("end",), found=form.end, expected=f"after {form.start}", zh="期限为空", en="the term is empty")
    if len(set(form.items)) != len(form.items):
        problems.add(("items",), found="", expected="each item once", zh="数据项重复", en="an item stands twice")
