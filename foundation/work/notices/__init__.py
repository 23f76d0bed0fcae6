"""Notices 通知: telling somebody by file (the default), mail or a signed webhook, through one port.

Owns how a notice is carried, and how a receiver checks one. Owns no reason to send any: a handler makes the notice
in its fact's transaction (``send``), and the outbox carries it, tries again and keeps the order per recipient.

What speaks with a mail server or a web address is loaded when it is asked for: every command comes by here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from foundation.work.notices.credentials import read_login, read_secret
from foundation.work.notices.errors import (
    NoticeInvalid,
    NoticeRefused,
    NoticeRepeated,
    NoticeUndelivered,
    SecretUnusable,
    SignatureRefused,
)
from foundation.work.notices.files import FileNotifier
from foundation.work.notices.model import Notice, Notifier, notice_id, notice_of, notice_subscriber, send
from foundation.work.notices.signing import (
    HouseKey,
    HouseKeyRing,
    SharedKey,
    WebhookChecker,
    WebhookSigner,
    check_received,
    signed_headers,
)

if TYPE_CHECKING:
    from foundation.work.notices.mail import MailNotifier, MailSettings, Security
    from foundation.work.notices.webhook import WebhookNotifier, WebhookSettings

_LATER = {
    **dict.fromkeys(("MailNotifier", "MailSettings", "Security"), "mail"),
    **dict.fromkeys(("WebhookNotifier", "WebhookSettings"), "webhook"),
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "FileNotifier",
    "HouseKey",
    "HouseKeyRing",
    "MailNotifier",
    "MailSettings",
    "Notice",
    "NoticeInvalid",
    "NoticeRefused",
    "NoticeRepeated",
    "NoticeUndelivered",
    "Notifier",
    "SecretUnusable",
    "Security",
    "SharedKey",
    "SignatureRefused",
    "WebhookChecker",
    "WebhookNotifier",
    "WebhookSettings",
    "WebhookSigner",
    "check_received",
    "notice_id",
    "notice_of",
    "notice_subscriber",
    "read_login",
    "read_secret",
    "send",
    "signed_headers",
]
