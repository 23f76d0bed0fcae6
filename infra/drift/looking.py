"""One look at one environment: what the cloud holds against what was applied. Changes neither cloud nor state.

It holds the environment's lease as planning does. Whatever keeps it from seeing is put on record as the look's
outcome: that nothing was seen is never said to be no drift. Done again, it finds the same findings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from foundation.store import Transaction
from foundation.values.errors import GuanyunError
from foundation.values.instant import Clock
from foundation.work import Event, Lease, LeaseHeld, check_held, publish
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Office, machine_scope
from infra.cloud import require_same_cloud
from infra.deployments import Deployment, DeploymentState, Plan
from infra.deployments.tables import cloud_of, newest_deployment, places_of, plan_of
from infra.drift.errors import NeverApplied, NotEnded, NotReached
from infra.drift.model import UNASKED, Change, Ending, Finding, Look, LookOutcome, Seen, Who
from infra.drift.ports import Watcher
from infra.drift.reaching import Reach, Regions
from infra.drift.reading import differences, ending_of
from infra.drift.tables import findings_of, insert_findings, insert_look, left_behind, save_findings, was_told
from infra.engine.errors import CloudAway
from infra.engine.model import PlanSummary, StackState, plan_from_document
from infra.engine.resume import compare_with_state
from infra.errors import CloudUnreachable, DifferentCloud, InfraError
from infra.ports import OnProgress
from infra.provider.errors import AnswerLost, CloudBroken, CloudSilent, CredentialsRefused, ProviderError
from infra.topics import DRIFT_FOUND, DRIFT_UNSEEN

_A_DAY = timedelta(hours=20)
"""How long one notice stands for every look that fails for the same reason."""


@dataclass(frozen=True, slots=True)
class _Applied:
    """What an environment was last brought to."""

    plan: Plan
    deployment: Deployment


@dataclass(frozen=True, slots=True)
class _View:
    """What one look saw."""

    summary: PlanSummary
    state: StackState
    seen: tuple[Seen, ...]


def look(watcher: Watcher, environment: str, *, progress: OnProgress | None = None) -> Look:
    """Look at an environment and put on record what was seen, or why nothing was.

    Where another look could not reach the cloud a moment ago, this one does not begin. Raises ``NeverApplied``;
    ``LeaseHeld`` where somebody works on it, after putting that on record as well, so that whoever asked comes again
    later.
    """
    deployer, office, started = watcher.deployer, watcher.deployer.office, watcher.clock()
    applied = _applied(office, environment)
    try:
        watcher.reach.check(lambda: _regions(office, applied))
    except NotReached as away:
        return _record_failure(office, watcher.clock, applied, started, LookOutcome.UNREACHABLE, away)
    try:
        with deployer.holding(environment) as lease:
            return _look(watcher, lease, environment, started, progress)
    except LeaseHeld as held:
        _record_failure(office, watcher.clock, applied, started, LookOutcome.BUSY, held)
        raise


def _look(watcher: Watcher, lease: Lease, environment: str, started: datetime, progress: OnProgress | None) -> Look:
    office = watcher.deployer.office
    applied = _applied(office, environment)
    try:
        view = _see(watcher, applied, progress)
    except (InfraError, ProviderError) as failure:
        outcome = _outcome(failure)
        if outcome is LookOutcome.UNREACHABLE:
            watcher.reach.lost(environment, _regions(office, applied), failure)
        return _record_failure(office, watcher.clock, applied, started, outcome, failure)
    if view is None:
        unfinished = NotEnded(environment=environment)
        return _record_failure(office, watcher.clock, applied, started, LookOutcome.UNFINISHED, unfinished)
    watcher.reach.seen(lambda: _regions(office, applied))
    with office.store.reading() as transaction:
        known = {one.identity: one for one in _standing(transaction, environment)}
    asked = _ask_trail(watcher, applied, view.seen, known, started)
    with office.store.transaction() as transaction:
        check_held(transaction, lease)
        return _record(watcher, transaction, applied, view, asked, started)


def _applied(office: Office, environment: str) -> _Applied:
    with office.store.reading() as transaction:
        scope = machine_scope()
        last = newest_deployment(transaction, scope, environment, state=DeploymentState.ENDED)
        plan = None if last is None else plan_of(transaction, scope, last.plan)
    if last is None or plan is None or plan.terminate:
        raise NeverApplied(environment=environment)
    return _Applied(plan, last)


def _regions(office: Office, applied: _Applied) -> Regions:
    """Every region that a look asks; the default one is empty."""
    with office.store.reading() as transaction:
        places = places_of(transaction, machine_scope(), applied.plan.environment)
    return frozenset(region for _, region in (*places, applied.plan.place))


def _see(watcher: Watcher, applied: _Applied, progress: OnProgress | None) -> _View | None:
    """What the cloud holds; None where a deployment has not ended."""
    deployer, environment = watcher.deployer, applied.plan.environment
    with deployer.office.store.reading() as transaction:
        scope = machine_scope()
        running = newest_deployment(transaction, scope, environment, state=DeploymentState.RUNNING)
        recorded = cloud_of(transaction, scope, environment)
    if running is not None:
        return None
    found = deployer.cloud.identity()
    if recorded is not None:
        require_same_cloud(recorded, found)
    deployer.clear(environment)
    with ThreadPoolExecutor(max_workers=1) as beside:
        # The engine spends its time in its own process: the sweep costs nothing beside it.
        swept = beside.submit(deployer.sweep, environment)
        summary = deployer.engine.preview(applied.plan.buildable, progress=progress)
        state = deployer.engine.state(environment)
        report = compare_with_state(environment, swept.result(), state.ids)
    then = plan_from_document(applied.plan.document)
    return _View(summary, state, differences(summary, then, state, report))


def _outcome(failure: GuanyunError) -> LookOutcome:
    if isinstance(failure, CloudUnreachable | CloudSilent | AnswerLost | CloudBroken | CloudAway | NotReached):
        return LookOutcome.UNREACHABLE
    if isinstance(failure, DifferentCloud):
        return LookOutcome.DIFFERENT_CLOUD
    return LookOutcome.CREDENTIALS if isinstance(failure, CredentialsRefused) else LookOutcome.FAILED


def _ask_trail(
    watcher: Watcher, applied: _Applied, seen: Sequence[Seen], known: Mapping[str, Finding], before: datetime
) -> Mapping[str, Who]:
    """Cloud id → who, of what is new or was changed again; each resource is asked about once."""
    environment, since = applied.plan.environment, applied.deployment.ended_at or applied.deployment.started_at
    asked: dict[str, Who] = {}
    for one in seen:
        standing = known.get(one.identity(environment))
        if one.cloud_id and one.cloud_id not in asked and (standing is None or standing.seen.found != one.found):
            asked[one.cloud_id] = watcher.trail.who(one.cloud_id, applied.plan.place, since=since, before=before)
    return asked


def _standing(transaction: Transaction, environment: str) -> Sequence[Finding]:
    return findings_of(transaction, machine_scope(), environment=environment, standing=True)


def _record(
    watcher: Watcher,
    transaction: Transaction,
    applied: _Applied,
    view: _View,
    asked: Mapping[str, Who],
    started: datetime,
) -> Look:
    now, office, plan = watcher.clock(), watcher.deployer.office, applied.plan
    known = {one.identity: one for one in _standing(transaction, plan.environment)}
    fresh, kept = [], []
    for seen in view.seen:
        standing = known.pop(seen.identity(plan.environment), None)
        who = asked.get(seen.cloud_id, UNASKED)
        if standing is None:
            fresh.append(_new(office.ids("drift"), applied, seen, who, now))
        else:
            kept.append(_seen_again(standing, seen, who, applied, now))
    ended = [
        replace(one, ended_at=now, ending=ending_of(one, view.summary, view.state, applied.deployment.id))
        for one in known.values()
    ]
    insert_findings(transaction, fresh)
    save_findings(transaction, machine_scope(), [*kept, *ended])
    outcome = LookOutcome.DRIFTED if view.seen else LookOutcome.CLEAN
    made = Look(
        id=office.ids("look"),
        environment=plan.environment,
        agency=plan.agency,
        deployment=applied.deployment.id,
        outcome=outcome,
        started_at=started,
        ended_at=now,
        found=len(view.seen),
        fresh=len(fresh),
        ended=len(ended),
    )
    insert_look(transaction, made)
    _tell_ended(office, watcher.clock, transaction, ended)
    if fresh:
        _tell_fresh(watcher, transaction, applied, fresh)
    return made


def _new(id_: str, applied: _Applied, seen: Seen, who: Who, now: datetime) -> Finding:
    plan, deployment = applied.plan, applied.deployment.id
    return Finding(id_, plan.environment, plan.agency, seen, who, deployment, first_seen=now, last_seen=now)


def _seen_again(standing: Finding, seen: Seen, who: Who, applied: _Applied, now: datetime) -> Finding:
    again = replace(standing, seen=seen, agency=applied.plan.agency, deployment=applied.deployment.id, last_seen=now)
    if seen.found == standing.seen.found:
        return again
    # Changed once more: who did it is asked anew, and nobody has accepted this value.
    return replace(again, who=who, acceptance=None)


def _tell_ended(office: Office, clock: Clock, transaction: Transaction, ended: Sequence[Finding]) -> None:
    """Put the ends of findings on the audit log, one entry an environment."""
    for environment in sorted({one.environment for one in ended}):
        facts = {
            "findings": {one.id: one.ending.value for one in ended if one.environment == environment},
        }
        _audit(office, clock, transaction, AuditEvent.DRIFT_ENDED, environment, facts)


def _tell_fresh(watcher: Watcher, transaction: Transaction, applied: _Applied, fresh: Sequence[Finding]) -> None:
    plan = applied.plan
    by_change = {change.value: sum(one.seen.change is change for one in fresh) for change in Change}
    facts = {"findings": sorted(one.id for one in fresh), **by_change}
    _audit(watcher.deployer.office, watcher.clock, transaction, AuditEvent.DRIFT_FOUND, plan.environment, facts)
    payload = {"environment": plan.environment, "party": plan.agency, "fresh": len(fresh), **by_change}
    publish(transaction, Event(DRIFT_FOUND, f"environment:{plan.environment}", payload), clock=watcher.clock)


def _audit(
    office: Office,
    clock: Clock,
    transaction: Transaction,
    event: AuditEvent,
    environment: str,
    facts: Mapping[str, object],
) -> None:
    audit.append(
        transaction,
        event,
        subject=f"environment:{environment}",
        facts=facts,
        recorded_at=clock(),
        business_at=office.clocks.business(transaction),
    )


def look_unseen(office: Office, clock: Clock, reach: Reach, environment: str, failure: GuanyunError) -> Look:
    """Put on record that an environment could not even begin to be looked at. Raises ``NeverApplied``."""
    if isinstance(failure, CloudUnreachable):
        reach.lost(environment, frozenset(), failure)
    return _record_failure(office, clock, _applied(office, environment), clock(), _outcome(failure), failure)


def _record_failure(
    office: Office, clock: Clock, applied: _Applied, started: datetime, outcome: LookOutcome, failure: GuanyunError
) -> Look:
    now, plan = clock(), applied.plan
    made = Look(
        id=office.ids("look"),
        environment=plan.environment,
        agency=plan.agency,
        deployment=applied.deployment.id,
        outcome=outcome,
        started_at=started,
        ended_at=now,
        code=failure.code,
        zh=failure.text("zh"),
        en=failure.text("en"),
    )
    with office.store.transaction() as transaction:
        told = outcome is LookOutcome.BUSY or isinstance(failure, NotReached)  # whoever waited for it has told
        told = told or was_told(transaction, machine_scope(), made.code, now - _A_DAY)
        insert_look(transaction, made)
        if not told:
            payload = {"environment": plan.environment, "outcome": outcome.value, "zh": made.zh, "en": made.en}
            publish(transaction, Event(DRIFT_UNSEEN, f"environment:{plan.environment}", payload), clock=clock)
    return made


def end_of_the_terminated(office: Office, applied: frozenset[str]) -> int:
    """End the findings of environments that are not ``applied`` any more; how many."""
    clock = office.clocks.real
    with office.store.reading() as transaction:
        if not left_behind(transaction, machine_scope(), applied):
            return 0
    with office.store.transaction() as transaction:
        gone = left_behind(transaction, machine_scope(), applied)
        ended = [replace(one, ended_at=clock(), ending=Ending.TERMINATED) for one in gone]
        save_findings(transaction, machine_scope(), ended)
        _tell_ended(office, clock, transaction, ended)
    return len(ended)
