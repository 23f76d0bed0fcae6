"""A paper: what a bill shows, in both languages, before anybody decides how. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal

from billing.rendering.acts import PaperAct
from foundation.evidence.canonical import decimal_text
from foundation.values.errors import Language


@dataclass(frozen=True, slots=True)
class Label:
    """A text in both languages."""

    zh: str
    en: str

    def text(self, language: Language) -> str:
        """One of the two."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Fact:
    """A named fact at the head of the paper."""

    label: Label
    value: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, which side its texts stand on, and its part of the width (0: as wide as needed)."""

    label: Label
    align: Literal["left", "right"] = "left"
    width: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, and a smaller one below it."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of the paper."""

    label: Label
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of the totals, in fen written as yuan; ``strong`` for the one that counts."""

    label: Label
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole bill as it is shown. ``digest`` is printed on every page."""

    title: Label
    number: str
    version: int
    state: Label
    facts: tuple[Fact, ...]
    sheets: tuple[Sheet, ...]
    sums: tuple[Sum, ...]
    notes: tuple[Label, ...]
    acts: tuple[PaperAct, ...]
    digest: str


def name_of(names: Mapping[str, Mapping[str, str]], key: str, *, code: str) -> str:
    """What the bill calls ``key``, otherwise its code."""
    return names.get(key, {}).get("zh") or code


def shown(value: Fraction | Decimal, places: int = 6) -> str:
    """A number to read: at most ``places`` decimals, half up, no trailing zeros. The exact one is in the document."""
    fraction = Fraction(value)
    scaled = Fraction(fraction * 10**places)
    whole = Decimal(scaled.numerator) / Decimal(scaled.denominator)
    return decimal_text(whole.quantize(Decimal(1), ROUND_HALF_UP).scaleb(-places))


def price_text(price: str) -> str:
    """A unit price as it is, with thousands apart and at least two decimals."""
    whole, _, decimals = price.partition(".")
    return f"{int(whole):,}.{decimals.ljust(2, '0')}"


def percent(share: Decimal | Fraction) -> str:
    """A share of 1 as percent."""
    return f"{shown(Fraction(share) * 100, 4)} %"
