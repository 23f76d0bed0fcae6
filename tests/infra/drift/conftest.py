"""A sky over the fakes of deployments: an applied environment, looks at it, hands that change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from foundation.store import Transaction
from foundation.work.outbox.tables import outbox_table
from governance import audit
from governance.authority import Office, viewing
from infra.deployments import apply_plan, approve_plan, plan_environment
from infra.drift import Finding, Look, Reach, TrailState, Watcher, Who, list_findings, list_looks, look
from tests.infra.deployments.conftest import SPEC, World, make_world
from tests.infra.deployments.fakes import Made

ENVIRONMENT = SPEC.environment


@dataclass
class FakeTrail:
    """Answers what it was told; remembers what it was asked."""

    known: dict[str, Who] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def who(self, cloud_id: str, place: tuple[str, str], *, since: datetime, before: datetime) -> Who:
        self.asked.append(cloud_id)
        return self.known.get(cloud_id, Who(TrailState.NOTHING))


@dataclass
class Sky:
    """Everything a test of drift turns."""

    world: World
    trail: FakeTrail = field(default_factory=FakeTrail)
    reach: Reach = field(init=False)

    def __post_init__(self) -> None:
        self.later()

    def later(self) -> None:
        """More than a minute later: what was known of a cloud out of reach is known no more."""
        self.reach = Reach(self.office.clocks.real)

    @property
    def office(self) -> Office:
        return self.world.office

    @property
    def operator(self) -> str:
        return self.world.tokens["operator-1"]

    @property
    def watcher(self) -> Watcher:
        return Watcher(self.world.deployer, self.trail, self.office.clocks.real, self.reach)

    def apply(self, environment: str = ENVIRONMENT) -> None:
        """Plan what is approved and apply it, with a second person's word where it takes one."""
        planned = plan_environment(self.world.deployer, self.operator, environment)
        if not planned.coverage.covered:
            approve_plan(self.world.deployer, self.world.tokens["operator-2"], planned.plan.digest)
        apply_plan(self.world.deployer, self.operator, environment, planned.plan.digest)

    def look(self, environment: str = ENVIRONMENT) -> Look:
        return look(self.watcher, environment)

    def findings(self, account: str = "operator-1", *, standing: bool = True, environment: str = "") -> list[Finding]:
        with viewing(self.office, self.world.tokens[account]) as view:
            return list(list_findings(view, standing=standing, environment=environment))

    def looks(self, account: str = "operator-1", *, unseen: bool = False) -> list[Look]:
        with viewing(self.office, self.world.tokens[account]) as view:
            return list(list_looks(view, unseen=unseen))

    def made(self, kind: str, name: str, environment: str = ENVIRONMENT) -> Made:
        there = self.world.cloud.made[environment].values()
        return next(one for one in there if (one.kind, one.name) == (kind, name))

    def change(self, kind: str, name: str, **inputs: Any) -> Made:
        """By hand, as somebody at the console would."""
        one = self.made(kind, name)
        self.world.cloud.made[ENVIRONMENT][one.id] = changed = replace(one, inputs={**one.inputs, **inputs})
        self.world.engine.known[ENVIRONMENT][one.id] = changed  # the fake's preview reads what a refresh would
        return changed

    def delete(self, kind: str, name: str) -> Made:
        return self.world.cloud.made[ENVIRONMENT].pop(self.made(kind, name).id)

    def create(self, kind: str, inputs: Mapping[str, Any]) -> Made:
        return self.world.cloud.create(ENVIRONMENT, kind, "by-hand", inputs, "")

    def announced(self, topic: str) -> list[Mapping[str, Any]]:
        from sqlalchemy import select

        with self.office.store.reading() as transaction:
            rows = transaction.rows(select(outbox_table.c.payload).where(outbox_table.c.topic == topic))
            return [row["payload"] for row in rows]

    def audited(self, prefix: str = "drift.") -> list[str]:
        with self.office.store.reading() as transaction:
            return [entry.event for entry in audit.entries(transaction) if entry.event.startswith(prefix)]


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """What was logged, kept from the screen."""
    with capture_logs():
        yield


@pytest.fixture
def sky(office: Office, people: dict[str, str]) -> Sky:
    made = Sky(make_world(office, people))
    made.world.approve()
    made.apply()
    return made


def standing_of(transaction: Transaction) -> list[Finding]:
    """Every finding that stands, whoever asks."""
    from governance.authority import machine_scope
    from infra.drift.tables import findings_of

    return list(findings_of(transaction, machine_scope(), standing=True))
