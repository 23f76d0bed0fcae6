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
    """The versions that ``references`` (``id`` and ``digest`` each) name, ended where the bill knew them to end.

    A list published later with an earlier start ends a version inside the month, which changes no closed bill: the
    end the bill knew is the one under which the version has the digest in the bill. A version that has it under no
    end is given as it stands, so that the difference shows.
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
    """A version is only ever ended by the start of another of its meter."""
    yield price
    yield replace(price, end=None)
    for other in known:
        if (other.service, other.meter) == (price.service, price.meter) and other.start > price.start:
            yield replace(price, end=other.start)


def _fits(price: Price, reference: Mapping[str, str], month: Month) -> bool:
    return any(epoch_digest(epoch) == reference["digest"] for epoch in epochs_of([price], month))
