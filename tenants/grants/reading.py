"""Reading grants, and whether a dataset may be read now."""

from __future__ import annotations

from collections.abc import Sequence

from governance.authority import View, machine_scope
from governance.errors import NotFound
from tenants.datasets.tables import read_dataset
from tenants.grants.model import Access, Grant, GrantState, Offer
from tenants.grants.tables import asked_by, held_by, read_grant


def grant_of(view: View, number: str) -> Grant:
    """A grant the reader asked for or decides on; raises ``NotFound``, also of another's."""
    found = read_grant(view.transaction, view.scope, machine_scope(), number)
    if found is None:
        raise NotFound(what_zh="这项授权:", what_en="grant", key=number)
    return found


def grants(view: View, *, state: GrantState | None = None, after: str = "", limit: int = 1000) -> Sequence[Grant]:
    """What the reader's agencies asked for, by number; a page."""
    return asked_by(view.transaction, view.scope, state=state, after=after, limit=limit)


def grants_to_decide(view: View, *, after: str = "", limit: int = 1000) -> Sequence[Grant]:
    """What others asked of the reader's party, decided or not, by number; a page."""
    return held_by(view.transaction, view.scope, machine_scope(), after=after, limit=limit)


def access(view: View, dataset: str) -> Access:
    """Whether the reader's party may read the dataset now: what a gateway asks before it answers a call.

    Whoever holds a dataset, and so sent it up, may read it back (回流) at any time, without a grant and unmasked.
    """
    own = read_dataset(view.transaction, view.scope, dataset)
    if own is not None and view.actor.party == own.agency:
        items = [item.code for item in own.description.items]
        return Access(True, "holder", "", items, "本单位汇集的数据,可回流使用", "its own data: it may be read back")
    for grant in asked_by(view.transaction, view.scope, thing=dataset, state=GrantState.APPROVED):
        if grant.agency == view.actor.party and grant.wish.offer is Offer.DATASET and grant.in_force(view.now):
            number = grant.number
            return Access(True, "grant", number, grant.wish.items, f"依据授权 {number}", f"under the grant {number}")
    return Access(False, "", "", (), "没有在有效期内的授权", "no grant is in force")
