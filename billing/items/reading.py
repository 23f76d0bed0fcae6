"""Reads a file of items as the operator enters them; on any finding there are none."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

from pydantic import Field

from billing.items.model import Criterion
from billing.items.service import ItemEntry
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding
from foundation.values.month import Month
from governance.yaml_documents import Code, ExactDecimal, Form, Problems, Text, read_form


class _Criterion(Form):
    text: Text
    measure: Text
    target: Text
    share: Annotated[ExactDecimal, Field(gt=0, le=1)]
    acceptor: Code


class _Item(Form):
    id: Code
    contract: Code
    month: str
    system: Code
    service: Code
    meter: Code
    quantity: Annotated[ExactDecimal, Field(gt=0)]
    description: Text
    attachments: list[str] = Field(default_factory=list)
    criterion: _Criterion | None = None


class _Items(Form):
    items: Annotated[list[_Item], Field(min_length=1)]


def read_items(path: Path) -> tuple[tuple[ItemEntry, ...] | None, tuple[Finding, ...]]:
    """The entries of a file. An attachment is named relative to the file and enters by its SHA-256."""
    form, findings = read_form(path, _Items, lambda form, problems: _check(form, problems, path.parent))
    if form is None:
        return None, findings
    return tuple(_entry(item, path.parent) for item in form.items), ()


def _check(form: _Items, problems: Problems, folder: Path) -> None:
    seen: set[str] = set()
    for index, item in enumerate(form.items):
        if item.id in seen:
            problems.add(
                ("items", index, "id"), found=item.id, expected="each id once", zh="编号重复", en="a repeated id"
            )
        seen.add(item.id)
        try:
            Month.parse(item.month)
        except InvalidValue:
            problems.add(
                ("items", index, "month"),
                found=item.month,
                expected="YYYY-MM",
                zh="月份应写作 YYYY-MM",
                en="a month is written YYYY-MM",
            )
        for place, name in enumerate(item.attachments):
            if not (folder / name).is_file():
                problems.add(
                    ("items", index, "attachments", place),
                    found=name,
                    expected="a file beside this one",
                    zh="找不到附件",
                    en="the attachment does not exist",
                )


def _entry(item: _Item, folder: Path) -> ItemEntry:
    return ItemEntry(
        id=item.id,
        contract=item.contract,
        month=Month.parse(item.month),
        system=item.system,
        service=item.service,
        meter=item.meter,
        quantity=item.quantity,
        description=item.description,
        evidence=tuple(hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in item.attachments),
        criterion=None if item.criterion is None else Criterion(**dict(item.criterion)),
    )
