"""One series of numbers for requests, needs and grants; service items are named by the request that asked first."""

from __future__ import annotations

import re
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ALLOTTED = {
    ("need", "SELECT number FROM need"): re.compile(r"NEED-(\d{4})-(\d{4,6})"),
    ("grant", "SELECT number FROM data_grant"): re.compile(r"GRT-(\d{4})-(\d{6})"),
}
"""(series, where its numbers are) → what a number looks like that the program gave out. One with more digits, or of
another form, was somebody's own choice: it is passed over when its turn comes."""


def upgrade() -> None:
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_number_series")),
    )
    op.execute("INSERT INTO number_series (series, year, last) SELECT 'request', year, last FROM request_count")
    series = sa.table("number_series", sa.column("series"), sa.column("year"), sa.column("last"))
    for (name, query), form in _ALLOTTED.items():
        numbers = op.get_bind().execute(sa.text(query)).scalars()
        rows = [{"series": name, "year": year, "last": last} for year, last in _newest(numbers, form)]
        if rows:
            op.bulk_insert(series, rows)
    op.drop_table("request_count")
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("first", sa.String(length=60), server_default="", nullable=False))
        batch_op.create_index("ix_request_first", ["first"], unique=False)
    # Until now nothing could be asked about items but that they come to be.
    op.execute("UPDATE request SET first = number WHERE environment = ''")


def downgrade() -> None:
    op.drop_index("ix_request_first", table_name="request")
    # In place on both: Alembic's copy of the table would write its defaults in other words.
    op.execute("ALTER TABLE request DROP COLUMN first")
    op.create_table(
        "request_count",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_request_count")),
    )
    # What needs and grants were numbered last, the older program reads from their rows.
    op.execute("INSERT INTO request_count (year, last) SELECT year, last FROM number_series WHERE series = 'request'")
    op.drop_table("number_series")


def _newest(numbers: Iterable[str], form: re.Pattern[str]) -> list[tuple[int, int]]:
    """The highest number of each year."""
    newest: dict[int, int] = {}
    for number in numbers:
        found = form.fullmatch(number)
        if found is not None:
            year, last = int(found[1]), int(found[2])
            newest[year] = max(last, newest.get(year, 0))
    return sorted(newest.items())
