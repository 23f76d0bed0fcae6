"""Opening, closing and reading the register."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Scope, Transaction
from foundation.values.instant import Clock, Interval, parse_instant
from foundation.work import Event, Subscriber
from governance import audit
from governance.audit import AuditEvent
from governance.authority import machine_scope
from governance.catalogue import Plan, Service, ServiceKind, services
from governance.metering import RegisterEntry
from tenants.errors import UnknownPlan
from tenants.register.model import Changes, Resource, close, resource_of, to_open
from tenants.register.tables import in_force, open_in, write_entry


def open_entries(transaction: Transaction, resources: Sequence[Resource], instant: datetime) -> Changes:
    """Open the register for resources from ``instant`` on; what is open in the same form already stays as it is.

    An entry of the same resource in another form (replaced, another plan, another size) closes at the instant.
    """
    scope, offered = machine_scope(), _plans(transaction)
    environments = sorted({resource.environment for resource in resources})
    open_now = [entry for environment in environments for entry in open_in(transaction, scope, environment)]
    changes = to_open(open_now, [_entry(resource, offered, instant) for resource in resources])
    _write(transaction, scope, changes)
    return changes


def close_entries(transaction: Transaction, environment: str, keep: Iterable[str], instant: datetime) -> Changes:
    """Close at ``instant`` the environment's open entries whose resource is not among ``keep``."""
    scope, kept = machine_scope(), frozenset(keep)
    gone = [entry for entry in open_in(transaction, scope, environment) if entry.resource not in kept]
    changes = Changes((), tuple(close(entry, instant) for entry in gone))
    _write(transaction, scope, changes)
    return changes


def entries(
    transaction: Transaction, scope: Scope, interval: Interval, *, charged: bool = True
) -> Sequence[RegisterEntry]:
    """The entries in force at some instant of ``interval``, whole, by agency, resource and opening.

    ``charged`` leaves out what no service charges by itself (networks, roles, a machine's own disks).
    """
    found = in_force(transaction, scope, interval)
    return [entry for entry in found if entry.service] if charged else found


def register_subscriber(real: Clock) -> Subscriber:
    """Keeps the register in step with deployments; its audit entries carry the ``real`` clock."""

    def record(transaction: Transaction, event: Event) -> None:
        payload = event.payload
        instant, environment = parse_instant(payload["instant"]), str(payload["environment"])
        resources = [resource_of(payload, document) for document in payload["resources"]]
        gone = close_entries(transaction, environment, [resource.id for resource in resources], instant)
        there = open_entries(transaction, resources, instant)
        note = _noting(transaction, event, instant, real())
        note(AuditEvent.REGISTER_CLOSED, (*gone.closed, *there.closed))
        note(AuditEvent.REGISTER_OPENED, there.opened)

    return Subscriber("tenants.register", "deployment.ended", record)


def _noting(
    transaction: Transaction, event: Event, instant: datetime, recorded_at: datetime
) -> Callable[[AuditEvent, Sequence[RegisterEntry]], None]:
    def note(what: AuditEvent, changed: Sequence[RegisterEntry]) -> None:
        if not changed:
            return
        audit.append(
            transaction,
            what,
            subject=f"environment:{event.payload['environment']}",
            facts={
                "deployment": event.payload["deployment"],
                "entries": len(changed),
                "digest": sha256_hex(canonical_bytes(list(changed))),
            },
            recorded_at=recorded_at,
            business_at=instant,
        )

    return note


def _write(transaction: Transaction, scope: Scope, changes: Changes) -> None:
    # Closings first: a resource replaced at the very instant it was opened keeps one entry, the newer one.
    for entry in (*changes.closed, *changes.opened):
        write_entry(transaction, scope, entry)


def _plans(transaction: Transaction) -> dict[str, tuple[Service, Plan]]:
    offered = [service for service in services(transaction) if service.kind is ServiceKind.RESOURCE]
    return {plan.code: (service, plan) for service in offered for plan in service.plans}


def _entry(resource: Resource, offered: dict[str, tuple[Service, Plan]], instant: datetime) -> RegisterEntry:
    service, attributes = "", dict[str, Decimal]()
    if resource.plan:
        if resource.plan not in offered:
            raise UnknownPlan(plan=resource.plan, resource=resource.id)
        service, attributes = offered[resource.plan][0].code, dict(offered[resource.plan][1].attributes)
    return RegisterEntry(
        resource=resource.id,
        cloud_id=resource.cloud_id,
        kind=resource.kind,
        name=resource.name,
        agency=resource.agency,
        system=resource.system,
        project=resource.project,
        fund_source=resource.fund_source,
        environment=resource.environment,
        service=service,
        plan=resource.plan,
        attributes={**attributes, **resource.attributes},
        opened=instant,
    )
