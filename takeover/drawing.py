"""Use cases between rooms: a room's systems become registered business systems, a batch becomes environment specs."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere
from foundation.values.findings import Finding, Place, Severity
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.catalogue import plan_sizes
from governance.environments import IngressRule, spec_document
from governance.projects import BusinessSystem, add_system, project_of, systems
from takeover.batches import (
    BatchRule,
    EnvironmentDraft,
    EnvironmentSettings,
    SystemDraft,
    environment_prefix,
    environment_spec,
    first_batch,
    plan_batch,
)
from takeover.batches.specs import environment_name
from takeover.errors import RoomWithoutSystems
from takeover.tables import AssignedRoom, assigned_room
from tenants.addresses import allot_block


@dataclass(frozen=True, slots=True)
class DrawingRule:
    """What a batch is drawn up by: how much of the room, by the plans of which service, for which agency (all: empty),
    from which address pool, with which image, over how many availability zones, and what may come in."""

    batch: BatchRule
    service: str
    pool: IPv4Network
    image: str
    agency: str = ""
    zones: int = 2
    ingress: tuple[IngressRule, ...] = ()


def register_systems(office: Office, token: str, code: str, *, fund_source: str) -> tuple[BusinessSystem, ...]:
    """Record a room's confirmed systems as business systems, paid from ``fund_source``; returns the new ones.

    A system that stands already keeps its own project and fund source, and must be the same agency's. Raises
    ``RoomWithoutSystems``, ``AlreadyThere`` for another agency's system, ``NotFound`` for a project nobody approved,
    ``Refused``.
    """
    subject = f"room:{code}"
    with acting(office, token, Act.CONTRACT_RECORD, subject) as mandate:
        known = {system.id: system for system in systems(mandate.transaction, mandate.scope)}
        new = []
        for assigned in _assigned(mandate, code).systems:
            system = assigned.system
            if system.code in known:
                standing = known[system.code]
                if standing.agency != system.agency:
                    raise AlreadyThere(
                        what="business system", key=system.code, found=standing.agency, expected=system.agency
                    )
                continue
            project_of(mandate.transaction, mandate.scope, system.project)
            recorded = BusinessSystem(system.code, system.name, system.code, system.agency, system.project, fund_source)
            add_system(mandate.transaction, recorded)
            mandate.audit(AuditEvent.SYSTEM_RECORDED, f"system:{system.code}", {"agency": system.agency})
            new.append(recorded)
        return tuple(new)


def draw_batch(
    office: Office, token: str, code: str, rule: DrawingRule
) -> tuple[tuple[EnvironmentDraft, ...], tuple[Finding, ...]]:
    """The environment specs of a batch, each with an address block of its own; drawn again, the blocks are the same.

    Raises ``RoomWithoutSystems``, ``AddressesUsedUp``, ``Refused``.
    """
    subject = f"room:{code}"
    with acting(office, token, Act.BATCH_DRAW, subject) as mandate:
        room = _assigned(mandate, code)
        mine = [each for each in room.systems if rule.agency in {"", each.system.agency}]
        plan, findings = plan_batch(room.room, mine, plan_sizes(mandate.transaction, rule.service, at=mandate.now))
        chosen, more = first_batch(plan, rule.batch)
        fund_sources = {each.id: each.fund_source for each in systems(mandate.transaction, mandate.scope)}
        drafts: list[EnvironmentDraft] = []
        remarks = [*findings, *more]
        for system in chosen:
            if system.system.code not in fund_sources:
                remarks.append(_unregistered(system))
                continue
            draft, faults = environment_spec(system, _settings(mandate, system, fund_sources, rule))
            remarks.extend(faults)
            if draft is not None:
                drafts.append(draft)
        digest = sha256_hex(canonical_bytes([spec_document(draft.spec) for draft in drafts]))
        if drafts and mandate.decide(f"{subject}.batch", digest=digest):
            names = [draft.spec.environment for draft in drafts]
            mandate.audit(AuditEvent.BATCH_DRAWN, subject, {"environments": names, "digest": digest})
        return tuple(drafts), tuple(remarks)


def _assigned(mandate: Mandate, code: str) -> AssignedRoom:
    room = assigned_room(mandate.transaction, mandate.scope, code)
    if room is None:
        raise RoomWithoutSystems(room=code)
    return room


def _settings(
    mandate: Mandate, system: SystemDraft, fund_sources: dict[str, str], rule: DrawingRule
) -> EnvironmentSettings:
    name = environment_name(system.system.agency, system.system.code)
    block = allot_block(
        mandate.transaction,
        str(rule.pool),
        environment_prefix(len(system.machines), rule.zones),
        environment=name,
        agency=system.system.agency,
        at=mandate.now,
    )
    return EnvironmentSettings(
        fund_source=fund_sources[system.system.code],
        image=rule.image,
        cidr=block,
        zones=rule.zones,
        ingress=rule.ingress,
        environment=name,
    )


def _unregistered(system: SystemDraft) -> Finding:
    return Finding(
        code="takeover.system-unregistered",
        severity=Severity.ERROR,
        place=Place(field="systems"),
        found=system.system.code,
        expected="a registered business system",
        zh=f"业务系统 {system.system.code} 尚未登记:请先运行 guanyun room register",
        en=f"the business system {system.system.code} is not registered: run guanyun room register first",
    )
