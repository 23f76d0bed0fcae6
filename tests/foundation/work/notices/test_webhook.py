"""Webhooks: signed so that a receiver can check and refuse replays; final and passing refusals; no secret in errors."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.evidence import FileSigner, canonical_bytes, create_key, read_key_ring
from foundation.work.notices import (
    HouseKey,
    HouseKeyRing,
    Notice,
    NoticeInvalid,
    NoticeRefused,
    NoticeRepeated,
    NoticeUndelivered,
    SharedKey,
    SignatureRefused,
    WebhookNotifier,
    WebhookSettings,
    check_received,
    read_secret,
    signed_headers,
)

KEY = SharedKey(b"0123456789abcdef")


@pytest.fixture(params=["shared key", "house key"])
def keys(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """How the sender signs and the receiver checks."""
    if request.param == "shared key":
        return KEY.sign, KEY.check
    private, public = tmp_path / "keys/operator.notices.pem", tmp_path / "public/operator.notices.pub.pem"
    create_key(private, public)
    return HouseKey(FileSigner(private)).sign, HouseKeyRing(
        read_key_ring(tmp_path / "public"), "operator.notices"
    ).check


def notifier(hook: Any, now: Any, sign: Any = KEY.sign, **more: Any) -> WebhookNotifier:
    return WebhookNotifier(WebhookSettings(hook.url, **more), sign, now)


def test_the_receiver_can_check_what_it_got(hook: Any, notice: Notice, now: Any, keys: Any) -> None:
    sign, check = keys
    notifier(hook, now, sign).notify(notice)
    ((path, headers, body),) = hook.got
    assert path == "/hook?key=geheim"
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body)["en"] == notice.en
    taken: set[str] = set()
    for given in (headers, {name.lower(): value for name, value in headers.items()}):
        assert check_received(given, body, checker=check, now=now(), taken=taken.__contains__) == notice
    taken.add(notice.id)
    with pytest.raises(NoticeRepeated):
        check_received(headers, body, checker=check, now=now(), taken=taken.__contains__)


@pytest.mark.parametrize(
    "change",
    [
        lambda headers, body: (headers, body.replace(b"RUN-1", b"RUN-2")),
        lambda headers, body: (headers | {"Guanyun-Timestamp": "2026-11-01T08:00:01Z"}, body),
        lambda headers, body: (headers | {"Guanyun-Timestamp": "yesterday"}, body),
        lambda headers, body: (headers | {"Guanyun-Notice": "notice_2"}, body),
        lambda headers, body: (headers | {"Guanyun-Signature": ""}, body),
        lambda headers, body: (headers | {"Guanyun-Signature": "签名"}, body),
        lambda headers, body: (headers | {"Guanyun-Signature": "none none none"}, body),
        lambda headers, body: (headers | {"Guanyun-Signature": headers["Guanyun-Signature"][:-4] + "AAA="}, body),
        lambda headers, body: ({}, body),
        lambda headers, body: (headers, b""),
        lambda headers, body: (headers, body + b" " * 2_000_000),
    ],
)
def test_anything_changed_is_refused(notice: Notice, now: Any, keys: Any, change: Any) -> None:
    sign, check = keys
    body = canonical_bytes(asdict(notice))
    headers, body = change(signed_headers(notice.id, body, at=now(), signer=sign), body)
    with pytest.raises(SignatureRefused):
        check_received(headers, body, checker=check, now=now(), taken=lambda id_: False)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_replay_after_its_time_is_refused(notice: Notice, now: Any, keys: Any, minutes: int) -> None:
    sign, check = keys
    body = canonical_bytes(asdict(notice))
    headers = signed_headers(notice.id, body, at=now(), signer=sign)
    with pytest.raises(SignatureRefused, match="Timestamp"):
        later = now() + timedelta(minutes=minutes)
        check_received(headers, body, checker=check, now=later, taken=lambda id_: False)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b'{"id":"other"}', b"\xff"])
def test_a_signed_body_that_is_no_notice_is_refused(now: Any, keys: Any, body: bytes) -> None:
    sign, check = keys
    headers = signed_headers("notice_1", body, at=now(), signer=sign)
    with pytest.raises(SignatureRefused, match="body"):
        check_received(headers, body, checker=check, now=now(), taken=lambda id_: False)


def test_another_key_is_refused(notice: Notice, now: Any, keys: Any, tmp_path: Path) -> None:
    _, check = keys
    body = canonical_bytes(asdict(notice))
    create_key(tmp_path / "other.pem", tmp_path / "other.pub.pem")
    for sign in (SharedKey(b"fedcba9876543210").sign, HouseKey(FileSigner(tmp_path / "other.pem")).sign):
        headers = signed_headers(notice.id, body, at=now(), signer=sign)
        with pytest.raises(SignatureRefused, match="Signature"):
            check_received(headers, body, checker=check, now=now(), taken=lambda id_: False)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((status, NoticeRefused) for status in (301, 307, 400, 404, 410)),
        *((status, NoticeUndelivered) for status in (408, 429, 500, 503)),
    ],
)
def test_which_answers_are_final(hook: Any, notice: Notice, now: Any, status: int, expected: Any) -> None:
    hook.statuses = [status]
    with pytest.raises(expected, match=str(status)) as raised:
        notifier(hook, now).notify(notice)
    assert len(hook.got) == 1, "no redirect is followed, nothing is tried again here"
    assert "geheim" not in raised.value.text("en") + raised.value.text("zh")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_which_answers_are_consent(hook: Any, notice: Notice, now: Any, status: int) -> None:
    hook.statuses = [status]
    notifier(hook, now).notify(notice)


def test_silence_and_absence_are_tried_again(hook: Any, notice: Notice, now: Any) -> None:
    hook.silence = 5
    with pytest.raises(NoticeUndelivered) as raised:
        notifier(hook, now, read_timeout=0.2).notify(notice)
    hook.port = 1
    with pytest.raises(NoticeUndelivered) as absent:
        notifier(hook, now).notify(notice)
    for error in (raised.value, absent.value):
        assert "geheim" not in error.text("en") + repr(error)
        assert error.__suppress_context__


def test_over_tls_the_certificate_is_checked(hook_in_tls: Any, notice: Notice, now: Any, certificate: Path) -> None:
    url = f"https://127.0.0.1:{hook_in_tls.port}/"
    with pytest.raises(NoticeUndelivered):
        WebhookNotifier(WebhookSettings(url), KEY.sign, now).notify(notice)
    assert hook_in_tls.got == []
    WebhookNotifier(WebhookSettings(url, authorities=certificate), KEY.sign, now).notify(notice)
    assert len(hook_in_tls.got) == 1


@pytest.mark.parametrize(
    "url", ["http://example.org/x?geheim", "ftp://example.org", "", "https://", "https://user:geheim@host/", "::geheim"]
)
def test_an_address_that_would_show_the_notice_is_refused(url: str) -> None:
    with pytest.raises(NoticeInvalid) as raised:
        WebhookSettings(url)
    assert "geheim" not in repr(raised.value)


def test_settings_do_not_show_the_address() -> None:
    assert "geheim" not in repr(WebhookSettings("https://example.org/geheim"))


def test_a_key_comes_from_a_file_of_its_owner_and_is_long_enough(tmp_path: Path) -> None:
    path = tmp_path / "hook.key"
    path.write_bytes(b"0123456789abcdef\n")
    path.chmod(0o600)
    assert SharedKey(read_secret(path)) == KEY
    with pytest.raises(NoticeInvalid):
        SharedKey(b"short")


def test_two_notices_have_two_signatures(notice: Notice, now: Any) -> None:
    other = replace(notice, id="notice_2")
    made = [
        signed_headers(each.id, canonical_bytes(asdict(each)), at=now(), signer=KEY.sign) for each in (notice, other)
    ]
    assert made[0]["Guanyun-Signature"] != made[1]["Guanyun-Signature"]
