"""A fleet over the fakes of deployments, with workers that a test kills where it likes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial

import pytest
from sqlalchemy import func
from structlog.testing import capture_logs

from foundation.store import Scope, Transaction
from foundation.work import Event, Since, Subscriber, deliver, publish
from foundation.work.leases import acquire
from foundation.work.runs import Job, Json, Kinds, Run, Steps, Workshop, enqueue_many, retry
from foundation.work.runs.carrying import carry_out
from foundation.work.runs.claiming import Worker, claim, register
from foundation.work.runs.errors import KilledTooOften
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting, machine_scope, on_behalf
from governance.environments import EnvironmentSpec
from infra.fleet import (
    Action,
    Candidate,
    Fleet,
    Hands,
    Operation,
    Pace,
    Selection,
    Standing,
    heard,
    member_kind,
    show_operation,
    start,
)
from infra.fleet.tables import member_table, members
from infra.topics import FLEET_HEARS
from tests.infra.deployments.conftest import SPEC, World, make_world

AGENCIES = ("hrss", "housing")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On both databases; the kills on PostgreSQL as a drill."""
    if "databases" not in metafunc.fixturenames or metafunc.config.getoption("--database") is not None:
        return
    drilled = metafunc.definition.path.name in {"test_kills.py", "test_random_kills.py", "test_real.py"}
    marks = [pytest.mark.drill] if drilled else []
    metafunc.parametrize("databases", ["sqlite", pytest.param("postgresql", marks=marks)], indirect=True)


class Killed(BaseException):
    """Stands for ``kill -9``."""


def spec_of(name: str, agency: str = "hrss", image: str = "ami-1") -> EnvironmentSpec:
    first = replace(SPEC.instances[0], image=image, volumes=())
    return replace(SPEC, environment=name, agency=agency, instances=(first,))


@dataclass
class Yard:
    """Everything a test of fleet operations turns."""

    world: World
    dies_at: str = ""
    """The point at which the next carrying or delivery is killed, as ``name`` or ``name*2``."""
    points: Counter[str] = field(default_factory=Counter)
    parking: set[str] = field(default_factory=set)
    """Environments whose runs are left to a person."""
    most: int = 0
    """The most members that were released at one time."""

    @property
    def office(self) -> Office:
        return self.world.office

    @property
    def operator(self) -> str:
        return self.world.tokens["operator-1"]

    def point(self, name: str) -> None:
        self.points[name] += 1
        wanted, _, nth = self.dies_at.partition("*")
        if name == wanted and self.points[name] == int(nth or 1):
            self.dies_at = ""
            raise Killed(name)

    def candidates(self, transaction: Transaction, scope: Scope, selection: Selection) -> Sequence[Candidate]:
        return [
            Candidate(name, one.spec.agency, one)
            for name, one in sorted(self.world.approved.items())
            if isinstance(one.spec, EnvironmentSpec)
            and scope.covers(one.spec.agency)
            and selection.fits(
                name,
                agency=one.spec.agency,
                system=one.spec.system,
                zone=one.spec.zone.value,
                level=one.spec.protection.value,
            )
        ]

    def enqueue(self, transaction: Transaction, jobs: Sequence[Job]) -> Sequence[tuple[str, bool]]:
        office = self.office
        return enqueue_many(transaction, jobs, kinds=self.kinds, clock=office.clocks.real, ids=office.ids)

    def behalf(self, steps: Steps, asked: str) -> AbstractContextManager[str]:
        if steps.run.inputs["environment"] in self.parking:
            raise KilledTooOften(times=3)
        return on_behalf(self.office, steps.run.account, work=asked, token=lambda: self.office.ids("token"))

    def retry(self, token: str, run: str) -> bool:
        with acting(self.office, token, Act.WORK_CONTROL, f"run:{run}") as mandate:
            retry(mandate.transaction, mandate.scope, run, clock=mandate.real)
            mandate.audit(AuditEvent.WORK_CONTROLLED, f"run:{run}", {"what": "retry"})
        return True

    @property
    def fleet(self) -> Fleet:
        return Fleet(self.office, self.candidates, self.enqueue, self.retry)

    @property
    def kinds(self) -> Kinds:
        hands = Hands(lambda: self.world.deployer, self.behalf, lambda steps: None, self.office.clocks.real)
        return Kinds([member_kind(hands, concurrency=64, for_one_agency=None)])

    @property
    def workshop(self) -> Workshop:
        def note(transaction: Transaction, event: str, run: Run, facts: Mapping[str, Json]) -> None:
            if event in {"failed", "parked"}:
                told = Event(f"work.{event}", f"run:{run.id}", {"kind": run.kind, **facts})
                publish(transaction, told, clock=self.office.clocks.real)

        office = self.office
        return Workshop(office.store, office.clocks.real, office.ids, self.kinds, machine_scope(), note, self.point)

    @property
    def subscriber(self) -> Subscriber:
        made = Subscriber("infra.fleet", FLEET_HEARS, partial(heard, self.fleet), since=Since.FIRST_SEEN)

        def handle(transaction: Transaction, event: Event) -> None:
            self.point("before-delivery")
            made.handle(transaction, event)
            self.point("in-delivery")

        return replace(made, handle=handle)

    def deliver(self) -> None:
        deliver(self.office.store, [self.subscriber], clock=self.office.clocks.real)
        self.point("after-delivery")

    def worker(self) -> Worker:
        """One that has just started; what its former holder left is taken over."""
        length, clock = self.world.deployer.lease_length * 1000, self.office.clocks.real
        lease = acquire(self.office.store, "worker:a", "pid", length=length, clock=clock, died=lambda _: True)
        worker = Worker("a", lease)
        register(self.workshop, worker, host="here", pid=1, version="1")
        return worker

    def turn(self, worker: Worker, left: Sequence[Run] = ()) -> int:
        """Everything that may run now runs, and everything announced is delivered: how many ran."""
        claimed = [*left, *claim(self.workshop, worker, places=64)]
        self.most = max(self.most, self.released())
        for run in claimed:
            carry_out(self.workshop, run)
        self.deliver()
        return len(claimed)

    def released(self) -> int:
        """How many members are released now."""
        with self.office.store.reading() as transaction:
            query = members.select(machine_scope(), func.count()).where(member_table.c.state == "released")
            return int(transaction.value(query))

    def through(self) -> None:
        """Until nothing runs any more, by one worker that starts now."""
        from foundation.work.runs.claiming import adopt

        worker = self.worker()
        left = adopt(self.workshop, worker)
        self.deliver()
        for _ in range(500):
            if not self.turn(worker, left):
                return
            left = []
        raise AssertionError("it never comes to an end")

    def start(self, action: Action, *names: str, canaries: int | tuple[str, ...] = 0, **pace: object) -> Operation:
        selection = Selection(names=names) if names else Selection(everything=True)
        made = Pace(canaries=canaries, **pace)  # type: ignore[arg-type]
        return start(self.fleet, self.operator, action, selection, made)[0]

    def show(self, operation: Operation) -> Standing:
        return show_operation(self.office, self.operator, operation.id, limit=None)

    def states(self, operation: Operation) -> dict[str, str]:
        return {member.environment: member.state.value for member in self.show(operation).members}

    def audited(self, prefix: str = "fleet.") -> list[str]:
        with self.office.store.reading() as transaction:
            return [entry.event for entry in audit.entries(transaction) if entry.event.startswith(prefix)]

    def approve(self, count: int, *, broken: Sequence[int] = (), terminate: bool = False) -> list[str]:
        """So many environments, of two agencies in turn; those that are broken fail when they are applied."""
        names = [f"env-{number:04}" for number in range(count)]
        for number, name in enumerate(names):
            image = "ami-broken" if number in broken else "ami-1"
            spec = spec_of(name, AGENCIES[number % 2], image)
            self.world.approve(spec, terminate=terminate)
        return names

    def planned(self, count: int, *, broken: Sequence[int] = ()) -> list[str]:
        """So many environments, each with its plan."""
        names = self.approve(count, broken=broken)
        from infra.deployments import plan_environment

        for name in names:
            plan_environment(self.world.deployer, self.operator, name)
        return names


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """What was logged, kept from the screen."""
    with capture_logs():
        yield


@pytest.fixture
def yard(office: Office, people: dict[str, str]) -> Yard:
    made = Yard(make_world(office, people))
    made.deliver()
    made.points.clear()
    return made
