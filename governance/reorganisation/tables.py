"""The reorganisations' tables: the document and its state, what moved, and the names parties had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, RowMapping, String, Table, select, update

from foundation.evidence import plain
from foundation.store import Document, Instant, Transaction, append_only, metadata
from foundation.values.instant import parse_instant
from governance.errors import NotFound
from governance.parties.tables import party_table
from governance.reorganisation.model import (
    Abolition,
    Merge,
    NewParty,
    Rename,
    Reorganisation,
    ReorganisationState,
    Share,
    Split,
)

reorganisation_table = Table(
    "reorganisation",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("document_number", String(200), nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("document", Document, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("drafted_by", ForeignKey("person.id"), nullable=False),
    Column("published_by", ForeignKey("person.id")),
    Column("applied_at", Instant),
    CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name="two_persons"),
)
move_table = Table(
    "reorganisation_move",
    metadata,
    Column("reorganisation", ForeignKey(reorganisation_table.c.id), primary_key=True),
    Column("table", String(60), primary_key=True),
    Column("rows", Integer, nullable=False),
)
append_only(move_table, "what a reorganisation moved is append-only")
name_table = Table(
    "party_name",
    metadata,
    Column("party", ForeignKey(party_table.c.id), primary_key=True),
    Column("until", Instant, primary_key=True),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("document_number", String(200), nullable=False),
)
"""What a party was called before ``until``; its own row has the name of now."""
append_only(name_table, "the names a party had are append-only")


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A reorganisation with where it stands. ``drafted_by`` and ``published_by`` are persons' ids."""

    reorganisation: Reorganisation
    state: ReorganisationState
    drafted_by: str
    published_by: str | None
    applied_at: datetime | None


def add_draft(transaction: Transaction, reorganisation: Reorganisation, drafted_by: str) -> bool:
    """Keep a draft; False if the same one stands already, ``AlreadyThere`` if another under its id."""
    there = transaction.row(select(reorganisation_table).where(reorganisation_table.c.id == reorganisation.id))
    if there is not None and there["digest"] == reorganisation.digest:
        return False
    row = {
        "id": reorganisation.id,
        "document_number": reorganisation.document_number,
        "at": reorganisation.at,
        "document": plain(reorganisation),
        "digest": reorganisation.digest,
        "state": ReorganisationState.DRAFTED.value,
        "drafted_by": drafted_by,
        "published_by": None,
        "applied_at": None,
    }
    return transaction.insert_once(reorganisation_table, row, what="reorganisation")


def note_published(transaction: Transaction, reorganisation: str, published_by: str) -> None:
    """It was published."""
    _change(transaction, reorganisation, state=ReorganisationState.PUBLISHED.value, published_by=published_by)


def note_applied(
    transaction: Transaction, reorganisation: Reorganisation, moved: Mapping[str, int], applied_at: datetime
) -> None:
    """It was applied, and moved so many rows of each table."""
    _change(transaction, reorganisation.id, state=ReorganisationState.APPLIED.value, applied_at=applied_at)
    for table, rows in sorted(moved.items()):
        transaction.add(move_table, {"reorganisation": reorganisation.id, "table": table, "rows": rows})


def note_name(transaction: Transaction, reorganisation: Reorganisation, party: str, zh: str, en: str) -> None:
    """What the party was called up to the reorganisation."""
    number = reorganisation.document_number
    row = {"party": party, "until": reorganisation.at, "zh": zh, "en": en, "document_number": number}
    transaction.add(name_table, row)


def name_at(transaction: Transaction, party: str, at: datetime) -> tuple[str, str] | None:
    """What the party was called at ``at``, in both languages, where that is not its name of now."""
    query = select(name_table).where(name_table.c.party == party, name_table.c.until > at)
    rows = transaction.rows(query.order_by(name_table.c.until).limit(1))
    return (rows[0]["zh"], rows[0]["en"]) if rows else None


def reorganisations(transaction: Transaction, state: ReorganisationState | None = None) -> Sequence[OnRecord]:
    """Every reorganisation, or those in one state, by date."""
    query = select(reorganisation_table).order_by(reorganisation_table.c.at, reorganisation_table.c.id)
    if state is not None:
        query = query.where(reorganisation_table.c.state == state.value)
    return [_on_record(row) for row in transaction.rows(query)]


def reorganisation_of(transaction: Transaction, id_: str) -> OnRecord:
    """The reorganisation with that id; raises ``NotFound``."""
    row = transaction.row(select(reorganisation_table).where(reorganisation_table.c.id == id_))
    if row is None:
        raise NotFound(what_zh="这个机构改革方案:", what_en="reorganisation", key=id_)
    return _on_record(row)


def moves_of(transaction: Transaction, reorganisation: str) -> Mapping[str, int]:
    """Table → how many rows it moved."""
    query = select(move_table).where(move_table.c.reorganisation == reorganisation).order_by(move_table.c.table)
    return {row["table"]: row["rows"] for row in transaction.rows(query)}


def _change(transaction: Transaction, reorganisation: str, **values: object) -> None:
    transaction.write(update(reorganisation_table).where(reorganisation_table.c.id == reorganisation).values(**values))


def _on_record(row: RowMapping) -> OnRecord:
    state = ReorganisationState(row["state"])
    found = _read(row["document"])
    return OnRecord(found, state, row["drafted_by"], row["published_by"], row["applied_at"])


def _read(document: Mapping[str, Any]) -> Reorganisation:
    return Reorganisation(
        id=document["id"],
        document_number=document["document_number"],
        zh=document["zh"],
        en=document["en"],
        at=parse_instant(document["at"]),
        new=tuple(NewParty(**one) for one in document["new"]),
        renames=tuple(Rename(**one) for one in document["renames"]),
        merges=tuple(Merge(tuple(one["parties"]), one["into"]) for one in document["merges"]),
        splits=tuple(
            Split(one["party"], one["main"], tuple(_share(part) for part in one["shares"]))
            for one in document["splits"]
        ),
        abolitions=tuple(Abolition(**one) for one in document["abolitions"]),
    )


def _share(part: Mapping[str, Any]) -> Share:
    named = {name: tuple(part[name]) for name in ("systems", "environments", "projects", "accounts")}
    return Share(party=part["party"], **named)
