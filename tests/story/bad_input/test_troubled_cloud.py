"""The cloud, its credentials or the engine's state fail in the middle of a deployment.

Each time the command ends with an error that says what to do, cloud and state hold the same, the record says that the
deployment has not ended, and the same command finishes it when the trouble is over.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.story.bad_input.ailing_cloud import Trouble, ailing_cloud
from tests.story.conftest import ENVIRONMENT, PLANNER, Installation
from tests.story.test_kills import cloud_ids, everything_is_there_once, nothing_is_left_behind, state_ids, without_a_tag

pytestmark = pytest.mark.real
STOPPED, AWAY = 3, 4
APPLY = ("apply", ENVIRONMENT)
WHOLE = {"Vpc": 1, "Subnet": 1, "SecurityGroup": 1, "Instance": 1, "Volume": 1, "Bucket": 1, "Role": 1}
SHORT_MINUTE = 4.0
"""Seconds that stand for the minute; the whole one is a drill."""


def stops(installation: Installation, status: int, *said: str, words: tuple[str, ...] = APPLY) -> str:
    """The command ends with that status and these words in both languages, and no process or lock stays."""
    code, text = installation.run(*words, account=PLANNER)
    assert code == status, text
    assert [word for word in said if word not in text] == [], text
    assert "Traceback" not in text
    assert installation.locks == []
    return text


def known_of(installation: Installation) -> dict[str, list[str]]:
    """What is there, which cloud and state agree about."""
    cloud = {kind: ids for kind, ids in cloud_ids(installation).items() if ids}
    assert cloud == {kind: ids for kind, ids in state_ids(installation).items() if ids}
    assert without_a_tag(installation) == []
    return cloud


def state_on_record(installation: Installation) -> str | None:
    """Of the newest deployment; None where there is none."""
    with closing(sqlite3.connect(installation.home / "records.db")) as records:
        row = records.execute("SELECT state FROM deployment ORDER BY number DESC LIMIT 1").fetchone()
    return None if row is None else str(row[0])


def state_file(installation: Installation) -> Path:
    return installation.home / "engine" / "state" / ".pulumi" / "stacks" / "guanyun" / f"{ENVIRONMENT}.json"


def cut_in_half(path: Path) -> bytes:
    """Lose the second half of a file; what is left."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path.read_bytes()


def test_a_quota_of_the_cloud_and_then_a_minute_of_trouble(installation: Installation) -> None:
    with ailing_cloud(installation.cloud) as cloud:
        through = installation.through(cloud.endpoint)
        cloud.falls_ill(Trouble(400, "InstanceLimitExceeded", "RunInstances"))
        stops(through, STOPPED, "[infra.quota-reached]", "配额用尽", "a quota of the cloud is used up", "app-01")
        assert not {"Instance", "Volume"} & known_of(installation).keys()
        assert state_on_record(installation) == "running"

        # 429 to every question and every order, then faults in the middle of the order itself.
        cloud.falls_ill(
            Trouble(429, "TooManyRequestsException", seconds=SHORT_MINUTE),
            Trouble(500, "InternalError", "RunInstances", seconds=SHORT_MINUTE),
            Trouble(503, "", "CreateVolume", seconds=1),
        )
        through.do(*APPLY, account=PLANNER)
        assert all(trouble.refused for trouble in cloud.troubles)
    assert state_on_record(installation) == "ended"
    assert {kind: len(ids) for kind, ids in known_of(installation).items()} == WHOLE

    # The state of an environment that stands is cut in half: the copy of the last run's end lacks nothing.
    left = cut_in_half(state_file(installation))
    for words in (APPLY, ("plan", "create", ENVIRONMENT)):
        said = ("[infra.state-unreadable]", "读不出来", "cannot be read", f"restore-state {ENVIRONMENT}")
        stops(installation, STOPPED, *said, words=words)
    assert state_file(installation).read_bytes() == left
    assert state_on_record(installation) == "ended"
    told = installation.do("runbook", "run", "restore-state", ENVIRONMENT, account=PLANNER)
    assert "7 resources; what was done after that is not in it" in told
    assert "7 个资源;其后的改动不在其中" in told
    assert "cloud and state hold the same" in told
    assert state_file(installation).with_name(f"{ENVIRONMENT}.json.damaged").read_bytes() == left
    everything_is_there_once(installation)
    nothing_is_left_behind(installation)


def test_credentials_that_expire_and_a_state_that_is_cut_in_the_middle(installation: Installation) -> None:
    with ailing_cloud(installation.cloud) as cloud:
        through = installation.through(cloud.endpoint)
        # Expired from the beginning: nothing is begun, neither in the cloud nor on record.
        cloud.falls_ill(Trouble(403, "ExpiredToken"))
        stops(through, STOPPED, "[provider.credentials-refused]", "云凭证缺失、已过期", "are missing, expired")
        assert known_of(installation) == {}
        assert state_on_record(installation) is None

        # Expired in the middle: what was made is known.
        cloud.falls_ill(Trouble(400, "RequestExpired", "RunInstances"))
        stops(through, STOPPED, "[infra.credentials-ended]", "云凭证失效", "no longer accepts the credentials")
        half = known_of(installation)
        assert half
        assert not {"Instance", "Volume"} & half.keys()
        assert state_on_record(installation) == "running"

        # Cut in half before anybody came back to it.
        cloud.falls_ill()
        left = cut_in_half(state_file(installation))
        text = stops(through, STOPPED, "[infra.state-unreadable]", f"restore-state {ENVIRONMENT}")
        assert "最近的可读副本" in text
        assert {kind: ids for kind, ids in cloud_ids(installation).items() if ids} == half
        assert state_file(installation).read_bytes() == left
        through.do("runbook", "run", "restore-state", ENVIRONMENT, account=PLANNER)
    assert state_on_record(installation) == "ended"
    # What the copy lacked was adopted, not made again.
    assert all(set(ids) <= set(cloud_ids(installation)[kind]) for kind, ids in half.items())
    assert {kind: len(ids) for kind, ids in known_of(installation).items()} == WHOLE
    nothing_is_left_behind(installation)


@pytest.mark.drill
@pytest.mark.parametrize(("status", "code"), [(500, "InternalError"), (429, "Throttling"), (503, "")])
def test_a_whole_minute_of_trouble_ends_in_a_whole_environment(
    installation: Installation, status: int, code: str
) -> None:
    with ailing_cloud(installation.cloud) as cloud:
        cloud.falls_ill(Trouble(status, code, "RunInstances", seconds=60), Trouble(status, code, seconds=60))
        installation.through(cloud.endpoint).do(*APPLY, account=PLANNER)
        assert all(trouble.refused > 1 for trouble in cloud.troubles)
    everything_is_there_once(installation)
    nothing_is_left_behind(installation)
