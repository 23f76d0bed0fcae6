"""Who is told what, and by which channel: files in the home folder, unless ``notices.yaml`` there says otherwise.

tell:
  - channel: mail
    to: duty@example.gov.cn
    host: mail.example.gov.cn
    port: 587
    sender: guanyun@example.gov.cn
    security: starttls            # or tls, none
    credentials: mail.json        # {"user": …, "password": …}, mode 0600, beside this file
  - channel: webhook
    to: duty-room
    url_file: webhook.url         # mode 0600: an address may hold a secret
    key_file: webhook.key         # mode 0600: the key both sides keep
  - channel: mail
    to: office@hrss.example.gov.cn
    party: hrss                   # what waits for this party, and nothing else
    host: mail.example.gov.cn
    sender: guanyun@example.gov.cn

Without ``party`` a recipient is one of the house's own: told of what fails, and of what waits for whomever.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from foundation.store import Transaction
from foundation.values.instant import Clock
from foundation.work import Event
from foundation.work.notices import (
    FileNotifier,
    MailNotifier,
    MailSettings,
    Notice,
    Notifier,
    Security,
    SharedKey,
    WebhookNotifier,
    WebhookSettings,
    notice_id,
    notice_subscriber,
    read_secret,
    send,
)
from foundation.work.outbox import Listener, Subscriber
from governance.calendar import MISSING
from governance.tasks import OPENED, RETURNED
from governance.yaml_documents import Form, Problems, Text, read_form
from infra.topics import FLEET_STOPPED
from wiring.errors import NoticesInvalid
from wiring.kinds import AUDIT_BROKEN

if TYPE_CHECKING:
    from wiring.application import Application

_FILE_READER = "operator"


class _File(Form):
    channel: Literal["file"]
    to: Text = _FILE_READER
    party: str = ""


class _Mail(Form):
    channel: Literal["mail"]
    to: Text
    party: str = ""
    host: Text
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: Text
    security: Security = Security.STARTTLS
    credentials: Path | None = None
    authorities: Path | None = None


class _Webhook(Form):
    channel: Literal["webhook"]
    to: Text
    party: str = ""
    url_file: Path
    key_file: Path
    authorities: Path | None = None


class _Document(Form):
    tell: Annotated[list[Annotated[_File | _Mail | _Webhook, Field(discriminator="channel")]], Field(min_length=1)]


def _check(document: _Document, problems: Problems) -> None:
    seen: set[tuple[str, str]] = set()
    for number, form in enumerate(document.tell):
        if (form.channel, form.to) in seen:
            problems.add(
                ("tell", number, "to"),
                found=form.to,
                expected="each recipient once on a channel",
                zh=f"{form.channel} {form.to} 已列出",
                en=f"{form.channel} {form.to} is listed already",
                code="repeated",
            )
        seen.add((form.channel, form.to))


@dataclass(frozen=True, slots=True)
class Told:
    """One recipient on one channel, and what carries notices there; ``party``: whose tasks only, empty for all."""

    to: str
    notifier: Notifier
    party: str = ""


def recipients(application: Application) -> Sequence[Told]:
    """Everybody who is told. Raises ``NoticesInvalid``, ``SecretUnusable``."""
    home, clock = application.settings.home, application.office.clocks.real
    path = home / "notices.yaml"
    if not path.exists():
        return (Told(_FILE_READER, FileNotifier(home / "notices")),)
    document, findings = read_form(path, _Document, _check)
    if document is None:
        raise NoticesInvalid(file=path.name, count=len(findings), findings=findings)
    told = []
    for number, form in enumerate(document.tell, start=1):
        channel = form.channel if number == 1 else f"{form.channel}-{number}"
        told.append(Told(form.to, _notifier(form, channel, home, clock), form.party))
    return tuple(told)


def notice_listeners(application: Application) -> Sequence[Listener]:
    """The subscriber that makes the notices, and one for each channel that carries them."""
    told = recipients(application)
    clock = application.office.clocks.real
    channels = tuple((each.to, each.notifier.channel, each.party) for each in told)

    def make(transaction: Transaction, event: Event) -> None:
        subject, zh, en = _WORDS[event.topic](event)
        for to, channel, party in channels:
            if party and not (event.topic in _TASKS and event.payload["party"] == party):
                continue
            id_ = notice_id(event.id, event.topic, to, channel)
            send(transaction, Notice(id_, to, subject, zh, en, event.id, event.topic), channel=channel, clock=clock)

    return (
        Subscriber(name="notices", topics=tuple(_WORDS), handle=make, alone=False),
        *(notice_subscriber(each.notifier) for each in told),
    )


def _notifier(form: _File | _Mail | _Webhook, channel: str, home: Path, clock: Clock) -> Notifier:
    match form:
        case _Mail():
            settings = MailSettings(
                host=form.host,
                port=form.port,
                sender=form.sender,
                security=form.security,
                credentials=_beside(home, form.credentials),
                authorities=_beside(home, form.authorities),
            )
            return MailNotifier(settings, clock, channel)
        case _Webhook():
            url = read_secret(home / form.url_file).decode("utf-8", errors="replace")
            key = SharedKey(read_secret(home / form.key_file))
            address = WebhookSettings(url, authorities=_beside(home, form.authorities))
            return WebhookNotifier(address, key.sign, clock, channel=channel)
        case _File():
            return FileNotifier(home / "notices", channel)


def _beside(home: Path, path: Path | None) -> Path | None:
    return None if path is None else home / path


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
    failed, show = members.get("failed", 0), f"guanyun fleet show {operation}"
    return (
        f"fleet operation {operation} stopped",
        f"批量操作 {operation} 已停止,{failed} 个环境失败,其余未开始。{show}",
        f"fleet operation {operation} stopped: {failed} environments failed, nothing more is begun. {show}",
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


_TASKS = frozenset({OPENED, RETURNED})
_WORDS: dict[str, Callable[[Event], tuple[str, str, str]]] = {
    "work.failed": _of_run,
    "work.parked": _of_run,
    MISSING: _of_calendar,
    AUDIT_BROKEN: _of_audit,
    FLEET_STOPPED: _of_fleet,
    OPENED: _of_task,
    RETURNED: _of_task,
}
