"""The tables of what is promised and used under contract lines. The database itself refuses more than there is.

``contract_use`` and ``contract_line_use`` hold running totals, one row each, so that a promise costs the same after
a hundred thousand others; the rows below them say what the totals are made of.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, String, Table

from foundation.store import Fen, Instant, metadata

use_table = Table(
    "contract_use",
    metadata,
    Column("contract", ForeignKey("contract.id"), primary_key=True),
    Column("ceiling", Fen, nullable=False),
    Column("obligated", Fen, nullable=False),
    Column("used", Fen, nullable=False),
    CheckConstraint("obligated >= 0 AND obligated + used <= ceiling", name="within_the_ceiling"),
)
line_use_table = Table(
    "contract_line_use",
    metadata,
    Column("line", String(60), primary_key=True),
    Column("contract", ForeignKey("contract.id"), nullable=False, index=True),
    Column("amount", Fen, nullable=False),
    Column("obligated", Fen, nullable=False),
    Column("used", Fen, nullable=False),
    CheckConstraint("obligated >= 0 AND obligated + used <= amount", name="within_the_line"),
)
obligation_table = Table(
    "contract_obligation",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("line", ForeignKey("contract_line_use.line"), nullable=False, index=True),
    Column("subject", String(200), nullable=False, index=True),
    Column("fen", Fen, nullable=False),
    Column("drawn", Fen, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("released_at", Instant),
    CheckConstraint("fen > 0 AND drawn >= 0 AND drawn <= fen", name="drawn_within"),
)
settled_table = Table(
    "contract_settled",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("line", ForeignKey("contract_line_use.line"), nullable=False, index=True),
    Column("subject", String(200), nullable=False, index=True),
    Column("fen", Fen, nullable=False),
    Column("settled_at", Instant, nullable=False),
    Column("returned_at", Instant),
)
draw_table = Table(
    "contract_draw",
    metadata,
    Column("settled", ForeignKey("contract_settled.number"), primary_key=True),
    Column("obligation", ForeignKey("contract_obligation.number"), primary_key=True),
    Column("fen", Fen, nullable=False),
    CheckConstraint("fen > 0", name="something_drawn"),
)
