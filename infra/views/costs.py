"""What a plan does to the month's bill: the lines of two estimates by the billing code, item by item. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Words = Mapping[str, tuple[str, str]]
"""Chinese and English by code of a service, and of its plans and meters as ``service/code``: services share codes."""


@dataclass(frozen=True, slots=True)
class CostItem:
    """One meter of one plan: fen a month before and after, over how many resources."""

    service: str
    plan: str
    meter: str
    zh: str
    en: str
    before: int
    after: int
    resources_before: int
    resources_after: int

    @property
    def difference(self) -> int:
        """Fen a month more, or less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class CostDifference:
    """The whole environment before and after, fen a month, and the items that make it up, by service.

    ``unpriced`` says in both languages what the prices in force do not cover after the plan.
    """

    before: int
    after: int
    items: tuple[CostItem, ...] = ()
    unpriced: tuple[tuple[str, str], ...] = ()

    @property
    def difference(self) -> int:
        """Fen a month more, or less."""
        return self.after - self.before


def cost_difference(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]], words: Words | None = None
) -> CostDifference:
    """The difference of two estimates, each the lines of billing's ``estimate_environment``.

    ``amount`` is fen; a line with ``unpriced`` true costs nothing and says in ``zh`` and ``en`` what has no price.
    """
    new_lines = list(after)
    named, sums = words or {}, (_sums(before), _sums(new_lines))
    unpriced = tuple((str(line["zh"]), str(line["en"])) for line in new_lines if line.get("unpriced"))
    items = []
    for key in sorted(sums[0].keys() | sums[1].keys()):
        (old, many_before), (new, many_after) = (side.get(key, (0, 0)) for side in sums)
        both = [named.get(path, (code, code)) for path, code in _paths(key) if code]
        items.append(
            CostItem(
                *key,
                zh=" · ".join(zh for zh, _ in both),
                en=" · ".join(en for _, en in both),
                before=old,
                after=new,
                resources_before=many_before,
                resources_after=many_after,
            )
        )
    whole = (sum(one.before for one in items), sum(one.after for one in items))
    return CostDifference(*whole, tuple(items), unpriced)


def _paths(key: tuple[str, str, str]) -> Iterable[tuple[str, str]]:
    """(what ``Words`` calls it, its code) of a service, its plan, its meter."""
    service, *parts = key
    return [(service, service), *((f"{service}/{code}", code) for code in parts)]


def _sums(lines: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], tuple[int, int]]:
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for line in lines:
        if line.get("unpriced"):
            continue
        key = (str(line.get("service", "")), str(line.get("plan", "")), str(line.get("meter", "")))
        fen, many = found.get(key, (0, 0))
        found[key] = (fen + int(line["amount"]), max(many, len(line.get("resources", ()))))
    return found
