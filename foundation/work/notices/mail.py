"""Mail over SMTP, with TLS. A repeat carries the same Message-ID, by which mail systems know it."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from pathlib import Path

from foundation.values.instant import Clock
from foundation.work.notices.credentials import read_login
from foundation.work.notices.errors import NoticeInvalid, NoticeRefused, NoticeUndelivered
from foundation.work.notices.model import Notice


class Security(StrEnum):
    """How the connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
    """Not at all, for a relay on the same machine; no credentials are sent on it."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where and as whom. ``credentials``: a file of mode 0600 with ``{"user", "password"}``; ``authorities``: a PEM
    file of certificate authorities in place of the machine's; ``timeout`` in seconds for every step."""

    host: str
    port: int
    sender: str
    security: Security = Security.STARTTLS
    credentials: Path | None = None
    authorities: Path | None = None
    timeout: float = 20

    def __post_init__(self) -> None:
        if self.security is Security.NONE and self.credentials is not None:
            raise NoticeInvalid(field="security", found="none", expected="starttls, tls")


@dataclass(frozen=True, slots=True)
class MailNotifier:
    """Sends one mail a notice to the address ``Notice.to``. ``clock``: the real one, for the Date header."""

    settings: MailSettings
    clock: Clock
    channel: str = "mail"

    def notify(self, notice: Notice) -> None:
        mail = self._mail(notice)
        login = None if self.settings.credentials is None else read_login(self.settings.credentials)
        try:
            with self._connected() as server:
                if login is not None:
                    server.login(*login)
                server.send_message(mail)
        except smtplib.SMTPAuthenticationError as error:
            raise self._undelivered(f"{error.smtp_code} authentication") from None  # a person may mend the file
        except smtplib.SMTPRecipientsRefused as error:
            raise self._answered(*(code for code, _ in error.recipients.values())) from None
        except smtplib.SMTPSenderRefused as error:
            raise self._answered(error.smtp_code) from None
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            raise self._undelivered("STARTTLS or AUTH is not offered") from None
        except ssl.SSLCertVerificationError as error:
            raise self._undelivered(f"TLS: {error.verify_message}") from None
        except (smtplib.SMTPException, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
            raise self._undelivered(str(reason)) from None

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        if settings.security is Security.NONE:
            return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
        context = ssl.create_default_context(cafile=settings.authorities)
        if settings.security is Security.TLS:
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
        server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
        return server

    def _mail(self, notice: Notice) -> EmailMessage:
        mail = EmailMessage()
        domain = self.settings.sender.rpartition("@")[2].strip("<> ")
        mail["From"], mail["To"], mail["Subject"] = self.settings.sender, _address(notice.to), notice.subject
        mail["Date"] = format_datetime(self.clock())
        mail["Message-ID"] = f"<{notice.id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # so that nobody's absence notice answers it
        mail["Guanyun-Notice"], mail["Guanyun-Event"] = notice.id, notice.event
        mail.set_content(f"{notice.zh}\n\n{notice.en}\n")
        return mail

    def _answered(self, *codes: int) -> NoticeRefused | NoticeUndelivered:
        """5xx is the server's last word; 4xx means later. Its texts are not kept: they may repeat what was sent."""
        reason = "SMTP " + ", ".join(str(code) for code in sorted(set(codes)))
        if codes and all(code >= 500 for code in codes):
            return NoticeRefused(receiver=self.settings.host, reason=reason)
        return self._undelivered(reason)

    def _undelivered(self, reason: str) -> NoticeUndelivered:
        return NoticeUndelivered(receiver=self.settings.host, reason=reason)


def _address(text: str) -> Address:
    """``name@host`` and nothing else: no list, no group, no second header."""
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        address = Address()
    if not (address.username and address.domain and address.addr_spec == text and text.isascii()):
        raise NoticeInvalid(field="to", found=repr(text), expected="name@host")
    return address
