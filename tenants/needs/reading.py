"""Reading needs, always inside the reader's scope; what was said of one keeps the name its agency had then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from foundation.store import Scope, Transaction
from governance.authority import machine_scope
from governance.errors import NotFound
from tenants.needs.model import Need, NeedState, Proposal, Questions, Step
from tenants.needs.tables import (
    read_led,
    read_need_row,
    read_needs,
    read_proposal_of,
    read_steps_of,
    read_version,
)

PAGE = 200
"""How many needs a list gives at once, unless told otherwise."""


def need_of(transaction: Transaction, scope: Scope, number: str) -> Need:
    """The need with that number; raises ``NotFound``, also outside the scope."""
    found = read_need_row(transaction, scope, number)
    if found is None:
        raise NotFound(what_zh="需求", what_en="need", key=number)
    return found


def needs(
    transaction: Transaction,
    scope: Scope,
    *,
    states: Iterable[NeedState] = (),
    round_id: str = "",
    after: str = "",
    limit: int = PAGE,
) -> Sequence[Need]:
    """The needs inside the scope by number, at most ``limit`` of those behind ``after``."""
    return read_needs(transaction, scope, states=states, round_id=round_id, after=after, limit=limit)


def led_by(transaction: Transaction, scope: Scope, number: str) -> Sequence[Need]:
    """The needs inside the scope that follow the need ``number``."""
    return read_led(transaction, scope, number)


# A need is found in the scope first. What was said of it belongs to whoever its agency was on that day (parties are
# merged and renamed, history is not), so it is read with the whole scope.


def questions_of(transaction: Transaction, scope: Scope, number: str, version: int | None = None) -> Questions:
    """What the agency stated, in its newest or in one version; raises ``NotFound``."""
    need = need_of(transaction, scope, number)
    found = read_version(transaction, machine_scope(), number, version or need.version)
    if found is None:
        raise NotFound(what_zh="需求版本", what_en="version of the need", key=f"{number}/{version}")
    return found


def proposal_of(transaction: Transaction, scope: Scope, number: str, version: int | None = None) -> Proposal | None:
    """What the operator answered, in its newest or in one version; None where there is no such answer."""
    need = need_of(transaction, scope, number)
    return read_proposal_of(transaction, machine_scope(), number, version or need.proposal)


def steps_of(transaction: Transaction, scope: Scope, number: str) -> Sequence[Step]:
    """Every move of the need, in order; raises ``NotFound``."""
    need_of(transaction, scope, number)
    return read_steps_of(transaction, machine_scope(), number)
