"""Reserving blocks by name, with an end, and giving blocks back: acts of the operator."""

from __future__ import annotations

from datetime import datetime

from foundation.values.errors import InvalidValue
from foundation.values.instant import format_instant
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting, machine_scope
from governance.environments.model import NAME
from governance.errors import NotFound
from tenants.addresses.allotting import free_due, lock_plan, rest, take_named
from tenants.addresses.model import Block, BlockState
from tenants.addresses.tables import block_of


def reserve_block(
    office: Office,
    token: str,
    name: str,
    *,
    pool: str,
    prefix: int,
    until: datetime,
    agency: str | None = None,
) -> tuple[Block, bool]:
    """Keep the lowest free block of a pool for ``name`` until ``until``: (block, whether this call reserved it).

    After its end it is free without anybody's doing. Raises ``AddressesUsedUp``, ``InvalidValue``, ``Refused``.
    """
    holder = f"reservation:{name}"
    with acting(office, token, Act.ADDRESS_RESERVE, holder) as mandate:
        if not NAME.fullmatch(name):
            raise InvalidValue(field="name", found=name, expected="2 to 40 of a-z, 0-9 and -, beginning with a letter")
        if until <= mandate.now:
            raise InvalidValue(field="until", found=format_instant(until), expected="an instant still to come")
        lock_plan(mandate.transaction)
        free_due(mandate.transaction, mandate.now)
        there = block_of(mandate.transaction, mandate.scope, holder)
        if there is not None:
            return there, False
        block = take_named(mandate.transaction, pool, prefix, holder=holder, agency=agency, at=mandate.now, until=until)
        mandate.decide(holder)
        mandate.audit(
            AuditEvent.ADDRESS_RESERVED, holder, {"block": block.cidr, "pool": pool, "until": format_instant(until)}
        )
        return block, True


def give_back(office: Office, token: str, holder: str) -> Block:
    """End a reservation (``reservation:…``), or take back a block that nobody uses any more: it rests, then is free.

    An environment's block is given back by its deployment's end. Raises ``NotFound``, ``InvalidValue``, ``Refused``.
    """
    with acting(office, token, Act.ADDRESS_RESERVE, holder) as mandate:
        lock_plan(mandate.transaction)
        free_due(mandate.transaction, mandate.now)
        block = block_of(mandate.transaction, machine_scope(), holder)
        if block is None:
            raise NotFound(what_zh="地址段,占用者:", what_en="address block of", key=holder)
        if block.state not in {BlockState.RESERVED, BlockState.IMPORTED}:
            raise InvalidValue(field="holder", found=f"{holder} ({block.state})", expected="a reservation or a network")
        rest(mandate.transaction, block, mandate.now)
        mandate.audit(AuditEvent.ADDRESS_GIVEN_BACK, holder, {"block": block.cidr})
        return block
