"""The tables of datasets and of what agencies say they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Index, Integer, RowMapping, String, Table, func

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, append_only, metadata
from tenants.datasets.model import (
    LISTED,
    Coverage,
    DataItem,
    Dataset,
    DatasetState,
    Description,
    ItemGrade,
    Masking,
    Sharing,
)

dataset_table = AgencyOwned(
    Table(
        "dataset",
        metadata,
        Column("id", String(40), primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False),
        Column("description", Document, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("state", String(20), nullable=False),
        Column("reviewer", ForeignKey("party.id"), nullable=False),
        Column("aggregator", ForeignKey("party.id"), nullable=False),
        Column("category", String(200), nullable=False),
        Column("grades", Document, nullable=False),
        Column("reason", String(500), nullable=False),
        Column("compiled_at", Instant, nullable=False),
        Column("moved_at", Instant, nullable=False),
        Index("ix_dataset_agency_state", "agency", "state"),
        Index("ix_dataset_state_id", "state", "id"),
    )
)

holding_table = AgencyOwned(
    Table(
        "data_holding",
        metadata,
        Column("number", Integer, primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("held", Integer, nullable=False),
        Column("counted_at", Instant, nullable=False),
    )
)
append_only(holding_table.table, "what an agency said it holds stays as it was said")


def insert_dataset(transaction: Transaction, dataset: Dataset) -> None:
    """Write a new version."""
    transaction.add(dataset_table, _row(dataset))


def rewrite(transaction: Transaction, scope: Scope, dataset: Dataset) -> None:
    """Write where a version stands now; what it describes never changes."""
    row = _row(dataset)
    changing = {name: row[name] for name in ("state", "category", "grades", "reason", "moved_at")}
    key = (dataset_table.c.id == dataset.id) & (dataset_table.c.version == dataset.version)
    transaction.write(dataset_table.update(scope).where(key).values(**changing))


def read_dataset(transaction: Transaction, scope: Scope, id_: str, version: int | None = None) -> Dataset | None:
    """That version of a dataset inside the scope, or its newest."""
    query = dataset_table.select(scope).where(dataset_table.c.id == id_)
    if version is not None:
        query = query.where(dataset_table.c.version == version)
    row = transaction.row(query.order_by(dataset_table.c.version.desc()).limit(1))
    return None if row is None else _dataset(row)


def read_published(transaction: Transaction, scope: Scope, id_: str) -> Dataset | None:
    """The version that is published now."""
    row = transaction.row(
        dataset_table.select(scope).where(
            dataset_table.c.id == id_, dataset_table.c.state == DatasetState.PUBLISHED.value
        )
    )
    return None if row is None else _dataset(row)


def read_datasets(
    transaction: Transaction,
    scope: Scope,
    *,
    state: DatasetState | None = None,
    agency: str = "",
    after: tuple[str, int] = ("", 0),
    limit: int = 1000,
) -> Sequence[Dataset]:
    """Versions inside the scope by id and version, a page of them."""
    columns = dataset_table.c
    query = dataset_table.select(scope).order_by(columns.id, columns.version).limit(limit)
    if after[0]:
        later = (columns.id > after[0]) | ((columns.id == after[0]) & (columns.version > after[1]))
        query = query.where(later)
    if state is not None:
        query = query.where(columns.state == state.value)
    if agency:
        query = query.where(columns.agency == agency)
    return [_dataset(row) for row in transaction.rows(query)]


def record_holding(transaction: Transaction, agency: str, held: int, at: datetime) -> None:
    """What the agency counts as held from now on."""
    transaction.add(holding_table, {"agency": agency, "held": held, "counted_at": at})


def read_coverage(transaction: Transaction, scope: Scope) -> Sequence[Coverage]:
    """By agency inside the scope: those that listed something, or said what they hold."""
    columns, holding = dataset_table.c, holding_table.c
    distinct = func.count(func.distinct(columns.id)).label("many")

    def many(*states: DatasetState) -> dict[str, int]:
        query = dataset_table.select(scope, columns.agency, distinct).group_by(columns.agency)
        rows = transaction.rows(query.where(columns.state.in_(sorted(states))))
        return {row["agency"]: row["many"] for row in rows}

    listed, published = many(*LISTED), many(DatasetState.PUBLISHED)
    newest = holding_table.select(scope, func.max(holding.number).label("number")).group_by(holding.agency)
    said = holding_table.select(scope).where(holding.number.in_([row["number"] for row in transaction.rows(newest)]))
    held = {row["agency"]: row["held"] for row in transaction.rows(said)}
    return [
        Coverage(agency, listed.get(agency, 0), published.get(agency, 0), held.get(agency))
        for agency in sorted(listed.keys() | held.keys())
    ]


def _row(dataset: Dataset) -> dict[str, Any]:
    row = {name: getattr(dataset, name) for name in Dataset.__slots__}
    return row | {
        "state": dataset.state.value,
        "description": plain(dataset.description),
        "grades": plain(dataset.grades),
    }


def _dataset(row: RowMapping) -> Dataset:
    return Dataset(
        **{
            **row,
            "state": DatasetState(row["state"]),
            "description": _description(row["description"]),
            "grades": {code: ItemGrade(one["level"], Masking(one["masking"])) for code, one in row["grades"].items()},
        }
    )


def _description(document: Mapping[str, Any]) -> Description:
    items = tuple(DataItem(**item) for item in document["items"])
    return Description(**{**document, "sharing": Sharing(document["sharing"]), "items": items})
