"""Prices from draft to publication: drafted by one person, published by another person of the bureau."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.findings import Finding
from foundation.values.instant import format_instant, parse_instant
from foundation.values.money import PRICE, exact
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.catalogue.model import PriceLine, PriceList, PriceUnit, PriceVersion
from governance.catalogue.price_checks import check_prices, fit_in, outside_term, versions_from
from governance.catalogue.tables import (
    end_version,
    price_list_table,
    price_version_table,
    services,
    versions_of_list,
    versions_of_meter,
)
from governance.contracts import contract_of
from governance.errors import InvalidCatalogue, NotFound


def draft_prices(office: Office, token: str, price_list: PriceList) -> str:
    """Record a draft; returns the digest that its publication binds to. The same draft again changes nothing.

    Raises ``InvalidCatalogue`` where a line fits no meter or the cited contract does not run then, ``NotFound`` where
    it cites no contract there is, ``AlreadyThere`` where the id stands with other prices, ``Refused``.
    """
    subject = f"prices:{price_list.id}"
    with acting(office, token, Act.PRICE_DRAFT, subject) as mandate:
        findings = _findings(mandate, price_list)
        if findings:
            raise InvalidCatalogue(count=len(findings), first=findings[0].en, findings=findings)
        document = _document(price_list)
        digest = sha256_hex(canonical_bytes(document))
        row = _list_row(mandate, price_list.id)
        standing = None if row is None else {"drafted_by": row["drafted_by"], "drafted_at": row["drafted_at"]}
        drafted = standing or {"drafted_by": mandate.actor.person, "drafted_at": mandate.now}
        new = {"id": price_list.id, "document": document, "digest": digest, **drafted}
        if mandate.transaction.insert_once(price_list_table, new, what="price list"):
            mandate.decide(subject, digest=digest)
            mandate.audit(AuditEvent.PRICE_DRAFTED, subject, {"digest": digest})
        return digest


def publish_prices(office: Office, token: str, list_id: str, *, digest: str | None = None) -> tuple[PriceVersion, ...]:
    """Put a drafted list into force; returns its versions. Published already: they are returned, nothing changes.

    ``digest``, where given, must be the draft's: the publisher says what they have read. The versions of the same
    meters in force at the list's start end there. Raises ``NotFound``, and ``Refused`` for the drafter, for another
    digest, and where a version of a meter starts at the very same instant (a published price is never edited).
    """
    subject = f"prices:{list_id}"
    with acting(office, token, Act.PRICE_PUBLISH, subject) as mandate:
        row = _list_row(mandate, list_id)
        if row is None:
            raise NotFound(what_zh="这份价格表:", what_en="price list", key=list_id)
        if digest not in {None, row["digest"]}:
            raise mandate.refuse(
                "price-digest", subject, "价格表与所审阅的不一致", "the list is not the one that was read"
            )
        if row["published_at"] is not None:
            return versions_of_list(mandate.transaction, list_id)
        mandate.decide(subject, digest=row["digest"])
        mandate.transaction.write(
            update(price_list_table)
            .where(price_list_table.c.id == list_id)
            .values(published_by=mandate.actor.person, published_at=mandate.now)
        )
        price_list = _price_list(row["document"])
        ended = [ended for version in versions_from(price_list) for ended in _put(mandate, list_id, subject, version)]
        mandate.audit(
            AuditEvent.PRICE_PUBLISHED,
            subject,
            {"digest": row["digest"], "start": format_instant(price_list.start), "ended": ended},
        )
        return versions_of_list(mandate.transaction, list_id)


def _put(mandate: Mandate, list_id: str, subject: str, version: PriceVersion) -> list[str]:
    """Write one version and the end of the one before it; returns the id of that one."""
    fitted = fit_in(version, versions_of_meter(mandate.transaction, version.service, version.meter))
    if fitted is None:
        raise mandate.refuse(
            "price-never-edited",
            subject,
            f"{version.service}/{version.meter} 自同一时刻起已有价格,已发布的价格不得修改",
            f"{version.service}/{version.meter} has a price from that instant; a published price is never edited",
        )
    new, ended = fitted
    if ended is not None:
        end_version(mandate.transaction, ended)
    row = asdict(new)
    starts_at, ends_at = row.pop("start"), row.pop("end")
    row |= {"list": list_id, "unit": new.unit.value, "starts_at": starts_at, "ends_at": ends_at}
    mandate.transaction.write(insert(price_version_table).values(**row))
    return [] if ended is None else [ended.id]


def _findings(mandate: Mandate, price_list: PriceList) -> tuple[Finding, ...]:
    findings = check_prices(price_list, services(mandate.transaction))
    kind, _, cited = price_list.cites.partition(":")
    if kind == "contract":
        term = contract_of(mandate.transaction, cited).term
        if price_list.start not in term:
            text = f"[{format_instant(term.start)}, {format_instant(term.end)})"
            findings = (*findings, outside_term(price_list, cited, text))
    return findings


def _list_row(mandate: Mandate, list_id: str) -> RowMapping | None:
    return mandate.transaction.row(select(price_list_table).where(price_list_table.c.id == list_id))


def _document(price_list: PriceList) -> dict[str, Any]:
    """The list in the form it is kept and bound to: lines in one order, whatever order they were written in."""
    lines = sorted(price_list.lines, key=lambda line: (line.service, line.meter))
    return {
        "id": price_list.id,
        "cites": price_list.cites,
        "start": format_instant(price_list.start),
        "includes_vat": price_list.includes_vat,
        "vat_rate": price_list.vat_rate,
        "prices": [asdict(line) for line in lines],
    }


def _price_list(document: dict[str, Any]) -> PriceList:
    return PriceList(
        id=document["id"],
        cites=document["cites"],
        start=parse_instant(document["start"]),
        includes_vat=document["includes_vat"],
        vat_rate=exact(document["vat_rate"], (9, 8), field="vat_rate"),
        lines=tuple(
            PriceLine(
                line["service"], line["meter"], PriceUnit(line["unit"]), exact(line["price"], PRICE, field="price")
            )
            for line in document["prices"]
        ),
    )
