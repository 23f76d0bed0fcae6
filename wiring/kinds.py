"""Every kind of work of the house, with the flow that carries it out. Flows import what they use when they run."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from foundation.evidence import read_handed_out
from foundation.store import Transaction
from foundation.values.month import Month
from foundation.work import Event, LeaseHeld, LeaseLost, publish
from foundation.work.runs import Flow, Json, Kind, Kinds, Steps
from governance.authority import on_behalf, walk
from governance.calendar import WARNING_KIND, warn_if_missing
from tenants.grants import TURN_KIND, turn_grants
from wiring.topics import AUDIT_BROKEN

if TYPE_CHECKING:
    from infra.engine import Progress
    from infra.ports import OnProgress
    from wiring.application import Application

APPLY = "deployment.apply"
RUNBOOK = "runbook.run"
COLLECT = "usage.collect"
CLOSE = "usage.close"
NEEDS_EXPIRE = "needs.expire"
AUDIT_CHECK = "audit.check"
REORGANISE = "party.reorganise"
REQUESTS_DUE = "request.look-after"
_BUSY = (LeaseHeld, LeaseLost)
_BETWEEN_NOTES = timedelta(seconds=0.5)


def kinds(application: Application) -> Kinds:
    """The kinds this program knows."""
    from wiring.drift import drift_kinds
    from wiring.fleet import fleet_kinds

    return Kinds(
        (
            Kind(
                APPLY,
                "部署",
                "deployment",
                _apply(application),
                concurrency=4,
                for_one_agency=2,
                transient=_BUSY,
            ),
            Kind(RUNBOOK, "运维手册", "runbook", _run_runbook(application), for_one_agency=2, transient=_BUSY),
            Kind(COLLECT, "用量采集", "usage collection", _collect(application), concurrency=1),
            Kind(CLOSE, "计量关账", "close of a month's days", _close(application), concurrency=1),
            Kind(WARNING_KIND, "日历提醒", "calendar warning", _warn_of_calendar(application), concurrency=1),
            Kind(TURN_KIND, "数据授权到期", "terms of grants", _turn_grants(application), concurrency=1),
            Kind(REQUESTS_DUE, "资源授予到期", "grants that end", _look_after_grants(application), concurrency=1),
            Kind(NEEDS_EXPIRE, "临时额度到期", "ends of temporary quotas", _expire_needs(application), concurrency=1),
            Kind(REORGANISE, "机构改革生效", "reorganisations", _reorganise(application), concurrency=1),
            Kind(AUDIT_CHECK, "审计核对", "audit check", _check_audit(application), concurrency=1),
            *fleet_kinds(application),
            *drift_kinds(application),
        )
    )


def _apply(application: Application) -> Flow:
    """Run an approved plan to its end. Inputs: ``environment``, ``digest``. One step: a deployment finishes what an
    earlier attempt left, so that doing it again under the plan's digest changes nothing more."""

    def flow(steps: Steps) -> Json:
        environment, digest = steps.run.inputs["environment"], steps.run.inputs["digest"]

        def do() -> Json:
            from infra.deployments import apply_plan
            from wiring.cloud import deployer

            with on_behalf_of(application, steps) as token:
                applied = apply_plan(
                    deployer(application), token, environment, digest, progress=noting(application, steps)
                )
            return {
                "environment": environment,
                "deployment": applied.deployment.id,
                "state": applied.deployment.state.value,
                "attempts": applied.deployment.attempts,
                "resources": sum(len(names) for names in applied.deployment.outputs.values()),
                "new": applied.new,
            }

        return steps.idempotent("apply", do, key=digest)

    return flow


def _run_runbook(application: Application) -> Flow:
    """Run a runbook on an environment. Inputs: ``runbook``, ``environment``. Its own steps are on its own record, and a
    run of it that was interrupted is gone on with."""

    def flow(steps: Steps) -> Json:
        runbook, environment = steps.run.inputs["runbook"], steps.run.inputs["environment"]

        def do() -> Json:
            from runbooks import Step, StepRecord, run_runbook
            from wiring.cloud import deployer

            told: list[Json] = []

            def tell(step: Step, record: StepRecord) -> None:
                found = list(record.found)
                told.append(
                    {"step": step.id, "zh": step.zh, "en": step.en, "outcome": record.outcome.value, "found": found}
                )
                steps.note(len(told), 0, step.id)

            with on_behalf_of(application, steps) as token:
                result = run_runbook(
                    deployer(application),
                    token,
                    runbook,
                    environment,
                    progress=noting(application, steps),
                    on_step=tell,
                )
            return {"changed": result.changed, "steps": told}

        return steps.idempotent("run", do, key=f"{runbook}/{environment}")

    return flow


def _collect(application: Application) -> Flow:
    """Collect a month's allocation from the register. Inputs: ``month``. Batches have names of their own, so that one
    taken in twice counts once."""

    def flow(steps: Steps) -> Json:
        month = Month.parse(steps.run.inputs["month"])

        def do() -> Json:
            from billing.collect import collect_month
            from wiring.bindings import RegisterPort, usage_store

            with on_behalf_of(application, steps) as token:
                taken = collect_month(
                    application.office, token, store=usage_store(application), register=RegisterPort(), month=month
                )
            return {"new": taken.new, "standing": taken.standing, "rows": taken.rows}

        return steps.idempotent("collect", do, key=str(month))

    return flow


def _close(application: Application) -> Flow:
    """Close the days of a month that is over, each in a transaction of its own. Inputs: ``month``."""

    def flow(steps: Steps) -> Json:
        month = Month.parse(steps.run.inputs["month"])

        def do() -> Json:
            from billing.usage import close_month
            from wiring.bindings import usage_store

            with on_behalf_of(application, steps) as token:
                closed = close_month(
                    application.office,
                    token,
                    month,
                    store=usage_store(application),
                    signer=application.signer("operator.evidence"),
                    salt=application.salts,
                )
            return {"written": len(closed.written), "standing": closed.standing, "set_aside": closed.set_aside}

        return steps.idempotent("close", do, key=str(month))

    return flow


def _warn_of_calendar(application: Application) -> Flow:
    """Announce that the next year's calendar is missing, where it is. The machine's own work."""

    def flow(steps: Steps) -> Json:
        real = application.office.clocks.real
        return steps.fact("warn", lambda transaction: warn_if_missing(transaction, real=real))

    return flow


def _reorganise(application: Application) -> Flow:
    """Apply the published reorganisations whose date has come, each in one transaction. The machine's own work; done
    again it finds nothing due."""

    def flow(steps: Steps) -> Json:
        def do() -> Json:
            from wiring.succession import apply_what_is_due

            return {"applied": [one.reorganisation for one in apply_what_is_due(application)]}

        return steps.idempotent("apply", do, key="due")

    return flow


def _turn_grants(application: Application) -> Flow:
    """Begin and end the terms of grants that are due. The machine's own work, in one transaction."""

    def flow(steps: Steps) -> Json:
        clocks, turned = application.office.clocks, list[str]()

        def turn(transaction: Transaction) -> None:
            done = turn_grants(transaction, now=clocks.business(transaction), recorded_at=clocks.real())
            turned.extend(grant.number for grant in done)

        steps.fact("turn", turn)
        return {"grants": len(turned)}

    return flow


def _look_after_grants(application: Application) -> Flow:
    """Remind of grants that end soon, and mark those that have ended. The machine's own work, on business time."""

    def flow(steps: Steps) -> Json:
        def record(transaction: Transaction) -> Json:
            from tenants.requests import look_after_grants

            clocks = application.office.clocks
            return dict(look_after_grants(transaction, now=clocks.business(transaction), real=clocks.real))

        return steps.fact("look-after", record)

    return flow


def _expire_needs(application: Application) -> Flow:
    """End what the urgent path lent until today. The machine's own work, in one transaction."""

    def flow(steps: Steps) -> Json:
        clocks, ended = application.office.clocks, list[str]()

        def end(transaction: Transaction) -> None:
            from tenants.needs import expire_temporaries
            from tenants.needs.lending import QuotaLoan

            now = clocks.business(transaction)
            ended.extend(expire_temporaries(transaction, now=now, recorded_at=clocks.real(), quota=QuotaLoan()))

        steps.fact("end", end)
        return {"needs": len(ended)}

    return flow


def _check_audit(application: Application) -> Flow:
    """Walk the audit chain, and announce where it is broken. The machine's own work."""

    def flow(steps: Steps) -> Json:
        def look() -> Json:
            handed_out = read_handed_out(
                application.settings.handed_out_folder, application.key_ring, owner="operator.evidence"
            )
            with application.store.reading() as transaction:
                verdict = walk(transaction, handed_out)
            wrong = verdict.broken or verdict.difference
            found = None if wrong is None else {"number": wrong.number, "zh": wrong.zh, "en": wrong.en}
            return {"entries": verdict.entries, "anchored": verdict.anchored, "broken": found}

        found = steps.read("look", look)
        if found["broken"] is not None:
            event = Event(AUDIT_BROKEN, f"audit:{found['broken']['number']}", found["broken"])

            def announce(transaction: Transaction) -> None:
                publish(transaction, event, clock=application.office.clocks.real)

            steps.fact("announce", announce)
        return found

    return flow


def on_behalf_of(application: Application, steps: Steps) -> AbstractContextManager[str]:
    """A token of whoever asked for the run, for as long as the block takes."""
    from wiring.application import new_token

    return on_behalf(application.office, steps.run.account, work=f"run:{steps.run.id}", token=new_token)


def noting(application: Application, steps: Steps) -> OnProgress:
    """The engine's progress as the run's, a few times a second at most."""
    clock = application.office.clocks.real
    last: list[datetime] = []

    def show(progress: Progress) -> None:
        now = clock()
        if last and now - last[-1] < _BETWEEN_NOTES:
            return
        last[:] = [now]
        said = f"{progress.step} {progress.operation} {progress.kind} {progress.name}"
        steps.note(progress.done, progress.total, said)

    return show
