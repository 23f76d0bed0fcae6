"""A grant's term: the register opens when it begins, and closes when it is over, at those very instants.

Calls are metered against the register's entry (resource ``grant:GRT-…``), as anything else an agency holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from foundation.store import Transaction
from foundation.values.instant import Clock
from foundation.work import Event, Subscriber
from governance import audit
from governance.audit import AuditEvent
from governance.authority import machine_scope
from governance.installation import business_now
from governance.projects import system_of
from tenants.grants.model import Grant, GrantState, Offer
from tenants.grants.tables import in_force_on, rewrite, turning
from tenants.register import Resource, close_entries, open_entries

TURN_KIND = "grant.turn"
"""The kind of work, done every day, that begins and ends terms."""


def begin_or_end(transaction: Transaction, grant: Grant, *, now: datetime, recorded_at: datetime) -> Grant:
    """The approved grant as its term asks at ``now``: begun, ended, both, or as it was."""
    turned = grant
    if turned.began is None and turned.wish.start <= now:
        began = max(turned.wish.start, turned.decided_at or turned.wish.start)
        if began < turned.wish.end:
            with transaction.as_machine():
                open_entries(transaction, [_resource(transaction, turned)], began)
            turned = replace(turned, began=began)
            _note(transaction, AuditEvent.GRANT_BEGAN, turned, began, recorded_at)
    if turned.wish.end <= now:
        turned = end_now(
            transaction, replace(turned, state=GrantState.EXPIRED), at=turned.wish.end, recorded_at=recorded_at
        )
    if turned != grant:
        rewrite(transaction, machine_scope(), turned)
    return turned


def end_now(transaction: Transaction, grant: Grant, *, at: datetime, recorded_at: datetime) -> Grant:
    """The grant, its register entry closed at ``at`` if one is open. The caller writes it."""
    if grant.began is None or grant.ended is not None:
        return grant
    with transaction.as_machine():
        close_entries(transaction, grant.subject, (), at)
    _note(transaction, AuditEvent.GRANT_ENDED, grant, at, recorded_at)
    return replace(grant, ended=at)


def turn_grants(transaction: Transaction, *, now: datetime, recorded_at: datetime) -> Sequence[Grant]:
    """Begin and end every term that is due at ``now``: the machine's daily work. Done twice, the second finds none."""
    due = turning(transaction, machine_scope(), now)
    return [begin_or_end(transaction, grant, now=now, recorded_at=recorded_at) for grant in due]


def withdrawal_subscriber(real: Clock) -> Subscriber:
    """Ends every grant on a dataset that its holder takes down."""

    def end(transaction: Transaction, event: Event) -> None:
        at = real()
        for grant in in_force_on(transaction, machine_scope(), str(event.payload["dataset"])):
            if grant.wish.offer is not Offer.DATASET:
                continue
            state = GrantState.REVOKED if grant.state is GrantState.APPROVED else GrantState.REJECTED
            closed = replace(grant, state=state, reason="数据集已撤下 the dataset was taken down")
            business = business_now(transaction, real)
            rewrite(transaction, machine_scope(), end_now(transaction, closed, at=business, recorded_at=at))

    return Subscriber("tenants.grants", "dataset.withdrawn", end)


def _resource(transaction: Transaction, grant: Grant) -> Resource:
    system = system_of(transaction, machine_scope(), grant.wish.system)
    return Resource(
        id=grant.subject,
        cloud_id="",
        kind=f"data.{grant.wish.offer}",
        name=grant.wish.thing,
        agency=grant.agency,
        system=system.id,
        project=system.project,
        fund_source=system.fund_source,
        environment=grant.subject,
        plan=grant.plan,
        attributes={},
    )


def _note(transaction: Transaction, event: AuditEvent, grant: Grant, at: datetime, recorded_at: datetime) -> None:
    audit.append(
        transaction,
        event,
        subject=grant.subject,
        facts={"thing": grant.wish.thing, "plan": grant.plan},
        recorded_at=recorded_at,
        business_at=at,
    )
