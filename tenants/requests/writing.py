"""Asking by what a person wrote: the short form is read in the request's own transaction, with the address plan.

So a block is allotted if and only if the request that needs it is recorded; whoever asks at the same time waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from typing import Any

from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.environments import BlockWanted, EnvironmentSpec, NoRoom
from governance.errors import InvalidDocument
from tenants.addresses import PlanAtHand
from tenants.addresses.tables import block_of
from tenants.environments.tables import read_environment
from tenants.ports import Desk, Estimator
from tenants.requests.admission import Terms
from tenants.requests.content import Content, Written, read_written, spec_in
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request
from tenants.requests.refusing import name_taken, not_yours
from tenants.requests.requesting import About, ask_for, desk_of

_PLAIN = Terms()


def request_written(
    office: Office,
    token: str,
    written: Written,
    *,
    estimator: Estimator | Desk,
    kind: RequestKind = RequestKind.CREATE,
    number: str = "",
    terms: Terms = _PLAIN,
    project: str = "",
) -> tuple[Request, bool]:
    """Ask for the environment and the service items that were written: the request, and whether this call made it.

    ``cidr: from-address-plan`` becomes the block the environment has, or the lowest free one; subnets that are there
    stay. ``project`` is that of items alone. Raises ``InvalidDocument`` with every finding, and all that
    ``create_request`` does.
    """
    environment = str(written.document.get("environment", ""))
    subject = f"environment:{environment}" if environment else f"project:{project}"
    with acting(office, token, Act.REQUEST_CREATE, subject) as mandate:
        content = _read(mandate, written)
        terms = replace(terms, items=content.items)
        if not content.specs:
            kind, about = RequestKind.CREATE, About(project=project)
            return ask_for(mandate, kind, content, desk_of(estimator), number, terms, about)
        if len(content.specs) > 1:
            raise InvalidValue(
                field="environments", found=str(len(content.specs)), expected="one environment a request"
            )
        return ask_for(mandate, kind, content, desk_of(estimator), number, terms)


def read_decided(written: Written, asked: Content) -> tuple[Content | None, tuple[Finding, ...]]:
    """What a decision grants instead of what was asked, as a person wrote it: addresses and subnets stay as asked."""
    return read_written(written, addresses=_AsAsked(asked), standing=lambda name: spec_in(asked, name))


def _read(mandate: Mandate, written: Written) -> Content:
    transaction, scope = mandate.transaction, machine_scope()

    def standing(environment: str) -> EnvironmentSpec | None:
        # An environment's id is one over all agencies: another's block must not be what this one's is read by.
        record = read_environment(transaction, scope, environment)
        block = block_of(transaction, scope, f"environment:{environment}")
        owners = {one.agency for one in (record, block) if one is not None}
        if owners - {mandate.actor.party}:
            raise name_taken(mandate, environment)
        return None if record is None else record.spec

    for each in (written.document, *_tables(written.document.get("environments"))):
        agency = each.get("agency", mandate.actor.party)
        if agency != mandate.actor.party:  # before any block is allotted in its name
            raise not_yours(mandate, str(each.get("environment", "")), str(agency))
    addresses = PlanAtHand(transaction, mandate.scope, mandate.now)
    content, findings = read_written(written, addresses=addresses, standing=standing)
    if content is None:
        first = findings[0].en if findings else ""
        raise InvalidDocument(count=len(findings), first=first, findings=findings)
    return content


def _tables(values: object) -> Iterable[Mapping[str, Any]]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


@dataclass(frozen=True, slots=True)
class _AsAsked:
    """An address plan that knows the blocks that were asked for and gives no other."""

    asked: Content

    def allot(self, wanted: BlockWanted) -> IPv4Network | NoRoom:
        return self.block_of(wanted.environment) or NoRoom()

    def block_of(self, environment: str) -> IPv4Network | None:
        spec = spec_in(self.asked, environment)
        return None if spec is None else IPv4Network(spec.cidr)
