"""Prices from proposal or draft to publication by another person of the bureau, and their end; never an edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere, Transaction
from foundation.values.findings import Finding
from foundation.values.instant import Interval, format_instant
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, decisions_on
from governance.catalogue.documents import price_list_document, price_list_from
from governance.catalogue.model import BASE, PriceList, PriceVersion
from governance.catalogue.noticing import notice_of
from governance.catalogue.offers import services
from governance.catalogue.places import layers_at, places_of
from governance.catalogue.price_checks import (
    check_prices,
    check_proposal,
    fit_in,
    no_notice,
    no_place,
    outside_term,
    versions_from,
)
from governance.catalogue.price_versions import (
    add_version,
    end_version,
    list_of_version,
    prices,
    versions_of_list,
    versions_of_meter,
)
from governance.catalogue.resolving import EVER, FAR, resolve_prices, split_in_a_month
from governance.catalogue.tables import price_list_table
from governance.catalogue.waiting import publication_decided, wait_for_publication
from governance.contracts import contract_of
from governance.errors import InvalidDocument, NotFound

_NOTE = 500
"""As long as a decision's note can be."""


def propose_prices(office: Office, token: str, price_list: PriceList) -> str:
    """Record the operator's proposal, with the cost basis of every price; otherwise as ``draft_prices``."""
    return _record(office, token, Act.PRICE_PROPOSE, AuditEvent.PRICE_PROPOSED, price_list)


def draft_prices(office: Office, token: str, price_list: PriceList) -> str:
    """Record the bureau's draft; returns the digest that its publication binds to. The same again changes nothing.

    Raises ``InvalidDocument`` where a line fits no meter, its cost does not add up, or the contract or notice it
    cites does not hold; ``NotFound`` where it cites no contract there is, ``AlreadyThere`` where the id stands with
    other prices, ``Refused``.
    """
    return _record(office, token, Act.PRICE_DRAFT, AuditEvent.PRICE_DRAFTED, price_list)


def publish_prices(office: Office, token: str, list_id: str, *, digest: str | None = None) -> tuple[PriceVersion, ...]:
    """Put a list into force; returns its versions. Published already: they are returned, nothing changes.

    ``digest``, where given, must be the draft's: the publisher says what they have read. The open versions of the
    same meters and layer end where the list starts. Raises ``NotFound``, and ``Refused`` for whoever proposed or
    drafted it, another place's bureau, another digest, a rejected list, and versions that would overlap.
    """
    subject = _subject(list_id)
    with acting(office, token, Act.PRICE_PUBLISH, subject) as mandate:
        mandate.transaction.stand_alone()
        row, price_list = _standing(mandate, list_id)
        if digest not in {None, row["digest"]}:
            raise mandate.refuse(
                "price-digest", subject, "价格表与所审阅的不一致", "the list is not the one that was read"
            )
        if row["published_at"] is not None:
            return versions_of_list(mandate.transaction, list_id)
        _refuse_other_place(mandate, price_list)
        _refuse_rejected(mandate, list_id)
        mandate.decide(subject, digest=row["digest"])
        _refuse_findings(mandate, price_list, proposed=False)
        mandate.transaction.write(
            update(price_list_table)
            .where(price_list_table.c.id == list_id)
            .values(published_by=mandate.actor.person, published_at=mandate.now)
        )
        ended = [ended for version in versions_from(price_list) for ended in _put(mandate, list_id, version)]
        _refuse_torn(mandate, subject)
        facts = {"digest": row["digest"], "start": format_instant(price_list.start), "place": price_list.place}
        mandate.audit(AuditEvent.PRICE_PUBLISHED, subject, {**facts, "ended": ended})
        mandate.announce("prices.published", subject, facts)
        publication_decided(mandate, subject)
        return versions_of_list(mandate.transaction, list_id)


def reject_prices(office: Office, token: str, list_id: str, *, reason: str) -> None:
    """Reject a proposal or draft; the ``reason`` stays with it, and it can never be published.

    Rejected before by the same person for the same reason: nothing changes. Raises ``NotFound``, ``Refused`` (of a
    published list too).
    """
    subject = _subject(list_id)
    with acting(office, token, Act.PRICE_REJECT, subject) as mandate:
        mandate.transaction.stand_alone()
        row, price_list = _standing(mandate, list_id)
        _refuse_other_place(mandate, price_list)
        if row["published_at"] is not None:
            raise mandate.refuse("price-published", subject, "已发布的价格表不能退回", "a published list stands")
        _refuse_empty(mandate, subject, reason)
        if rejection_of(mandate.transaction, list_id) == reason:
            return
        _refuse_rejected(mandate, list_id)
        mandate.decide(subject, digest=row["digest"], note=reason)
        mandate.audit(AuditEvent.PRICE_REJECTED, subject, {"digest": row["digest"], "reason": reason})
        mandate.announce("prices.rejected", subject, {"reason": reason})
        publication_decided(mandate, subject)


def end_price(office: Office, token: str, version: str, *, at: datetime, reason: str) -> PriceVersion:
    """End one version at ``at``, not before now and not after its end; returns it as it stands then.

    From ``at`` the meter has no price in its layer until another is published. Ended there already: nothing changes.
    Raises ``NotFound``, ``Refused``.
    """
    subject = f"price:{version}"
    with acting(office, token, Act.PRICE_END, subject) as mandate:
        mandate.transaction.stand_alone()
        list_id = list_of_version(mandate.transaction, version)
        if list_id is None:
            raise NotFound(what_zh="这个价格版本:", what_en="price version", key=version)
        _, price_list = _standing(mandate, list_id)
        _refuse_other_place(mandate, price_list)
        [standing] = [each for each in versions_of_list(mandate.transaction, list_id) if each.id == version]
        if standing.end == at:
            return standing
        _refuse_empty(mandate, subject, reason)
        if at <= standing.start or at < mandate.now or (standing.end is not None and at > standing.end):
            raise mandate.refuse(
                "price-only-ended",
                subject,
                "价格版本只能自现在或以后终止,不能延长,也不能自开始之前终止",
                "a version ends now or later, after its start, and is never made longer",
            )
        ended = replace(standing, end=at)
        end_version(mandate.transaction, ended)
        _refuse_torn(mandate, subject)
        mandate.decide(subject, digest=sha256_hex(canonical_bytes(ended)), note=reason)
        mandate.audit(AuditEvent.PRICE_ENDED, subject, {"end": format_instant(at), "reason": reason})
        mandate.announce("prices.ended", subject, {"end": format_instant(at)})
        return ended


def rejection_of(transaction: Transaction, list_id: str) -> str | None:
    """Why a list was rejected; None where it was not."""
    decided = decisions_on(transaction, _subject(list_id))
    return next((each.note for each in decided if each.act is Act.PRICE_REJECT), None)


def _record(office: Office, token: str, act: Act, event: AuditEvent, price_list: PriceList) -> str:
    subject = _subject(price_list.id)
    with acting(office, token, act, subject) as mandate:
        if act is Act.PRICE_DRAFT:
            _refuse_other_place(mandate, price_list)
        digest = list_digest(price_list)
        row = _row(mandate.transaction, price_list.id)
        if row is not None:
            if row["digest"] != digest:
                raise AlreadyThere(what="price list", key=price_list.id, found=str(row["digest"]), expected=digest)
            return digest
        _refuse_findings(mandate, price_list, proposed=act is Act.PRICE_PROPOSE)
        mandate.transaction.write(
            insert(price_list_table).values(
                id=price_list.id,
                document=price_list_document(price_list),
                digest=digest,
                drafted_by=mandate.actor.person,
                drafted_at=mandate.now,
            )
        )
        mandate.decide(subject, digest=digest)
        mandate.audit(event, subject, {"digest": digest})
        mandate.announce("prices.drafted", subject, {"digest": digest, "proposed": act is Act.PRICE_PROPOSE})
        zh, en = (
            f"价格表 {price_list.id} 待发布或退回",
            f"price list {price_list.id}: publish or reject it",
        )
        wait_for_publication(mandate, "price.publish", subject, price_list.place, zh=zh, en=en)
        return digest


def list_digest(price_list: PriceList) -> str:
    """The digest of a list: the order of its lines, trailing zeros and the hour's offset do not matter."""
    document: dict[str, Any] = {
        "id": price_list.id,
        "cites": price_list.cites,
        "start": format_instant(price_list.start),
        "includes_vat": price_list.includes_vat,
        "vat_rate": price_list.vat_rate,
        "prices": [_line(each) for each in sorted(price_list.lines, key=lambda each: (each.service, each.meter))],
    }
    if price_list.place != BASE:
        document["place"] = price_list.place
    if price_list.end is not None:
        document["end"] = format_instant(price_list.end)
    return sha256_hex(canonical_bytes(document))


def _line(line: object) -> Mapping[str, Any]:
    """A line without what it leaves empty, so that a list without cost basis keeps the digest it always had."""
    return {name: value for name, value in asdict(line).items() if value != ()}  # type: ignore[call-overload]


def _put(mandate: Mandate, list_id: str, version: PriceVersion) -> list[str]:
    """Write one version and the end of the one before it; returns the id of that one."""
    standing = versions_of_meter(mandate.transaction, version.service, version.meter, version.place)
    fitted = fit_in(version, standing, agreed_ends=_agreed_ends(mandate.transaction, standing))
    if fitted is None:
        raise mandate.refuse(
            "price-never-edited",
            _subject(list_id),
            f"{version.service}/{version.meter} 在此期间已有价格,已发布的价格不得修改,只能终止",
            f"{version.service}/{version.meter} has a price then; a published price is never edited, only ended",
        )
    new, ended = fitted
    if ended is not None:
        end_version(mandate.transaction, ended)
    add_version(mandate.transaction, new, list_id)
    return [] if ended is None else [ended.id]


def _agreed_ends(transaction: Transaction, standing: Sequence[PriceVersion]) -> Mapping[str, datetime]:
    """The ends that were published with the versions themselves."""
    agreed: dict[str, datetime] = {}
    for version in standing:
        list_id = list_of_version(transaction, version.id)
        row = None if list_id is None else _row(transaction, list_id)
        end = None if row is None else price_list_from(row["document"]).end
        if end is not None:
            agreed[version.id] = end
    return agreed


def _refuse_torn(mandate: Mandate, subject: str) -> None:
    """An overlay that begins and ends inside one month would leave the price below it in two parts of the month."""
    every = prices(mandate.transaction, Interval(EVER, FAR))
    for place in sorted({each.place for each in every} - {BASE}):
        torn = split_in_a_month(resolve_prices(every, layers_at(mandate.transaction, place)))
        if torn is not None:
            raise mandate.refuse(
                "price-overlay-inside-month",
                subject,
                f"{torn.service}/{torn.meter}:{place} 的价格不得在同一个月内开始又终止",
                f"{torn.service}/{torn.meter}: a price of {place} may not begin and end inside one month, or "
                f"{torn.id} would hold in two parts of it",
            )


def _refuse_findings(mandate: Mandate, price_list: PriceList, *, proposed: bool) -> None:
    layers = layers_at(mandate.transaction, price_list.place)
    findings: tuple[Finding, ...] = ()
    if not layers:
        findings = (no_place(price_list),)
    else:
        findings = check_prices(price_list, services(mandate.transaction, layers=layers))
    if proposed:
        findings = (*findings, *check_proposal(price_list))
    kind, _, cited = price_list.cites.partition(":")
    if kind == "contract":
        term = contract_of(mandate.transaction, cited).term
        if price_list.start not in term:
            text = f"[{format_instant(term.start)}, {format_instant(term.end)})"
            findings = (*findings, outside_term(price_list, cited, text))
    elif notice_of(mandate.transaction, cited) is None:
        findings = (*findings, no_notice(price_list, cited))
    if findings:
        raise InvalidDocument(count=len(findings), first=findings[0].en, findings=findings)


def _refuse_other_place(mandate: Mandate, price_list: PriceList) -> None:
    own = places_of(mandate.transaction, mandate.actor.party)[0]
    if price_list.place != own:
        raise mandate.refuse(
            "price-place",
            _subject(price_list.id),
            f"这是 {price_list.place or '基础目录'} 的价格,你代表的单位只管 {own or '基础目录'}",
            f"these are prices of {price_list.place or 'the base'}; your party's own are those of {own or 'the base'}",
        )


def _refuse_rejected(mandate: Mandate, list_id: str) -> None:
    reason = rejection_of(mandate.transaction, list_id)
    if reason is not None:
        raise mandate.refuse(
            "price-rejected",
            _subject(list_id),
            f"该价格表已被退回:{reason}。请以新编号重新提出",
            f"the list was rejected: {reason}. Propose another under a new id",
        )


def _refuse_empty(mandate: Mandate, subject: str, reason: str) -> None:
    if not reason.strip() or len(reason) > _NOTE:
        raise mandate.refuse(
            "price-reason",
            subject,
            f"须写明理由,不超过 {_NOTE} 字",
            f"say why, in at most {_NOTE} characters",
        )


def _standing(mandate: Mandate, list_id: str) -> tuple[RowMapping, PriceList]:
    row = _row(mandate.transaction, list_id)
    if row is None:
        raise NotFound(what_zh="这份价格表:", what_en="price list", key=list_id)
    return row, price_list_from(row["document"])


def _row(transaction: Transaction, list_id: str) -> RowMapping | None:
    return transaction.row(select(price_list_table).where(price_list_table.c.id == list_id))


def _subject(list_id: str) -> str:
    return f"prices:{list_id}"
