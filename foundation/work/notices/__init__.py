"""Notices 通知: telling somebody by file (the default), mail or a signed webhook, through one port.

Owns how a notice is carried, and how a receiver checks one. Owns no reason to send any: a handler makes the notice
in its fact's transaction (``send``), and the outbox carries it, tries again and keeps the order per recipient.
"""

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
from foundation.work.notices.mail import MailNotifier, MailSettings, Security
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
from foundation.work.notices.webhook import WebhookNotifier, WebhookSettings

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
