"""The published ways of counting down-time that exist here, by the name a catalogue calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Calculator:
    """How down-time is counted: a name for the catalogue, and what it means in words."""

    code: str
    zh: str
    en: str


CALCULATORS: Mapping[str, Calculator] = {
    each.code: each
    for each in (
        Calculator(
            "unreachable-minute",
            "整分钟内所有探测均失败,该分钟计为不可用",
            "a minute is down if every check in it failed: unreachable for the whole minute",
        ),
    )
}
"""``governance.sla.classify`` counts this way. A catalogue that names a calculator that is not here is refused: a
promise counted in another way than it was published in would be no promise."""
