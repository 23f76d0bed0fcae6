"""``guanyun env``: tenant environments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from cli.context import Json, application, token
from cli.output import console, say, show, show_one

app = App(name="env", help="Tenant environments 租户环境")

Out = Annotated[Path | None, Parameter(help="The file to write, instead of the terminal 写入文件")]


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the environments you may see.

    Example: guanyun env list
    """
    from governance.authority import viewing
    from tenants.environments import environments

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {
                "id": each.id,
                "agency": each.agency,
                "system": each.system,
                "state": each.state.value,
                "state_zh": each.state.zh,
                "request": each.request,
                "up_to_date": each.up_to_date,
            }
            for each in environments(view.transaction, view.scope)
        ]
    columns = {
        "id": "环境 environment",
        "agency": "单位 agency",
        "system": "系统 system",
        "state_zh": "状态",
        "state": "state",
        "request": "申请 request",
    }
    show(rows, columns, json=json)


@app.command
def status(environment: str, *, json: Json = False) -> None:
    """Show what is on record of an environment: its cloud, newest plan, newest deployment, outputs.

    Example: guanyun env status hrss-employment
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from infra.deployments import environment_status
    from tenants.environments import find_environment

    with application() as opened:
        with viewing(opened.office, token()) as view:
            found = find_environment(view.transaction, view.scope, environment)
        recorded = environment_status(opened.office, token(), environment)
    deployment = recorded.deployment
    row: dict[str, Any] = {
        "environment": found.id,
        "agency": found.agency,
        "state": found.state.value,
        "up_to_date": found.up_to_date,
        "cloud": plain(recorded.cloud),
        "plan": None if recorded.plan is None else recorded.plan.digest,
        "deployment": None if deployment is None else deployment.id,
        "deployment_state": None if deployment is None else deployment.state.value,
        "outputs": {} if deployment is None else plain(deployment.outputs),
    }
    show_one(row, json=json)


@app.command(name="show")
def show_(environment: str, *, json: Json = False) -> None:
    """Print the approved spec as YAML: the file a change request begins from.

    Example: guanyun env show hrss-employment > change.yaml
    """
    import yaml

    from governance.authority import viewing
    from governance.environments import spec_document
    from governance.errors import NotFound
    from tenants.environments import find_environment

    with application() as opened, viewing(opened.office, token()) as view:
        found = find_environment(view.transaction, view.scope, environment)
    if found.spec is None:
        raise NotFound(what_zh="批准的环境说明:", what_en="approved spec of", key=environment)
    if json:
        show_one(spec_document(found.spec), json=True)
        return
    text = yaml.safe_dump(spec_document(found.spec), allow_unicode=True, sort_keys=False)
    console.print(text, markup=False, end="")


@app.command
def picture(environment: str, *, out: Out = None) -> None:
    """Draw an environment as SVG: zones, subnets, ways out, peers, what stands where; dashed is not built yet.

    Example: guanyun env picture hrss-employment --out hrss-employment.svg
    """
    import sys

    from cli.writing import write_file
    from infra.views import draw
    from wiring.plan_views import view_environment

    with application() as opened:
        drawn = draw(view_environment(opened, token(), environment))
    if out is None:
        sys.stdout.write(drawn)
        return
    write_file(out, drawn.encode())
    say(f"已写入 {out}", f"written to {out}")


@app.command
def compare(environment: str, *, json: Json = False) -> int:
    """Compare the cloud with the engine's state, id by id: what is missing, what is an orphan.

    Example: guanyun env compare hrss-employment
    """
    from infra.deployments import compare_with_cloud
    from wiring.cloud import deployer

    with application() as opened:
        report = compare_with_cloud(deployer(opened), token(), environment)
    found = {
        "environment": environment,
        "clean": report.clean,
        "orphans": {kind: sorted(ids) for kind, ids in report.orphans.items()},
        "missing": {kind: sorted(ids) for kind, ids in report.missing.items()},
    }
    if json or not report.clean:
        show_one(found, json=json)
    else:
        say(f"{environment}:云中与状态一致", f"{environment}: the cloud holds exactly what the state says")
    return 0 if report.clean else 3
