"""The ledger's tables: append-only by trigger; a correction is a new transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, String, Table, func, insert, select

from billing.ledger.model import LedgerAccount, LedgerEvent, LedgerTransaction, Posting
from foundation.store import AgencyOwned, Fen, Instant, Scope, Transaction, append_only, metadata

transaction_table = Table(
    "ledger_transaction",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("event", String(40), nullable=False),
    Column("contract", String(60), nullable=False, index=True),
    Column("month", String(7), nullable=False),
    Column("settlement", String(120), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("posted_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
posting_table = AgencyOwned(
    Table(
        "ledger_posting",
        metadata,
        Column("transaction", ForeignKey("ledger_transaction.id"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("account", String(20), nullable=False),
        Column("agency", String(40), nullable=False, index=True),
        Column("project", String(60), nullable=False),
        Column("fund_source", String(60), nullable=False),
        Column("amount", Fen, nullable=False),
    )
)
for _table in (transaction_table, posting_table.table):
    append_only(_table, "the ledger is append-only")

_POSTED = ("agency", "project", "fund_source", "amount")


def post(transaction: Transaction, entry: LedgerTransaction, *, recorded_at: datetime) -> bool:
    """Append one transaction; False if the same stands already, ``AlreadyThere`` if another does."""
    row = {name: value for name, value in asdict(entry).items() if name != "postings"} | {"event": entry.event.value}
    standing = transaction.row(select(transaction_table).where(transaction_table.c.id == entry.id))
    if standing is not None:
        transaction.insert_once(
            transaction_table,
            {**row, "posted_at": standing["posted_at"], "recorded_at": standing["recorded_at"]},
            what="ledger transaction",
        )
        return False
    transaction.write(insert(transaction_table).values(**row, recorded_at=recorded_at))
    transaction.write(
        posting_table.insert(),
        [
            {**asdict(posting), "account": posting.account.value, "transaction": entry.id, "number": number}
            for number, posting in enumerate(entry.postings, 1)
        ],
    )
    return True


def transactions(
    transaction: Transaction, scope: Scope, *, settlement: str | None = None
) -> Sequence[tuple[str, LedgerEvent, str, tuple[Posting, ...]]]:
    """(id, event, digest, postings inside the scope), in the order they were posted.

    Read without the model's own check, so that ``check_ledger`` can name what does not balance.
    """
    query = select(transaction_table).order_by(transaction_table.c.recorded_at, transaction_table.c.id)
    if settlement is not None:
        query = query.where(transaction_table.c.settlement == settlement)
    c = posting_table.c
    found = []
    for row in transaction.rows(query):
        rows = transaction.rows(posting_table.select(scope).where(c.transaction == row["id"]).order_by(c.number))
        postings = tuple(
            Posting(
                LedgerAccount(each["account"]), each["agency"], each["project"], each["fund_source"], each["amount"]
            )
            for each in rows
        )
        found.append((row["id"], LedgerEvent(row["event"]), row["digest"], postings))
    return found


def balance(
    transaction: Transaction,
    scope: Scope,
    account: LedgerAccount,
    *,
    settlement: str | None = None,
    agency: str | None = None,
    fund_source: str | None = None,
    event_: LedgerEvent | None = None,
) -> int:
    """The sum in fen of one account inside the scope, debit positive; each argument narrows it."""
    c, t = posting_table.c, transaction_table.c
    query = (
        posting_table.select(scope, func.coalesce(func.sum(c.amount), 0))
        .join(transaction_table, t.id == c.transaction)
        .where(c.account == account.value)
    )
    narrowed = {t.settlement: settlement, c.agency: agency, c.fund_source: fund_source}
    for column, value in narrowed.items():
        if value is not None:
            query = query.where(column == value)
    if event_ is not None:
        query = query.where(t.event == event_.value)
    return int(transaction.value(query))
