"""Catalogue versions: drafted by one person of a bureau, published by another, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, insert, select, update

from foundation.store import AlreadyThere, Transaction
from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import Interval, format_instant
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.catalogue.changes import Change, catalogue_changes, price_changes
from governance.catalogue.documents import catalogue_document, catalogue_from, content_digest
from governance.catalogue.meaning import broken_meanings
from governance.catalogue.model import BASE, CatalogueDocument, Offer, Service
from governance.catalogue.offers import add_services, offer_history, offers_at, withdraw
from governance.catalogue.places import places_of
from governance.catalogue.price_versions import prices
from governance.catalogue.resolving import EVER, FAR, in_force
from governance.catalogue.tables import catalogue_version_table
from governance.catalogue.waiting import publication_decided, wait_for_publication
from governance.errors import InvalidDocument, NotFound

version_columns = catalogue_version_table.c


@dataclass(frozen=True, slots=True)
class Drafted:
    """What a draft came to: its digest, which the publication binds to; what it would change; whether it is new."""

    digest: str
    changes: tuple[Change, ...]
    new: bool


@dataclass(frozen=True, slots=True)
class CatalogueVersion:
    """One version of a place's catalogue as it stands on record; ``published_at`` None while it is a draft."""

    id: str
    place: str
    start: datetime
    digest: str
    drafted_by: str
    drafted_at: datetime
    published_by: str | None
    published_at: datetime | None


def draft_catalogue(office: Office, token: str, document: CatalogueDocument) -> Drafted:
    """Record a draft of the whole of what a place offers from the document's start on.

    The same draft again, or one that says what is on offer then anyway, changes nothing. Raises ``InvalidDocument``
    with every finding (a code that would change its meaning, or is another place's), ``AlreadyThere`` where the id
    stands with other content, ``Refused``.
    """
    subject = _subject(document.id)
    with acting(office, token, Act.CATALOGUE_DRAFT, subject) as mandate:
        _refuse_other_place(mandate, document)
        digest = content_digest(document)
        standing = _row(mandate.transaction, document.id)
        changes = _changes(mandate.transaction, document)
        if standing is not None:
            if standing["digest"] != digest:
                raise AlreadyThere(
                    what="catalogue version",
                    key=document.id,
                    found=str(standing["digest"]),
                    expected=digest,
                )
            return Drafted(digest, changes, False)
        _refuse_findings(mandate.transaction, document)
        if not changes:
            return Drafted(digest, (), False)
        mandate.transaction.write(
            insert(catalogue_version_table).values(
                id=document.id,
                place=document.place,
                starts_at=document.start,
                document=catalogue_document(document),
                digest=digest,
                drafted_by=mandate.actor.person,
                drafted_at=mandate.now,
            )
        )
        mandate.decide(subject, digest=digest)
        mandate.audit(AuditEvent.CATALOGUE_DRAFTED, subject, {"digest": digest, "place": document.place})
        zh, en = f"服务目录 {document.id} 待发布", f"the catalogue {document.id} waits to be published"
        wait_for_publication(mandate, "catalogue.publish", subject, document.place, zh=zh, en=en)
        return Drafted(digest, changes, True)


def publish_catalogue(office: Office, token: str, version: str, *, digest: str | None = None) -> tuple[Change, ...]:
    """Put a drafted version in force from its start; returns what it changes, nothing where it was published before.

    ``digest``, where given, must be the draft's. What the place offered then and the version does not name is
    withdrawn. Raises ``NotFound``, and ``Refused`` for the drafter, for another digest, and where the version starts
    before one that is published, or in the past: what was on offer is never rewritten. The first version of a place
    may start in the past, as it writes down what was there.
    """
    subject = _subject(version)
    with acting(office, token, Act.CATALOGUE_PUBLISH, subject) as mandate:
        mandate.transaction.stand_alone()
        row = _row(mandate.transaction, version)
        if row is None:
            raise NotFound(what_zh="这个目录版本:", what_en="catalogue version", key=version)
        if digest not in {None, row["digest"]}:
            raise mandate.refuse("catalogue-digest", subject, "目录与所审阅的不一致", "it is not the one that was read")
        if row["published_at"] is not None:
            return ()
        document = catalogue_from(row["document"])
        _refuse_other_place(mandate, document)
        mandate.decide(subject, digest=row["digest"])
        _refuse_past(mandate, subject, document)
        _refuse_findings(mandate.transaction, document)
        changes = _changes(mandate.transaction, document)
        mandate.transaction.write(
            update(catalogue_version_table)
            .where(version_columns.id == version)
            .values(published_by=mandate.actor.person, published_at=mandate.now)
        )
        _put_in_force(mandate.transaction, document)
        facts = {"digest": row["digest"], "start": format_instant(document.start), "place": document.place}
        mandate.audit(AuditEvent.CATALOGUE_PUBLISHED, subject, {**facts, "changes": len(changes)})
        mandate.announce("catalogue.published", subject, facts)
        publication_decided(mandate, subject)
        return changes


def catalogue_versions(transaction: Transaction, *, place: str | None = None) -> Sequence[CatalogueVersion]:
    """Every version and draft, by start; of one place where it is named."""
    query = select(catalogue_version_table).order_by(version_columns.starts_at, version_columns.id)
    if place is not None:
        query = query.where(version_columns.place == place)
    return [
        CatalogueVersion(
            row["id"],
            row["place"],
            row["starts_at"],
            row["digest"],
            row["drafted_by"],
            row["drafted_at"],
            row["published_by"],
            row["published_at"],
        )
        for row in transaction.rows(query)
    ]


def catalogue_at(transaction: Transaction, at: datetime, place: str = BASE) -> CatalogueDocument:
    """What ``place`` offered at ``at`` as one document, in the order of its version; raises ``NotFound``.

    Its id and start are those of the newest version that had started then; of an installation that offered services
    before it had versions ``carried-over``.
    """
    query = (
        select(catalogue_version_table)
        .where(version_columns.place == place, version_columns.starts_at <= at)
        .where(version_columns.published_at.is_not(None))
        .order_by(version_columns.starts_at)
    )
    started = transaction.rows(query)
    if started:
        return catalogue_from(started[-1]["document"])
    offered = offers_at(transaction, at, [place])
    if not offered:
        raise NotFound(what_zh="这个时点的目录:", what_en="catalogue in force", key=f"{place or 'base'} {at:%Y-%m-%d}")
    services = tuple(each.service for each in offered)
    return CatalogueDocument("carried-over", services, min(each.start for each in offered), place)


def version_document(transaction: Transaction, version: str) -> CatalogueDocument:
    """The document of a version or draft; raises ``NotFound``."""
    row = _row(transaction, version)
    if row is None:
        raise NotFound(what_zh="这个目录版本:", what_en="catalogue version", key=version)
    return catalogue_from(row["document"])


def changes_between(
    transaction: Transaction, before: datetime, after: datetime, *, layers: Sequence[str] | None = None
) -> tuple[Change, ...]:
    """What changed in offers and prices from one instant to another; of some layers only where they are named."""
    every = [each for each in prices(transaction, Interval(EVER, FAR)) if layers is None or each.place in layers]
    return (
        *catalogue_changes(offers_at(transaction, before, layers), offers_at(transaction, after, layers)),
        *price_changes(in_force(every, before), in_force(every, after)),
    )


def _subject(version: str) -> str:
    return f"catalogue:{version}"


def _row(transaction: Transaction, version: str) -> RowMapping | None:
    return transaction.row(select(catalogue_version_table).where(version_columns.id == version))


def _refuse_other_place(mandate: Mandate, document: CatalogueDocument) -> None:
    own = places_of(mandate.transaction, mandate.actor.party)[0]
    if document.place != own:
        raise mandate.refuse(
            "catalogue-place",
            _subject(document.id),
            f"这是 {document.place or '基础'} 的目录,你代表的单位只管 {own or '基础目录'}",
            f"this is the catalogue of {document.place or 'the base'}; your party's own is {own or 'the base'}",
        )


def _refuse_past(mandate: Mandate, subject: str, document: CatalogueDocument) -> None:
    standing = offer_history(mandate.transaction, place=document.place)
    latest = max((each.start for each in standing), default=None)
    if latest is not None and (document.start <= latest or document.start < mandate.now):
        raise mandate.refuse(
            "catalogue-not-rewritten",
            subject,
            f"目录自 {format_instant(document.start)} 起,早于当前时间或已发布的版本,过去提供过什么不得改写",
            f"it starts at {format_instant(document.start)}, in the past or before a published version: what was on "
            "offer is never rewritten",
        )


def _refuse_findings(transaction: Transaction, document: CatalogueDocument) -> None:
    findings = _findings(document, offer_history(transaction))
    if findings:
        raise InvalidDocument(count=len(findings), first=findings[0].en, findings=findings)


def _findings(document: CatalogueDocument, history: Sequence[Offer]) -> tuple[Finding, ...]:
    """Codes that would change their meaning, or that another place's services or other services' plans have."""
    findings: list[Finding] = []
    plans = {plan.code: each.service.code for each in history for plan in each.service.plans}
    for service in document.services:
        for earlier in (each for each in history if each.service.code == service.code):
            if earlier.place != document.place:
                owner = earlier.place or "base"
                findings.append(
                    _finding(
                        document,
                        service,
                        "code",
                        service.code,
                        "a code of its own",
                        f"服务 {service.code} 属于 {owner} 的目录,不得改动别处的服务",
                        f"the service {service.code} belongs to the catalogue of {owner}: nobody changes another's",
                    )
                )
                break
            findings += [
                _finding(
                    document,
                    service,
                    f"{each.what} {each.key}.{each.field}",
                    each.new,
                    each.old,
                    f"{each.key} 的 {each.field} 已定为 {each.old},不得改变,请另用编号",
                    f"{each.field} of {each.key} stands as {each.old} and never changes: offer another code",
                )
                for each in broken_meanings(earlier.service, service)
            ]
        findings += [
            _finding(
                document,
                service,
                f"plan {plan.code}",
                plan.code,
                "a plan code of its own",
                f"规格编号 {plan.code} 已属于服务 {plans[plan.code]}",
                f"the plan code {plan.code} belongs to the service {plans[plan.code]}",
            )
            for plan in service.plans
            if plans.get(plan.code, service.code) != service.code
        ]
    return tuple(dict.fromkeys(findings))


def _finding(
    document: CatalogueDocument, service: Service, field: str, found: str, expected: str, zh: str, en: str
) -> Finding:
    place = Place(field=f"{document.id}.{service.code}.{field}")
    return Finding("governance.catalogue.invalid", Severity.ERROR, place, found, expected, zh, en)


def _changes(transaction: Transaction, document: CatalogueDocument) -> tuple[Change, ...]:
    """What the document would change of what its place offers at its start."""
    standing = offers_at(transaction, document.start, [document.place])
    offered = [Offer(document.place, each, document.start, None, document.id) for each in document.services]
    return catalogue_changes(standing, offered)


def _put_in_force(transaction: Transaction, document: CatalogueDocument) -> None:
    standing = offers_at(transaction, document.start, [document.place])
    add_services(transaction, document.services, place=document.place, start=document.start, version=document.id)
    offered = {each.code for each in document.services}
    gone = [each.service.code for each in standing if each.service.code not in offered]
    withdraw(transaction, document.place, gone, document.start)
