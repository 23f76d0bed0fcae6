"""``guanyun work``: runs, seen and decided about."""

from __future__ import annotations

import json as json_
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from cli.context import Json, application, token
from cli.output import console, languages, say, show, show_one

if TYPE_CHECKING:
    from datetime import datetime

    from foundation.work.runs import Run, StepRow

State = Literal["queued", "running", "paused", "parked", "succeeded", "failed", "cancelled"]
All = Annotated[bool, Parameter(name="--all", negative="")]
Happened = Annotated[bool, Parameter(negative="--not-happened")]

app = App(name="work", help="Runs: see, follow, decide 任务")


@app.command
def ls(
    *,
    state: State | None = None,
    kind: str | None = None,
    agency: str | None = None,
    ended: All = False,
    last: int = 50,
    json: Json = False,
) -> None:
    """List runs that have not ended, newest first; an agency sees its own.

    Example: guanyun work ls --state parked

    Parameters
    ----------
    state: only runs in this state
    kind: only runs of this kind, such as deployment.apply
    agency: only runs of this agency
    ended: ended ones too
    last: how many at most
    """
    from foundation.work.runs import OPEN, RunState, find_runs
    from governance.authority import viewing

    states = {RunState(state)} if state else (None if ended else OPEN)
    with application() as opened:
        with viewing(opened.office, token()) as view:
            found = find_runs(view.transaction, view.scope, states=states, kind=kind, agency=agency, limit=last)
        now = opened.office.clocks.real()
    columns = {
        "id": "任务 run",
        "kind": "种类 kind",
        "agency": "部门 agency",
        "subject": "对象 subject",
        "state_words": "状态 state",
        "progress": "进度 progress",
        "left": "约剩 left",
        "updated_at": "更新 updated",
    }
    show([_row(run, now) for run in found], columns, json=json)


@app.command(name="show")
def show_(id_: str, *, json: Json = False) -> None:
    """Show a run: how it stands, why, and each attempt at each step.

    Example: guanyun work show run_3f2a
    """
    from foundation.work.runs import read_run, read_steps
    from governance.authority import viewing

    with application() as opened:
        with viewing(opened.office, token()) as view:
            run = read_run(view.transaction, view.scope, id_)
            steps = read_steps(view.transaction, view.scope, run)
        now = opened.office.clocks.real()
    facts = _row(run, now) | _more(run)
    if json:
        show_one(facts | {"steps": [_step(step) for step in steps]}, json=True)
        return
    shown = {name: value for name, value in facts.items() if value not in ("", None) and name not in _JSON_ONLY}
    show_one(shown, json=False)
    if steps:
        console.print()
        columns = {
            "step": "步骤 step",
            "attempt": "#",
            "effect": "效果 effect",
            "state": "状态 state",
            "began_at": "开始 began",
            "ended_at": "结束 ended",
            "reason": "原因 reason",
        }
        show([_step(step) for step in steps], columns, json=False)


@app.command
def follow(id_: str) -> int:
    """Watch a run until it ends or waits for a person; Ctrl-C stops watching, not the run.

    Example: guanyun work follow run_3f2a
    """
    from cli.following import follow as watch
    from foundation.work.runs import RunState, read_run
    from governance.authority import viewing

    with application() as opened:

        def look() -> Run:
            with viewing(opened.office, token()) as view:
                return read_run(view.transaction, view.scope, id_)

        run = watch(opened, id_, look)
    _tell(run)
    return 0 if run.state is RunState.SUCCEEDED else 5


@app.command
def cancel(id_: str, *, because: str) -> None:
    """Cancel a run; one that is running stops at its next step.

    Example: guanyun work cancel run_3f2a --because "asked for by mistake"
    """
    from wiring.work_control import cancel_run

    with application() as opened:
        _tell_change(*cancel_run(opened, token(), id_, because))


@app.command
def pause(id_: str = "", *, kind: str = "", because: str) -> None:
    """Keep a run, or every run of a kind that has not begun, from going on.

    Example: guanyun work pause --kind deployment.apply --because "the cloud is being repaired"

    Parameters
    ----------
    id_: the run
    kind: instead of a run: every run of this kind
    because: why
    """
    from wiring.work_control import pause_all, pause_run

    _one_of(id_, kind)
    with application() as opened:
        if kind:
            _tell_kind(kind, pause_all(opened, token(), kind, because), paused=True)
        else:
            _tell_change(*pause_run(opened, token(), id_, because))


@app.command
def resume(id_: str = "", *, kind: str = "") -> None:
    """Let a paused run, or a paused kind, go on.

    Example: guanyun work resume run_3f2a

    Parameters
    ----------
    id_: the run
    kind: instead of a run: this kind
    """
    from wiring.work_control import resume_all, resume_run

    _one_of(id_, kind)
    with application() as opened:
        if kind:
            _tell_kind(kind, resume_all(opened, token(), kind), paused=False)
        else:
            _tell_change(*resume_run(opened, token(), id_))


@app.command
def retry(id_: str) -> None:
    """Try a failed, cancelled or parked run again from its last finished step.

    Example: guanyun work retry run_3f2a
    """
    from wiring.work_control import retry_run

    with application() as opened:
        _tell_change(*retry_run(opened, token(), id_))


@app.command
def resolve(id_: str, *, step: str, happened: Happened, because: str, outcome: str | None = None) -> None:
    """Say whether a step with an unknown outcome took place, after looking at the real system.

    Example: guanyun work resolve run_3f2a --step pay --happened --because "the bank shows the transfer"

    Parameters
    ----------
    step: the step that is unknown
    happened: it took place, or it did not and is done now
    because: how you know
    outcome: what came out of it, as JSON
    """
    from wiring.work_control import resolve_step

    with application() as opened:
        run = resolve_step(
            opened, token(), id_, step, happened=happened, because=because, outcome=_json("--outcome", outcome)
        )
    _tell(run)


def _json(field: str, text: str | None) -> Any:
    from foundation.values.errors import InvalidValue

    try:
        return None if text is None else json_.loads(text)
    except ValueError:
        raise InvalidValue(field=field, found=text, expected="JSON") from None


def _one_of(id_: str, kind: str) -> None:
    from cli.errors import WrongWords

    if bool(id_) == bool(kind):
        raise WrongWords(what_zh="请给出一个任务或 --kind,二者取一", what_en="give a run or --kind, one of the two")


_JSON_ONLY = {"state_words", "inputs", "outcome", "reason_zh", "reason_en", "input_digest", "worker_number", "left"}


def _row(run: Run, now: datetime) -> dict[str, Any]:
    from cli.following import length_in_words
    from foundation.evidence import plain
    from foundation.work.runs import progress_of

    left = progress_of(run, now).remaining
    words = {"zh": run.state.zh, "en": run.state.value}
    asked = f" → {run.asked.value}" if run.asked.value else ""
    progress = f"{run.done}/{run.total}" if run.total else (str(run.done) if run.done else "")
    return {
        "id": run.id,
        "number": run.number,
        "kind": run.kind,
        "agency": run.agency,
        "subject": run.subject,
        "state": run.state.value,
        "state_words": " ".join(words[language] for language in languages()) + asked,
        "asked": run.asked.value,
        "done": run.done,
        "total": run.total,
        "progress": progress,
        "left": "" if left is None else length_in_words(left),
        "seconds_left": None if left is None else int(left.total_seconds()),
        "note": run.note,
        "reason": run.reason,
        "enqueued_at": plain(run.enqueued_at),
        "updated_at": plain(run.updated_at.replace(microsecond=0)),
    }


def _more(run: Run) -> dict[str, Any]:
    from foundation.evidence import plain

    because = {"zh": run.reason_zh, "en": run.reason_en}
    names = ("version", "inputs", "input_digest", "key", "account", "priority", "attempt", "failures", "deaths")
    times = ("not_before", "deadline", "started_at", "ended_at")
    return {
        "because": " · ".join(dict.fromkeys(because[language] for language in languages() if because[language])),
        "reason_zh": run.reason_zh,
        "reason_en": run.reason_en,
        **{name: plain(getattr(run, name)) for name in (*names, "worker", "worker_number", "outcome", *times)},
    }


def _step(step: StepRow) -> dict[str, Any]:
    from foundation.evidence import plain

    names = ("step", "attempt", "key", "input_digest", "outcome", "reason", "worker", "began_at", "ended_at")
    return {
        **{name: plain(getattr(step, name)) for name in names},
        "effect": step.effect.value,
        "state": step.state.value,
    }


def _tell(run: Run) -> None:
    zh, en = run.reason_zh, run.reason_en
    say(
        f"任务 {run.id} {run.state.zh}" + (f":{zh}" if zh else ""),
        f"run {run.id} {run.state.value}" + (f": {en}" if en else ""),
    )


def _tell_change(run: Run, changed: bool) -> None:
    if not changed:
        say(f"任务 {run.id} 早已如此({run.state.zh}),没有变化", f"run {run.id} was so before: nothing changed")
    elif run.asked.value:
        say(f"任务 {run.id} 将在下一步骤处停下", f"run {run.id} stops at its next step")
    else:
        say(f"任务 {run.id} 现为{run.state.zh}", f"run {run.id} is {run.state.value} now")


def _tell_kind(kind: str, changed: bool, *, paused: bool) -> None:
    if not changed:
        say(f"{kind} 早已如此,没有变化", f"{kind} was so before: nothing changed")
    elif paused:
        say(f"{kind} 不再开始新任务,进行中的继续", f"no run of {kind} is begun any more; those under way go on")
    else:
        say(f"{kind} 重新开始", f"runs of {kind} are begun again")
