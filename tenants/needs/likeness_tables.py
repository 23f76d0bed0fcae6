"""The tables of likely duplicates. They belong to the bureau: no agency's scope covers them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    or_,
)

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Instant, Scope, Transaction, append_only, metadata
from foundation.store.row_security import WIDE
from tenants.needs.likeness import Alike, Conclusion, Reason

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

likeness_table = AgencyOwned(
    Table(
        "need_likeness",
        metadata,
        Column("number", _NUMBER, primary_key=True, autoincrement=True),
        Column("bureau", ForeignKey("party.id"), nullable=False),
        Column("need", ForeignKey("need.number"), nullable=False),
        Column("need_version", Integer, nullable=False),
        Column("kind", String(20), nullable=False),
        Column("other", String(60), nullable=False),
        Column("other_version", Integer, nullable=False),
        Column("permille", Integer, nullable=False),
        Column("reasons", Document, nullable=False),
        Column("suggestion", String(20), nullable=False),
        Column("found_at", Instant, nullable=False),
        UniqueConstraint("need", "need_version", "kind", "other", "other_version"),
        Index("ix_need_likeness_other", "other"),
    ),
    "bureau",
)
conclusion_table = AgencyOwned(
    Table(
        "need_conclusion",
        metadata,
        Column("number", _NUMBER, primary_key=True, autoincrement=True),
        Column("bureau", ForeignKey("party.id"), nullable=False),
        Column("likeness", ForeignKey("need_likeness.number"), nullable=False, index=True),
        Column("conclusion", String(20), nullable=False),
        Column("reason", Text, nullable=False),
        Column("account", String(60), nullable=False),
        Column("concluded_at", Instant, nullable=False),
    ),
    "bureau",
)
for _table in (likeness_table, conclusion_table):
    append_only(_table.table, "what was found alike, and concluded, is never changed")


@dataclass(frozen=True, slots=True)
class Likeness:
    """A likely duplicate as shown to the bureau: version ``need_version`` of ``need``, and ``other``.

    ``kind`` says what the other is: need, service, system (``other_version`` is 0 unless it is a need). The newest
    conclusion with its reason stands beside it, None and empty before.
    """

    number: int
    need: str
    need_version: int
    kind: str
    other: str
    other_version: int
    alike: Alike
    found_at: datetime
    conclusion: Conclusion | None
    reason: str


def add_likeness(transaction: Transaction, row: dict[str, Any], alike: Alike) -> None:
    """Write what was found, once. It is found while an agency states its need, and is not for that agency."""
    found = row | {"permille": alike.permille, "reasons": plain(alike.reasons), "suggestion": alike.suggestion.value}
    transaction.write(likeness_table.insert().values(**found).execution_options(**{WIDE: True}))


def add_conclusion(transaction: Transaction, row: dict[str, Any]) -> None:
    """Write what a person of the bureau concluded."""
    transaction.add(conclusion_table, row)


def read_likenesses(transaction: Transaction, scope: Scope, needs: Iterable[str]) -> Sequence[Likeness]:
    """Everything ever found about these needs, on either side, in the order it was found."""
    wanted, columns = sorted(set(needs)), likeness_table.c
    rows = transaction.rows(
        likeness_table.select(scope)
        .where(or_(columns.need.in_(wanted), and_(columns.kind == "need", columns.other.in_(wanted))))
        .order_by(columns.number)
    )
    return _with_conclusions(transaction, scope, rows)


def read_likeness(transaction: Transaction, scope: Scope, number: int) -> Likeness | None:
    """One of them."""
    rows = transaction.rows(likeness_table.select(scope).where(likeness_table.c.number == number))
    found = _with_conclusions(transaction, scope, rows)
    return found[0] if found else None


def _with_conclusions(transaction: Transaction, scope: Scope, rows: Sequence[RowMapping]) -> Sequence[Likeness]:
    columns = conclusion_table.c
    concluded = transaction.rows(
        conclusion_table.select(scope)
        .where(columns.likeness.in_([row["number"] for row in rows]))
        .order_by(columns.number)
    )
    newest = {row["likeness"]: row for row in concluded}
    return [_likeness(row, newest.get(row["number"])) for row in rows]


def _likeness(row: RowMapping, concluded: RowMapping | None) -> Likeness:
    reasons = tuple(Reason(each["code"], each["zh"], each["en"]) for each in row["reasons"])
    names = ("number", "need", "need_version", "kind", "other", "other_version", "found_at")
    return Likeness(
        **{name: row[name] for name in names},
        alike=Alike(row["permille"], reasons, Conclusion(row["suggestion"])),
        conclusion=None if concluded is None else Conclusion(concluded["conclusion"]),
        reason="" if concluded is None else concluded["reason"],
    )
