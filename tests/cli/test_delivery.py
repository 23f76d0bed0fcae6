"""What a command announced is delivered, also when it was killed between its commit and the delivery."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

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
    connection = sqlite3.connect(home.database)
    events, delivered = (
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("outbox", "outbox_delivery")
    )
    connection.close()
    return int(events - delivered)


def handed_out(home: Any) -> list[str]:
    return sorted(path.stem for path in (home.folder / "handed-out").glob("usage-*"))


@pytest.mark.parametrize(
    ("program", "files"), [(KILLED_BEFORE_DELIVERY, 0), (KILLED_IN_DELIVERY, 7)], ids=["before", "in the middle"]
)
def test_the_next_command_delivers_what_a_kill_left(guanyun: Any, home: Any, program: str, files: int) -> None:
    home.log_in("zhang.min")
    assert guanyun("clock", "set", "2026-04-03T09:00:00+08:00").code == 0
    home.log_in("zhao.lei")
    assert guanyun("usage", "close", "2026-03", program=program).code == -9
    assert len(handed_out(home)) == files
    assert outstanding(home) == 31 - max(files - 1, 0)
    # the close itself was committed whole
    assert len(json.loads(guanyun("usage", "days", "2026-03", "--json").out)) == 31
    # and that reading command, which has nothing to announce, delivered the rest
    assert len(handed_out(home)) == 31
    assert outstanding(home) == 0
    again = guanyun("usage", "close", "2026-03")
    assert again.code == 0
    assert (len(handed_out(home)), outstanding(home)) == (31, 0)


def test_a_delivery_that_fails_stays_outstanding_and_says_why(guanyun: Any, home: Any) -> None:
    home.log_in("zhang.min")
    guanyun("clock", "set", "2026-04-03T09:00:00+08:00")
    home.log_in("zhao.lei")
    (home.folder / "handed-out").write_text("a file where the folder belongs", encoding="utf-8")
    ended = guanyun("usage", "close", "2026-03")
    assert ended.code not in {0, 70}, ended.err
    assert "handed-out" in ended.err
    assert "Traceback" not in ended.err
    assert outstanding(home) == 31
    other = guanyun("party", "list")
    assert other.code == 0, "one event that cannot be delivered stops no other command"
    assert "31 earlier events are still undelivered" in other.err
    (home.folder / "handed-out").unlink()
    assert guanyun("party", "list").code == 0
    assert outstanding(home) == 0
    assert len(handed_out(home)) == 31
