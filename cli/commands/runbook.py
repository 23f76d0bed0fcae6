"""``guanyun runbook``."""

from __future__ import annotations

from cyclopts import App

from cli.context import Json, application, token
from cli.following import seen_through
from cli.output import console, say, show

app = App(name="runbook", help="Runbooks 运维手册")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the runbooks with their steps.

    Example: guanyun runbook list
    """
    from foundation.evidence import plain
    from runbooks import RUNBOOKS

    rows = [
        plain(each) | {"step_ids": " → ".join(step.id for step in each.steps)} for _, each in sorted(RUNBOOKS.items())
    ]
    columns = {"id": "编号 id", "zh": "名称", "en": "title", "step_ids": "步骤 steps"}
    show(rows, columns, json=json)


@app.command
def run(runbook: str, environment: str) -> None:
    """Run a runbook on an environment, step by step; where nothing is broken, nothing is done.

    Example: guanyun runbook run resume-environment hrss-employment
    """
    from wiring.asking import ask_for_runbook

    with application() as opened:
        result = seen_through(opened, ask_for_runbook(opened, token(), runbook, environment), title=environment)
    for step in result["steps"]:
        console.print(f"{step['outcome']:8}{step['step']}: {step['zh']} · {step['en']}", markup=False)
        for line in step["found"]:
            console.print(f"        {line}", markup=False)
    if not result["changed"]:
        say(f"{environment} 没有未完成的部署,什么都没有做", f"{environment} has nothing unfinished: nothing was done")
    else:
        say(f"{runbook} 已完成", f"{runbook} ended")


@app.command
def runs(*, environment: str | None = None, json: Json = False) -> None:
    """List the runs on record, newest first.

    Example: guanyun runbook runs
    """
    from foundation.evidence import plain
    from runbooks import runs as on_record

    with application() as opened:
        rows = [plain(each) for each in on_record(opened.office, token(), environment)]
    columns = {
        "id": "编号 id",
        "runbook": "手册 runbook",
        "environment": "环境 environment",
        "state": "状态 state",
        "account": "账号 account",
        "started_at": "开始 started",
        "ended_at": "结束 ended",
    }
    show(rows, columns, json=json)
