"""A cloud that cannot be reached: found out once, said of every environment, and looked at again by itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from foundation.work.runs import RunState
from foundation.work.runs.tables import run_table, runs
from governance.authority import machine_scope
from infra.cloud import CloudIdentity, read_identity
from infra.drift import LookOutcome, Reach, look_job
from infra.drift.errors import NotReached
from infra.engine.errors import CloudAway
from infra.errors import CloudUnreachable
from infra.provider.clients import Clients
from infra.provider.errors import CloudSilent
from infra.topics import DRIFT_UNSEEN
from tests.infra.deployments.fakes import Killed
from tests.infra.drift.conftest import ENVIRONMENT, Sky
from tests.infra.drift.test_nightly import Works

AWAY = CloudUnreachable(endpoint="http://127.0.0.1:1", reason="refused")
SILENT = CloudSilent(operation="DescribeVpcs", message="no route to ec2.cn-north-1")
NORTH, SOUTH = frozenset({"", "north"}), frozenset({"south"})


@dataclass
class Now:
    """A clock that stands."""

    at: datetime = datetime(2026, 11, 2, 17, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def reach(now: Now) -> Reach:
    return Reach(now)


def test_a_cloud_that_did_not_answer_is_not_tried_again_within_a_minute_wherever_one_looks(
    reach: Reach, now: Now
) -> None:
    reach.check(lambda: NORTH)
    reach.lost("hrss-a", NORTH, AWAY)
    now.at += timedelta(seconds=59)
    for regions in (NORTH, SOUTH):
        with pytest.raises(NotReached) as told:
            reach.check(lambda regions=regions: regions)  # type: ignore[misc]
        assert "hrss-a" in told.value.text("en")
        assert "01:30:00" in told.value.text("zh")
        assert "refused" in told.value.text("zh")
    with pytest.raises(NotReached):
        reach.check()
    now.at += timedelta(seconds=1)
    reach.check(lambda: NORTH)


def test_whoever_sees_the_cloud_again_says_so_to_all(reach: Reach) -> None:
    reach.lost("hrss-a", NORTH, AWAY)
    reach.seen(lambda: SOUTH)
    reach.check(lambda: NORTH)


def test_one_environments_own_trouble_keeps_nobody_else_from_looking(reach: Reach) -> None:
    for _ in range(3):
        reach.lost("hrss-a", NORTH, SILENT)
        reach.check(lambda: NORTH)


def test_two_environments_in_a_row_are_a_region_that_is_away_and_only_that_region(reach: Reach, now: Now) -> None:
    reach.lost("hrss-a", NORTH, SILENT)
    reach.lost("hrss-b", NORTH, CloudAway(environment="hrss-b", action="preview", detail="silent"))
    with pytest.raises(NotReached):
        reach.check(lambda: NORTH)
    reach.check(lambda: SOUTH)
    reach.check()
    # A minute later one tries, and one is enough to say that it is still so.
    now.at += timedelta(minutes=1)
    reach.check(lambda: NORTH)
    reach.lost("hrss-c", NORTH, SILENT)
    with pytest.raises(NotReached):
        reach.check(lambda: NORTH)
    reach.seen(lambda: NORTH)
    reach.lost("hrss-d", NORTH, SILENT)
    reach.check(lambda: NORTH)


def test_a_clock_that_was_set_back_locks_nobody_out(reach: Reach, now: Now) -> None:
    reach.lost("hrss-a", NORTH, AWAY)
    now.at -= timedelta(hours=1)
    reach.check(lambda: NORTH)


# Looks


@pytest.fixture
def port() -> int:
    """One that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def closed(sky: Sky, port: int) -> Callable[[], float]:
    """Let the cloud be at a closed port, where waiting costs no time; how long was waited so far, in seconds."""
    waited = [0.0]

    def sleep(seconds: float) -> None:
        waited[0] += seconds

    clients = Clients(
        endpoint=f"http://127.0.0.1:{port}",
        region="cn-north-1",
        access_key="x",
        secret_key="x",
        sleep=sleep,
        clock=lambda: waited[0],
    )

    def identity() -> CloudIdentity:
        return read_identity(clients)

    sky.world.cloud.identity = identity  # type: ignore[method-assign]
    return lambda: waited[0]


def lose(sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody reach the cloud any more."""

    def away() -> CloudIdentity:
        raise AWAY

    monkeypatch.setattr(sky.world.cloud, "identity", away)


def more(sky: Sky, count: int) -> list[str]:
    """So many more applied environments."""
    spec = sky.world.approved[ENVIRONMENT].spec
    names = [f"hrss-{number:03}" for number in range(count)]
    for name in names:
        sky.world.approve(replace(spec, environment=name))  # type: ignore[arg-type]
        sky.apply(name)
    return names


def test_at_a_closed_port_one_look_waits_and_the_others_say_so_at_once(sky: Sky, port: int) -> None:
    names = more(sky, 5)
    waited = closed(sky, port)
    sky.world.engine.calls.clear()
    first = sky.look()
    assert (first.outcome, first.code) == (LookOutcome.UNREACHABLE, CloudUnreachable.code)
    once = waited()
    assert once > 5
    began = time.monotonic()
    others = [sky.look(name) for name in names]
    assert time.monotonic() - began < 5
    assert waited() == once
    assert {(one.outcome, one.code) for one in others} == {(LookOutcome.UNREACHABLE, NotReached.code)}
    assert all(ENVIRONMENT in one.en and f"127.0.0.1:{port}" in one.zh for one in others)
    assert sky.world.engine.calls == []
    # Each is on record as not seen, and people are told once.
    assert {one.environment for one in sky.looks(unseen=True)} == {ENVIRONMENT, *names}
    assert len(sky.announced(DRIFT_UNSEEN)) == 1
    sky.later()
    sky.look(names[0])
    assert waited() > once


def test_a_cloud_that_breaks_off_in_the_middle_is_out_of_reach_and_not_a_failure_of_its_own(
    sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = more(sky, 3)

    def silent(*_: object) -> dict[str, frozenset[str]]:
        raise SILENT

    monkeypatch.setattr(sky.world.cloud, "sweep", silent)
    made = [sky.look(name) for name in names]
    assert {one.outcome for one in made} == {LookOutcome.UNREACHABLE}
    assert [one.code for one in made] == [CloudSilent.code, CloudSilent.code, NotReached.code]
    monkeypatch.undo()
    sky.later()
    assert {sky.look(name).outcome for name in names} == {LookOutcome.CLEAN}


def test_a_look_that_is_killed_leaves_no_word_of_the_cloud(sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> dict[str, frozenset[str]]:
        raise Killed("in the sweep")

    monkeypatch.setattr(sky.world.cloud, "sweep", die)
    with pytest.raises(Killed):
        sky.look()
    monkeypatch.undo()
    assert sky.look().outcome is LookOutcome.CLEAN


# The night


def again(works: Works, *, failures: int | None = None) -> None:
    """It is later: what was put off is due, and nothing is known of the cloud."""
    works.sky.later()
    with works.sky.office.store.transaction() as transaction:
        values = {} if failures is None else {"failures": failures}
        due = runs.update(machine_scope()).where(run_table.c.state == RunState.QUEUED.value)
        transaction.write(due.values(not_before=works.sky.office.clocks.real(), **values))


def test_looks_of_a_night_without_a_cloud_come_again_and_see_it_when_it_is_back(
    sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    works, names = Works(sky), more(sky, 3)
    lose(sky, monkeypatch)
    works.begin()
    works.through()
    assert {(run.state, run.failures, run.reason) for run in works.runs()} == {
        (RunState.QUEUED, 1, "infra.drift-looks-again")
    }
    assert all("refused" in run.reason_zh and run.not_before > sky.office.clocks.real() for run in works.runs())
    assert len(sky.announced(DRIFT_UNSEEN)) == 1
    monkeypatch.undo()
    again(works)
    works.through()
    assert {run.state for run in works.runs()} == {RunState.SUCCEEDED}
    newest = {one.environment: one.outcome for one in reversed(sky.looks())}
    assert newest == dict.fromkeys((ENVIRONMENT, *names), LookOutcome.CLEAN)


def test_a_night_that_never_sees_the_cloud_ends_without_a_run_that_failed(
    sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = Works(sky)
    more(sky, 2)
    lose(sky, monkeypatch)
    works.begin()
    works.through()
    again(works, failures=11)
    works.through()
    assert {run.state for run in works.runs()} == {RunState.SUCCEEDED}
    assert {(run.outcome or {})["outcome"] for run in works.runs()} == {"unreachable"}
    assert len(sky.looks(unseen=True)) == 3
    assert len(sky.announced(DRIFT_UNSEEN)) == 1


def test_whoever_asked_for_a_look_hears_at_once_that_it_could_not_be(sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
    from foundation.work.runs import enqueue_many

    works, office = Works(sky), sky.office
    lose(sky, monkeypatch)
    job = look_job(ENVIRONMENT, "hrss", "ask_1", account="operator-1", person="person-operator-1")
    with office.store.transaction() as transaction:
        enqueue_many(transaction, [job], kinds=works.kinds, clock=office.clocks.real, ids=office.ids)
    works.through()
    (run,) = works.runs()
    assert (run.state, (run.outcome or {})["outcome"]) == (RunState.SUCCEEDED, "unreachable")
