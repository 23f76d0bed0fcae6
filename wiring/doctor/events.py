"""Events, due work, the calendar."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func

from foundation.store import Transaction
from foundation.values.findings import Finding
from foundation.values.month import shanghai_day
from foundation.work.due.tables import due_rules, rule_table
from foundation.work.outbox import dead_letters, lag, stuck
from governance.authority import machine_scope
from governance.calendar import calendar_at, missing_finding, missing_warning
from wiring.doctor.model import Patient, error, note, warning
from wiring.health import LAGGING, LATE
from wiring.subscriptions import subscribers

_MOST_NAMED = 5


def outbox(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """Every event arrives, and soon."""
    assert patient.application is not None  # noqa: S101 - whoever reads rows has opened them
    listeners = subscribers(patient.application)
    letters = dead_letters(transaction)
    for letter in letters[:_MOST_NAMED]:
        place = f"event:{letter.event.number}"
        zh = (
            f"事件 {letter.event.number}({letter.event.topic})无法送达 {letter.subscriber}:{letter.zh};"
            f"其后还有 {letter.behind} 个在等。guanyun outbox replay 或 drop"
        )
        en = (
            f"event {letter.event.number} ({letter.event.topic}) cannot be delivered to {letter.subscriber}: "
            f"{letter.en}; {letter.behind} wait behind it. guanyun outbox replay, or drop"
        )
        yield error("dead-letter", place, zh, en, found=letter.code)
    if len(letters) > _MOST_NAMED:
        zh, en = (
            f"死信共 {len(letters)} 个:guanyun outbox dead",
            f"{len(letters)} dead letters in all: guanyun outbox dead",
        )
        yield error("dead-letter", "outbox", zh, en, found=str(len(letters)))
    for behind in lag(transaction, listeners, patient.now):
        if behind.waiting and behind.oldest is not None and behind.oldest > LAGGING:
            minutes = int(behind.oldest.total_seconds()) // 60
            zh = f"{behind.subscriber} 有 {behind.waiting} 个事件待送达,最久 {minutes} 分钟:看执行进程"
            en = f"{behind.waiting} events wait for {behind.subscriber}, the oldest {minutes} min: look at the worker"
            yield warning("events-waiting", behind.subscriber, zh, en, found=str(behind.waiting))
    trouble = stuck(transaction, listeners)
    if trouble is not None and trouble.retrying:
        zh = f"{trouble.retrying} 个事件送达失败,将自动重试:{trouble.zh}"
        en = f"{trouble.retrying} events failed and are tried again by themselves: {trouble.en}"
        yield note("events-retrying", "outbox", zh, en, found=trouble.code)


def due(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """What is due is done; every rule's run can be asked for."""
    scope = machine_scope()
    late = due_rules.select(scope, rule_table.c.kind, func.count().label("many"), func.min(rule_table.c.next_at))
    late = late.where(rule_table.c.next_at <= patient.now - LATE).group_by(rule_table.c.kind)
    for row in transaction.rows(late.order_by(rule_table.c.kind)):
        kind, many = row["kind"], row["many"]
        zh = f"{many} 条 {kind} 的定时规则已过时未办:看执行进程,guanyun due ls"
        en = f"{many} rules of {kind} are late: look at the worker, guanyun due ls"
        yield error("due-late", kind, zh, en, found=str(many))
    troubled = due_rules.select(scope).where(rule_table.c.trouble != "", rule_table.c.active.is_(True))
    for row in transaction.rows(troubled.order_by(rule_table.c.name).limit(_MOST_NAMED)):
        zh = f"规则 {row['name']} 的任务无法排队:{row['trouble_zh']}"
        en = f"the run of rule {row['name']} cannot be queued: {row['trouble_en']}"
        yield error("due-set-aside", row["name"], zh, en, found=row["trouble"])
    awaiting = due_rules.select(scope, rule_table.c.awaiting_year, func.count().label("many"))
    awaiting = awaiting.where(rule_table.c.awaiting_year.is_not(None)).group_by(rule_table.c.awaiting_year)
    for row in transaction.rows(awaiting.order_by(rule_table.c.awaiting_year)):
        year, many = row["awaiting_year"], row["many"]
        zh = f"{many} 个期限在等 {year} 年日历:guanyun calendar load 文件"
        en = f"{many} deadlines await the calendar of {year}: guanyun calendar load FILE"
        yield note("due-awaiting", f"calendar:{year}", zh, en, found=str(many))


def calendar(patient: Patient, transaction: Transaction) -> Iterator[Finding]:
    """Next year's calendar is loaded by November."""
    year = missing_warning(shanghai_day(patient.now), calendar_at(transaction))
    if year is not None:
        yield missing_finding(year)
