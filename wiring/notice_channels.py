"""Who is told, and by which channel, as ``notices.yaml`` of the home folder says:

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
    party: hrss                   # what waits for this party and drift in its environments, and nothing else
    host: mail.example.gov.cn
    sender: guanyun@example.gov.cn

Without ``party`` a recipient is one of the house's own: told of what fails, and of what waits for whomever.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from foundation.values.instant import Clock
from foundation.work.notices import (
    FileNotifier,
    MailNotifier,
    MailSettings,
    Notifier,
    Security,
    SharedKey,
    WebhookNotifier,
    WebhookSettings,
    read_secret,
)
from governance.yaml_documents import Form, Problems, Text, read_form
from wiring.errors import NoticesInvalid
from wiring.notices import HOUSE, Told


class _File(Form):
    channel: Literal["file"]
    to: Text = HOUSE
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


def read_recipients(path: Path, clock: Clock) -> Sequence[Told]:
    """Everybody the file names. Raises ``NoticesInvalid``, ``SecretUnusable``."""
    document, findings = read_form(path, _Document, _check)
    if document is None:
        raise NoticesInvalid(file=path.name, count=len(findings), findings=findings)
    told = []
    for number, form in enumerate(document.tell, start=1):
        channel = form.channel if number == 1 else f"{form.channel}-{number}"
        told.append(Told(form.to, _notifier(form, channel, path.parent, clock), form.party))
    return tuple(told)


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
