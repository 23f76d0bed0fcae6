"""Publishing quotas in a test: drafted by one person of the bureau, published by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from foundation.store import Transaction
from governance.authority import Office
from tenants.quotas import QuotaDocument, draft_quotas, publish_quotas, read_quotas
from tenants.quotas.tables import document_table


def document(path: Path, id_: str, **content: Any) -> QuotaDocument:
    """A file of quotas, read."""
    fields = {"id": id_, "basis": "市政数〔2026〕7号", "first_day": "2026-01-01", **content}
    file = path / f"{id_}.yaml"
    file.write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")
    read, findings = read_quotas(file)
    assert findings == ()
    assert read is not None
    return read


@pytest.fixture
def publish(governed: Office, people: dict[str, str], tmp_path: Path) -> Callable[..., None]:
    """Publish these quotas; ``fields`` are the document's."""
    made: list[str] = []

    def put(*quotas: dict[str, Any], kind: str = "quotas", **fields: Any) -> None:
        id_ = f"Q-{len(made)}"
        made.append(id_)
        draft_quotas(governed, people["bureau-1"], document(tmp_path, id_, **{kind: list(quotas)}, **fields))
        assert publish_quotas(governed, people["bureau-2"], id_)

    return put


@pytest.fixture
def publish_budget(publish: Callable[..., None]) -> Callable[..., None]:
    """The same for budgets."""
    return lambda *budgets, **fields: publish(*budgets, kind="budgets", **fields)


def bare_document(transaction: Transaction, id_: str, at: datetime) -> None:
    """A document that limits written by a test can name."""
    transaction.write(
        document_table.insert().values(
            id=id_,
            basis="",
            temporary=False,
            reason="",
            starts_at=at,
            lines=[],
            digest="",
            drafted_at=at,
            drafted_by="person-bureau-1",
        )
    )
