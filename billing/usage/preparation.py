"""What a month's batches come to: duplicates dropped, contradictions set aside, records cut at boundaries.

One pass in DuckDB over whole files; only the few records that cross a boundary are handled one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from billing.usage.records import COLUMNS, SCHEMA, microseconds, records_of, table_of
from billing.usage.splitting import split_by_day

_DAY = 86_400_000_000
_SHANGHAI = 8 * 3_600_000_000
"""Shanghai keeps UTC+8 all year, so its day number is plain arithmetic (its last summer time was in 1991)."""

_ROWS = ", ".join(COLUMNS)
_DAY_NUMBER = f"(start_us + {_SHANGHAI}) // {_DAY}"
_CROSSES = f"""
    ({_DAY_NUMBER} <> (end_us - 1 + {_SHANGHAI}) // {_DAY})
    OR len(list_filter($boundaries::BIGINT[], lambda edge: edge > start_us AND edge < end_us)) > 0
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A month's records, ready to be closed day by day."""

    connection: duckdb.DuckDBPyConnection

    def day(self, day: date) -> pa.Table:
        """The rows of one Shanghai day, sorted by agency, resource, meter, start and key."""
        return _rows(
            self.connection,
            f"SELECT {_ROWS} FROM ready WHERE day = {_number(day)} "  # noqa: S608 - names and numbers of ours
            "ORDER BY agency, resource, meter, start_us, end_us, key, source, revision, quantity",
        )

    def set_aside(self, day: date) -> pa.Table:
        """The contradicting records that start on one day."""
        return _rows(
            self.connection,
            f"SELECT {_ROWS} FROM aside WHERE {_DAY_NUMBER} = {_number(day)} ORDER BY ALL",  # noqa: S608
        )


@contextmanager
def prepared(files: Sequence[Path], prices_change: Sequence[datetime]) -> Iterator[Prepared]:
    """Read the batches' files and prepare them; ``prices_change`` are the instants at which some price begins or ends.

    Same key and content: counted once. Same key, other content: the highest revision counts; where two say something
    else under the same highest revision, all of them are set aside.
    """
    with duckdb.connect(":memory:") as connection:
        _load(connection, files)
        boundaries = [microseconds(instant) for instant in prices_change]
        connection.execute("CREATE TABLE aside AS SELECT * FROM newest WHERE copies > 1")
        connection.execute(
            f"CREATE TABLE whole AS SELECT {_ROWS}, {_CROSSES} AS crosses FROM newest WHERE copies = 1",  # noqa: S608
            {"boundaries": boundaries},
        )
        crossing = _rows(connection, f"SELECT {_ROWS} FROM whole WHERE crosses")  # noqa: S608
        pieces = table_of(piece for record in records_of(crossing) for piece in split_by_day(record, prices_change))
        connection.register("pieces", pieces)
        connection.execute(
            f"CREATE TABLE ready AS SELECT *, {_DAY_NUMBER} AS day FROM "  # noqa: S608
            f"(SELECT {_ROWS} FROM whole WHERE NOT crosses UNION ALL SELECT {_ROWS} FROM pieces)"
        )
        connection.unregister("pieces")
        yield Prepared(connection)


def _load(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> None:
    if files:
        connection.execute(
            f"CREATE TABLE raw AS SELECT DISTINCT {_ROWS} FROM read_parquet($files)",  # noqa: S608
            {"files": [str(file) for file in files]},
        )
    else:
        connection.register("nothing", SCHEMA.empty_table())
        connection.execute("CREATE TABLE raw AS SELECT * FROM nothing")
    connection.execute(
        f"CREATE TABLE newest AS SELECT {_ROWS}, count(*) OVER (PARTITION BY key) AS copies FROM "  # noqa: S608
        "(SELECT * FROM raw QUALIFY revision = max(revision) OVER (PARTITION BY key))"
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    found: pa.Table = connection.sql(query).to_arrow_table()
    return found.cast(SCHEMA)


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
