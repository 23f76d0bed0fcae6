"""Fleet operations bound to this installation: the environments there are, the queue, the hands, the live look."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from foundation.store import Scope, Transaction
from foundation.work.outbox import Since, Subscriber
from foundation.work.runs import Flow, Job, Json, Kind, Steps, enqueue_many
from governance.authority import on_behalf
from infra.fleet import (
    LOOK_AFTER,
    Candidate,
    Fleet,
    Hands,
    OperationState,
    Selection,
    Standing,
    heard,
    look_after,
    member_kind,
    show_operation,
)
from infra.topics import FLEET_HEARS

if TYPE_CHECKING:
    from infra.deployments import ApprovedEnvironment, Deployer
    from infra.ports import OnProgress
    from wiring.application import Application

Tell = Callable[[Standing], None]
_POLL = 0.5
_LOOK_AFTER_SECONDS = 10.0


def fleet(application: Application) -> Fleet:
    """What fleet operations need, for this installation."""
    office = application.office

    def enqueue(transaction: Transaction, jobs: Sequence[Job]) -> Sequence[tuple[str, bool]]:
        from wiring.kinds import kinds

        return enqueue_many(transaction, jobs, kinds=kinds(application), clock=office.clocks.real, ids=office.ids)

    def retry(token: str, run: str) -> bool:
        from wiring.work_control import retry_run

        return retry_run(application, token, run)[1]

    return Fleet(office, candidates, enqueue, retry)


def candidates(transaction: Transaction, scope: Scope, selection: Selection) -> Sequence[Candidate]:
    """infra's ``Candidates``: the tenants' environments that are approved or were once, but are not closed."""
    from tenants.environments import EnvironmentState, environments

    gone = {EnvironmentState.REQUESTED, EnvironmentState.CLOSED}
    chosen = [
        one
        for one in environments(transaction, scope)
        if one.spec is not None
        and (one.state not in gone or one.id in selection.names)
        and selection.fits(
            one.id, agency=one.agency, system=one.system, zone=one.spec.zone.value, level=one.spec.protection.value
        )
    ]
    approved = approved_of(transaction, [one.id for one in chosen])
    return [Candidate(one.id, one.agency, approved.get(one.id)) for one in chosen]


def approved_of(transaction: Transaction, environments: Sequence[str]) -> Mapping[str, ApprovedEnvironment]:
    """What stands approved for each environment, as ``wiring.cloud.approvals`` says of one; others are left out.

    Planning and applying ask again, one by one.
    """
    from tenants.requests import approved_environments
    from wiring.cloud import to_build

    return {one.environment: to_build(one) for one in approved_environments(transaction, environments).values()}


def fleet_kinds(application: Application) -> tuple[Kind, ...]:
    """The kinds of work of fleet operations."""
    return (
        member_kind(hands(application)),
        Kind(LOOK_AFTER, "批量作业核对", "look after fleet operations", _look_after(application), concurrency=1),
    )


def hands(application: Application) -> Hands:
    """What carries a member's run out."""

    def deployer() -> Deployer:
        from wiring.cloud import deployer as of

        return of(application)

    def token(steps: Steps, asked: str) -> AbstractContextManager[str]:
        from wiring.application import new_token

        return on_behalf(application.office, steps.run.account, work=asked, token=new_token)

    def progress(steps: Steps) -> OnProgress:
        from wiring.kinds import noting

        return noting(application, steps)

    return Hands(deployer=deployer, token=token, progress=progress, clock=application.office.clocks.real)


def fleet_listener(application: Application) -> Subscriber:
    """Releases what comes next in an operation when a run has ended: exactly once, with the mark of its event."""
    return Subscriber("infra.fleet", FLEET_HEARS, partial(heard, fleet(application)), since=Since.FIRST_SEEN)


def watch(application: Application, token: str, id_: str, *, tell: Tell) -> Standing:
    """Follow an operation until it runs no more and nothing of it is under way; where no worker lives, work here.

    ``tell`` hears how it stands whenever it was looked at: every member first, then those that changed. Working here
    is working as the worker does, at everything that waits.
    """
    from wiring.following import somebody_works, work_here

    looked: list[float] = []
    newest: list[datetime] = []

    def look() -> Standing:
        from wiring.subscriptions import deliver_outstanding

        deliver_outstanding(application)
        if not looked or time.monotonic() - looked[-1] > _LOOK_AFTER_SECONDS:
            look_after(fleet(application), id_)
            looked.append(time.monotonic())
        standing = show_operation(application.office, token, id_, since=newest[-1] if newest else None, limit=None)
        newest[:] = [max([*newest, *(member.updated_at for member in standing.members if member.updated_at)])]
        tell(standing)
        return standing

    while not settled(standing := look()):
        if somebody_works(application) or not work_here(application, lambda: settled(look())):
            time.sleep(_POLL)
    return standing


def settled(standing: Standing) -> bool:
    """Whether watching on would show nothing new."""
    from infra.fleet import MemberState

    return standing.operation.state is not OperationState.RUNNING and not standing.tally.count([MemberState.RELEASED])


def _look_after(application: Application) -> Flow:
    """Repair operations that no event moved on. The machine's own work; done again it finds nothing to do."""

    def flow(steps: Steps) -> Json:
        return steps.idempotent("look-after", lambda: {"moved": look_after(fleet(application))}, key="due")

    return flow
