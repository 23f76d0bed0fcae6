"""What a command announced is delivered, also when it was killed between its commit and the delivery."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from billing.handing_out import hand_out_subscriber
from foundation.store import open_store
from foundation.work import pending

pytestmark = pytest.mark.real

KILLED_BEFORE_DELIVERY = """
import os, signal
import wiring.subscriptions
deliver, calls = wiring.subscriptions.deliver_outstanding, []
def killed(application):
    calls.append(application)
    if len(calls) > 1:  # the first delivers what an earlier command left, before this one begins
        os.kill(os.getpid(), signal.SIGKILL)
    return deliver(application)
wiring.subscriptions.deliver_outstanding = killed
from cli.main import main
main()
"""
KILLED_IN_DELIVERY = """
import os, signal
import billing.handing_out
hand_out, calls = billing.handing_out.hand_out, []
def killed(*arguments):
    hand_out(*arguments)
    calls.append(arguments)
    if len(calls) == 7:  # the file is there, the mark that it was delivered is not
        os.kill(os.getpid(), signal.SIGKILL)
billing.handing_out.hand_out = killed
from cli.main import main
main()
"""


def outstanding(home: Any) -> int:
    store = open_store(f"sqlite:///{home.database}")
    with store.reading() as transaction:
        waiting = pending(transaction, [hand_out_subscriber(home.folder / "handed-out")])
    store.close()
    return waiting


def handed_out(home: Any) -> list[str]:
    return sorted(path.stem for path in (home.folder / "handed-out").glob("usage-*"))


@pytest.mark.parametrize(
    ("program", "files", "left"),
    [(KILLED_BEFORE_DELIVERY, 0, 31), (KILLED_IN_DELIVERY, 7, 25)],
    ids=["before", "in the middle"],
)
def test_the_next_command_delivers_what_a_kill_left(
    guanyun: Any, home: Any, program: str, files: int, left: int
) -> None:
    home.log_in("zhang.min")
    assert guanyun("clock", "set", "2026-04-03T09:00:00+08:00").code == 0
    home.log_in("zhao.lei")
    assert guanyun("usage", "close", "2026-03", program=program).code == -9
    assert len(handed_out(home)) == files
    assert outstanding(home) == left, "the one whose file was written and not marked is delivered again"
    # the close itself was committed whole
    assert len(json.loads(guanyun("usage", "days", "2026-03", "--json").out)) == 31
    # and that reading command, which has nothing to announce, delivered the rest
    assert len(handed_out(home)) == 31
    assert outstanding(home) == 0
    again = guanyun("usage", "close", "2026-03")
    assert again.code == 0
    assert (len(handed_out(home)), outstanding(home)) == (31, 0)


def test_a_delivery_that_fails_is_said_once_tried_again_and_stops_nothing(guanyun: Any, home: Any) -> None:
    home.log_in("zhang.min")
    guanyun("clock", "set", "2026-04-03T09:00:00+08:00")
    home.log_in("zhao.lei")
    (home.folder / "handed-out").write_text("a file where the folder belongs", encoding="utf-8")
    ended = guanyun("usage", "close", "2026-03")
    assert ended.code == 0, "the close itself is committed"
    assert ended.err.count("31 events are not delivered yet") == 1
    assert "handed-out" in ended.err
    assert "Traceback" not in ended.err
    assert outstanding(home) == 31
    other = guanyun("party", "list")
    assert other.code == 0, "one event that cannot be delivered stops no other command"
    assert other.err.count("31 events are not delivered yet") == 1
    (home.folder / "handed-out").unlink()
    until = time.monotonic() + 30
    while outstanding(home) and time.monotonic() < until:  # tries are a few seconds apart by now
        last = guanyun("party", "list")
        assert last.code == 0
    assert outstanding(home) == 0
    assert last.err == ""
    assert len(handed_out(home)) == 31


def test_an_event_nobody_can_deliver_holds_up_only_its_own_subject(guanyun: Any, home: Any) -> None:
    home.log_in("zhang.min")
    guanyun("clock", "set", "2026-04-03T09:00:00+08:00")
    home.log_in("zhao.lei")
    (home.folder / "handed-out").mkdir()
    blocked = home.folder / "handed-out" / "usage-2026-03-07.v1.json"
    blocked.write_text("not what was signed", encoding="utf-8")
    ended = guanyun("usage", "close", "2026-03")
    assert ended.code == 0
    assert "1 events are not delivered yet" in ended.err
    assert outstanding(home) == 1
    assert len(handed_out(home)) == 31
    assert blocked.read_text(encoding="utf-8") == "not what was signed"
