"""The night: one look an environment, asked for once whatever is killed, put off while a deployment runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from foundation.store import Transaction
from foundation.work.due.model import DUE
from foundation.work.leases import acquire
from foundation.work.runs import Job, Json, Kinds, Run, RunState, Steps, Workshop, enqueue_many, find_runs
from foundation.work.runs.carrying import carry_out
from foundation.work.runs.claiming import Worker, adopt, claim, register
from governance.authority import machine_scope
from infra.drift import LOOK, NIGHT, LookOutcome, Night, look_kind, night_kind
from infra.drift.looking import end_of_the_terminated
from infra.drift.tables import applied_environments
from tests.infra.deployments.fakes import Killed
from tests.infra.drift.conftest import ENVIRONMENT, Sky


@dataclass
class Works:
    """Workers over a sky; ``dies_at`` names the point at which the next carrying is killed."""

    sky: Sky
    applied: Sequence[tuple[str, str]] | None = None
    dies_at: str = ""
    points: Counter[str] = field(default_factory=Counter)

    def point(self, name: str) -> None:
        self.points[name] += 1
        wanted, _, nth = self.dies_at.partition("*")
        if name == wanted and self.points[name] == int(nth or 1):
            self.dies_at = ""
            raise Killed(name)

    @property
    def kinds(self) -> Kinds:
        office = self.sky.office

        def look_at(steps: Steps, environment: str) -> Json:
            made = self.sky.look(environment)
            return {"outcome": made.outcome.value, "zh": made.zh, "en": made.en}

        def enqueue(transaction: Transaction, jobs: Sequence[Job]) -> Sequence[tuple[str, bool]]:
            return enqueue_many(transaction, jobs, kinds=self.kinds, clock=office.clocks.real, ids=office.ids)

        def applied() -> Sequence[tuple[str, str]]:
            if self.applied is not None:
                return self.applied
            with office.store.reading() as transaction:
                return applied_environments(transaction, machine_scope())

        night = Night(applied, enqueue, lambda names: end_of_the_terminated(office, names), office.clocks.real)
        return Kinds([look_kind(look_at, concurrency=2), night_kind(night)])

    @property
    def workshop(self) -> Workshop:
        def note(transaction: Transaction, event: str, run: Run, facts: Mapping[str, Json]) -> None:
            pass

        office = self.sky.office
        return Workshop(office.store, office.clocks.real, office.ids, self.kinds, machine_scope(), note, self.point)

    def begin(self, at: str = "2026-11-01T17:30:00.000000Z") -> None:
        """As the tick does: one job for each occurrence of the rule."""
        job = Job(NIGHT, {DUE: {"rule": NIGHT, "at": at, "folded": 0}}, f"due:{NIGHT}:{at}")
        office = self.sky.office
        with office.store.transaction() as transaction:
            enqueue_many(transaction, [job], kinds=self.kinds, clock=office.clocks.real, ids=office.ids)

    def worker(self) -> Worker:
        """One that has just started; what its former holder left is taken over."""
        lease = acquire(
            *(self.sky.office.store, "worker:a", "pid"),
            length=timedelta(days=1),
            clock=self.sky.office.clocks.real,
            died=lambda _: True,
        )
        worker = Worker("a", lease)
        register(self.workshop, worker, host="here", pid=1, version="1")
        return worker

    def through(self, turns: int = 20) -> int:
        """By one worker that starts now; the most runs it had at once."""
        worker, most = self.worker(), 0
        left = list(adopt(self.workshop, worker))
        for _ in range(turns):
            claimed = [*left, *claim(self.workshop, worker, places=64)]
            left, most = [], max(most, len(claimed))
            for run in claimed:
                carry_out(self.workshop, run)
            if not claimed:
                break
        return most

    def runs(self, kind: str = LOOK) -> list[Run]:
        with self.sky.office.store.reading() as transaction:
            found = find_runs(transaction, machine_scope(), kind=kind, limit=5000)
        return list(found)


@pytest.fixture
def works(sky: Sky) -> Works:
    return Works(sky)


def second(sky: Sky) -> str:
    """Another applied environment, of another agency."""
    spec = sky.world.approved[ENVIRONMENT].spec
    sky.world.approve(replace(spec, environment="housing-portal", agency="housing"))  # type: ignore[arg-type]
    sky.apply("housing-portal")
    return "housing-portal"


def test_everything_applied_is_looked_at_once_a_night(works: Works) -> None:
    other = second(works.sky)
    works.begin()
    works.through()
    assert {(run.subject, run.agency, run.state) for run in works.runs()} == {
        (f"environment:{ENVIRONMENT}", "hrss", RunState.SUCCEEDED),
        (f"environment:{other}", "housing", RunState.SUCCEEDED),
    }
    assert {run.key for run in works.runs()} == {f"{name}/night-2026-11-02" for name in (ENVIRONMENT, other)}
    assert {one.environment: one.outcome for one in works.sky.looks()} == {
        ENVIRONMENT: LookOutcome.CLEAN,
        other: LookOutcome.CLEAN,
    }
    # Asked again that night nothing more is done; the next night everything once more.
    works.begin("2026-11-01T18:30:00.000000Z")
    works.through()
    assert len(works.runs()) == 2
    works.begin("2026-11-02T17:30:00.000000Z")
    works.through()
    assert len(works.runs()) == 4


@pytest.mark.parametrize(
    "point", ["after-effect:read", "in-commit:idempotent", "after-commit:idempotent", "before-effect:idempotent"]
)
def test_a_night_killed_anywhere_asks_for_each_look_once(works: Works, point: str) -> None:
    second(works.sky)
    works.sky.change("instance", "web-1", type="c5.xlarge")
    works.begin()
    works.dies_at = point
    with pytest.raises(Killed):
        works.through()
    works.through()
    assert len(works.runs()) == 2
    assert {run.state for run in works.runs()} == {RunState.SUCCEEDED}
    assert len(works.sky.findings()) == 1


@pytest.mark.parametrize("nth", range(1, 5))
def test_a_look_killed_after_it_was_recorded_finds_the_same_again(works: Works, nth: int) -> None:
    works.sky.change("instance", "web-1", type="c5.xlarge")
    works.begin()
    works.dies_at = f"after-effect:idempotent*{nth}"
    try:
        works.through()
    except Killed:
        works.through()
    assert {run.state for run in works.runs()} == {RunState.SUCCEEDED}
    assert len(works.sky.findings()) == 1


def test_a_look_that_meets_a_deployment_comes_again_later(works: Works) -> None:
    works.begin()
    deployer = replace(works.sky.world.deployer, holder="somebody else")
    with deployer.holding(ENVIRONMENT):
        works.through()
    (run,) = works.runs()
    assert (run.state, run.failures) == (RunState.QUEUED, 1)
    assert run.not_before > works.sky.office.clocks.real()
    assert [one.outcome for one in works.sky.looks()] == [LookOutcome.BUSY]


def test_two_thousand_environments_are_asked_for_in_one_night_and_looked_at_two_at_a_time(works: Works) -> None:
    works.applied = [(f"env-{number:04}", ("hrss", "housing")[number % 2]) for number in range(2000)]
    works.begin()
    worker = works.worker()
    for run in claim(works.workshop, worker, places=64):
        carry_out(works.workshop, run)
    assert len(works.runs()) == 2000
    assert len(claim(works.workshop, worker, places=64)) == 2
