"""What an approval sets in motion, in its own transaction: holdings, environment, delivery clock, what it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from foundation.store import Scope
from foundation.values.month import shanghai_day
from foundation.values.working_days import AwaitingCalendar, WorkingCalendar, after_working_days
from governance.authority import machine_scope
from governance.calendar import calendar_at
from tenants.environments import EnvironmentState
from tenants.environments.service import record_approval, record_suspension, record_transfer
from tenants.environments.tables import read_environment
from tenants.requests.holding import Taken, hold_all, release_all, taken_by
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Delivery, Request
from tenants.requests.moving import Hand, move
from tenants.requests.pausing import tell_what_to_do
from tenants.requests.policy import Policy
from tenants.requests.policy_tables import policy_of
from tenants.requests.tables import read_request, read_requests
from tenants.requests.transitions import Move


def standing_request(hand: Hand, environment: str) -> Request | None:
    """The request whose grant stands on the environment."""
    record = read_environment(hand.transaction, machine_scope(), environment) if environment else None
    if record is None or record.state is EnvironmentState.CLOSED:
        return None
    found = read_request(hand.transaction, machine_scope(), record.request)
    return found if found is not None and found.state.granted else None


def standing_items(hand: Hand, first: str) -> Request | None:
    """The request whose grant stands on the service items that ``first`` asked for."""
    found = read_requests(hand.transaction, machine_scope(), first=first) if first else ()
    return next((one for one in found if one.state.granted and one.kind.grants), None)


def standing_before(hand: Hand, request: Request) -> Request | None:
    """The request whose grant stands on what this one is about."""
    if request.kind is RequestKind.CREATE:
        return None
    return standing_request(hand, request.environment) or standing_items(hand, request.first)


def taken_with(hand: Hand, request: Request) -> Taken:
    """What the request takes, and in the place of what: that of the grant standing on its environment or items, or what
    its need was lent for the time being."""
    standing = standing_before(hand, request)
    if standing is None or standing.number == request.number:
        return taken_by(request, before=f"need:{request.need}" if request.need else "", before_monthly=0)
    taken = taken_by(request, before=standing.subject, before_monthly=standing.monthly)
    # A grant of another agency is taken over, not grown: its quota is given back, the receiver's is taken whole.
    return taken if standing_agency(standing) == taken.agency else replace(taken, before="")


def standing_agency(standing: Request) -> str:
    """Whose grant it is now: of a transfer, the receiving agency's."""
    return standing.counterpart or standing.agency


def grant(
    hand: Hand, scope: Scope, request: Request, policy: Policy, what: Move, facts: Mapping[str, Any], **changed: Any
) -> Request:
    """Approve: hold what was reserved, set the environment, start the clock, end what it takes the place of."""
    earlier = standing_before(hand, request)
    if request.kind.grants:
        if earlier is not None and standing_agency(earlier) != taken_by(request, before="", before_monthly=0).agency:
            release_all(hand.transaction, earlier.subject, hand.now)
        hold_all(hand.transaction, taken_with(hand, request), hand.now)
    delivery = delivery_clock(calendar_at(hand.transaction), hand.now, policy.delivery_working_days)
    granted = move(hand, scope, request, what, policy, facts, delivery=delivery, decided_at=hand.now, **changed)
    _set_environment(hand, granted)
    tell_what_to_do(hand, granted)
    if request.kind.grants and earlier is not None and earlier.number != request.number:
        end(hand, earlier, policy_of(hand.transaction, earlier.policy), {"superseded_by": request.number})
    return granted


def delivery_clock(calendar: WorkingCalendar, start: datetime, days: int) -> Delivery:
    """The last day of delivery: that many working days after the day of ``start``, or the year that is awaited."""
    last = after_working_days(calendar, shanghai_day(start), days)
    if isinstance(last, AwaitingCalendar):
        return Delivery(awaiting_year=last.year)
    return Delivery(due=last)


def end(hand: Hand, request: Request, policy: Policy, facts: Mapping[str, Any]) -> Request:
    """The grant is over: what it holds is given back."""
    release_all(hand.transaction, request.subject, hand.now)
    return move(hand, machine_scope(), request, Move.END, policy, facts)


def end_all(hand: Hand, environment: str, facts: Mapping[str, Any]) -> None:
    """The environment is gone: every grant on it is over."""
    for request in read_requests(hand.transaction, machine_scope(), environment=environment):
        if request.state.granted:
            end(hand, request, policy_of(hand.transaction, request.policy), facts)


def end_items(hand: Hand, first: str, facts: Mapping[str, Any]) -> None:
    """The service items are given back: every grant on them is over."""
    for request in read_requests(hand.transaction, machine_scope(), first=first):
        if request.state.granted:
            end(hand, request, policy_of(hand.transaction, request.policy), facts)


def _set_environment(hand: Hand, request: Request) -> None:
    scope = machine_scope()
    if not request.environment:
        return
    match request.kind:
        case RequestKind.SUSPEND | RequestKind.RESUME:
            suspended = request.kind is RequestKind.SUSPEND
            record_suspension(hand.transaction, request.environment, suspended=suspended, at=hand.now)
        case RequestKind.TRANSFER:
            spec = request.now_asked.specs[0]
            record_transfer(hand.transaction, spec, request=request.number, at=hand.now)
        case _:
            spec = request.now_asked.specs[0]
            record_approval(hand.transaction, scope, request.environment, request=request.number, spec=spec)
