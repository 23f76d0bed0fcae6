"""``guanyun drift``: what was changed behind the deployer's back, and the ways out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from cli.commands.drift_showing import (
    FINDING_COLUMNS,
    LOOK_COLUMNS,
    finding_row,
    look_row,
    tell_standing,
    words,
)
from cli.context import Json, application, token
from cli.output import console, errors, say, show, show_one

if TYPE_CHECKING:
    from foundation.work.runs import Run
    from infra.drift import Adoption, Reverting

Every = Annotated[bool, Parameter(name="--all", negative="", help="Every environment that is applied 全部已部署环境")]
Open = Annotated[bool, Parameter(name="--open", negative="", help="Only what stands and is not accepted 仅未处置")]
Unseen = Annotated[bool, Parameter(name="--unseen", negative="", help="Environments that could not be seen 未能查看的")]
Ask = Annotated[
    bool, Parameter(name="--request", negative="", help="Ask for the change at once; for the agency 提出变更申请")
]
Out = Annotated[Path | None, Parameter(help="The file to write, instead of the terminal 写入文件")]
Ids = Annotated[tuple[str, ...], Parameter(name="--finding", help="Only these findings 只采纳这些", negative="")]

app = App(name="drift", help="Drift: changes made by hand 漂移")


@app.command
def look(environment: str = "", *, every: Every = False, json: Json = False) -> int:
    """Look at an environment, or at all: the cloud against what was applied. Changes nothing.

    Example: guanyun drift look hrss-employment
    """
    from foundation.values.errors import InvalidValue
    from governance.authority import viewing
    from infra.drift import list_findings, list_looks
    from wiring.drift import ask_to_look, follow_looks
    from wiring.logs import to_file_only

    if bool(environment) == every:
        raise InvalidValue(field="environment", found=environment or "none", expected="an environment, or --all")
    with application() as opened:
        to_file_only("command", opened.settings.work_folder)
        asked = ask_to_look(opened, token(), environment)
        runs = follow_looks(opened, asked, tell=_tell)
        with viewing(opened.office, token()) as view:
            newest = [one for run in runs for one in list_looks(view, environment=_environment(run), limit=1)]
            standing = list_findings(view, environment=environment, standing=True, limit=None)
            rows = [finding_row(one, view.now) for one in standing if one.environment in asked.runs]
    since = {_environment(run): run.enqueued_at for run in runs}
    looks = [one for one in newest if one.ended_at >= since[one.environment]]
    seen = sum(one.outcome.seen for one in looks)
    told = [look_row(one) for one in looks]
    if json:
        show_one({"looks": told, "findings": rows}, json=True)
    else:
        show(told, LOOK_COLUMNS, json=False, empty=("没有已部署的环境", "nothing is applied"))
        if rows or seen == len(runs):
            show(rows, FINDING_COLUMNS, json=False, empty=("没有漂移", "no drift"))
    if seen < len(runs):
        return 5
    return 3 if any(row["open"] for row in rows) else 0


def _environment(run: Run) -> str:
    return run.subject.partition(":")[2]


def _tell(run: Run) -> None:
    outcome = (run.outcome or {}).get("outcome") or run.state.value
    because = words(run.reason_zh, run.reason_en)
    errors.print(f"{_environment(run)} {outcome} {because}".rstrip(), markup=False)


@app.command(name="list")
def list_(*, environment: str = "", agency: str = "", open_: Open = False, last: int = 200, json: Json = False) -> int:
    """List findings, newest first: what changed, from what to what, who and when.

    Example: guanyun drift list --open

    Parameters
    ----------
    environment: of one environment
    agency: of one agency
    last: how many at most
    """
    from governance.authority import viewing
    from infra.drift import list_findings, list_looks

    with application() as opened, viewing(opened.office, token()) as view:
        found = list_findings(view, environment=environment, agency=agency, standing=open_, limit=last)
        rows = [finding_row(one, view.now) for one in found]
        unseen = list_looks(view, environment=environment, unseen=True, limit=1)
    rows = [row for row in rows if row["open"]] if open_ else rows
    show(rows, FINDING_COLUMNS, json=json, empty=("没有漂移", "no drift"))
    if unseen and not json:
        say(
            "有环境最近一次未能查看:guanyun drift looks --unseen",
            "some environments could not be looked at: guanyun drift looks --unseen",
        )
    return 3 if any(row["open"] for row in rows) else 0


@app.command(name="show")
def show_(finding: str, *, json: Json = False) -> None:
    """Show one finding with all that is known of it.

    Example: guanyun drift show drift_3f2a
    """
    from governance.authority import viewing
    from infra.drift import show_finding

    with application() as opened, viewing(opened.office, token()) as view:
        row = finding_row(show_finding(view, finding), view.now)
    show_one(row, json=json)


@app.command
def looks(*, environment: str = "", unseen: Unseen = False, last: int = 50, json: Json = False) -> None:
    """List looks, newest first; with --unseen the environments that could not be seen last time, and why.

    Example: guanyun drift looks --unseen

    Parameters
    ----------
    environment: of one environment
    last: how many at most
    """
    from governance.authority import viewing
    from infra.drift import list_looks

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [look_row(one) for one in list_looks(view, environment=environment, unseen=unseen, limit=last)]
    show(rows, LOOK_COLUMNS, json=json, empty=("没有记录", "no look is on record"))


@app.command
def revert(environment: str, *, json: Json = False) -> int:
    """Plan an environment back to what is approved, and say which findings that settles. For the operator.

    Example: guanyun drift revert hrss-employment
    """
    from cli.progress import engine_progress
    from infra.drift import revert as plan_back
    from wiring.cloud import deployer

    with application() as opened, engine_progress(environment) as progress:
        made = plan_back(deployer(opened), token(), environment, progress=progress)
    if json:
        show_one(_reverting(made), json=True)
    else:
        _print_reverting(environment, made)
    return 0


def _reverting(made: Reverting) -> dict[str, Any]:
    plan = made.planned.plan
    return {
        "environment": plan.environment,
        "up_to_date": made.planned.up_to_date,
        "digest": plan.digest,
        "steps": [{"kind": one.kind, "name": one.name, "operation": one.operation} for one in plan.steps],
        "settles": [one.id for one in made.settled],
        "leaves": [one.id for one in made.left],
        "covered": made.planned.coverage.covered,
    }


def _print_reverting(environment: str, made: Reverting) -> None:
    if made.planned.up_to_date:
        say(f"{environment} 与批准的一致,没有可还原的", f"{environment} is as approved: nothing to revert")
    else:
        digest = made.planned.plan.digest[:12]
        say(f"计划 {digest} 将还原 {len(made.settled)} 项漂移", f"plan {digest} settles {len(made.settled)} findings")
        tell_standing(made.settled)
        say(
            f"照常批准和执行:guanyun plan show {environment};guanyun plan apply {environment}",
            f"approve and apply it as any other: guanyun plan show {environment}; guanyun plan apply {environment}",
        )
        for reason in (*made.planned.coverage.reasons, *made.planned.coverage.forbidden):
            say(f"须先处理:{reason.zh}", f"first: {reason.en}")
    if made.left:
        say("该计划不处理的漂移:", "findings that this plan does not settle:")
        tell_standing(made.left)


@app.command
def adopt(environment: str, *, finding: Ids = (), out: Out = None, request: Ask = False, json: Json = False) -> int:
    """Write the approved spec with what was changed by hand, for a change request; what has no word is named.

    Example: guanyun drift adopt hrss-employment --out change.yaml
    """
    import yaml

    from cli.writing import write_file
    from governance.environments import spec_document
    from wiring.drift import adoption, ask_for_adopted

    with application() as opened:
        made = adoption(opened, token(), environment, finding)
        asked = ask_for_adopted(opened, token(), made) if request else None
    document = spec_document(made.spec)
    if json:
        number = None if asked is None else asked.number
        show_one(_adoption(made) | {"spec": document, "request": number}, json=True)
        return 3 if made.left else 0
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    if out is not None:
        write_file(out, text.encode())
    elif asked is None:
        console.print(text, markup=False, end="")
        return 3 if made.left else 0
    say(f"采纳 {len(made.adopted)} 项漂移", f"{len(made.adopted)} findings adopted")
    tell_standing(made.adopted)
    for one in made.left:
        say(f"未采纳 {one.finding.id} {one.finding.seen.resource}:{one.zh}", one.en)
    if asked is not None:
        say(f"已提出变更申请 {asked.number}", f"the change is asked for as {asked.number}")
    else:
        say(f"由使用单位申请:guanyun request change {out}", f"for the agency: guanyun request change {out}")
    return 3 if made.left else 0


def _adoption(made: Adoption) -> dict[str, Any]:
    left = [{"finding": one.finding.id, "zh": one.zh, "en": one.en} for one in made.left]
    return {"adopted": [one.id for one in made.adopted], "left": left}


@app.command
def accept(finding: str, *, because: str, until: str) -> None:
    """Let a finding stay as it was found until a day. For the agency, or the bureau that decides for it.

    Example: guanyun drift accept drift_3f2a --because "割接期间临时放开" --until 2026-06-30

    Parameters
    ----------
    because: why, for the other side to read
    until: the first day on which it counts again (Shanghai time)
    """
    from cli.dates import instant
    from infra.drift import accept_finding

    with application() as opened:
        found, new = accept_finding(opened.office, token(), finding, because=because, until=instant(until))
    if new:
        say(f"漂移 {found.id} 已接受至 {until}", f"finding {found.id} is accepted until {until}")
    else:
        say(f"漂移 {found.id} 早已接受,没有变化", f"finding {found.id} was accepted before: nothing changed")
