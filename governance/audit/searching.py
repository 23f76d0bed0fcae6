"""Searching the log: what somebody did, what happened to a thing, page by page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, select, type_coerce

from foundation.store import Transaction
from governance.audit.chain import Entry
from governance.audit.tables import audit_table


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; an empty field asks for nothing.

    ``subject`` is whole or, with a ``*`` at its end, a beginning; ``text`` is looked for in the facts as they are
    written; times are business time, half-open; ``accounts`` limits it to what was done through these.
    """

    event: str = ""
    subject: str = ""
    person: str = ""
    account: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    accounts: Collection[str] | None = None


def found_entries(
    transaction: Transaction, search: Search, *, before: int | None = None, after: int = 0, limit: int | None = None
) -> Sequence[Entry]:
    """The newest ``limit`` entries that fit and are numbered below ``before`` and above ``after``, oldest first."""
    number = audit_table.c.number
    query = select(audit_table).where(number > after, *_conditions(search)).order_by(number.desc())
    if before is not None:
        query = query.where(number < before)
    if limit is not None:
        query = query.limit(limit)
    return [Entry(**row) for row in reversed(transaction.rows(query))]


def _conditions(search: Search) -> Iterator[ColumnElement[bool]]:
    table = audit_table.c
    for column, value in ((table.event, search.event), (table.person, search.person), (table.account, search.account)):
        if value:
            yield column == value
    if search.subject.endswith("*"):
        yield table.subject.startswith(search.subject.removesuffix("*"), autoescape=True)
    elif search.subject:
        yield table.subject == search.subject
    if search.text:
        yield type_coerce(table.facts, String()).contains(search.text, autoescape=True)
    if search.since is not None:
        yield table.business_at >= search.since
    if search.until is not None:
        yield table.business_at < search.until
    if search.accounts is not None:
        yield table.account.in_(sorted(search.accounts))
