"""Reads a file of items. Attachments stay where they are: what enters is their digest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from billing.items.model import Criterion
from billing.items.service import ItemEntry
from foundation.evidence import sha256_hex
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding
from foundation.values.money import COEFFICIENT, QUANTITY
from foundation.values.month import Month
from governance.yaml_documents import Code, ExactDecimal, Form, Problems, Text, read_form

_Quantity = Annotated[ExactDecimal, Field(gt=0, max_digits=QUANTITY[0], decimal_places=QUANTITY[1])]
_Share = Annotated[ExactDecimal, Field(gt=0, le=1, max_digits=COEFFICIENT[0], decimal_places=COEFFICIENT[1])]


class _Criterion(Form):
    text: Text
    measure: Text
    target: Text
    share: _Share
    acceptor: Code


class _Item(Form):
    id: Code
    contract: Code
    month: str
    system: Code
    service: Code
    meter: Code
    quantity: _Quantity
    description: Text
    attachments: list[Text] = Field(default_factory=list)
    criterion: _Criterion | None = None


class _Items(Form):
    items: Annotated[list[_Item], Field(min_length=1)]


def read_items(path: Path) -> tuple[tuple[ItemEntry, ...] | None, tuple[Finding, ...]]:
    """Read the file; on any finding there are no entries. An attachment is named relative to the file."""
    digests: dict[str, str] = {}

    def check(form: _Items, problems: Problems) -> None:
        seen: set[str] = set()
        for index, item in enumerate(form.items):
            _check(index, item, seen, problems)
            for number, name in enumerate(item.attachments):
                try:
                    digests[name] = sha256_hex((path.parent / name).read_bytes())
                except OSError:
                    problems.add(
                        ("items", index, "attachments", number),
                        found=name,
                        expected="a file that can be read, relative to this file",
                        zh="附件无法读取",
                        en="the attachment cannot be read",
                        code="unreadable",
                    )

    form, findings = read_form(path, _Items, check)
    if form is None:
        return None, findings
    return tuple(_entry(item, digests) for item in form.items), ()


def _check(index: int, item: _Item, seen: set[str], problems: Problems) -> None:
    if item.id in seen:
        problems.add(("items", index, "id"), found=item.id, expected="each id once", zh="编号重复", en="a repeated id")
    seen.add(item.id)
    try:
        Month.parse(item.month)
    except InvalidValue as cause:
        problems.add(
            ("items", index, "month"), found=item.month, expected="YYYY-MM", zh=cause.text("zh"), en=cause.text("en")
        )


def _entry(item: _Item, digests: dict[str, str]) -> ItemEntry:
    criterion = item.criterion
    return ItemEntry(
        id=item.id,
        contract=item.contract,
        month=Month.parse(item.month),
        system=item.system,
        service=item.service,
        meter=item.meter,
        quantity=item.quantity,
        description=item.description,
        evidence=tuple(digests[name] for name in item.attachments),
        criterion=None if criterion is None else Criterion(**criterion.model_dump()),
    )
