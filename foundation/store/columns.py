"""Column types that give back exactly what was put in, on SQLite and PostgreSQL.

SQLite has no decimal: SQLAlchemy's ``Numeric`` there goes through a float and loses digits, so an exact column is
text on SQLite (compared in Python, never in SQL) and ``NUMERIC`` on PostgreSQL. Nothing is rounded on the way in.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Dialect, Numeric, String, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

from foundation.evidence import canonical_text, read_canonical
from foundation.values.instant import parse_instant, utc
from foundation.values.money import AMOUNT, COEFFICIENT, PRICE, QUANTITY, exact

Fen = BigInteger
"""An amount of money: whole fen."""


class Exact(TypeDecorator[Decimal]):
    """A decimal of (precision, scale); a value with more digits is refused, never rounded."""

    impl = String
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision + 2)
        self.precision = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(self.precision + 2))
        return dialect.type_descriptor(Numeric(self.precision, self.scale))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        checked = exact(value, (self.precision, self.scale), field="decimal column")
        return format(checked, "f") if dialect.name == "sqlite" else checked

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


QUANTITY_COLUMN = Exact(*QUANTITY)
PRICE_COLUMN = Exact(*PRICE)
AMOUNT_COLUMN = Exact(*AMOUNT)
COEFFICIENT_COLUMN = Exact(*COEFFICIENT)


class Instant(TypeDecorator[datetime]):
    """A UTC instant to the microsecond: fixed-width text on SQLite (sorts as time does), timestamptz elsewhere."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(27))
        return dialect.type_descriptor(TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        instant = utc(value, field="instant column")
        if dialect.name != "sqlite":
            return instant
        return instant.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return parse_instant(value) if isinstance(value, str) else utc(value)


class Document(TypeDecorator[Any]):
    """A JSON document kept as its canonical text, so that its digest can be taken from the column."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else canonical_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        return None if value is None else read_canonical(value, what="document column")
