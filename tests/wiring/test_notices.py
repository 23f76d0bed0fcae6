"""Who is told: by files unless ``notices.yaml`` says otherwise; each event once to each, in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foundation.work import Event, deliver_and_report, publish
from foundation.work.notices import SecretUnusable
from governance.authority import Office
from wiring.application import Application
from wiring.errors import NoticesInvalid
from wiring.notices import notice_listeners, recipients
from wiring.settings import Settings
from wiring.tables import gather

gather()
WEBHOOK = """
tell:
  - channel: file
  - channel: webhook
    to: duty-room
    url_file: webhook.url
    key_file: webhook.key
  - channel: mail
    to: duty@example.invalid
    host: mail.example.invalid
    sender: guanyun@example.invalid
"""


@pytest.fixture
def opened(office: Office, tmp_path: Path) -> Application:
    made = Application(Settings(home=tmp_path / "home"), office.store)
    made.settings.home.mkdir()
    made.__dict__["office"] = office
    return made


def tell(opened: Application, event: Event) -> None:
    real = opened.office.clocks.real
    with opened.store.transaction() as transaction:
        publish(transaction, event, clock=real)
    for _ in range(2):  # the notice is itself an event
        assert not deliver_and_report(opened.store, notice_listeners(opened), clock=real).failed


PARKED = Event(
    "work.parked",
    "run:run_1",
    {"kind": "deployment.apply", "subject": "environment:a", "agency": "hrss", "because": "nobody knows"},
)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (PARKED, "deployment.apply environment:a waits for a person: nobody knows. guanyun work show run_1"),
        (
            Event("calendar.missing", "calendar:2027", {"year": 2027, "zh": "缺", "en": "the calendar is missing"}),
            "the calendar is missing",
        ),
        (
            Event("audit.broken", "audit:7", {"number": 7, "zh": "断", "en": "its content was changed"}),
            "audit entry 7: its content was changed. guanyun audit verify",
        ),
    ],
    ids=["parked", "calendar", "audit"],
)
def test_the_operator_finds_one_file_that_says_what_to_do(opened: Application, event: Event, said: str) -> None:
    tell(opened, event)
    [file] = (opened.settings.home / "notices").glob("*.json")
    notice = json.loads(file.read_text(encoding="utf-8"))
    assert (notice["to"], notice["kind"], notice["en"]) == ("operator", event.topic, said)
    assert notice["zh"]


def test_every_channel_of_the_file_is_bound_and_secrets_come_from_private_files(opened: Application) -> None:
    home = opened.settings.home
    (home / "notices.yaml").write_text(WEBHOOK, encoding="utf-8")
    for name, content in (("webhook.url", "https://hooks.example.invalid/x"), ("webhook.key", "k" * 32)):
        (home / name).write_text(content, encoding="utf-8")
        (home / name).chmod(0o600)
    told = recipients(opened)
    assert [(each.to, each.notifier.channel) for each in told] == [
        ("operator", "file"),
        ("duty-room", "webhook-2"),
        ("duty@example.invalid", "mail-3"),
    ]
    (home / "webhook.key").chmod(0o644)
    with pytest.raises(SecretUnusable):
        recipients(opened)


@pytest.mark.parametrize(
    ("members", "zh", "en"),
    [
        ({"failed": 2, "parked": 3, "waiting": 4}, "失败 2 个环境,待人工 3 个", "2 failed, 3 waiting for a person"),
        ({"succeeded": 5, "parked": 1}, "失败 0 个环境,待人工 1 个", "0 failed, 1 waiting for a person"),
    ],
    ids=["both", "parked only"],
)
def test_a_fleet_that_stopped_is_told_with_what_failed_and_what_waits_for_a_person(
    opened: Application, members: dict[str, int], zh: str, en: str
) -> None:
    tell(opened, Event("fleet.stopped", "fleet:f-1", {"operation": "f-1", "members": members}))
    [file] = (opened.settings.home / "notices").glob("*.json")
    notice = json.loads(file.read_text(encoding="utf-8"))
    assert zh in notice["zh"]
    assert en in notice["en"]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("tell: []\n", "tell"),
        ("tell:\n  - channel: pigeon\n    to: roof\n", "tell"),
        ("tell:\n  - channel: mail\n    to: a@b\n", "host"),
        ("tell:\n  - channel: file\n  - channel: file\n", "tell"),
        ("tells: 1\n", "tell"),
    ],
)
def test_a_wrong_file_is_refused_with_every_finding_and_its_place(opened: Application, text: str, where: str) -> None:
    (opened.settings.home / "notices.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(NoticesInvalid) as refused:
        recipients(opened)
    findings = refused.value.facts["findings"]
    assert isinstance(findings, tuple)
    assert any(where in finding.place.field for finding in findings)
    assert all(finding.place.file == "notices.yaml" for finding in findings)


TASK = Event(
    "task.opened",
    "task:1",
    {
        "number": 1,
        "party": "hrss",
        "duty": "request",
        "kind": "need.agree",
        "subject": "need:N-1",
        "zh": "同意方案",
        "en": "agree to the proposal",
        "due": "2026-03-06T16:00:00Z",
    },
)


def test_a_partys_recipient_is_told_of_its_own_tasks_and_of_nothing_else(opened: Application) -> None:
    (opened.settings.home / "notices.yaml").write_text(
        "tell:\n  - {channel: file}\n  - {channel: file, to: hrss, party: hrss}\n"
        "  - {channel: file, to: housing, party: housing}\n",
        encoding="utf-8",
    )
    for event in (TASK, PARKED):
        tell(opened, event)
    said = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((opened.settings.home).rglob("*.json"))]
    told = sorted((notice["to"], notice["kind"]) for notice in said)
    assert told == [("hrss", "task.opened"), ("operator", "task.opened"), ("operator", "work.parked")]
