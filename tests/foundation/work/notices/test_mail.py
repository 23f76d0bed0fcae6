"""Mail: protected as the settings say, the same Message-ID at a repeat, and no secret in any error."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foundation.work.notices import (
    MailNotifier,
    MailSettings,
    Notice,
    NoticeInvalid,
    NoticeRefused,
    NoticeUndelivered,
    SecretUnusable,
    Security,
)


@pytest.fixture
def login(tmp_path: Path) -> Path:
    path = tmp_path / "mail.json"
    path.write_text(json.dumps({"user": "guanyun", "password": "geheim"}), encoding="utf-8")
    path.chmod(0o600)
    return path


def settings(post: Any, **more: Any) -> MailSettings:
    return MailSettings("127.0.0.1", post.port, "guanyun@example.org", timeout=5, **more)


def read(post: Any) -> Any:
    (mail,) = post.mails
    return email.message_from_bytes(mail, policy=email.policy.default)


def test_a_mail_goes_over_starttls_with_the_login_of_the_file(
    post: Any, certificate: Path, login: Path, notice: Notice, now: Any
) -> None:
    MailNotifier(settings(post, authorities=certificate, credentials=login), now).notify(notice)
    mail = read(post)
    assert (mail["To"], mail["From"], mail["Subject"]) == (notice.to, "guanyun@example.org", notice.subject)
    assert mail["Message-ID"] == "<notice_1@example.org>"
    assert (mail["Date"], mail["Guanyun-Event"]) == ("Sun, 01 Nov 2026 08:00:00 +0000", "event_1")
    assert mail.get_content().splitlines() == [notice.zh, "", notice.en]
    assert post.logins == ["\0guanyun\0geheim"]
    assert [line.split(" ")[0].upper() for line in post.clear] == ["EHLO", "STARTTLS"]
    assert post.recipients == ["rcpt TO:<operator@example.org>"]


def test_a_mail_goes_over_tls(post_in_tls: Any, certificate: Path, notice: Notice, now: Any) -> None:
    MailNotifier(settings(post_in_tls, authorities=certificate, security=Security.TLS), now).notify(notice)
    assert read(post_in_tls)["To"] == notice.to


def test_a_repeat_is_the_same_mail(post: Any, notice: Notice, now: Any) -> None:
    notifier = MailNotifier(settings(post, security=Security.NONE), now)
    notifier.notify(notice)
    notifier.notify(notice)
    assert post.mails[0] == post.mails[1]


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_server_nobody_vouches_for_gets_nothing(
    post: Any, post_in_tls: Any, login: Path, notice: Notice, now: Any, security: Security
) -> None:
    server = post if security is Security.STARTTLS else post_in_tls
    with pytest.raises(NoticeUndelivered, match="TLS"):
        MailNotifier(settings(server, security=security, credentials=login), now).notify(notice)
    assert (server.mails, server.logins) == ([], [])


def test_a_server_without_starttls_gets_no_login_and_no_mail(post: Any, login: Path, notice: Notice, now: Any) -> None:
    post.answers["EHLO"] = "250 8BITMIME"
    with pytest.raises(NoticeUndelivered, match="STARTTLS"):
        MailNotifier(settings(post, credentials=login), now).notify(notice)
    assert (post.mails, post.logins) == ([], [])


def test_credentials_and_no_protection_are_refused(post: Any, login: Path) -> None:
    with pytest.raises(NoticeInvalid):
        settings(post, security=Security.NONE, credentials=login)


@pytest.mark.parametrize(
    ("word", "answer", "expected"),
    [
        ("RCPT", "550 no such user geheim", NoticeRefused),
        ("RCPT", "451 later", NoticeUndelivered),
        ("MAIL", "553 not you", NoticeRefused),
        ("DATA", "554 no", NoticeRefused),
        ("DATA", "452 full", NoticeUndelivered),
        ("AUTH", "535 wrong password geheim", NoticeUndelivered),
    ],
)
def test_a_last_word_is_final_and_a_later_is_not(
    post: Any, certificate: Path, login: Path, notice: Notice, now: Any, word: str, answer: str, expected: Any
) -> None:
    post.answers[word] = answer
    notifier = MailNotifier(settings(post, authorities=certificate, credentials=login), now)
    with pytest.raises(expected) as raised:
        notifier.notify(notice)
    assert answer.split(" ", maxsplit=1)[0] in raised.value.text("en")
    assert "geheim" not in raised.value.text("en") + raised.value.text("zh") + repr(raised.value)
    assert raised.value.__suppress_context__


def test_a_server_that_is_not_there_is_tried_again(post: Any, notice: Notice, now: Any) -> None:
    gone = MailSettings("127.0.0.1", 1, "guanyun@example.org", security=Security.NONE, timeout=2)
    with pytest.raises(NoticeUndelivered, match=r"127\.0\.0\.1"):
        MailNotifier(gone, now).notify(notice)


@pytest.mark.parametrize(
    "to", ["nobody", "a@b, c@d", "a@b\nBcc: x@y", "<>", "@", "group: a@b;", "x@", "操作员", "a@b>"]
)
def test_what_is_no_single_address_is_refused_for_good(post: Any, notice: Notice, now: Any, to: str) -> None:
    with pytest.raises(NoticeInvalid):
        MailNotifier(settings(post, security=Security.NONE), now).notify(replace(notice, to=to))
    assert post.mails == []


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        ('{"user": "a", "password": "geheim"}', 0o644),
        ('{"user": "a"}', 0o600),
        ("geheim", 0o600),
        ("", 0o600),
        (None, 0),
    ],
)
def test_unusable_credentials_are_said_without_their_content(
    post: Any, certificate: Path, notice: Notice, now: Any, tmp_path: Path, content: str | None, mode: int
) -> None:
    path = tmp_path / "credentials.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
        path.chmod(mode)
    with pytest.raises(SecretUnusable, match=r"credentials\.json") as raised:
        MailNotifier(settings(post, authorities=certificate, credentials=path), now).notify(notice)
    assert "geheim" not in raised.value.text("en") + raised.value.text("zh")
    assert post.mails == []
