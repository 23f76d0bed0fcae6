"""Sealing: the minutes of a day become a tree whose root is signed and handed out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date

from sqlalchemy import insert

from foundation.evidence import Signer, agency_proof, build_tree, plain, series_leaf, sign
from foundation.values.month import Month, day_interval
from governance.audit import HANDED_OUT, AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from governance.sla import sli_rows
from monitoring.errors import NoMinutes
from monitoring.sli.model import SealedDay, SliDay
from monitoring.sli.tables import agency_table, close_table, leaf_table, leaves_of, month_minutes, sealed_days

Leaves = Mapping[str, Mapping[str, str]]
"""Agency → service → leaf hash."""


def seal_days(
    office: Office, token: str, month: Month, *, signer: Signer, salt: Callable[[], str]
) -> tuple[SealedDay, ...]:
    """Seal every day of the month that is over; returns the newest seal of each.

    A day whose minutes its newest seal covers is left as it is; more minutes give the next version. ``salt`` makes 64
    random hexadecimal digits, one for each agency and day. Raises ``NoMinutes``, ``Refused``.
    """
    subject = f"sli:{month}"
    with acting(office, token, Act.DAY_CLOSE, subject) as mandate:
        recorded = month_minutes(mandate.transaction, machine_scope(), month)
        if not recorded:
            raise NoMinutes(month=month)
        standing = {sealed.day: sealed for sealed in sealed_days(mandate.transaction, month)}
        for day, leaves in sorted(day_leaves(recorded).items()):
            before = standing.get(day)
            if day_interval(day).end > mandate.now:
                continue
            if before is None or leaves_of(mandate.transaction, machine_scope(), before) != leaves:
                version = 1 if before is None else before.version + 1
                standing[day] = _seal(mandate, day, version, leaves, signer=signer, salt=salt)
        return tuple(standing[day] for day in sorted(standing))


def day_leaves(recorded: Iterable[SliDay]) -> dict[date, Leaves]:
    """The leaf hashes of every day."""
    leaves: defaultdict[date, defaultdict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for each in recorded:
        leaves[each.day][each.agency][each.service] = series_leaf(each.service, sli_rows(each.day, each.states))
    return {day: dict(agencies) for day, agencies in leaves.items()}


def _seal(
    mandate: Mandate, day: date, version: int, leaves: Leaves, *, signer: Signer, salt: Callable[[], str]
) -> SealedDay:
    tree = build_tree(leaves, {agency: salt() for agency in sorted(leaves)})
    body = {"kind": "sli", "day": day.isoformat(), "version": version, "root": tree.root}
    sealed = SealedDay(day, version, tree.root, sign(body, signer))
    key = {"day": day.isoformat(), "version": version}
    document = plain(asdict(sealed.signed))
    mandate.transaction.write(
        insert(close_table).values(**key, root=tree.root, signed=document, closed_at=mandate.recorded_at)
    )
    for agency in sorted(leaves):
        proof = plain(agency_proof(tree, agency))
        row = {**key, "agency": agency, "salt": tree.salts[agency], "proof": proof}
        mandate.transaction.write(agency_table.insert(), [row])
        rows = [{**key, "agency": agency, "service": code, "leaf": leaf} for code, leaf in leaves[agency].items()]
        mandate.transaction.write(leaf_table.insert(), rows)
    subject = f"sli:{day.isoformat()}"
    mandate.decide(subject, digest=tree.root)
    mandate.audit(AuditEvent.DAY_CLOSED, subject, {"version": version, "root": tree.root})
    mandate.announce(HANDED_OUT, subject, {"name": sealed.name, "signed": document})
    return sealed
