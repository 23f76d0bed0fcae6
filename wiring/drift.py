"""Drift bound to this installation: who looks, when, at what; following looks; the spec that takes drift in."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from foundation.store import Scope, Transaction
from foundation.values.errors import GuanyunError
from foundation.work.runs import Job, Json, Kind, Run, RunState, Steps, enqueue_many, read_run
from governance.authority import Act, acting, machine_scope, viewing
from infra.drift import LOOK, LookAt, Night, Reach, look_job, look_kind, night_kind

if TYPE_CHECKING:
    from infra.drift import Adoption, Look, Watcher
    from tenants.requests import Request
    from wiring.application import Application

_POLL = 0.25
_AT_ONCE = 32
"""Runs that are followed together: of two thousand the first come first."""
_AT_REST = frozenset({RunState.PAUSED, RunState.PARKED})


@dataclass(frozen=True, slots=True)
class LooksAsked:
    """Environment → run, and the asker's scope to follow them in."""

    runs: dict[str, str]
    scope: Scope


def watcher(application: Application, reach: Reach) -> Watcher:
    """What a look works with: the deployer, and the cloud's own trail. Raises what ``deployer`` raises."""
    from infra.drift import CloudTrail, Watcher
    from infra.provider.clients import Clients
    from wiring.cloud import cloud_environment, deployer

    made = deployer(application)
    trail = CloudTrail(Clients.from_environment(cloud_environment(application.settings)))
    return Watcher(made, trail, application.office.clocks.real, reach)


def drift_kinds(application: Application) -> tuple[Kind, ...]:
    """The kinds of work that look for drift."""
    office = application.office

    def applied() -> Sequence[tuple[str, str]]:
        from infra.drift.tables import applied_environments

        with office.store.reading() as transaction:
            return applied_environments(transaction, machine_scope())

    def enqueue(transaction: Transaction, jobs: Sequence[Job]) -> Sequence[tuple[str, bool]]:
        from wiring.kinds import kinds

        return enqueue_many(transaction, jobs, kinds=kinds(application), clock=office.clocks.real, ids=office.ids)

    def settle(names: frozenset[str]) -> int:
        from infra.drift.looking import end_of_the_terminated

        return end_of_the_terminated(office, names)

    return (look_kind(_look_at(application)), night_kind(Night(applied, enqueue, settle, office.clocks.real)))


def _look_at(application: Application) -> LookAt:
    made: dict[tuple[tuple[str, str], ...], Watcher] = {}
    real = application.office.clocks.real
    reach = Reach(real)

    def current() -> Watcher:
        """One a process while the cloud's address and credentials stay: its clients are warm."""
        from wiring.cloud import cloud_environment

        key = tuple(sorted(cloud_environment(application.settings).items()))
        if key not in made:
            reach.check()
            fresh = watcher(application, reach)
            made.clear()
            made[key] = fresh
        return made[key]

    def look_at(steps: Steps, environment: str) -> Json:
        from infra.drift.errors import NeverApplied
        from infra.drift.looking import look, look_unseen
        from wiring.kinds import noting

        try:
            try:
                ready = current()
            except GuanyunError as failure:  # not even the cloud's own identity can be had
                return _told(look_unseen(application.office, real, reach, environment, failure))
            return _told(look(ready, environment, progress=noting(application, steps)))
        except NeverApplied:  # ended since it was asked for
            return {"environment": environment, "outcome": "never-applied"}

    return look_at


def _told(look: Look) -> Json:
    names = ("id", "environment", "found", "fresh", "ended", "code", "zh", "en")
    return {"outcome": look.outcome.value, **{name: getattr(look, name) for name in names}}


def ask_to_look(application: Application, token: str, environment: str = "") -> LooksAsked:
    """Ask for a look at one environment, or at all that are applied. Raises ``NeverApplied``, ``Refused``."""
    from infra.drift.errors import NeverApplied
    from infra.drift.tables import applied_environments
    from wiring.work import ask

    subject = f"environment:{environment}" if environment else "drift:all"
    with acting(application.office, token, Act.DRIFT_LOOK, subject) as mandate:
        applied = applied_environments(mandate.transaction, mandate.scope)
        wanted = [one for one in applied if environment in {"", one[0]}]
        if environment and not wanted:
            raise NeverApplied(environment=environment)
        actor, asked = mandate.actor, application.office.ids("ask")
        runs = {}
        for name, agency in wanted:
            job = look_job(name, agency, asked, account=actor.account, person=actor.person)
            runs[name] = ask(mandate, application, job)
        return LooksAsked(runs, mandate.scope)


def follow_looks(application: Application, asked: LooksAsked, *, tell: Callable[[Run], None]) -> Sequence[Run]:
    """Follow runs until each has ended or waits: for a person, or for a deployment that is under way. Where no worker
    lives, they are carried out here. ``tell`` hears of each once, when it is at rest."""
    from wiring.following import somebody_works, work_here

    told: dict[str, Run] = {}
    alone = next(iter(asked.runs.values())) if len(asked.runs) == 1 else None

    def at_rest() -> bool:
        while waiting := [id_ for id_ in asked.runs.values() if id_ not in told][:_AT_ONCE]:
            with application.store.reading() as transaction:
                runs = [read_run(transaction, asked.scope, id_) for id_ in waiting]
            rested = [run for run in runs if _rests(run)]
            for run in rested:
                told[run.id] = run
                tell(run)
            if len(rested) < len(runs):
                return False
        return True

    while not at_rest():
        if somebody_works(application) or not work_here(application, at_rest, only=alone):
            time.sleep(_POLL)
    return list(told.values())


def _rests(run: Run) -> bool:
    return run.over or run.state in _AT_REST or (run.state is RunState.QUEUED and run.failures > 0)


def adoption(application: Application, token: str, environment: str, chosen: Collection[str] = ()) -> Adoption:
    """The approved exact spec with what was changed by hand. Raises ``NotFound``, ``NothingToAdopt``."""
    from governance.environments import shipped
    from governance.errors import NotFound
    from infra.drift import adoption_of
    from tenants.environments import find_environment

    sizes = shipped()
    plans = {one.instance_type: one.plan for one in sizes.machines.values()}
    plans |= {one.instance_class: one.plan for one in sizes.databases.values()}
    with viewing(application.office, token) as view:
        found = find_environment(view.transaction, view.scope, environment)
        if found.spec is None:
            raise NotFound(what_zh="批准的环境说明:", what_en="approved spec of", key=environment)
        return adoption_of(view, environment, found.spec, plans, chosen=chosen)


def ask_for_adopted(application: Application, token: str, made: Adoption) -> Request:
    """Ask for the adopted spec as a change of its environment; for the agency. Raises as ``create_request``."""
    from tenants.requests import RequestKind, create_request
    from wiring.bindings import desk

    request, _ = create_request(application.office, token, kind=RequestKind.CHANGE, spec=made.spec, estimator=desk())
    return request


__all__ = [
    "LOOK",
    "LooksAsked",
    "adoption",
    "ask_for_adopted",
    "ask_to_look",
    "drift_kinds",
    "follow_looks",
    "watcher",
]
