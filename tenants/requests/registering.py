"""Service items on the register: opened when delivered, changed and closed as they are."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from foundation.evidence import canonical_bytes, sha256_hex
from governance.audit import AuditEvent
from governance.authority import machine_scope
from governance.catalogue import Plan, ServiceKind, services
from governance.metering import RegisterEntry
from governance.projects import project_of
from tenants.register import Resource, close_entries, open_entries, place_of_items
from tenants.requests.model import Request
from tenants.requests.moving import Hand


def register_items(hand: Hand, request: Request) -> None:
    """From now on the register says what of the items is metered: those of resource services, so many times a plan.

    What is charged by a system and month, by work or by milestone is an item of the settlement, and no entry.
    """
    _become(hand, request, _resources(hand, request))


def close_items(hand: Hand, request: Request) -> None:
    """The items are given back: nothing of them is metered any more."""
    _become(hand, request, ())


def place_of(request: Request) -> str:
    """What stands on the register where others have their environment."""
    return f"req:{request.first}" if request.first else place_of_items(request.environment)


def _become(hand: Hand, request: Request, resources: Sequence[Resource]) -> None:
    with hand.transaction.as_machine():
        gone = close_entries(hand.transaction, place_of(request), [one.id for one in resources], hand.now)
        there = open_entries(hand.transaction, resources, hand.now)
    _note(hand, request, AuditEvent.REGISTER_CLOSED, (*gone.closed, *there.closed))
    _note(hand, request, AuditEvent.REGISTER_OPENED, there.opened)


def _resources(hand: Hand, request: Request) -> list[Resource]:
    if not request.now_asked.items:
        return []
    plans: dict[str, Plan] = {
        plan.code: plan
        for service in services(hand.transaction)
        if service.kind is ServiceKind.RESOURCE
        for plan in service.plans
    }
    project = project_of(hand.transaction, machine_scope(), request.project)
    # A bill's line has one source: of several nobody has said which pays for an item alone.
    fund_source = project.funds[0].name if len(project.funds) == 1 else ""
    return [
        Resource(
            id=f"{place_of(request)}/{item.name}",
            cloud_id="",
            kind="service.item",
            name=item.name,
            agency=request.agency,
            system=request.system,
            project=request.project,
            fund_source=fund_source,
            environment=place_of(request),
            plan=item.plan,
            attributes={name: Decimal(each) * item.quantity for name, each in plans[item.plan].attributes.items()},
        )
        for item in request.now_asked.items
        if item.plan in plans
    ]


def _note(hand: Hand, request: Request, event: AuditEvent, changed: Sequence[RegisterEntry]) -> None:
    if changed:
        facts = {"entries": len(changed), "digest": sha256_hex(canonical_bytes(list(changed)))}
        hand.audit(event, request.subject, facts)
