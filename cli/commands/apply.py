"""``guanyun apply``: a plan becomes what runs."""

from __future__ import annotations

from cli.commands.plan import newest_plan_of
from cli.context import Json, application, token
from cli.following import seen_through
from cli.output import say, show_one


def apply(environment: str, *, digest: str | None = None, json: Json = False) -> None:
    """Run the newest plan of an environment to its end; again after an interruption, it finishes what is left.

    Example: guanyun apply hrss-employment

    Parameters
    ----------
    digest: the plan to run; the newest without it
    """
    from wiring.asking import ask_to_apply

    with application() as opened:
        chosen = digest or newest_plan_of(opened, environment).digest
        row = seen_through(opened, ask_to_apply(opened, token(), environment, chosen), title=environment)
    if json:
        show_one(row, json=True)
    elif row["new"]:
        say(
            f"{environment} 部署完成:{row['resources']} 个资源",
            f"{environment} deployed: {row['resources']} resources",
        )
    else:
        say(f"{environment} 早已部署,没有变化", f"{environment} was deployed before: nothing changed")
