"""Recording and accepting items: use cases, each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.items.errors import AlreadyAccepted, InvalidItem, ItemFrozen, NotAnOutcome
from billing.items.model import Acceptance, Criterion, Item, ItemKind, item_digest
from billing.items.tables import (
    acceptance_of,
    acceptance_row,
    acceptance_table,
    item_of,
    item_row,
    item_table,
    items_until,
)
from foundation.store import Scope, Transaction
from foundation.values.month import Month
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, View, acting, machine_scope
from governance.catalogue import ServiceKind, service_of
from governance.contracts import contract_of
from governance.errors import NotFound
from governance.parties import successor_of
from governance.projects import system_of

_KINDS = {
    ServiceKind.MAINTENANCE: ItemKind.MAINTENANCE,
    ServiceKind.OPERATION: ItemKind.OPERATION,
    ServiceKind.CONSTRUCTION: ItemKind.OUTCOME,
}
"""What a service's kind makes of an item; a resource is metered and never an item."""


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """What the operator enters. ``id`` is the operator's own and names the item for good; agency, project and fund
    source follow from the business system, the kind from the service.
    """

    id: str
    contract: str
    month: Month
    system: str
    service: str
    meter: str
    quantity: Decimal
    description: str
    evidence: tuple[str, ...] = ()
    criterion: Criterion | None = None


def subject_of(item_id: str) -> str:
    """What decisions and the audit log call the item."""
    return f"item:{item_id}"


def record_item(office: Office, token: str, entry: ItemEntry) -> Item:
    """Record one item; again with the same content gives the standing one. Raises ``InvalidItem``, ``ItemFrozen``,
    ``NotFound`` and ``Refused``.
    """
    with acting(office, token, Act.ITEM_RECORD, subject_of(entry.id)) as mandate:
        item = _complete(mandate, entry)
        digest = item_digest(item)
        standing = item_of(mandate.transaction, mandate.scope, entry.id)
        if standing is not None:
            if item_digest(standing) != digest:
                raise ItemFrozen(item=entry.id)
            return standing
        mandate.decide(subject_of(item.id), digest=digest)
        mandate.transaction.write(item_table.insert().values(**item_row(item), recorded_at=mandate.recorded_at))
        mandate.audit(AuditEvent.ITEM_RECORDED, subject_of(item.id), {"digest": digest, "agency": item.agency})
        return item


def accept_item(office: Office, token: str, item_id: str, *, digest: str, share: Decimal, measured: str) -> Acceptance:
    """Accept an outcome against its criterion: ``share`` of it (0 to 1), ``measured`` says what was found.

    Only by the party the criterion names, and by another person than the one who recorded it; bound to ``digest``.
    """
    subject = subject_of(item_id)
    with acting(office, token, Act.ITEM_ACCEPT, subject) as mandate:
        item = item_of(mandate.transaction, mandate.scope, item_id)
        if item is None:
            raise NotFound(what_zh="这个服务事项:", what_en="item", key=item_id)
        if item.criterion is None:
            raise NotAnOutcome(item=item_id)
        if item_digest(item) != digest:
            raise InvalidItem(item=item_id, field="digest", found=digest, expected=item_digest(item))
        if mandate.actor.party != successor_of(mandate.transaction, item.criterion.acceptor, mandate.now):
            raise mandate.refuse(
                "R19",
                subject,
                f"约定由 {item.criterion.acceptor} 验收",
                f"the criterion names {item.criterion.acceptor} as the one who accepts",
            )
        acceptance = Acceptance(item_id, digest, share, measured, mandate.actor.party, mandate.now)
        standing = acceptance_of(mandate.transaction, mandate.scope, item_id)
        if standing is not None:
            if (standing.share, standing.measured) != (acceptance.share, acceptance.measured):
                raise AlreadyAccepted(item=item_id, found=standing.share)
            return standing
        mandate.decide(subject, digest=digest)
        mandate.transaction.write(acceptance_table.insert().values(**acceptance_row(item, acceptance)))
        mandate.audit(AuditEvent.ITEM_ACCEPTED, subject, {"digest": digest, "share": acceptance.share})
        return acceptance


def list_items(view: View, contract: str, month: Month) -> Sequence[tuple[Item, Acceptance | None]]:
    """The contract's items up to ``month`` that the viewer may see, each with its acceptance."""
    return accepted_items(view.transaction, view.scope, contract, month)


def accepted_items(
    transaction: Transaction, scope: Scope, contract: str, month: Month
) -> Sequence[tuple[Item, Acceptance | None]]:
    """The contract's items up to ``month`` inside the scope, each with its acceptance."""
    found = items_until(transaction, scope, contract, month)
    return [(item, acceptance_of(transaction, scope, item.id)) for item in found]


def _complete(mandate: Mandate, entry: ItemEntry) -> Item:
    service = service_of(mandate.transaction, entry.service)
    contract = contract_of(mandate.transaction, entry.contract)
    system = system_of(mandate.transaction, machine_scope(), entry.system)
    if service.kind not in _KINDS:
        raise InvalidItem(item=entry.id, field="service", found=service.kind, expected=" / ".join(_KINDS))
    if entry.meter not in {meter.code for meter in service.meters}:
        expected = " / ".join(meter.code for meter in service.meters)
        raise InvalidItem(item=entry.id, field="meter", found=entry.meter, expected=expected)
    if entry.month.interval.meet(contract.term) is None:
        raise InvalidItem(item=entry.id, field="month", found=entry.month, expected="a month of the contract's term")
    if entry.criterion is not None and entry.criterion.acceptor != system.agency:
        raise InvalidItem(
            item=entry.id, field="criterion.acceptor", found=entry.criterion.acceptor, expected=system.agency
        )
    return Item(
        id=entry.id,
        contract=entry.contract,
        month=entry.month,
        kind=_KINDS[service.kind],
        agency=system.agency,
        system=system.id,
        project=system.project,
        fund_source=system.fund_source,
        service=entry.service,
        meter=entry.meter,
        quantity=entry.quantity,
        description=entry.description,
        evidence=entry.evidence,
        criterion=entry.criterion,
    )
