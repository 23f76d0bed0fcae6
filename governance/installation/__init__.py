"""The one row that says what this database is, and the business clock that follows from it.

Owns whether this is a demo and which instant its business stands at. Leases, time-outs and logs never ask here:
they run on the real clock always.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Column, Integer, Table, insert, select, update

from foundation.store import Instant, Transaction, metadata
from foundation.values.errors import InvalidValue
from foundation.values.instant import Clock, format_instant
from governance.errors import NotADemo, NotEmpty

__all__ = ["business_now", "create", "exists", "installation_table", "is_demo", "set_business_clock"]

installation_table = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("demo", Boolean, nullable=False),
    Column("business_now", Instant),
    Column("created_at", Instant, nullable=False),
)


def exists(transaction: Transaction) -> bool:
    """Whether the installation was created."""
    return transaction.row(select(installation_table)) is not None


def create(transaction: Transaction, *, demo: bool, business_start: datetime | None, real: Clock) -> None:
    """Say once what this database is; a second time raises ``NotEmpty``."""
    if exists(transaction):
        raise NotEmpty(what="installation")
    if business_start is not None and not demo:
        raise NotADemo
    transaction.write(
        insert(installation_table).values(id=1, demo=demo, business_now=business_start, created_at=real())
    )


def is_demo(transaction: Transaction) -> bool:
    """Whether this database was created as a demo."""
    return bool(transaction.value(select(installation_table.c.demo)))


def business_now(transaction: Transaction, real: Clock) -> datetime:
    """The instant business stands at: the demo's own clock, otherwise the real one."""
    row = transaction.row(select(installation_table))
    if row is None or row["business_now"] is None:
        return real()
    instant: datetime = row["business_now"]
    return instant


def set_business_clock(transaction: Transaction, instant: datetime, real: Clock) -> bool:
    """Move a demo's clock forward; False if it stands there already. It never goes back."""
    if not is_demo(transaction):
        raise NotADemo
    now = business_now(transaction, real)
    if instant < now:
        raise InvalidValue(field="clock", found=format_instant(instant), expected=f"not before {format_instant(now)}")
    if instant == now:
        return False
    transaction.write(update(installation_table).values(business_now=instant))
    return True
