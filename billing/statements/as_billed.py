"""The prices of a recorded bill as they held when it was computed, whatever was published since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from billing.rating.model import Price
from billing.rating.segments import epochs_of
from billing.statements.recompute import epoch_digest
from foundation.values.month import Month


def prices_as_billed(
    references: Iterable[Mapping[str, str]], published: Iterable[Price], month: Month
) -> tuple[Price, ...]:
    """The versions that ``references`` (``id`` and ``digest`` each) name, held from where to where the bill knew.

    A list published later with an earlier start ends a version inside the month, which changes no closed bill; a
    city's own price holds off the base's while it lasts. What the bill knew is that part of a version under which it
    has the digest in the bill. A version that has it under none is given as it stands, so that the difference shows.
    """
    known = list(published)
    by_id = {price.id: price for price in known}
    found = []
    for reference in references:
        price = by_id.get(reference["id"])
        if price is not None:
            found.append(
                next((each for each in _as_it_may_have_been(price, known) if _fits(each, reference, month)), price)
            )
    return tuple(found)


def _as_it_may_have_been(price: Price, known: Iterable[Price]) -> Iterable[Price]:
    """A version begins by itself or where another of its meter ends, and is ended by itself or where another starts."""
    others = [each for each in known if (each.service, each.meter) == (price.service, price.meter)]
    edges = {instant for each in others for instant in (each.start, each.end) if instant is not None}
    inside = sorted(instant for instant in edges if instant > price.start)
    for start in (price.start, *inside):
        for end in (price.end, None, *inside):
            if end is None or start < end:
                yield replace(price, start=start, end=end)


def _fits(price: Price, reference: Mapping[str, str], month: Month) -> bool:
    return any(epoch_digest(epoch) == reference["digest"] for epoch in epochs_of([price], month))
