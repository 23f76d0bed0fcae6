"""``guanyun request policy``: who decides on what, as published."""

from __future__ import annotations

from pathlib import Path

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show, show_one
from cli.reading import accepted

app = App(name="policy", help="The policy of approval 审批规则")


@app.command
def draft(file: Path, *, json: Json = False) -> None:
    """Draft a policy of approval. For the bureau whose agencies it is for.

    Example: guanyun request policy draft policy.yaml
    """
    from tenants.requests import draft_policy, read_policy

    policy = accepted(*read_policy(file))
    with application() as opened:
        digest, new = draft_policy(opened.office, token(), policy)
    if json:
        show_one({"id": policy.id, "digest": digest, "new": new}, json=True)
    elif new:
        say(f"已起草审批规则 {policy.id},摘要 {digest[:16]}", f"policy {policy.id} is drafted, digest {digest[:16]}")
    else:
        say(f"审批规则 {policy.id} 早已起草,没有变化", f"policy {policy.id} was drafted before: nothing changed")


@app.command
def publish(id_: str, /, *, digest: str | None = None, json: Json = False) -> None:
    """Put a drafted policy into force from its start. For another person of the bureau.

    Example: guanyun request policy publish RP-2026-01
    """
    from tenants.requests import publish_policy

    with application() as opened:
        policy, new = publish_policy(opened.office, token(), id_, digest=digest)
    if json:
        show_one({"id": policy.id, "start": policy.start, "new": new}, json=True)
    elif new:
        say(f"已发布审批规则 {policy.id}", f"policy {policy.id} is published")
    else:
        say(f"审批规则 {policy.id} 早已发布,没有变化", f"policy {policy.id} was published before: nothing changed")


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List every policy of approval, drafted or published.

    Example: guanyun request policy list
    """
    from governance.authority import viewing
    from tenants.requests.policy_tables import policy_rows

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [
            {
                "id": row["id"],
                "party": row["party"],
                "starts_at": row["starts_at"],
                "cites": row["document"]["cites"],
                "digest": row["digest"],
                "published_at": row["published_at"],
            }
            for row in policy_rows(view.transaction)
        ]
    columns = {
        "id": "编号 id",
        "party": "单位 party",
        "starts_at": "自 from",
        "cites": "依据 cites",
        "published_at": "发布 published",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(id_: str, /, *, json: Json = False) -> None:
    """Show one policy of approval: bands, steps, checks, rules, clocks.

    Example: guanyun request policy show RP-2026-01
    """
    from governance.authority import viewing
    from tenants.requests import policy_of
    from tenants.requests.policy_tables import policy_document

    with application() as opened, viewing(opened.office, token()) as view:
        policy = policy_of(view.transaction, id_)
    show_one(policy_document(policy), json=json)
