"""The list of checks, and going through it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from foundation.values.errors import GuanyunError
from foundation.values.findings import Finding
from wiring.application import Application, open_unchecked
from wiring.doctor import events, files, glass, machine, records, work
from wiring.doctor.model import Check, Checked, Patient, error, note
from wiring.health import Reason, not_ready, reason_of

if TYPE_CHECKING:
    from wiring.settings import Settings

CHECKS: tuple[Check, ...] = (
    Check("home", "主目录", "home folder", look=files.home),
    Check("disk", "磁盘空间", "disk space", look=files.disk),
    Check("keys", "密钥", "keys", look=files.keys),
    Check("database", "数据库", "database", look=records.database),
    Check("database-files", "数据库文件", "database files", look_at_rows=records.sqlite_files),
    Check("row-security", "行级安全", "row-level security", look_at_rows=records.row_security),
    Check("clock", "时钟", "clock", look_at_rows=records.clock),
    Check("processes", "本机进程", "this machine's processes", look=machine.processes),
    Check("workers", "执行进程", "workers", look_at_rows=work.workers_alive),
    Check("leases", "租约", "leases", look_at_rows=work.leases),
    Check("runs", "任务", "runs", look_at_rows=work.stuck_runs),
    Check("kinds", "任务种类", "kinds of work", look_at_rows=work.paused),
    Check("outbox", "事件", "events", look_at_rows=events.outbox),
    Check("due", "定时工作", "due work", look_at_rows=events.due),
    Check("break-glass", "应急授权", "break-glass", look_at_rows=glass.unreviewed_grants),
    Check("calendar", "工作日历", "working calendar", look_at_rows=events.calendar),
    Check("sandbox", "沙箱云", "sandbox", look=machine.sandbox),
    Check("pulumi", "Pulumi 命令行", "Pulumi CLI", look=machine.pulumi),
    Check("fonts", "PDF 字体", "PDF fonts", look=machine.fonts),
    Check("packages", "Python 软件包", "Python packages", look=machine.packages),
)
"""In the order a person reads them: what the others stand on comes first."""


def examine(settings: Settings, *, now: datetime, checks: Sequence[Check] | None = None) -> list[Checked]:
    """Go through every check, or ``checks`` alone; nothing is raised but what ends the process."""
    application, away = _opened(settings)
    patient = Patient(settings, application, away, now)
    try:
        return [_checked(check, patient) for check in (CHECKS if checks is None else checks)]
    finally:
        if application is not None:
            application.store.close()


def _opened(settings: Settings) -> tuple[Application | None, Reason | None]:
    try:
        application = open_unchecked(settings)
    except GuanyunError as refused:
        return None, reason_of(refused)
    reasons = not_ready(application)
    return application, reasons[0] if reasons else None


def _checked(check: Check, patient: Patient) -> Checked:
    if check.look_at_rows is not None and (patient.application is None or patient.away is not None):
        zh, en = "数据库不可用,无法检查", "not checked: the database is away"
        return Checked(check.name, check.zh, check.en, (note("not-checked", check.name, zh, en),), skipped=True)
    try:
        found = tuple(_look(check, patient))
    except Exception as failed:
        found = (_of_failure(check, failed),)
    return Checked(check.name, check.zh, check.en, found)


def _look(check: Check, patient: Patient) -> Iterator[Finding]:
    if check.look is not None:
        yield from check.look(patient)
    if check.look_at_rows is not None and patient.application is not None:
        with patient.application.store.reading() as transaction:
            yield from check.look_at_rows(patient, transaction)


def _of_failure(check: Check, failed: Exception) -> Finding:
    """A check that could not look says so by the error's own words, or its kind where it has none for people."""
    if isinstance(failed, GuanyunError):
        return error(failed.code, check.name, failed.text("zh"), failed.text("en"))
    kind = type(failed).__name__
    reason = failed.strerror if isinstance(failed, OSError) and failed.strerror else ""
    return error(
        "check-failed",
        check.name,
        f"检查本身出错({kind} {reason}".rstrip() + "),其余检查照常",
        f"the check itself failed ({kind} {reason}".rstrip() + "); the others were made",
    )
