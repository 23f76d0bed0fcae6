"""The queries of published prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import RowMapping, Select, insert, or_, select, update

from foundation.store import Transaction
from foundation.values.instant import Interval
from governance.catalogue.model import PriceUnit, PriceVersion
from governance.catalogue.places import places_of
from governance.catalogue.resolving import FAR, resolve_prices
from governance.catalogue.tables import price_version_table

_version = price_version_table.c
_IN_ORDER = (_version.service, _version.meter, _version.starts_at, _version.place)


def prices(transaction: Transaction, interval: Interval) -> Sequence[PriceVersion]:
    """Every layer's published versions in force at some instant of ``interval``, by service, meter and start.

    Versions of different layers overlap: what one agency is charged by is ``prices_for``.
    """
    query = (
        select(price_version_table)
        .where(_version.starts_at < interval.end, or_(_version.ends_at.is_(None), _version.ends_at > interval.start))
        .order_by(*_IN_ORDER)
    )
    return _read(transaction, query)


def prices_for(transaction: Transaction, party: str, interval: Interval) -> Sequence[PriceVersion]:
    """The versions that hold for one party at some instant of ``interval``: its place's own, else the base's.

    Cut so that none overlaps another; each says the layer it came from.
    """
    resolved = resolve_prices(prices(transaction, interval), places_of(transaction, party))
    return [each for each in resolved if Interval(each.start, each.end or FAR).meet(interval) is not None]


def versions_of_list(transaction: Transaction, list_id: str) -> tuple[PriceVersion, ...]:
    """What a list's publication made, as it stands now."""
    return tuple(_read(transaction, select(price_version_table).where(_version.list == list_id).order_by(*_IN_ORDER)))


def versions_of_meter(
    transaction: Transaction, service: str, meter: str, place: str | None = None
) -> Sequence[PriceVersion]:
    """Every published version of one meter in one layer, or in all, by start."""
    query = select(price_version_table).where(_version.service == service, _version.meter == meter)
    if place is not None:
        query = query.where(_version.place == place)
    return _read(transaction, query.order_by(*_IN_ORDER))


def list_of_version(transaction: Transaction, version: str) -> str | None:
    """The list a version was published with; None where there is no such version."""
    found = transaction.value(select(_version.list).where(_version.id == version))
    return None if found is None else str(found)


def add_version(transaction: Transaction, version: PriceVersion, list_id: str) -> None:
    """Write one version."""
    row = asdict(version)
    starts_at, ends_at = row.pop("start"), row.pop("end")
    row |= {"list": list_id, "unit": version.unit.value, "starts_at": starts_at, "ends_at": ends_at}
    transaction.write(insert(price_version_table).values(**row))


def end_version(transaction: Transaction, ended: PriceVersion) -> None:
    """Write the version's ``end``, the one thing about a published price that may still be said."""
    query = update(price_version_table).where(_version.id == ended.id).values(ends_at=ended.end)
    transaction.write(query)


def _read(transaction: Transaction, query: Select[tuple[object, ...]]) -> Sequence[PriceVersion]:
    return [_price_version(row) for row in transaction.rows(query)]


def _price_version(row: RowMapping) -> PriceVersion:
    return PriceVersion(
        id=row["id"],
        service=row["service"],
        meter=row["meter"],
        unit=PriceUnit(row["unit"]),
        price=row["price"],
        start=row["starts_at"],
        end=row["ends_at"],
        includes_vat=row["includes_vat"],
        vat_rate=row["vat_rate"],
        cites=row["cites"],
        place=row["place"],
    )
