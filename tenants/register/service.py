"""Opening, closing and reading the register."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
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
from governance.parties import followed, successor_of
from tenants.errors import UnknownPlan
from tenants.register.model import Because, Changes, Line, Opening, Resource, close, resource_of, to_open
from tenants.register.tables import charged as charged_in
from tenants.register.tables import close_line, close_numbered, open_in, open_lines, open_of

KEPT_WHILE_SUSPENDED = frozenset({"size_gb"})
"""What a suspended resource still has: its disks. The rest of what its plan gives is not charged meanwhile."""


def open_entries(
    transaction: Transaction, resources: Sequence[Resource], instant: datetime, *, recorded_at: datetime | None = None
) -> Changes:
    """Open the register for resources from ``instant`` on; what is open in the same form already stays as it is.

    An entry of the same resource in another form (replaced, another plan, another size) closes at the instant. What is
    deployed while its environment is suspended is suspended too.
    """
    scope, offered = machine_scope(), _plans(transaction)
    environments = sorted({resource.environment for resource in resources})
    standing = {line.entry.resource: line for each in environments for line in open_in(transaction, scope, each)}
    suspended = {line.entry.environment for line in standing.values() if line.opening.suspended}
    full = {resource.id: _entry(resource, offered, instant) for resource in resources}
    wanted = [_reduced(entry) if entry.environment in suspended else entry for entry in full.values()]
    changes = to_open((line.entry for line in standing.values()), wanted)
    openings = {
        entry.resource: Opening(
            Because.DEPLOYED,
            recorded_at or instant,
            suspended=entry.environment in suspended,
            full_attributes=full[entry.resource].attributes if entry.environment in suspended else None,
        )
        for entry in changes.opened
    }
    _write(transaction, scope, changes, standing, openings)
    return changes


def close_entries(transaction: Transaction, environment: str, keep: Iterable[str], instant: datetime) -> Changes:
    """Close at ``instant`` the environment's open entries whose resource is not among ``keep``."""
    scope, kept = machine_scope(), frozenset(keep)
    standing = {line.entry.resource: line for line in open_in(transaction, scope, environment)}
    gone = [line.entry for line in standing.values() if line.entry.resource not in kept]
    changes = Changes((), tuple(close(entry, instant) for entry in gone))
    _write(transaction, scope, changes, standing, {})
    return changes


def place_of_items(environment: str) -> str:
    """Where the service items asked for with an environment stand: beside it, as no deployment builds them."""
    return f"items:{environment}"


def transfer_entries(
    transaction: Transaction,
    environment: str,
    to_agency: str,
    at: datetime,
    *,
    system: str = "",
    project: str = "",
    fund_source: str = "",
) -> Changes:
    """From ``at`` on the environment's resources are another agency's: each entry closes and opens anew.

    ``system``, ``project`` and ``fund_source`` change too where told. Raises ``RegisterOutOfOrder``.
    """

    def moved(line: Line) -> tuple[RegisterEntry, Opening]:
        opening = replace(line.opening, because=Because.TRANSFERRED, recorded_at=at, corrects=None, charged_from=None)
        entry = replace(
            line.entry,
            opened=at,
            agency=to_agency,
            system=system or line.entry.system,
            project=project or line.entry.project,
            fund_source=fund_source or line.entry.fund_source,
        )
        return entry, opening

    return _reopen(transaction, environment, at, moved)


def suspend_entries(
    transaction: Transaction, environment: str, at: datetime, *, keep: frozenset[str] = KEPT_WHILE_SUSPENDED
) -> Changes:
    """From ``at`` on the environment is suspended: of each resource only the attributes ``keep`` are charged."""

    def suspended(line: Line) -> tuple[RegisterEntry, Opening] | None:
        if line.opening.suspended:
            return None
        opening = Opening(Because.SUSPENDED, at, suspended=True, full_attributes=line.entry.attributes)
        return replace(_reduced(line.entry, keep), opened=at), opening

    return _reopen(transaction, environment, at, suspended)


def resume_entries(transaction: Transaction, environment: str, at: datetime) -> Changes:
    """From ``at`` on the environment is as it was before it was suspended."""

    def resumed(line: Line) -> tuple[RegisterEntry, Opening] | None:
        if not line.opening.suspended:
            return None
        attributes = line.opening.full_attributes or line.entry.attributes
        return replace(line.entry, opened=at, attributes=attributes), Opening(Because.RESUMED, at)

    return _reopen(transaction, environment, at, resumed)


def follow_entries(
    transaction: Transaction,
    successors: Mapping[str, str],
    at: datetime,
    *,
    shares: Mapping[str, Mapping[tuple[str, str], str]] | None = None,
) -> int:
    """From ``at`` on what the agencies had is their successors'; returns how many entries moved.

    ``shares`` says by kind of thing (environment, system, project) which (agency, id) goes elsewhere. A few statements
    however many agencies; history stays with who it was. An entry opened after ``at`` moves from its opening on.
    """
    named = shares or {}
    leaving = {agency for kind in _SHARED for agency, _ in named.get(kind, {})}
    standing = open_of(transaction, machine_scope(), {*successors, *leaving}) if successors or leaving else ()
    opened, numbers = [], defaultdict[datetime, list[int]](list)
    for line in standing:
        entry = line.entry
        successor = _successor(entry, successors, named)
        if successor == entry.agency:
            continue
        since = max(at, entry.opened)
        numbers[since].append(line.number)
        opening = replace(line.opening, because=Because.REORGANISED, recorded_at=at, corrects=None, charged_from=None)
        opened.append((replace(entry, agency=successor, opened=since), opening))
    for since, closing in sorted(numbers.items()):
        close_numbered(transaction, machine_scope(), closing, since)
    open_lines(transaction, opened)
    return len(opened)


_SHARED = ("environment", "system", "project")


def _successor(
    entry: RegisterEntry, successors: Mapping[str, str], shares: Mapping[str, Mapping[tuple[str, str], str]]
) -> str:
    for kind in _SHARED:
        named = shares.get(kind, {}).get((entry.agency, getattr(entry, kind)))
        if named is not None:
            return named
    return successors.get(entry.agency, entry.agency)


def entries(
    transaction: Transaction, scope: Scope, interval: Interval, *, charged: bool = True
) -> Sequence[RegisterEntry]:
    """The entries in force at some instant of ``interval``, whole, by agency, resource and opening.

    ``charged`` leaves out what no service charges by itself (networks, roles, a machine's own disks). A correction
    made after a month was closed changes nothing in that month: ``late_corrections`` says what to adjust.
    """
    found = charged_in(transaction, scope, interval)
    return [entry for entry in found if entry.service] if charged else found


def register_subscriber(real: Clock) -> Subscriber:
    """Keeps the register in step with deployments; its audit entries carry the ``real`` clock."""

    def record(transaction: Transaction, event: Event) -> None:
        instant, environment = parse_instant(event.payload["instant"]), str(event.payload["environment"])
        payload = {**event.payload, "agency": _whose(transaction, event, environment, instant)}
        resources = [resource_of(payload, document) for document in payload["resources"]]
        gone = close_entries(transaction, environment, [resource.id for resource in resources], instant)
        there = open_entries(transaction, resources, instant)
        note = _noting(transaction, event, instant, real())
        note(AuditEvent.REGISTER_CLOSED, (*gone.closed, *there.closed))
        note(AuditEvent.REGISTER_OPENED, there.opened)

    return Subscriber("tenants.register", "deployment.ended", record)


def _whose(transaction: Transaction, event: Event, environment: str, instant: datetime) -> str:
    """Who has the environment by now: a plan names whom it was made for, who may have been reorganised since."""
    planned_for = str(event.payload["agency"])
    held = {line.entry.agency for line in open_in(transaction, machine_scope(), environment)}
    successors = [agency for agency in sorted(held) if followed(transaction, planned_for, agency, instant)]
    return successors[0] if successors else successor_of(transaction, planned_for, instant)


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


def _reopen(
    transaction: Transaction,
    environment: str,
    at: datetime,
    changed: Callable[[Line], tuple[RegisterEntry, Opening] | None],
) -> Changes:
    scope = machine_scope()
    standing = {line.entry.resource: line for line in open_in(transaction, scope, environment)}
    opened, closed, openings = [], [], {}
    for line in standing.values():
        now = changed(line)
        if now is not None and replace(now[0], opened=line.entry.opened) != line.entry:
            closed.append(close(line.entry, at))
            opened.append(now[0])
            openings[line.entry.resource] = now[1]
    changes = Changes(tuple(opened), tuple(closed))
    _write(transaction, scope, changes, standing, openings)
    return changes


def _write(
    transaction: Transaction,
    scope: Scope,
    changes: Changes,
    standing: Mapping[str, Line],
    openings: Mapping[str, Opening],
) -> None:
    # Closings first: no resource has two open entries. One closed at its very opening was never in force.
    for entry in changes.closed:
        if entry.closed is not None:
            close_line(transaction, scope, standing[entry.resource].number, entry.closed)
    open_lines(transaction, [(entry, openings[entry.resource]) for entry in changes.opened])


def _reduced(entry: RegisterEntry, keep: frozenset[str] = KEPT_WHILE_SUSPENDED) -> RegisterEntry:
    return replace(entry, attributes={name: value for name, value in entry.attributes.items() if name in keep})


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
