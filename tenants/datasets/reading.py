"""Reading datasets: one's own whole, others' as the directory shows them, and how much of what is held is listed."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.store import Transaction
from governance.authority import View, machine_scope
from governance.errors import NotFound
from tenants.datasets.model import Coverage, Dataset, DatasetState
from tenants.datasets.tables import read_coverage, read_dataset, read_datasets, read_published


def dataset_of(view: View, id_: str, version: int | None = None) -> Dataset:
    """A dataset inside the reader's scope, its newest version; raises ``NotFound``, also outside the scope."""
    found = read_dataset(view.transaction, view.scope, id_, version)
    if found is None:
        raise NotFound(what_zh="这个数据集:", what_en="dataset", key=id_)
    return found


def datasets(
    view: View,
    *,
    state: DatasetState | None = None,
    agency: str = "",
    after: tuple[str, int] = ("", 0),
    limit: int = 1000,
) -> Sequence[Dataset]:
    """Versions inside the reader's scope, by id and version; a page of them."""
    return read_datasets(view.transaction, view.scope, state=state, agency=agency, after=after, limit=limit)


def directory(view: View, *, after: str = "", limit: int = 1000) -> Sequence[Dataset]:
    """What is published, of every agency, by id: the one directory 统一目录 everybody reads."""
    published = DatasetState.PUBLISHED
    page = (after, 2**31) if after else ("", 0)
    return read_datasets(view.transaction, machine_scope(), state=published, after=page, limit=limit)


def published_dataset(transaction: Transaction, id_: str) -> Dataset:
    """The published version, whoever asks; raises ``NotFound``."""
    found = read_published(transaction, machine_scope(), id_)
    if found is None:
        raise NotFound(what_zh="目录中这个数据集:", what_en="published dataset", key=id_)
    return found


def coverage(view: View) -> Sequence[Coverage]:
    """By agency inside the reader's scope."""
    return read_coverage(view.transaction, view.scope)
