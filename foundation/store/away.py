"""Tells a database that is away from a defect: locked, full, unreachable, gone in the middle, or a mistake of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import Engine
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from foundation.store.errors import CommitUnknown, DatabaseUnavailable, ValueRefused

READ_ONLY = "25006"
"""The server takes no writes: a standby after a switch-over, or one protected because its disk is full."""

DOES_NOT_FIT = frozenset({"22001", "22003", ""})
"""A text too long, a number too large; the driver itself refuses a NUL."""

SQLITE_ERROR = 1
"""SQLite's code for a statement that is wrong: no such table, no such column."""

TRANSACTION_GONE = ("no such savepoint", "cannot commit", "cannot rollback")
"""What SQLite says, under that same code, in a transaction that it ended by itself because the disk was full."""

CORRUPTED = "XX"
"""The class of internal errors: a damaged page, a lost file."""


@dataclass(slots=True)
class Stage:
    """Where a transaction is. Once ``committing``, a lost connection leaves open whether it was written."""

    writing: bool
    committing: bool = False


@contextmanager
def away_in_words(engine: Engine, stage: Stage) -> Iterator[None]:
    """Raise ``DatabaseUnavailable`` (``CommitUnknown``) in place of the driver's errors that mean it is away.

    A value that does not fit its column becomes ``ValueRefused``. Integrity errors and defects (a column that is not
    there) stay what they are.
    """
    try:
        yield
    except (DBAPIError, NoConnectionFree, PendingRollbackError) as cause:
        if isinstance(cause, DataError) and _sqlstate(cause) in DOES_NOT_FIT:
            raise ValueRefused(reason=_words(cause, engine)) from cause
        if not _is_away(cause, stage):
            raise
        reason = _words(cause, engine)
        lost = isinstance(cause, DBAPIError) and cause.connection_invalidated
        raise (CommitUnknown if stage.committing and lost else DatabaseUnavailable)(reason=reason) from cause


def _is_away(cause: SQLAlchemyError, stage: Stage) -> bool:
    if not isinstance(cause, DBAPIError):
        return True  # no connection became free, or this one was lost and the body went on
    if isinstance(cause, IntegrityError):
        return False
    if getattr(cause.orig, "sqlite_errorcode", None) == SQLITE_ERROR:
        return str(cause.orig).startswith(TRANSACTION_GONE)  # the driver calls all of these operational
    if cause.connection_invalidated or isinstance(cause, (OperationalError, InterfaceError)):
        return True
    if type(cause) is DatabaseError:
        return True  # SQLite: not a database, or a damaged one
    state = _sqlstate(cause)
    return state.startswith(CORRUPTED) or (state == READ_ONLY and stage.writing)


def _sqlstate(cause: DBAPIError) -> str:
    """PostgreSQL's five characters; empty where the server did not speak."""
    return getattr(cause.orig, "sqlstate", None) or ""


def _words(cause: SQLAlchemyError, engine: Engine) -> str:
    """The driver's own words in one line, without the password."""
    said = " ".join(str(cause.orig if isinstance(cause, DBAPIError) else cause).split())
    password = engine.url.password
    return said.replace(str(password), "***") if password else said
