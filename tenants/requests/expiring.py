"""Grants with an end: reminders before it, and the day it has passed. Nothing is deleted by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from foundation.store import Transaction
from foundation.values.instant import SHANGHAI, Clock, format_instant
from foundation.work import Event, Subscriber
from governance.audit import AuditEvent
from governance.authority import machine_scope
from governance.calendar import LOADED, calendar_at
from governance.parties import Duty
from governance.tasks import open_task
from tenants.requests.granting import delivery_clock
from tenants.requests.model import Request, RequestState
from tenants.requests.moving import RENEW, Hand, accepting_party, move
from tenants.requests.policy_tables import policy_of
from tenants.requests.tables import awaiting_calendar, ending_by, mark_reminded, update_request
from tenants.requests.transitions import Move

HELD = (RequestState.APPROVED, RequestState.DELIVERED, RequestState.REFUSED, RequestState.ACCEPTED)
_FARTHEST = timedelta(days=366)


def look_after_grants(transaction: Transaction, *, now: datetime, real: Clock) -> dict[str, int]:
    """Remind of grants that end soon and mark those that have ended, as of business time ``now``: how many of each.

    A reminder opens a task for the agency and is announced once for each of the policy's days; an ended grant opens
    one too. Again at the same instant changes nothing.
    """
    hand, scope = Hand(transaction, now, real), machine_scope()
    done = {"reminded": 0, "expired": 0}
    for request, reminded in ending_by(transaction, scope, now + _FARTHEST, HELD):
        if request.until is None:
            continue
        policy = policy_of(transaction, request.policy)
        if request.until <= now:
            move(hand, scope, request, Move.EXPIRE, policy, {"until": format_instant(request.until)})
            done["expired"] += 1
            continue
        due = [days for days in policy.reminder_days if request.until - timedelta(days=days) <= now]
        if due and (reminded is None or min(due) < reminded):
            _remind(hand, request, min(due))
            mark_reminded(transaction, scope, request.number, min(due))
            done["reminded"] += 1
    return done


def delivery_clocks(real: Clock) -> Subscriber:
    """The subscriber that computes the delivery deadlines a loaded year was awaited by."""

    def handle(transaction: Transaction, event: Event) -> None:
        calendar, scope = calendar_at(transaction), machine_scope()
        for request in awaiting_calendar(transaction, scope):
            if request.decided_at is None:
                continue
            days = policy_of(transaction, request.policy).delivery_working_days
            clock = delivery_clock(calendar, request.decided_at, days)
            kept = replace(request.delivery, due=clock.due, awaiting_year=clock.awaiting_year)
            update_request(transaction, scope, replace(request, delivery=kept))

    return Subscriber("tenants.delivery-clocks", LOADED, handle)


def _remind(hand: Hand, request: Request, days: int) -> None:
    assert request.until is not None  # noqa: S101 - only such are looked after
    day = request.until.astimezone(SHANGHAI).date()
    open_task(
        hand.transaction,
        party=accepting_party(request),
        duty=Duty.REQUEST,
        kind=RENEW,
        subject=request.subject,
        agency=request.agency,
        zh=f"{day} 到期,请续期或终止:{request.number}",
        en=f"ends on {day}, renew or terminate: {request.number}",
        opened_at=hand.now,
        due_at=request.until,
        recorded_at=hand.real(),
    )
    hand.audit(AuditEvent.REQUEST_REMINDED, request.subject, {"days": days})
    payload = {"request": request.number, "agency": request.agency, "until": format_instant(request.until)}
    hand.announce("request.ending", request.subject, {**payload, "days": days})
