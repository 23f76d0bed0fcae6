"""Who decides for an agency: the bureau over it, and where that may not, whoever is one level up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from foundation.store import Transaction
from governance.errors import NotFound
from governance.parties.levels import levels, places_above
from governance.parties.model import Party, PartyKind
from governance.parties.tables import parties, party_of


def decider_for(transaction: Transaction, agency: str, at: datetime) -> Party:
    """The party that decides for ``agency`` at ``at``.

    It is the nearest bureau above that has the power of approval and is another body than the agency; above the last
    bureau it is the leading group's office. Raises ``NotFound`` where nobody above may decide.
    """
    asking = party_of(transaction, agency)
    for above in _above(transaction, asking, at):
        if above.organisation == asking.organisation or not above.approves:
            continue
        if above.kind in {PartyKind.BUREAU, PartyKind.LEADING_GROUP}:
            return above
    raise NotFound(what_zh="可为其审批的上级:", what_en="party that decides for", key=agency)


def _above(transaction: Transaction, party: Party, at: datetime) -> Iterator[Party]:
    """Everybody above, the nearest first: the named superiors, then the bureaus of the places above, the leading
    groups' offices last."""
    passed, named = {party.id}, party
    while named.superior is not None and named.superior not in passed:
        named = party_of(transaction, named.superior)
        passed.add(named.id)
        if named.exists_at(at):
            yield named
    near = [*places_above(transaction, named.place or party.place), None]
    ranks = {level.id: level.rank for level in levels(transaction)}
    lowest = ranks.get(named.level or party.level, max(ranks.values(), default=0))
    for kind in (PartyKind.BUREAU, PartyKind.LEADING_GROUP):
        there = [one for one in parties(transaction, kind) if one.exists_at(at) and one.id not in passed]
        for place in near:
            of_place = [one for one in there if one.place == place and ranks.get(one.level, lowest) <= lowest]
            yield from sorted(of_place, key=lambda one: -ranks.get(one.level, lowest))
