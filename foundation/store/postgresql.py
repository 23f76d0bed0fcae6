"""PostgreSQL: how its connections are made, and how one writer at a time is had there.

A transaction that is alone takes one advisory lock right after BEGIN and keeps it to the end. It runs READ COMMITTED,
so its first real statement already sees what the holder before it committed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, event, text

from foundation.store import row_security
from foundation.store.errors import DatabaseUnsuited
from foundation.store.ways import way_of

ALONE = int.from_bytes(b"guanyun", "big")
"""The advisory lock's number. Such locks belong to one database, so installations do not meet."""

LOCK_TIMEOUT = 20_000
"""How long a statement waits for a lock, in milliseconds: as long as SQLite's ``busy_timeout``."""

IDLE_TIMEOUT = 60_000
"""How long a transaction may stand still, in milliseconds: a process frozen while alone would hold up everybody."""

SESSION = (
    f"-c TimeZone=UTC -c {row_security.SETTING}={row_security.EVERY} -c lock_timeout={LOCK_TIMEOUT} "
    f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT}"
)
CONNECTION = {
    "application_name": "guanyun",
    "client_encoding": "utf8",
    "connect_timeout": "5",  # seconds
    # A host that vanished is noticed in about half a minute, in the middle of a statement too.
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
"""What a connection says of itself, unless the URL says otherwise."""

ORDERS_BY_CODE_POINT = frozenset({"C", "POSIX", "C.UTF-8", "C.utf8"})


def with_defaults(url: URL) -> URL:
    """``url`` with our connection settings beneath its own."""
    given = dict(url.query)
    options = given.pop("options", "")
    asked = " ".join(options) if isinstance(options, tuple) else options
    return url.set(query={**CONNECTION, **given, "options": f"{SESSION} {asked}".rstrip()})


def prepare(engine: Engine) -> None:
    """Make every transaction of ``engine`` alone but those that say otherwise (``foundation.store.ways``)."""

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if way_of(connection).alone:
            stand_alone(connection)

    row_security.watch(engine)

    @event.listens_for(engine, "handle_error")
    def _without_values(context: ExceptionContext) -> None:
        # The server repeats a row's values under DETAIL; hide_parameters does not reach them.
        said, shown = context.original_exception, context.sqlalchemy_exception
        detail = getattr(getattr(said, "diag", None), "message_detail", None)
        if detail:
            for error in (said, *((shown,) if shown is not None else ())):
                error.args = tuple(str(words).replace(detail, "…") for words in error.args)


def stand_alone(connection: Connection) -> None:
    """Wait for every other transaction that is alone; taking it twice in one transaction is harmless."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ALONE})")


def check_suited(connection: Connection) -> None:
    """Raise ``DatabaseUnsuited`` unless texts are UTF-8 and sorted by code point, as SQLite sorts them.

    Another order would give another bill: the bytes of a statement follow the order of its rows.
    """
    if connection.dialect.name != "postgresql":
        return
    provider = "datlocprovider" if (connection.dialect.server_version_info or ()) >= (15,) else "'c'"
    found: Any = connection.execute(
        text(
            f"SELECT pg_encoding_to_char(encoding) AS encoding, CAST({provider} AS text) AS provider, "  # noqa: S608
            "datcollate AS collation FROM pg_database WHERE datname = current_database()"
        )
    ).one()
    orders = {"c": found.collation in ORDERS_BY_CODE_POINT, "b": True}  # "b", the built-in provider, always does
    if found.encoding != "UTF8" or not orders.get(found.provider, False):
        raise DatabaseUnsuited(encoding=found.encoding, collation=found.collation if found.provider == "c" else "ICU")
