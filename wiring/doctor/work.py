"""Workers, leases, runs, paused kinds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from foundation.store import Transaction
from foundation.values.findings import Finding
from foundation.values.instant import format_instant
from foundation.work import died, in_words
from foundation.work.leases import lease_table
from foundation.work.runs import RunState, find_runs, paused_kinds, workers
from foundation.work.runs.tables import IS_OPEN, IS_WAITING, run_table, runs
from governance.authority import machine_scope
from wiring.doctor.model import Patient, error, note, warning
from wiring.health import open_runs

_RECENTLY = timedelta(days=1)
_TOO_LONG = timedelta(hours=1)
_WITHOUT_A_STEP = timedelta(hours=6)
_NEWEST = 5_000
"""Failures are looked for among so many of the newest runs: enough for a day, and no million rows are read."""
_MOST_NAMED = 5


def workers_alive(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """Somebody works, or there is nothing to do."""
    if any(row.alive and not died(row.holder) for row in workers(transaction, clock=lambda: patient.now)):
        return
    waiting = open_runs(transaction, machine_scope()).get(RunState.QUEUED, 0)
    if waiting:
        zh, en = (
            f"没有执行进程,{waiting} 个任务在等待:guanyun up",
            f"no worker runs and {waiting} runs wait: guanyun up",
        )
        yield error("no-worker", "worker", zh, en)
    else:
        zh = "没有执行进程:定时工作和事件不会自动进行,请运行 guanyun up"
        en = "no worker runs: due work and events do not go on by themselves, run guanyun up"
        yield warning("no-worker", "worker", zh, en)


def leases(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """No lease is held by a process that is gone, and none ends impossibly late."""
    held = select(lease_table).where(lease_table.c.expires_at > patient.now).order_by(lease_table.c.name)
    for row in transaction.rows(held):
        name, until, who = row["name"], format_instant(row["expires_at"]), in_words(row["holder"])
        if died(row["holder"]):
            zh = f"租约 {name} 的持有者 {who} 已不在运行:下一个进程会接手,最迟 {until}"
            en = f"the lease {name} is held by {who}, which is gone: the next process takes it over, by {until}"
            yield warning("lease-of-the-dead", name, zh, en, found=who)
        elif row["expires_at"] > patient.now + _RECENTLY:
            zh = f"租约 {name} 到 {until} 才结束:时钟可能被拨动过,持有者是 {who}"
            en = f"the lease {name} ends only at {until}: the clock may have been moved; held by {who}"
            yield warning("lease-too-long", name, zh, en, found=until)


def stuck_runs(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """Nothing waits for a person, failed of late, waits too long, or stands still."""
    scope = machine_scope()
    many = open_runs(transaction, scope)
    if parked := many.get(RunState.PARKED, 0):
        for run in find_runs(transaction, scope, states={RunState.PARKED}, limit=_MOST_NAMED):
            zh = f"{run.id}({run.kind})停放:{run.reason_zh};guanyun work show {run.id}"
            en = f"{run.id} ({run.kind}) is parked: {run.reason_en}; guanyun work show {run.id}"
            yield error("run-parked", run.id, zh, en, found=run.reason)
        if parked > _MOST_NAMED:
            zh, en = f"停放的任务共 {parked} 个:guanyun work ls --state parked", f"{parked} parked runs in all"
            yield error("run-parked", "runs", zh, en, found=str(parked))
    if paused := many.get(RunState.PAUSED, 0):
        zh, en = f"{paused} 个任务已暂停:guanyun work ls --state paused", f"{paused} runs are paused"
        yield note("run-paused", "runs", zh, en, found=str(paused))
    yield from _failed(patient, transaction)
    yield from _waiting(patient, transaction)


def _failed(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    newest = transaction.value(runs.select(machine_scope(), func.max(run_table.c.number))) or 0
    query = runs.select(machine_scope(), run_table.c.kind, func.count().label("many")).where(
        run_table.c.number > newest - _NEWEST,
        run_table.c.state == RunState.FAILED.value,
        run_table.c.ended_at > patient.now - _RECENTLY,
    )
    for row in transaction.rows(query.group_by(run_table.c.kind).order_by(run_table.c.kind)):
        kind, many = row["kind"], row["many"]
        zh = f"一天内有 {many} 个 {kind} 失败:guanyun work ls --state failed --kind {kind}"
        en = f"{many} runs of {kind} failed within a day: guanyun work ls --state failed --kind {kind}"
        yield warning("run-failed", kind, zh, en, found=str(many))


def _waiting(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """By the oldest of each state: a queue that is long but moves is no trouble."""
    scope = machine_scope()
    due, touched = run_table.c.not_before, run_table.c.updated_at
    queued = runs.select(scope, run_table.c.kind, func.min(due).label("since"), func.count().label("many"))
    queued = queued.where(IS_WAITING, due <= patient.now - _TOO_LONG)
    for row in transaction.rows(queued.group_by(run_table.c.kind).order_by(run_table.c.kind)):
        since = format_instant(row["since"].replace(microsecond=0))
        zh = f"{row['many']} 个 {row['kind']} 等了一小时以上,最早从 {since}:看执行进程与并发上限"
        en = f"{row['many']} runs of {row['kind']} have waited over an hour, since {since}: look at worker and limits"
        yield warning("run-waiting", row["kind"], zh, en, found=since)
    running = runs.select(scope, run_table.c.id, run_table.c.kind, touched).where(
        IS_OPEN, run_table.c.state == RunState.RUNNING.value, touched <= patient.now - _WITHOUT_A_STEP
    )
    for row in transaction.rows(running.order_by(run_table.c.number).limit(_MOST_NAMED)):
        since = format_instant(row["updated_at"].replace(microsecond=0))
        zh = f"{row['id']}({row['kind']})自 {since} 没有进展:guanyun work show {row['id']}"
        en = f"{row['id']} ({row['kind']}) has made no step since {since}: guanyun work show {row['id']}"
        yield warning("run-still", row["id"], zh, en, found=since)


def paused(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """No kind of work was paused and forgotten."""
    for kind, row in sorted(paused_kinds(transaction).items()):
        since = format_instant(row["paused_at"].replace(microsecond=0))
        zh = f"{kind} 自 {since} 由 {row['account']} 暂停({row['reason']}):guanyun work resume --kind {kind}"
        en = f"{kind} is paused since {since} by {row['account']} ({row['reason']}): guanyun work resume --kind {kind}"
        yield warning("kind-paused", kind, zh, en, found=since)
