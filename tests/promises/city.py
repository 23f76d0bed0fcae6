"""A whole installation for the promises: two agencies' month through every room that has rows, on one record database.

Billing's town (real services over a fake cloud) with what it does not need itself: requests, environments, plans,
deployments, the register, a machine room, sealed minutes, a published grade, a runbook's run, a quarantined record.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import update

from billing.handing_out import hand_out_subscriber
from billing.usage import batch_of, close_days, record_batches
from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.instant import Interval
from foundation.values.month import Month, shanghai_day
from foundation.values.working_days import published_calendar
from foundation.work import acquire, deliver_and_report
from foundation.work.due import DueRule, EveryDay, Ticking, put_rule, tick
from foundation.work.outbox import Pace
from foundation.work.runs import Job, Kind, Kinds, Steps, Worker, Workshop, enqueue, enqueue_many
from foundation.work.runs.claiming import claim
from governance.authority import Act, acting, machine_scope
from governance.environments import (
    EnvironmentSpec,
    InstanceSpec,
    Protection,
    SubnetSpec,
    VolumeSpec,
    Zone,
    spec_document,
)
from governance.metering import UsageRecord
from governance.parties import Account, account_of, add_account
from governance.parties.tables import account_table
from infra.deployments import ApprovedEnvironment, Deployer, Planned, apply_plan, plan_environment
from monitoring import seal_days
from monitoring.sli.model import SliDay
from monitoring.sli.tables import sli_day_table
from runbooks.model import Run, RunState
from runbooks.tables import begin_step, insert_run
from supervision.grades import draft_grade, publish_grade, read_grade
from takeover import confirm_systems, import_machine_room
from tenants.hearing import subscribers as tenants_subscribers
from tenants.needs import Alternative, ItemUse, Questions, allow_urgent, open_round, propose, state_need
from tenants.needs.lending import QuotaLoan
from tenants.needs.model import DataKind, Effect, Urgency, Users
from tenants.requests import Request, RequestKind, approve_request, approved_environment, create_request
from tests.billing.conftest import CONTRACT, EXAMPLES, MARCH, Town, shanghai
from tests.duties import ORDINARY
from tests.infra.deployments.fakes import FakeCloud, FakeEngine
from tests.logins import leave_session
from tests.promises.filling import fill
from wiring.tables import gather

gather()
SPECS: Mapping[str, EnvironmentSpec] = {
    "hrss": EnvironmentSpec(
        environment="hrss-portal",
        agency="hrss",
        system="employment",
        project="P-HRSS-2026-01",
        fund_source="就业补助资金",
        zone=Zone.EXTRANET,
        protection=Protection.LEVEL_2,
        cidr="10.10.0.0/24",
        subnets=(SubnetSpec("front", "10.10.0.0/25"),),
        instances=(
            InstanceSpec("jy-web", "general-2c4g", "c5.large", "ami-1", "front", (VolumeSpec("jy-data", 100),)),
        ),
    ),
    "housing": EnvironmentSpec(
        environment="housing-permits",
        agency="housing",
        system="property-registration",
        project="P-HOUSING-2026-01",
        fund_source="一般公共预算",
        zone=Zone.EXTRANET,
        protection=Protection.LEVEL_2,
        cidr="10.10.1.0/24",
        subnets=(SubnetSpec("front", "10.10.1.0/25"),),
        instances=(
            InstanceSpec("fw-app", "general-4c16g", "c5.xlarge", "ami-1", "front", (VolumeSpec("fw-data", 70),)),
        ),
    ),
}
NUMBERS = {"hrss": "REQ-2026-0001", "housing": "REQ-2026-0002"}


def flat(transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> tuple[int, Sequence[Mapping[str, Any]]]:
    """tenants' ``Estimator``: a hundred yuan a machine and month."""
    return 10_000 * len(spec.instances), [{"plan": one.plan, "amount": 10_000} for one in spec.instances]


class City(Town):
    """A town with tenants, a cloud and a machine room."""

    def __init__(self, folder: Path, url: str = "") -> None:
        super().__init__(folder, url)
        self.cloud = FakeCloud()
        self.deployer = Deployer(
            office=self.office, engine=FakeEngine(self.cloud), cloud=self.cloud, approvals=approvals, cost=cost
        )

    # people

    def join(self, person_of: str, party: str, *, name: str = "", since: datetime | None = None) -> str:
        """Give the natural person behind an account another account, at ``party``; its name."""
        name = name or f"{person_of}-at-{party}"
        with self.store.transaction() as transaction:
            first = account_of(transaction, person_of)
            assert first is not None
            began = since or self.office.clocks.business(transaction)
            add_account(transaction, Account(name, first.person, party, ORDINARY, began, None), "-")
            leave_session(transaction, name, self.token(name))
        return name

    def leave(self, account: str, until: datetime | None = None) -> None:
        """End an account."""
        with self.store.transaction() as transaction:
            ended = until or self.office.clocks.business(transaction)
            transaction.write(update(account_table).where(account_table.c.name == account).values(until=ended))

    # tenants and cloud

    def ask(self, agency: str, number: str = "", *, account: str = "", **more: Any) -> Request:
        """A request of the agency for its environment."""
        arguments = {"kind": RequestKind.CREATE, "spec": SPECS[agency], **more}
        token = self.token(account or f"{agency}-1")
        return create_request(self.office, token, estimator=flat, number=number, **arguments)[0]

    def approve(self, request: Request, account: str = "bureau-1") -> bool:
        """Approve it; whether that is new."""
        return approve_request(self.office, self.token(account), request.number, digest=request.spec_digest)[1]

    def plan(self, environment: str, account: str = "operator-1") -> Planned:
        """Plan the environment."""
        return plan_environment(self.deployer, self.token(account), environment)

    def apply(self, environment: str, digest: str, account: str = "operator-1") -> bool:
        """Apply the plan; whether that is new."""
        return apply_plan(self.deployer, self.token(account), environment, digest).new

    def deliver(self) -> None:
        everyone = [*tenants_subscribers(self.office.clocks.real), hand_out_subscriber(self.handed_out)]
        # One batch however slow the machine is: where it ends decides in which order subscribers follow each other.
        done = deliver_and_report(self.store, everyone, clock=self.office.clocks.real, pace=Pace(seconds=600))
        assert not done.failed

    # the story

    def inhabit(self) -> None:
        """Everything a town lacks."""
        self.quarantine()
        self.state_needs()
        for agency, number in NUMBERS.items():
            request = self.ask(agency, number)
            self.approve(request)
            planned = self.plan(request.environment)
            self.apply(request.environment, planned.plan.digest)
        self.deliver()
        self.take_over()
        self.measure()
        self.grade()
        self.run_runbooks()
        self.work()
        fill(self)

    def state_needs(self) -> None:
        """A need of each agency, alike the other's, urgent, answered; something lent on it; a round."""
        operator, bureau = self.token("operator-1"), self.token("bureau-1")
        now = self.now()
        open_round(self.office, bureau, "R-1", zh="征集", en="Round", taking=Interval(now, now + timedelta(days=9)))
        for agency, spec in SPECS.items():
            token = self.token(f"{agency}-1")
            number = f"NEED-OF-{agency}"
            state_need(self.office, token, wish_of(agency, shanghai_day(now)), number=number, round_id="R-1")
            use, until = {"vcpu": 1}, now + timedelta(days=30)
            loan = QuotaLoan()
            allow_urgent(self.office, bureau, number, use=use, until=until, reason=f"lent-to-{agency}", quota=loan)
            small = Alternative("small", f"small-for-{agency}", "Small", f"why-{agency}", spec, ())
            propose(
                self.office,
                operator,
                number,
                [small, replace(small, id="large")],
                recommended="small",
                estimator=flat,
                item_estimator=no_items,
            )

    def now(self) -> datetime:
        """Where business stands."""
        with self.store.reading() as transaction:
            return self.office.clocks.business(transaction)

    def quarantine(self) -> None:
        """Two records under one key for each agency: neither counts."""
        for agency in SPECS:
            for quantity in (1, 2):
                record = UsageRecord(
                    f"{agency}-twice",
                    agency,
                    f"vm-of-{agency}",
                    "cpu-seconds",
                    Interval(shanghai(2), shanghai(2, 1)),
                    Decimal(quantity),
                    f"probe-{agency}",
                    0,
                )
                batch = batch_of(record.source, f"2026-03.{quantity}", [record])
                record_batches(self.office, self.token("operator-1"), self.usage, [batch])
        salts = itertools.count(10_000)
        close_days(
            self.office,
            self.token("operator-1"),
            [shanghai(2).date()],
            store=self.usage,
            signer=self.signer("evidence"),
            salt=lambda: sha256_hex(str(next(salts)).encode()),
        )

    def take_over(self) -> None:
        """A machine room of both agencies."""
        operator = self.token("operator-1")
        import_machine_room(self.office, operator, "city", EXAMPLES / "room.xlsx")
        confirm_systems(self.office, operator, "city", EXAMPLES / "systems.yaml")

    def measure(self) -> None:
        """Minutes of both agencies in February, sealed (March's are played by the town's fakes)."""
        february = Month(2026, 2)
        with acting(self.office, self.token("operator-1"), Act.EVIDENCE_IMPORT, "sli:test") as mandate:
            for agency, state in (("hrss", "u"), ("housing", "d")):
                for day in february.days():
                    one = SliDay(agency, "cloud-host", day, state * 1440, f"probe-{agency}", sha256_hex(b"log"))
                    row = {name: getattr(one, name) for name in one.__slots__} | {"day": day.isoformat()}
                    mandate.transaction.write(sli_day_table.insert().values(**row))
        salts = itertools.count(20_000)
        seal_days(
            self.office,
            self.token("operator-1"),
            february,
            signer=self.signer("evidence"),
            salt=lambda: sha256_hex(str(next(salts)).encode()),
        )
        self.deliver()

    def grade(self, month: Month = MARCH, drafter: str = "bureau-1", publisher: str = "bureau-2") -> None:
        """The month's grade."""
        dimensions, _ = read_grade(EXAMPLES / "grade.yaml")
        assert dimensions is not None
        draft_grade(self.office, self.token(drafter), CONTRACT, month, dimensions)
        publish_grade(self.office, self.token(publisher), CONTRACT, month)

    def run_runbooks(self) -> None:
        """A run of each agency, with a step."""
        with acting(self.office, self.token("operator-1"), Act.RUNBOOK_RUN, "run:test") as mandate:
            for agency, spec in SPECS.items():
                run = Run(
                    id=f"run-of-{agency}",
                    runbook="resume-environment",
                    environment=spec.environment,
                    agency=agency,
                    deployment="-",
                    state=RunState.RUNNING,
                    person=mandate.actor.person,
                    account=mandate.actor.account,
                    started_at=mandate.recorded_at,
                    ended_at=None,
                )
                insert_run(mandate.transaction, run)
                begin_step(mandate.transaction, mandate.scope, run, f"step-of-{agency}", mandate.recorded_at)

    def work(self) -> None:
        """A run of each agency with a step done, and a due rule with what became of it."""
        real, ids = self.office.clocks.real, self.office.ids
        kinds = Kinds([Kind("city.work", "城", "city", lambda steps: None)])
        here = Workshop(self.store, real, ids, kinds, machine_scope(), lambda *_: None)
        lease = acquire(self.store, "worker:city", "city", length=timedelta(days=1), clock=real)
        for agency in SPECS:
            job = Job("city.work", {"of": f"inputs-of-{agency}"}, f"key-of-{agency}", agency, f"subject-of-{agency}")
            rule = DueRule(
                f"rule-of-{agency}", "city.work", EveryDay(time(3)), {"of": f"due-of-{agency}"}, agency=agency
            )
            with self.store.transaction() as transaction:
                enqueue(transaction, job, kinds=kinds, clock=real, ids=ids)
                put_rule(transaction, machine_scope(), rule, calendar=published_calendar(), now=real())
            [run] = claim(here, Worker("city", lease), places=1)
            steps = Steps(here, run)
            steps.read(f"look-of-{agency}", lambda told=f"found-of-{agency}": told)

        def put(transaction: Transaction, jobs: Sequence[Job]) -> Sequence[str]:
            return [id_ for id_, _ in enqueue_many(transaction, jobs, kinds=kinds, clock=real, ids=ids)]

        tomorrow = real() + timedelta(days=1)
        lease = acquire(self.store, "due", "city", length=timedelta(days=9), clock=lambda: tomorrow)
        tick(Ticking(self.store, machine_scope(), lambda: tomorrow, put, lambda _: published_calendar()), lease)


def wish_of(agency: str, today: date) -> Questions:
    """What the agency answers to the business questions."""
    return Questions(
        agency=agency,
        zh=f"网上申领 {agency}-wish",
        en="Claims online",
        system="",
        purpose="让群众在网上申领并查询办理进度,减少窗口排队",
        users=(Users("群众", 1000),),
        data=(DataKind(f"data-of-{agency}", "internal", 1, 1),),
        capabilities=(),
        peak=10,
        service_hours="7×24",
        protection=Protection.LEVEL_2,
        deadline=today + timedelta(days=90),
        today=f"today-of-{agency}",
        effects=(Effect("比例", "80%"),),
        urgent=Urgency("emergency", f"urgent-for-{agency}", today + timedelta(days=30)),
    )


def no_items(
    transaction: Transaction, agency: str, items: Sequence[ItemUse], at: datetime
) -> tuple[int, Sequence[Mapping[str, Any]]]:
    """tenants' ``ItemEstimator``: no need of the city asks for service items."""
    return 0, ()


def approvals(transaction: Transaction, environment: str) -> ApprovedEnvironment | None:
    """infra's ``Approvals``, as ``wiring`` binds them."""
    found = approved_environment(transaction, environment)
    if found is None:
        return None
    ending = found.kind is RequestKind.TERMINATE
    return ApprovedEnvironment(found.request, found.spec, found.spec_digest, found.monthly, ending)


def cost(transaction: Transaction, spec: EnvironmentSpec, at: datetime) -> int:
    """infra's ``MonthlyCost``."""
    return flat(transaction, spec, at)[0]


def digest_of(spec: EnvironmentSpec) -> str:
    """What an approval of the spec binds to."""
    return sha256_hex(canonical_bytes(spec_document(spec)))
