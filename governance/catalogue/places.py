"""Whose catalogue and prices hold for whom: the layers over a party, nearest first, the base last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from foundation.store import Transaction
from governance.catalogue.model import BASE
from governance.parties.levels import levels, places
from governance.parties.model import Level, PartyKind, Place
from governance.parties.tables import parties, party_of

Names = Mapping[str, Mapping[str, str]]


def layers_over(
    place: str | None, known: Sequence[Place], ranks: Sequence[Level], seats: Collection[str | None]
) -> tuple[str, ...]:
    """The layers for somebody in ``place``, nearest first: the places it lies in below the highest level, then base.

    The base belongs to the highest level that has a bureau (``seats`` are the bureaus' places): the province, or the
    city where the province has none here. A bureau that lies nowhere is over all places.
    """
    rank_of, by_id = {level.id: level.rank for level in ranks}, {each.id: each for each in known}
    seated = [rank_of[by_id[seat].level] for seat in seats if seat in by_id]
    highest = 0 if None in seats else min(seated, default=0)
    chain: list[str] = []
    while place is not None and place in by_id and place not in chain:
        if rank_of[by_id[place].level] > highest:
            chain.append(place)
        place = by_id[place].superior
    return (*chain, BASE)


def _layers(transaction: Transaction, place: str | None) -> tuple[str, ...]:
    seats = {bureau.place for bureau in parties(transaction, PartyKind.BUREAU)}
    return layers_over(place, places(transaction), levels(transaction), seats)


def places_of(transaction: Transaction, party: str) -> tuple[str, ...]:
    """The layers over a party: those of its place, or of the nearest of its superiors that has one."""
    passed: set[str] = set()
    named = party_of(transaction, party)
    while named.place is None and named.superior is not None and named.superior not in passed:
        passed.add(named.id)
        named = party_of(transaction, named.superior)
    return _layers(transaction, named.place)


def layers_at(transaction: Transaction, place: str) -> tuple[str, ...]:
    """The layers over a place, itself first; none where there is no such place, or it has no layer of its own."""
    if place == BASE:
        return (BASE,)
    layers = _layers(transaction, place)
    return layers if layers[0] == place else ()


def place_names(transaction: Transaction) -> Names:
    """What the layers are called, by place; the base among them."""
    names = {each.id: {"zh": each.zh, "en": each.en} for each in places(transaction)}
    return {BASE: {"zh": "基础目录", "en": "base"}, **names}
