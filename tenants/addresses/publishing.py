"""Publishing pools: an act of the bureau. A pool is never edited; pools never share an address, whatever their zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import Field

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.environments import Protection, Zone
from governance.yaml_documents import Code, Form, Problems, Text, read_form
from tenants.addresses.allotting import lock_plan, open_gaps
from tenants.addresses.model import Pool, parse_network
from tenants.addresses.tables import add_pool, pools, pools_over, remove_pool
from tenants.errors import InvalidAddresses


@dataclass(frozen=True, slots=True)
class PoolsDocument:
    """地址规划文件: pools on a document number."""

    id: str
    basis: str
    pools: tuple[Pool, ...]


class _Pool(Form):
    id: Code
    region: Code | None = None
    zone: Zone
    protection: Protection
    cidr: Text
    rest_days: Annotated[int, Field(ge=0, le=3650)]


class _Document(Form):
    id: Code
    basis: Text
    pools: Annotated[list[_Pool], Field(min_length=1)]


def read_pools(path: Path) -> tuple[PoolsDocument | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is no document."""
    form, findings = read_form(path, _Document, _check)
    if form is None:
        return None, findings
    return PoolsDocument(form.id, form.basis, tuple(_pool(each) for each in form.pools)), ()


def publish_pools(office: Office, token: str, document: PoolsDocument) -> bool:
    """Publish the document's pools; False if all of them stand.

    What was drawn from a range before is counted in the pool that now covers it. Raises ``InvalidAddresses`` where
    pools share addresses, ``AlreadyThere`` for another pool under one id, ``Refused``.
    """
    subject = f"addresses:{document.id}"
    with acting(office, token, Act.ADDRESS_PUBLISH_POOLS, subject) as mandate:
        lock_plan(mandate.transaction)
        standing = {pool.id: pool for pool in pools(mandate.transaction) if pool.published_at is not None}
        for pool in document.pools:
            there = standing.get(pool.id)
            if there is not None and replace(there, published_at=None) != pool:
                raise AlreadyThere(what="address pool", key=pool.id, found=there.cidr, expected=pool.cidr)
        new = [pool for pool in document.pools if pool.id not in standing]
        if not new:
            return False
        findings = tuple(_shared(new, standing.values()))
        if findings:
            raise InvalidAddresses(
                count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=findings
            )
        for pool in new:
            _publish(mandate, replace(pool, published_at=mandate.now), document.basis)
        digest = sha256_hex(canonical_bytes([_plain(pool) for pool in document.pools]))
        mandate.decide(subject, digest=digest)
        mandate.audit(
            AuditEvent.ADDRESS_POOLS_PUBLISHED, subject, {"digest": digest, "pools": [pool.id for pool in new]}
        )
        return True


def _publish(mandate: Mandate, pool: Pool, basis: str) -> None:
    for drawn_from in pools_over(mandate.transaction, pool.span):
        remove_pool(mandate.transaction, drawn_from.id)  # a range somebody drew from before it was published
    add_pool(mandate.transaction, pool, basis=basis)
    open_gaps(mandate.transaction, pool)


def _shared(new: Iterable[Pool], standing: Iterable[Pool]) -> Iterable[Finding]:
    before: Pool | None = None
    for after in sorted((*new, *standing), key=lambda pool: pool.span):
        if before is not None and before.span.overlaps(after.span):
            yield Finding(
                code="tenants.address.pools-overlap",
                severity=Severity.ERROR,
                place=Place(field=after.id),
                found=after.cidr,
                expected=f"no address of {before.id} ({before.cidr})",
                zh=f"地址池 {after.id}({after.cidr})与 {before.id}({before.cidr})重叠",
                en=f"pool {after.id} ({after.cidr}) shares addresses with {before.id} ({before.cidr})",
            )
        if before is None or after.span.last > before.span.last:
            before = after


def _check(form: _Document, problems: Problems) -> None:
    seen: set[str] = set()
    for index, pool in enumerate(form.pools):
        try:
            parse_network(pool.cidr)
        except InvalidValue as wrong:
            problems.add(
                ("pools", index, "cidr"),
                found=pool.cidr,
                expected=str(wrong.facts["expected"]),
                zh="不是网段",
                en="not a network",
            )
        if pool.id in seen:
            problems.add(
                ("pools", index, "id"), found=pool.id, expected="each id once", zh="编号重复", en="a repeated id"
            )
        seen.add(pool.id)


def _pool(form: _Pool) -> Pool:
    cidr = str(parse_network(form.cidr))
    return Pool(form.id, form.region or "", form.zone.value, form.protection.value, cidr, form.rest_days)


def _plain(pool: Pool) -> dict[str, str | int]:
    return {
        "id": pool.id,
        "region": pool.region,
        "zone": pool.zone,
        "protection": pool.protection,
        "cidr": pool.cidr,
        "rest_days": pool.rest_days,
    }
