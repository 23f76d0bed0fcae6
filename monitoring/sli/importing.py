"""Importing a probe log: the signed checks of a month become the states of its minutes, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from foundation.evidence import KeyRing
from foundation.store import AlreadyThere
from foundation.values.findings import Finding, Place, Severity
from foundation.values.month import shanghai_day
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.catalogue import services
from governance.parties import PartyKind, parties
from governance.sla import Check, MinuteCounts, count_minutes, day_states
from monitoring.probes import Manifest, ProbeLog, read_probe_log
from monitoring.sli.model import SliDay
from monitoring.sli.tables import sli_day_table


@dataclass(frozen=True, slots=True)
class ProbeImport:
    """What an import came to; ``new`` is False where the same log was imported before."""

    manifest: Manifest
    days: tuple[SliDay, ...]
    counts: MinuteCounts
    new: bool


def import_probe_log(
    office: Office, token: str, log: Path, ring: KeyRing
) -> tuple[ProbeImport | None, tuple[Finding, ...]]:
    """Import ``log`` and the signature beside it; on any finding nothing is written.

    Every day of the month gets its minutes; those without a check are unknown. Raises evidence's errors or
    ``LogNotSigned`` where the signature does not hold, ``Refused`` where a day stands with other minutes.
    """
    read, findings = read_probe_log(log, ring)
    if read is None:
        return None, findings
    manifest = read.manifest
    subject = f"sli:{manifest.agency}/{manifest.service}/{manifest.month}"
    days = days_of(read)
    with acting(office, token, Act.EVIDENCE_IMPORT, subject) as mandate:
        unknown = _unknown_names(mandate, manifest, log.name)
        if unknown:
            return None, unknown
        new = [day for day in days if _write(mandate, subject, day)]
        if new:
            mandate.decide(subject, digest=manifest.sha256)
            facts = {"sha256": manifest.sha256, "source": manifest.source, "days": len(new)}
            mandate.audit(AuditEvent.EVIDENCE_RECORDED, subject, facts)
        return ProbeImport(manifest, days, count_minutes("".join(day.states for day in days)), bool(new)), ()


def days_of(log: ProbeLog) -> tuple[SliDay, ...]:
    """The minutes of every day of the log's month."""
    manifest = log.manifest
    checks: defaultdict[date, list[Check]] = defaultdict(list)
    for check in log.checks:
        checks[shanghai_day(check.at)].append(check)
    return tuple(
        SliDay(
            manifest.agency,
            manifest.service,
            day,
            day_states(day, checks.get(day, ())),
            manifest.source,
            manifest.sha256,
        )
        for day in manifest.month.days()
    )


def _write(mandate: Mandate, subject: str, day: SliDay) -> bool:
    try:
        row = {**asdict(day), "day": day.day.isoformat()}
        return mandate.transaction.insert_once(sli_day_table, row, what="SLI day")
    except AlreadyThere as standing:
        raise mandate.refuse(
            "sli-written-once",
            subject,
            f"{day.day} 的分钟可用性已经记录,内容不同,不得改写",
            f"the minutes of {day.day} are recorded with another content, and are never rewritten",
        ) from standing


def _unknown_names(mandate: Mandate, manifest: Manifest, file: str) -> tuple[Finding, ...]:
    agencies = {party.id for party in parties(mandate.transaction, PartyKind.AGENCY)}
    codes = {service.code for service in services(mandate.transaction)}
    return tuple(
        Finding(
            code=f"monitoring.probe-log.{field}-unknown",
            severity=Severity.ERROR,
            place=Place(file=file, field=field),
            found=found,
            expected=f"one of {sorted(known)}",
            zh=f"{what}{found} 不存在",
            en=f"there is no {field} {found}",
        )
        for field, found, known, what in (
            ("agency", manifest.agency, agencies, "使用单位 "),
            ("service", manifest.service, codes, "服务 "),
        )
        if found not in known
    )
