"""Day close 日结: one file, one signed root and one audit entry for each version of a Shanghai day.

A day whose content did not change is left as it is; one that did is closed again as the next version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import pyarrow as pa
from sqlalchemy import insert, update

from billing.usage.files import UsageStore
from billing.usage.preparation import Prepared, prepared
from billing.usage.records import content_digest, instant_of
from billing.usage.series import day_tree, root_body, root_name, table_leaves
from billing.usage.tables import (
    BatchRow,
    DayRow,
    batches_in,
    day_agency_table,
    day_leaf_table,
    day_table,
    latest_days,
    quarantine_table,
    salts_of,
)
from foundation.evidence import Signer, build_tree, canonical_bytes, sha256_hex, sign
from foundation.store import Transaction
from foundation.values.instant import Interval
from foundation.values.month import Month, day_interval
from governance.audit import HANDED_OUT, AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.catalogue import prices


@dataclass(frozen=True, slots=True)
class Closed:
    """What a close did: the days it wrote (with their new version), those that stood, records set aside in them."""

    written: tuple[tuple[date, int], ...]
    standing: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class Window:
    """What the days of one month are closed from. The fingerprint says whether a close would see anything new."""

    batches: tuple[BatchRow, ...]
    prices_change: tuple[datetime, ...]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the batches in force and the price boundaries."""
        batches = [[batch.source, batch.period, batch.sha256] for batch in self.batches]
        return sha256_hex(canonical_bytes({"batches": batches, "boundaries": list(self.prices_change)}))


def window_of(transaction: Transaction, month: Month) -> Window:
    """The batches that touch the month or the day on either side, and every price boundary inside their records."""
    margin = timedelta(days=1)
    batches = batches_in(transaction, Interval(month.interval.start - margin, month.interval.end + margin))
    first = min([month.interval.start, *(batch.first for batch in batches)])
    last = max([month.interval.end, *(batch.last for batch in batches)])
    changes = {instant for version in prices(transaction, Interval(first, last)) for instant in _ends(version)}
    return Window(tuple(batches), tuple(sorted(instant for instant in changes if first < instant < last)))


def close_day(
    office: Office, token: str, day: date, *, store: UsageStore, signer: Signer, salt: Callable[[], str]
) -> Closed:
    """Close one Shanghai day; see ``close_days``."""
    return close_days(office, token, [day], store=store, signer=signer, salt=salt)


def close_month(
    office: Office, token: str, month: Month, *, store: UsageStore, signer: Signer, salt: Callable[[], str]
) -> Closed:
    """Close every day of a month that is over by the business clock; see ``close_days``."""
    return close_days(office, token, month.days(), store=store, signer=signer, salt=salt)


def close_days(
    office: Office, token: str, days: Iterable[date], *, store: UsageStore, signer: Signer, salt: Callable[[], str]
) -> Closed:
    """Close days, each in a transaction of its own; a day that has not ended yet by the business clock is left open.

    A kill anywhere leaves days that are closed whole or not at all; run again to go on. ``signer`` holds
    ``operator.evidence``; ``salt`` makes 64 hexadecimal digits nobody can guess, one for each agency and day. Each
    new root goes out as event ``root.signed``. Records set aside are counted only for the days written.
    """
    written: list[tuple[date, int]] = []
    standing = set_aside = 0
    for month_first, some_days in groupby(sorted(set(days)), key=lambda day: day.replace(day=1)):
        month = Month(month_first.year, month_first.month)
        waiting = list(some_days)
        with acting(office, token, Act.DAY_CLOSE, f"usage-month:{month}") as mandate:
            waiting = [day for day in waiting if day_interval(day).end <= mandate.now]
        while waiting:
            with office.store.reading() as transaction:
                window = window_of(transaction, month)
                right = {day.day for day in latest_days(transaction, month) if day.inputs == window.fingerprint}
            standing += len(right.intersection(waiting))
            waiting = [day for day in waiting if day not in right]
            if not waiting:
                break
            files = [store.checked(batch.file, batch.file_sha256) for batch in window.batches]
            with prepared(files, window.prices_change) as ready:
                while waiting:
                    close = _Close(store, signer, salt, ready, window.fingerprint)
                    with acting(office, token, Act.DAY_CLOSE, f"usage-day:{waiting[0]}") as mandate:
                        if window_of(mandate.transaction, month).fingerprint != window.fingerprint:
                            break  # a batch or a price came in meanwhile: prepare anew
                        version, aside = close.day(mandate, waiting[0])
                    day = waiting.pop(0)
                    set_aside += aside
                    if version is None:
                        standing += 1
                    else:
                        written.append((day, version))
    return Closed(tuple(written), standing, set_aside)


@dataclass(frozen=True, slots=True)
class _Close:
    """The close of days that one preparation serves."""

    store: UsageStore
    signer: Signer
    salt: Callable[[], str]
    ready: Prepared
    inputs: str

    def day(self, mandate: Mandate, day: date) -> tuple[int | None, int]:
        """Close one day: (the new version, or None where nothing changed; how many records are set aside)."""
        month, transaction = Month(day.year, day.month), mandate.transaction
        table, aside = self.ready.day(day), self.ready.set_aside(day)
        leaves = table_leaves(table)
        latest = next((row for row in latest_days(transaction, month) if row.day == day), None)
        if latest is not None and self._unchanged(transaction, latest, leaves, aside):
            transaction.write(
                update(day_table)
                .where(day_table.c.day == day.isoformat(), day_table.c.version == latest.version)
                .values(inputs=self.inputs)
            )
            return None, 0
        version = 1 if latest is None else latest.version + 1
        self._write(mandate, day, version, table, leaves)
        _quarantine(mandate, day, version, aside)
        return version, aside.num_rows

    def _unchanged(
        self, transaction: Transaction, latest: DayRow, leaves: Mapping[str, Mapping[str, str]], aside: pa.Table
    ) -> bool:
        salts = salts_of(transaction, machine_scope(), latest.day, latest.version)
        if set(salts) != set(leaves) or build_tree(leaves, salts).root != latest.root:
            return False
        query = quarantine_table.select(machine_scope(), quarantine_table.c.content).where(
            quarantine_table.c.day == latest.day.isoformat(), quarantine_table.c.version == latest.version
        )
        return {row["content"] for row in transaction.rows(query)} == {row["content"] for row in _aside_rows(aside)}

    def _write(
        self, mandate: Mandate, day: date, version: int, table: pa.Table, leaves: Mapping[str, Mapping[str, str]]
    ) -> None:
        tree = day_tree(leaves, self.salt)
        signed = sign(root_body(day, version, tree.root), self.signer)
        path = self.store.day_path(day.isoformat(), version)
        place = {"day": day.isoformat(), "version": version}
        mandate.transaction.write(
            insert(day_table).values(
                **place,
                root=tree.root,
                rows=table.num_rows,
                file=path,
                file_sha256=self.store.write(path, table),
                inputs=self.inputs,
                signed=asdict(signed),
                closed_at=mandate.recorded_at,
            )
        )
        mandate.transaction.write(
            day_agency_table.insert(),
            [{**place, "agency": agency, "salt": text} for agency, text in sorted(tree.salts.items())],
        )
        mandate.transaction.write(
            day_leaf_table.insert(),
            [
                {**place, "agency": agency, "label": label, "leaf": leaf}
                for agency, series in sorted(leaves.items())
                for label, leaf in sorted(series.items())
            ],
        )
        mandate.audit(
            AuditEvent.DAY_CLOSED, f"usage-day:{day}", {"version": version, "root": tree.root, "rows": table.num_rows}
        )
        mandate.announce(HANDED_OUT, f"usage-day:{day}", {"name": root_name(day, version), "signed": asdict(signed)})


def stale_days(transaction: Transaction, month: Month) -> Sequence[date]:
    """The days of a month that are not closed, or were closed before a batch or a price that is there now."""
    fingerprint = window_of(transaction, month).fingerprint
    right = {day.day for day in latest_days(transaction, month) if day.inputs == fingerprint}
    return [day for day in month.days() if day not in right]


def _quarantine(mandate: Mandate, day: date, version: int, aside: pa.Table) -> None:
    if aside.num_rows == 0:
        return
    rows = _aside_rows(aside)
    mandate.transaction.write(
        quarantine_table.insert(), [{"day": day.isoformat(), "version": version, **row} for row in rows]
    )
    mandate.audit(AuditEvent.USAGE_QUARANTINED, f"usage-day:{day}", {"version": version, "records": len(rows)})


def _aside_rows(aside: pa.Table) -> list[dict[str, Any]]:
    rows = []
    for index, row in enumerate(aside.to_pylist()):
        start, end = instant_of(row.pop("start_us")), instant_of(row.pop("end_us"))
        rows.append({**row, "start": start, "end": end, "content": content_digest(aside.slice(index, 1))})
    return rows


def _ends(version: Any) -> tuple[datetime, ...]:
    return (version.start,) if version.end is None else (version.start, version.end)
