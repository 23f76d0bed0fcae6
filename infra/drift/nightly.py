"""The kinds of work that look: one run an environment, and the one that asks for them each night."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from foundation.store import Transaction
from foundation.values.instant import SHANGHAI, Clock, parse_instant
from foundation.work import LeaseHeld, LeaseLost
from foundation.work.due.model import DUE
from foundation.work.runs import Backoff, Flow, Job, Json, Kind, Run, Steps
from infra.drift.errors import LooksAgain
from infra.drift.model import LookOutcome
from infra.drift.ports import Enqueue

LOOK = "drift.look"
NIGHT = "drift.night"
_AT_ONCE = 200
"""Environments asked for in one transaction."""
_PRIORITY = 8  # whoever waits for anything comes first
_ATTEMPTS = 12
_BACKOFF = Backoff(first=timedelta(minutes=1), most=timedelta(minutes=15))
"""Some two hours for a deployment that runs, or a cloud that is away."""

LookAt = Callable[[Steps, str], Json]
"""Looks at an environment in a run: how the look ended, as plain JSON: ``outcome``, and ``zh`` and ``en`` why."""


@dataclass(frozen=True, slots=True)
class Night:
    """What the nightly work needs: what is applied as (environment, agency), the queue, and ``settle``, which ends
    what stands of environments that are not applied any more and says how many that were."""

    applied: Callable[[], Sequence[tuple[str, str]]]
    enqueue: Enqueue
    settle: Callable[[frozenset[str]], int]
    clock: Clock


def look_kind(look_at: LookAt, *, concurrency: int = 2, for_one_agency: int | None = None) -> Kind:
    """The kind ``drift.look``: ``concurrency`` over all workers. A run that meets a deployment comes again later, and
    so does one of the night that cannot reach the cloud; its last attempt says so and ends.

    Inputs: ``environment``. One step, which finds the same findings when it is done again.
    """

    def flow(steps: Steps) -> Json:
        environment = str(steps.run.inputs["environment"])

        def look() -> Json:
            told = look_at(steps, environment)
            if told["outcome"] == LookOutcome.UNREACHABLE and _comes_again(steps.run):
                raise LooksAgain(reason_zh=told["zh"], reason_en=told["en"])
            return told

        return steps.idempotent("look", look, key=steps.run.key)

    return Kind(
        LOOK,
        "查看漂移",
        "look for drift",
        flow,
        concurrency=concurrency,
        for_one_agency=for_one_agency,
        attempts=_ATTEMPTS,
        backoff=_BACKOFF,
        transient=(LeaseHeld, LeaseLost, LooksAgain),
    )


def _comes_again(run: Run) -> bool:
    """Whether nobody waits for it, and it has attempts left: a night without a cloud is told of once, not by runs."""
    return not run.account and run.failures + 1 < _ATTEMPTS


def night_kind(night: Night) -> Kind:
    """The kind ``drift.night``: asks for one look a night at everything that is applied."""
    return Kind(NIGHT, "夜间漂移检查", "nightly look for drift", _night_flow(night), concurrency=1)


def look_job(environment: str, agency: str, asked: str, *, account: str = "", person: str = "") -> Job:
    """The job of one look; the same ``asked`` is the same look."""
    return Job(
        kind=LOOK,
        inputs={"environment": environment},
        key=f"{environment}/{asked}",
        agency=agency,
        subject=f"environment:{environment}",
        account=account,
        person=person,
        priority=_PRIORITY,
    )


def _night_flow(night: Night) -> Flow:
    """The machine's own work; done again on the same night it asks for nothing more."""

    def flow(steps: Steps) -> Json:
        due = steps.run.inputs.get(DUE) or {}
        at = parse_instant(str(due["at"])) if "at" in due else steps.run.enqueued_at
        asked = f"night-{at.astimezone(SHANGHAI):%Y-%m-%d}"
        applied = steps.read("list", lambda: [list(one) for one in night.applied()])
        for start in range(0, len(applied), _AT_ONCE):
            _ask(steps, night, start, applied[start : start + _AT_ONCE], asked)
        names = frozenset(str(environment) for environment, _ in applied)
        ended = steps.idempotent("settle", lambda: night.settle(names), key=asked)
        return {"environments": len(applied), "ended": ended}

    return flow


def _ask(steps: Steps, night: Night, start: int, some: Sequence[Sequence[str]], asked: str) -> None:
    jobs = [look_job(environment, agency, asked) for environment, agency in some]

    def ask(transaction: Transaction) -> Json:
        return len(night.enqueue(transaction, jobs))

    steps.fact(f"ask-{start}", ask, inputs=[environment for environment, _ in some])
