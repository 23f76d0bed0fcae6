"""What is on offer, and was, and will be: the queries of dated offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from sqlalchemy import RowMapping, and_, insert, or_, select, update

from foundation.evidence import canonical_text, read_canonical
from foundation.store import AlreadyThere, Transaction
from governance.catalogue.documents import service_digest, service_document, service_from
from governance.catalogue.meaning import broken_meanings
from governance.catalogue.model import BASE, Offer, Plan, PlanSize, Service
from governance.catalogue.places import places_of
from governance.catalogue.resolving import EVER
from governance.catalogue.sizes import sizes_of
from governance.catalogue.tables import service_offer_table
from governance.errors import NotFound

offer = service_offer_table.c


def services(
    transaction: Transaction, *, layers: Iterable[str] | None = None, at: datetime | None = None
) -> Sequence[Service]:
    """Every service that was ever offered (by some ``layers`` only, where named), as it was offered last, by code.

    ``at``: as it had been offered last then, so that a past month reads what held then; of a service that was first
    offered later, its first offer, as somebody may have held it before it was written down.

    For who must know what a code means whatever happened since: metering, billing, the register. What can be asked
    for now is ``services_for``. Plans come smallest first, also those not on offer any more.
    """
    query = select(service_offer_table).order_by(offer.code, offer.starts_at)
    if layers is not None:
        query = query.where(offer.place.in_(sorted(set(layers))))
    newest: dict[str, Service] = {}
    for row in transaction.rows(query):
        standing = newest.get(row["code"])
        if standing is not None and at is not None and row["starts_at"] > at:
            continue
        found = _service(row)
        newest[row["code"]] = found if standing is None else _with_earlier(found, standing)
    return [_in_order(service) for _, service in sorted(newest.items())]


def service_of(transaction: Transaction, code: str) -> Service:
    """The service with that code, on offer or not; raises ``NotFound``."""
    rows = transaction.rows(select(service_offer_table).where(offer.code == code).order_by(offer.starts_at))
    if not rows:
        raise NotFound(what_zh="这项服务:", what_en="service", key=code)
    found = _service(rows[0])
    for row in rows[1:]:
        found = _with_earlier(_service(row), found)
    return _in_order(found)


def plan_sizes(transaction: Transaction, service: str, *, at: datetime | None = None) -> Sequence[PlanSize]:
    """The sizes a service is on offer in at ``at``, or ever was, smallest first; raises ``NotFound``."""
    if at is None:
        return sizes_of(service_of(transaction, service))
    for found in offers_at(transaction, at):
        if found.service.code == service:
            return sizes_of(found.service)
    raise NotFound(what_zh="这项服务:", what_en="service", key=service)


def offers_at(transaction: Transaction, at: datetime, places: Iterable[str] | None = None) -> Sequence[Offer]:
    """What was on offer at the instant ``at``, by place and code; ``places`` None: everywhere."""
    query = (
        select(service_offer_table)
        .where(offer.starts_at <= at, or_(offer.ends_at.is_(None), offer.ends_at > at))
        .order_by(offer.place, offer.code)
    )
    if places is not None:
        query = query.where(offer.place.in_(sorted(set(places))))
    return [_offer(row) for row in transaction.rows(query)]


def services_for(transaction: Transaction, party: str, at: datetime) -> Sequence[Service]:
    """What ``party`` (an agency, or whoever looks) could ask for at ``at``: the base catalogue and its own places'."""
    found = offers_at(transaction, at, places_of(transaction, party))
    return [_in_order(each.service) for each in sorted(found, key=lambda each: each.service.code)]


def offer_history(transaction: Transaction, code: str | None = None, place: str | None = None) -> Sequence[Offer]:
    """Every offer there was, oldest first; of one service, of one place, where they are named."""
    query = select(service_offer_table).order_by(offer.starts_at, offer.place, offer.code)
    if code is not None:
        query = query.where(offer.code == code)
    if place is not None:
        query = query.where(offer.place == place)
    return [_offer(row) for row in transaction.rows(query)]


def add_services(
    transaction: Transaction,
    offered: Iterable[Service],
    *,
    place: str = BASE,
    start: datetime = EVER,
    version: str | None = None,
) -> bool:
    """Offer services from ``start`` on, until something else is said of them; True if anything was new.

    Without ``version``: outside the catalogue's versions, as what an installation offered before it had any. Raises
    ``AlreadyThere`` where a code stands with another meaning, or belongs to another place: bills rest on it.
    """
    new = False
    for service in offered:
        standing = offer_history(transaction, service.code)
        _refuse_other_meaning(service, place, standing)
        digest = service_digest(service)
        last = standing[-1] if standing else None
        if last is not None and last.end is None:
            if service_digest(last.service) == digest:
                continue
            _end(transaction, place, service.code, last.start, start)
        row = {"place": place, "code": service.code, "starts_at": start, "ends_at": None, "version": version}
        transaction.write(insert(service_offer_table).values(**row, document=service_document(service), digest=digest))
        new = True
    return new


def withdraw(transaction: Transaction, place: str, codes: Iterable[str], at: datetime) -> None:
    """End the open offers of these services at ``at``."""
    for code in codes:
        [standing] = [each for each in offer_history(transaction, code, place) if each.end is None]
        _end(transaction, place, code, standing.start, at)


def _end(transaction: Transaction, place: str, code: str, started: datetime, at: datetime) -> None:
    query = update(service_offer_table).where(
        and_(offer.place == place, offer.code == code, offer.starts_at == started)
    )
    transaction.write(query.values(ends_at=at))


def _refuse_other_meaning(service: Service, place: str, standing: Sequence[Offer]) -> None:
    for earlier in standing:
        if earlier.place != place:
            raise AlreadyThere(
                what="service", key=service.code, found=earlier.place or "base", expected=place or "base"
            )
        broken = broken_meanings(earlier.service, service)
        if broken:
            first = broken[0]
            raise AlreadyThere(what=first.what, key=first.key, found=first.old, expected=first.new)


def _offer(row: RowMapping) -> Offer:
    return Offer(row["place"], _service(row), row["starts_at"], row["ends_at"], row["version"] or "")


def _service(row: RowMapping) -> Service:
    return _read(canonical_text(row["document"]))


@lru_cache(maxsize=512)
def _read(text: str) -> Service:
    return service_from(read_canonical(text, what="offer"))


def _with_earlier(newer: Service, older: Service) -> Service:
    """``newer`` with the plans and meters that only ``older`` had: what somebody holds keeps its name."""
    plans, meters = {each.code for each in newer.plans}, {each.code for each in newer.meters}
    return replace(
        newer,
        plans=(*newer.plans, *(each for each in older.plans if each.code not in plans)),
        meters=(*newer.meters, *(each for each in older.meters if each.code not in meters)),
    )


def _in_order(service: Service) -> Service:
    return replace(
        service,
        plans=tuple(sorted(service.plans, key=_smallest_first)),
        meters=tuple(sorted(service.meters, key=lambda meter: meter.code)),
    )


def _smallest_first(plan: Plan) -> tuple[list[tuple[str, Decimal]], str]:
    return sorted(plan.attributes.items())[::-1], plan.code
