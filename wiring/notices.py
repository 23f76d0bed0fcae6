"""Who is told what: by files in the home folder, unless ``notices.yaml`` there says otherwise (``notice_channels``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foundation.store import Transaction
from foundation.work import Event
from foundation.work.notices import FileNotifier, Notice, Notifier, notice_id, notice_subscriber, send
from foundation.work.outbox import Listener, Subscriber
from governance.calendar import MISSING
from governance.tasks import OPENED, RETURNED
from infra.topics import DRIFT_FOUND, DRIFT_UNSEEN, FLEET_STOPPED
from wiring.topics import AUDIT_BROKEN

if TYPE_CHECKING:
    from wiring.application import Application

HOUSE = "operator"
"""Who is told where nobody is named."""


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient on one channel, and what carries notices there; ``party``: whose tasks only, empty for all."""

    to: str
    notifier: Notifier
    party: str = ""


def recipients(application: Application) -> Sequence[Told]:
    """Everybody who is told. Raises ``NoticesInvalid``, ``SecretUnusable``."""
    home = application.settings.home
    path = home / "notices.yaml"
    if not path.exists():
        return (Told(HOUSE, FileNotifier(home / "notices")),)
    from wiring.notice_channels import read_recipients

    return read_recipients(path, application.office.clocks.real)


def notice_listeners(application: Application) -> Sequence[Listener]:
    """The subscriber that makes the notices, and one for each channel that carries them."""
    told = recipients(application)
    clock = application.office.clocks.real
    channels = tuple((each.to, each.notifier.channel, each.party) for each in told)

    def make(transaction: Transaction, event: Event) -> None:
        subject, zh, en = _WORDS[event.topic](event)
        for to, channel, party in channels:
            if party and not (event.topic in _OF_A_PARTY and event.payload["party"] == party):
                continue
            id_ = notice_id(event.id, event.topic, to, channel)
            send(transaction, Notice(id_, to, subject, zh, en, event.id, event.topic), channel=channel, clock=clock)

    return (
        Subscriber(name="notices", topics=tuple(_WORDS), handle=make, alone=False),
        *(notice_subscriber(each.notifier) for each in told),
    )


def _of_run(event: Event) -> tuple[str, str, str]:
    facts = event.payload
    failed = event.topic == "work.failed"
    how_zh, how_en = ("失败", "failed") if failed else ("待人工处理", "waits for a person")
    what = f"{facts['kind']} {facts['subject']}".strip()
    return (
        f"{event.subject} {how_en}",
        f"任务 {what} {how_zh}:{facts['because']}。guanyun work show {event.subject.removeprefix('run:')}",
        f"{what} {how_en}: {facts['because']}. guanyun work show {event.subject.removeprefix('run:')}",
    )


def _of_calendar(event: Event) -> tuple[str, str, str]:
    return f"{event.subject} is not loaded", str(event.payload["zh"]), str(event.payload["en"])


def _of_audit(event: Event) -> tuple[str, str, str]:
    number, zh, en = (event.payload[name] for name in ("number", "zh", "en"))
    return (
        "the audit log does not hold",
        f"审计日志第 {number} 条:{zh}。guanyun audit verify",
        f"audit entry {number}: {en}. guanyun audit verify",
    )


def _of_fleet(event: Event) -> tuple[str, str, str]:
    operation, members = event.payload["operation"], event.payload["members"]
    failed, parked = (members.get(state, 0) for state in ("failed", "parked"))
    show = f"guanyun fleet show {operation}"
    return (
        f"fleet operation {operation} stopped",
        f"批量操作 {operation} 已停止:失败 {failed} 个环境,待人工 {parked} 个,不再开始其他环境。{show}",
        f"fleet operation {operation} stopped: {failed} failed, {parked} waiting for a person, nothing more is begun."
        f" {show}",
    )


def _of_drift(event: Event) -> tuple[str, str, str]:
    facts = event.payload
    environment, show = facts["environment"], f"guanyun drift list --environment {facts['environment']}"
    return (
        f"drift in environment {environment}",
        f"环境 {environment} 发现 {facts['fresh']} 项新漂移:被修改 {facts['changed']},被删除 {facts['deleted']},"
        f"孤立资源 {facts['orphan']}。{show}",
        f"environment {environment}: {facts['fresh']} new findings of drift, {facts['changed']} changed,"
        f" {facts['deleted']} deleted, {facts['orphan']} orphans. {show}",
    )


def _of_unseen(event: Event) -> tuple[str, str, str]:
    environment, zh, en = (event.payload[name] for name in ("environment", "zh", "en"))
    return (
        "drift could not be looked for",
        f"环境 {environment} 未能查看漂移:{zh}。同因的其他环境见 guanyun drift looks --unseen",
        f"environment {environment} could not be looked at: {en}; for others see guanyun drift looks --unseen",
    )


def _of_task(event: Event) -> tuple[str, str, str]:
    facts = event.payload
    due_zh, due_en = ("", "") if facts["due"] is None else (f",期限 {facts['due']}", f", due {facts['due']}")
    show = f"guanyun task show {facts['number']}"
    return (
        f"{facts['kind']} waits for {facts['party']}",
        f"待办 {facts['number']}({facts['party']}/{facts['duty']}):{facts['zh']}{due_zh}。{show}",
        f"task {facts['number']} ({facts['party']}/{facts['duty']}): {facts['en']}{due_en}. {show}",
    )


_OF_A_PARTY = frozenset({OPENED, RETURNED, DRIFT_FOUND})
"""Whose payload names the party that is told, besides the house."""
_WORDS: dict[str, Callable[[Event], tuple[str, str, str]]] = {
    "work.failed": _of_run,
    "work.parked": _of_run,
    MISSING: _of_calendar,
    AUDIT_BROKEN: _of_audit,
    FLEET_STOPPED: _of_fleet,
    DRIFT_FOUND: _of_drift,
    DRIFT_UNSEEN: _of_unseen,
    OPENED: _of_task,
    RETURNED: _of_task,
}
