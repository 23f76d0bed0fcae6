"""Who hears what is known without loading who handles it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from foundation.store import open_store
from foundation.work.outbox import OutsideSubscriber, Subscriber
from wiring.application import Application
from wiring.settings import Settings
from wiring.subscriptions import HEARD, Heard, subscribers

ROOT = Path(__file__).resolve().parents[2]
HEAVY = (
    "tenants.requests",
    "infra.fleet",
    "billing.handing_out",
    "pulumi",
    "structlog",
    "httpx2",
    "joserfc",
    "urllib3",
)


def application(home: Path) -> Application:
    return Application(Settings(home=home), open_store(f"sqlite:///{home / 'records.db'}"))


@pytest.mark.parametrize("heard", HEARD, ids=[heard.name for heard in HEARD])
def test_what_is_said_of_a_subscriber_is_what_its_maker_makes(heard: Heard, tmp_path: Path) -> None:
    made = heard.made(application(tmp_path))
    assert (made.name, made.topics, made.since) == (heard.name, heard.topics, heard.since)
    (listed,) = (one for one in subscribers(application(tmp_path)) if one.name == heard.name)
    assert isinstance(listed, Subscriber)
    assert (made.retries, made.alone) == (listed.retries, listed.alone)


def test_handing_out_is_heard_as_billing_says(tmp_path: Path) -> None:
    from billing.handing_out import hand_out_subscriber

    made = hand_out_subscriber(tmp_path)
    (listed,) = (one for one in subscribers(application(tmp_path)) if one.name == made.name)
    assert isinstance(listed, OutsideSubscriber)
    assert (made.topics, made.since, made.retries) == (listed.topics, listed.since, listed.retries)


def test_every_subscriber_of_the_tenants_is_listened_for() -> None:
    from tenants.hearing import subscribers as theirs

    made = {one.name for one in theirs(lambda: datetime(2026, 3, 1, tzinfo=UTC))}
    assert made == {heard.name for heard in HEARD if heard.name.startswith("tenants.")}


def test_to_see_whether_anything_is_outstanding_loads_nothing_that_would_handle_it(tmp_path: Path) -> None:
    program = f"""
import sys
from foundation.store import open_store
from wiring.application import Application
from wiring.settings import Settings
from wiring.subscriptions import subscribers
subscribers(Application(Settings(home={str(tmp_path)!r}), open_store("sqlite:///{tmp_path / "records.db"}")))
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
