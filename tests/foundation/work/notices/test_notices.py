"""Notices go through the outbox: once for each event, in order per recipient, tried again, dead in the end."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from foundation.store import AlreadyThere, Store
from foundation.work import Event, Subscriber, deliver, publish
from foundation.work.notices import (
    FileNotifier,
    Notice,
    NoticeInvalid,
    SharedKey,
    WebhookNotifier,
    WebhookSettings,
    notice_id,
    notice_subscriber,
    send,
)
from foundation.work.outbox import Retries, dead_letters


def test_a_file_is_written_whole_for_its_owner_and_once(tmp_path: Path, notice: Notice) -> None:
    folder = tmp_path / "notices"
    for _ in range(2):
        FileNotifier(folder).notify(notice)
    (path,) = folder.iterdir()
    assert path.name == "notice_1.json"
    assert json.loads(path.read_text(encoding="utf-8"))["zh"] == notice.zh
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "change",
    [{"id": "../x"}, {"id": ""}, {"id": "A"}, {"id": "x" * 81}, {"to": ""}, {"subject": "a\nb"}, {"kind": " "}],
)
def test_what_cannot_be_a_notice_is_refused(notice: Notice, change: Any) -> None:
    with pytest.raises(NoticeInvalid):
        replace(notice, **change)


def test_a_notice_of_an_event_is_sent_once_however_often_its_handler_runs(
    store: Store, now: Any, notice: Notice, tmp_path: Path
) -> None:
    def handle(transaction: Any, event: Event) -> None:
        id_ = notice_id(event.id, "work.parked", notice.to, "file")
        send(transaction, replace(notice, id=id_, event=event.id), channel="file", clock=now)

    subscribers = [Subscriber("tells", "t", handle), notice_subscriber(FileNotifier(tmp_path))]
    with store.transaction() as transaction:
        for number in (1, 2):
            publish(transaction, Event("t", "s", {"n": number}), clock=now)
    assert deliver(store, subscribers, clock=now) == 4
    with store.transaction() as transaction:
        first = next(tmp_path.iterdir())
        again = Notice(**json.loads(first.read_text(encoding="utf-8")))
        assert not send(transaction, again, channel="file", clock=now)
        with pytest.raises(AlreadyThere):
            send(transaction, replace(again, en="another text"), channel="file", clock=now)
    assert len(list(tmp_path.iterdir())) == 2


def test_order_and_tries_are_the_outboxs_and_each_recipients_own(store: Store, notice: Notice, hook: Any) -> None:
    clock = [datetime(2026, 11, 1, tzinfo=UTC)]

    def now() -> datetime:
        return clock[0]

    notifier = WebhookNotifier(WebhookSettings(hook.url), SharedKey(b"0123456789abcdef").sign, now)
    subscriber = notice_subscriber(notifier, Retries(tries=2))
    with store.transaction() as transaction:
        for number, to in enumerate(["busy", "busy", "gone", "fine"]):
            send(transaction, replace(notice, id=f"n{number}", to=to), channel="webhook", clock=now)
    hook.statuses = [503, 404, 200]
    assert deliver(store, [subscriber], clock=now) == 1
    clock[0] += timedelta(seconds=1)
    assert deliver(store, [subscriber], clock=now) == 2
    assert [json.loads(body)["id"] for _, _, body in hook.got] == ["n0", "n2", "n3", "n0", "n1"]
    with store.reading() as transaction:
        (letter,) = dead_letters(transaction)
    assert (letter.subscriber, letter.event.payload["id"], letter.code) == (
        "notices.webhook",
        "n2",
        "work.notice-refused",
    )
    assert "404" in letter.en


def test_a_longest_recipient_has_a_subject_too(store: Store, now: Any, notice: Notice, tmp_path: Path) -> None:
    with store.transaction() as transaction:
        send(transaction, replace(notice, to="x" * 200), channel="file", clock=now)
    assert deliver(store, [notice_subscriber(FileNotifier(tmp_path))], clock=now) == 1
