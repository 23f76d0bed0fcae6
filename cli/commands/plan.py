"""``guanyun plan``: the exact difference and its approval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from cli.context import Json, application, token
from cli.output import console, languages, say, show, show_one
from cli.progress import engine_progress
from cli.writing import write_file

if TYPE_CHECKING:
    from infra.deployments import Plan
    from infra.views import PlanView
    from wiring.application import Application

Format = Annotated[
    Literal["table", "json", "html"],
    Parameter(name="--format", help="Lines, JSON (plan-view/1), or a page 格式"),
]
Out = Annotated[Path | None, Parameter(help="The file to write, instead of the terminal 写入文件")]

app = App(name="plan", help="Deployment plans 部署计划")


@app.command
def create(environment: str, *, give_up_unfinished: bool = False, json: Json = False) -> None:
    """Compute what would change to reach the approved spec, and record it with its digest.

    Example: guanyun plan create hrss-employment

    Parameters
    ----------
    give_up_unfinished: end a deployment that did not finish as given up, and plan anew
    """
    from infra.deployments import plan_environment
    from wiring.cloud import deployer

    with application() as opened, engine_progress(environment) as progress:
        planned = plan_environment(
            deployer(opened), token(), environment, give_up_unfinished=give_up_unfinished, progress=progress
        )
    if json:
        judged = planned.judgement
        found = [] if judged is None else [_finding(one) for one in judged.findings]
        more = {"new": planned.new, "up_to_date": planned.up_to_date, "guardrails": found}
        show_one(_row(planned.plan) | more, json=True)
        return
    for warning in planned.plan.warnings:
        say(f"提示 {warning.zh}", f"warning: {warning.en}")
    if planned.up_to_date:
        say(f"{environment} 与批准的一致,没有变化", f"{environment} is as approved: nothing to change")
        return
    _print_plan(planned.plan)
    for finding in () if planned.judgement is None else planned.judgement.findings:
        if not finding.blocks:  # what blocks is said below, with its remedy
            where = f"{finding.resource} {finding.path} {finding.found}"
            say(f"提示 {finding.rule} {finding.zh}({where})", f"warning: {finding.en}")
    for reason in planned.coverage.reasons:
        say(f"须另一名运营人员批准:{reason.zh}", f"a second operator person must approve: {reason.en}")
    for reason in planned.coverage.forbidden:
        say(f"不得执行:{reason.zh}", f"may not be applied: {reason.en}")
    if not planned.coverage.reasons and not planned.coverage.forbidden:
        say("在申请的批准范围之内", "covered by the request's approval")


@app.command
def approve(environment: str, *, digest: str | None = None) -> None:
    """Approve the newest plan of an environment, bound to its digest. For a second operator person.

    Example: guanyun plan approve hrss-employment --digest 3f2a…

    Parameters
    ----------
    digest: the plan you have read; another one is refused
    """
    from infra.deployments import approve_plan
    from wiring.cloud import deployer

    with application() as opened:
        plan, new = approve_plan(deployer(opened), token(), digest or newest_plan_of(opened, environment).digest)
    short = plan.digest[:16]
    if new:
        say(f"已批准计划 {short}", f"plan {short} approved")
    else:
        say(f"计划 {short} 早已批准,没有变化", f"plan {short} was approved before: nothing changed")


@app.command(name="show")
def show_(
    environment: str, *, digest: str | None = None, how: Format = "table", out: Out = None, json: Json = False
) -> None:
    """Show the newest plan of an environment: what changes, what it costs, what the guardrails say, who approves.

    Example: guanyun plan show hrss-employment --format html --out plan.html

    Parameters
    ----------
    digest: another plan than the newest
    json: the plan as it is recorded, with the document that its digest covers
    """
    from infra.deployments import plan_with_digest
    from wiring.plan_views import view_plan

    with application() as opened:
        if json:
            plan = plan_with_digest(opened.office, token(), digest) if digest else newest_plan_of(opened, environment)
            show_one(_row(plan) | {"document": plan.document}, json=True)
            return
        view = view_plan(opened, token(), environment, digest)
    _print_view(view, how, out)


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the newest plan of every environment you may see.

    Example: guanyun plan list
    """
    from governance.authority import viewing
    from governance.environments import LANDING_ZONE
    from infra.deployments import environment_status
    from tenants.environments import environments

    with application() as opened:
        with viewing(opened.office, token()) as view:
            names = [LANDING_ZONE, *(each.id for each in environments(view.transaction, view.scope))]
        plans = [environment_status(opened.office, token(), name).plan for name in names]
    columns = {
        "environment": "环境 environment",
        "risk": "性质 risk",
        "cost_yuan": "每月(元) a month",
        "digest": "摘要 digest",
        "planned_at": "时间 at",
    }
    show([_row(plan) for plan in plans if plan is not None], columns, json=json)


def newest_plan_of(opened: Application, environment: str) -> Plan:
    """The newest plan on record; raises ``NotFound``."""
    from governance.errors import NotFound
    from infra.deployments import environment_status

    plan = environment_status(opened.office, token(), environment).plan
    if plan is None:
        raise NotFound(what_zh="部署计划,环境", what_en="plan for", key=environment)
    return plan


def _row(plan: Plan) -> dict[str, Any]:
    from foundation.evidence import plain
    from foundation.values.money import format_yuan

    return {
        "environment": plan.environment,
        "digest": plan.digest,
        "spec_digest": plan.spec_digest,
        "request": plan.request,
        "risk": plan.risk.value,
        "cost": plan.cost,
        "cost_yuan": format_yuan(plan.cost),
        "planned_at": plain(plan.planned_at),
        "steps": plain(plan.steps),
        "warnings": plain(plan.warnings),
    }


def _finding(finding: Any) -> dict[str, Any]:
    from foundation.evidence import plain

    told: dict[str, Any] = plain(finding) | {"blocks": finding.blocks}
    return told


def _print_view(view: PlanView, how: str, out: Path | None) -> None:
    import sys

    from foundation.evidence import canonical_text
    from infra.views import plan_document, plan_lines, plan_page

    if how == "table" and out is None:
        for line in plan_lines(view):
            console.print(line.text(languages()), markup=False, style=line.style)
        return
    if how == "table":
        text = "".join(f"{line.text(languages())}\n" for line in plan_lines(view))
    else:
        text = f"{canonical_text(plan_document(view))}\n" if how == "json" else plan_page(view)
    if out is None:
        sys.stdout.write(text)
        return
    write_file(out, text.encode())
    say(f"已写入 {out}", f"written to {out}")


def _print_plan(plan: Plan) -> None:
    from foundation.values.money import format_yuan

    signs = {"create": "+", "adopt": "↳", "update": "~", "replace": "±", "delete": "-"}
    for step in plan.steps:
        why = f"  因 because {', '.join(step.replace_reasons)}" if step.replace_reasons else ""
        changed = f"  {', '.join(step.changed)}" if step.changed and step.operation in {"adopt", "update"} else ""
        sign = signs.get(step.operation, " ")
        console.print(f"  {sign} {step.operation:8}{step.kind:14}{step.name}{changed}{why}", markup=False)
    say(
        f"{plan.risk.zh};此后每月 {format_yuan(plan.cost)} 元;摘要 {plan.digest[:16]}",
        f"{plan.risk.value}; {format_yuan(plan.cost)} yuan a month after it; digest {plan.digest[:16]}",
    )
