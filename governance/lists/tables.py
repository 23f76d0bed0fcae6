"""The tables of lists, entries and appeals, and their queries. A published list is for everybody to read, a draft only
for those who manage; an appeal belongs to the party that filed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Select,
    String,
    Table,
    Text,
    and_,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, metadata
from governance.errors import NotFound
from governance.lists.model import (
    SIDES,
    Appeal,
    DraftEntry,
    ListDraft,
    ListEntry,
    ListKind,
    Matches,
    Outcome,
    PublishedList,
    Standing,
)
from governance.parties.tables import party_table

list_table = Table(
    "published_list",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("kind", String(20), nullable=False, index=True),
    Column("zh", String(200), nullable=False),
    Column("en", String(200), nullable=False),
    Column("owner", ForeignKey(party_table.c.id), nullable=False),
    Column("document_number", String(200), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("ended_at", Instant),
    Column("appeal_working_days", Integer, nullable=False),
    Column("replaces", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("drafted_by", ForeignKey("person.id"), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("published_by", ForeignKey("person.id")),
    Column("published_at", Instant),
    CheckConstraint("published_by IS NULL OR published_by <> drafted_by", name="two_persons"),
)
entry_table = Table(
    "list_entry",
    metadata,
    Column("list", ForeignKey("published_list.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("zh", String(500), nullable=False),
    Column("en", String(500), nullable=False),
    Column("matches", Document, nullable=False),
    Column("since", Instant),
    Column("until", Instant),
    Column("standing", String(10), nullable=False),
    Column("party", String(40), nullable=False, index=True),
    Column("reason", String(500), nullable=False),
    Column("ended_at", Instant),
    Column("ended_because", String(500), nullable=False),
)
_OPEN = text("answered_at IS NULL")
appeal_table = AgencyOwned(
    Table(
        "list_appeal",
        metadata,
        Column("id", String(60), primary_key=True),
        Column("list", ForeignKey("published_list.id"), nullable=False),
        Column("entry", Integer, nullable=False),
        Column("party", ForeignKey(party_table.c.id), nullable=False, index=True),
        Column("words", Text, nullable=False),
        Column("filed_by", ForeignKey("person.id"), nullable=False),
        Column("filed_at", Instant, nullable=False),
        Column("working_days", Integer, nullable=False),
        Column("outcome", String(10), nullable=False),
        Column("answer", Text, nullable=False),
        Column("answered_by", ForeignKey("person.id")),
        Column("answered_at", Instant),
        CheckConstraint("answered_by IS NULL OR answered_by <> filed_by", name="two_persons"),
        Index("uq_list_appeal_open", "list", "entry", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    ),
    "party",
)


# lists


def write_draft(transaction: Transaction, draft: ListDraft, *, digest: str, person: str, at: datetime) -> None:
    """Write a draft, or draw one anew that is not published."""
    transaction.write(entry_table.delete().where(entry_table.c.list == draft.id))
    row = {
        "kind": draft.kind.value,
        "zh": draft.zh,
        "en": draft.en,
        "owner": draft.owner,
        "document_number": draft.document_number,
        "since": draft.since,
        "until": draft.until,
        "appeal_working_days": draft.appeal_working_days,
        "replaces": draft.replaces,
        "digest": digest,
        "drafted_by": person,
        "drafted_at": at,
    }
    if not transaction.write(update(list_table).where(list_table.c.id == draft.id).values(**row)):
        transaction.write(insert(list_table).values(id=draft.id, **row))
    transaction.write(insert(entry_table), [_entry_row(draft.id, entry) for entry in draft.entries])


def write_publication(transaction: Transaction, id_: str, *, person: str, at: datetime) -> None:
    """Publish the draft."""
    values = {"published_by": person, "published_at": at}
    transaction.write(update(list_table).where(list_table.c.id == id_).values(**values))


def end_list(transaction: Transaction, id_: str, at: datetime) -> None:
    """Have a list end at ``at``, where it would not end sooner."""
    c = list_table.c
    transaction.write(
        update(list_table).where(c.id == id_, or_(c.ended_at.is_(None), c.ended_at > at)).values(ended_at=at)
    )


def end_entry(transaction: Transaction, entry: ListEntry, *, at: datetime, because: str) -> None:
    """Have an entry end at ``at``."""
    c = entry_table.c
    transaction.write(
        update(entry_table)
        .where(c.list == entry.list, c.number == entry.number)
        .values(ended_at=at, ended_because=because)
    )


def lists(transaction: Transaction, *, drafts: bool = False, kind: ListKind | None = None) -> Sequence[PublishedList]:
    """Every published list, by id; with ``drafts``, those not published too."""
    query = select(list_table).order_by(list_table.c.id)
    if not drafts:
        query = query.where(list_table.c.published_at.is_not(None))
    if kind is not None:
        query = query.where(list_table.c.kind == kind.value)
    return [_list(transaction, row) for row in transaction.rows(query)]


def list_of(transaction: Transaction, id_: str, *, drafts: bool = False) -> PublishedList:
    """The list with that id; raises ``NotFound``, also of a draft unless ``drafts``."""
    row = transaction.row(select(list_table).where(list_table.c.id == id_))
    if row is None or (row["published_at"] is None and not drafts):
        raise NotFound(what_zh="这份清单:", what_en="list", key=id_)
    return _list(transaction, row)


def drafter_of(transaction: Transaction, id_: str) -> str:
    """The natural person who drafted the list."""
    return str(transaction.value(select(list_table.c.drafted_by).where(list_table.c.id == id_)))


# entries


def entries_in_force(transaction: Transaction, kind: ListKind, at: datetime) -> Sequence[ListEntry]:
    """The entries of every published list of ``kind`` that hold at ``at``, by list and number."""
    lists, entries = list_table.c, entry_table.c
    begun = and_(lists.since <= at, or_(entries.since.is_(None), entries.since <= at))
    query = _entries().where(lists.kind == kind.value, lists.published_at <= at, begun)
    return [entry for entry in map(_entry, transaction.rows(query)) if entry.in_force(at)]


def entries_of(transaction: Transaction, id_: str) -> Sequence[ListEntry]:
    """Every entry of a published list, also those that ended, by number."""
    return [_entry(row) for row in transaction.rows(_entries().where(list_table.c.id == id_))]


def entries_on(transaction: Transaction, party: str) -> Sequence[ListEntry]:
    """Every entry of published lists that names ``party``, also those that ended."""
    return [_entry(row) for row in transaction.rows(_entries().where(entry_table.c.party == party))]


def entry_of(transaction: Transaction, id_: str, number: int) -> ListEntry:
    """One entry of a published list; raises ``NotFound``."""
    query = _entries().where(list_table.c.id == id_, entry_table.c.number == number)
    row = transaction.row(query)
    if row is None:
        raise NotFound(what_zh="这条清单条目:", what_en="list entry", key=f"{id_}/{number}")
    return _entry(row)


def _entries() -> Select[Any]:
    lists, entries = list_table.c, entry_table.c
    return (
        select(
            *(entries.list, entries.number, entries.zh, entries.en, entries.matches, entries.standing),
            *(entries.party, entries.reason, entries.ended_at.label("entry_ended")),
            *(entries.until.label("entry_until"), func.coalesce(entries.since, lists.since).label("begins")),
            *(lists.kind, lists.zh.label("list_zh"), lists.en.label("list_en"), lists.document_number, lists.owner),
            *(
                lists.published_at,
                lists.since.label("list_since"),
                lists.until.label("list_until"),
                lists.ended_at.label("list_ended"),
            ),
        )
        .join(list_table, lists.id == entries.list)
        .where(lists.published_at.is_not(None))
        .order_by(entries.list, entries.number)
    )


def _entry(row: RowMapping) -> ListEntry:
    ends = [row[name] for name in ("entry_until", "entry_ended", "list_until", "list_ended") if row[name] is not None]
    return ListEntry(
        list=row["list"],
        number=row["number"],
        kind=ListKind(row["kind"]),
        list_zh=row["list_zh"],
        list_en=row["list_en"],
        document_number=row["document_number"],
        owner=row["owner"],
        zh=row["zh"],
        en=row["en"],
        matches=_matches(row["matches"]),
        since=max(row["begins"], row["list_since"], row["published_at"]),
        until=min(ends, default=None),
        standing=Standing(row["standing"]) if row["standing"] else None,
        party=row["party"],
        reason=row["reason"],
    )


# appeals


def add_appeal(transaction: Transaction, appeal: Appeal, *, person: str) -> None:
    """Write an appeal that was just filed."""
    row = {name: getattr(appeal, name) for name in Appeal.__slots__}
    transaction.write(appeal_table.insert().values(**{**row, "outcome": "", "filed_by": person}))


def write_answer(transaction: Transaction, scope: Scope, appeal: Appeal, *, person: str) -> None:
    """Write the answer to an appeal."""
    c = appeal_table.c
    outcome = "" if appeal.outcome is None else appeal.outcome.value
    values = {"outcome": outcome, "answer": appeal.answer, "answered_at": appeal.answered_at}
    transaction.write(appeal_table.update(scope).where(c.id == appeal.id).values(**values, answered_by=person))


def appeals(transaction: Transaction, scope: Scope, *, open_only: bool = False) -> Sequence[Appeal]:
    """Every appeal inside the scope, oldest first."""
    query = appeal_table.select(scope).order_by(appeal_table.c.filed_at, appeal_table.c.id)
    if open_only:
        query = query.where(appeal_table.c.answered_at.is_(None))
    return [_appeal(row) for row in transaction.rows(query)]


def appeal_of(transaction: Transaction, scope: Scope, id_: str) -> Appeal:
    """The appeal with that id; raises ``NotFound``, also outside the scope."""
    row = transaction.row(appeal_table.select(scope).where(appeal_table.c.id == id_))
    if row is None:
        raise NotFound(what_zh="这份申诉:", what_en="appeal", key=id_)
    return _appeal(row)


def _appeal(row: RowMapping) -> Appeal:
    fields = {name: row[name] for name in Appeal.__slots__}
    return Appeal(**{**fields, "outcome": Outcome(row["outcome"]) if row["outcome"] else None})


def _list(transaction: Transaction, row: RowMapping) -> PublishedList:
    query = select(entry_table).where(entry_table.c.list == row["id"]).order_by(entry_table.c.number)
    draft = ListDraft(
        id=row["id"],
        kind=ListKind(row["kind"]),
        zh=row["zh"],
        en=row["en"],
        owner=row["owner"],
        document_number=row["document_number"],
        since=row["since"],
        until=row["until"],
        entries=tuple(_draft_entry(each) for each in transaction.rows(query)),
        appeal_working_days=row["appeal_working_days"],
        replaces=row["replaces"],
    )
    until = min((end for end in (row["until"], row["ended_at"]) if end is not None), default=None)
    return PublishedList(draft, row["digest"], until, row["published_at"])


def _draft_entry(row: RowMapping) -> DraftEntry:
    return DraftEntry(
        number=row["number"],
        zh=row["zh"],
        en=row["en"],
        matches=_matches(row["matches"]),
        since=row["since"],
        until=row["until"],
        standing=Standing(row["standing"]) if row["standing"] else None,
        party=row["party"],
        reason=row["reason"],
    )


def _entry_row(id_: str, entry: DraftEntry) -> dict[str, Any]:
    return {
        "list": id_,
        "number": entry.number,
        "zh": entry.zh,
        "en": entry.en,
        "matches": {name: sorted(codes) for name, codes in entry.matches.sides().items() if codes},
        "since": entry.since,
        "until": entry.until,
        "standing": "" if entry.standing is None else entry.standing.value,
        "party": entry.party,
        "reason": entry.reason,
        "ended_at": None,
        "ended_because": "",
    }


def _matches(document: Mapping[str, Sequence[str]]) -> Matches:
    return Matches(**{name: frozenset(document.get(name, ())) for name in SIDES})


def list_document(draft: ListDraft) -> Mapping[str, Any]:
    """The list as plain JSON: what its digest is taken of."""
    entries = [
        {**plain({**_entry_row(draft.id, entry)}), "ended_at": None, "ended_because": ""} for entry in draft.entries
    ]
    names = [name for name in ListDraft.__slots__ if name != "entries"]
    return {**{name: plain(getattr(draft, name)) for name in names}, "entries": entries}
