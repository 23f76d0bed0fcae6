"""``guanyun request``: lists, one request with its snapshots, its checks and decisions."""

from __future__ import annotations

from typing import Literal

from cli.commands.request_words import row_of
from cli.context import Json, application, token
from cli.output import say, show, show_one

_STATES = Literal[
    "agreeing",
    "requested",
    "approved",
    "rejected",
    "withdrawn",
    "delivered",
    "refused",
    "accepted",
    "expired",
    "ended",
]


def list_(
    *,
    agency: str = "",
    state: _STATES | None = None,
    environment: str = "",
    awaiting: str = "",
    after: str = "",
    limit: int = 50,
    json: Json = False,
) -> None:
    """List the requests you may see, the newest first, a page at a time.

    Example: guanyun request list --json

    Parameters
    ----------
    awaiting: the party whose decision is waited for
    after: where the last page ended
    """
    from foundation.values.money import format_yuan
    from governance.authority import viewing
    from tenants.requests import RequestState, requests_page

    wanted = None if state is None else RequestState(state)
    with application() as opened, viewing(opened.office, token()) as view:
        page = requests_page(
            view.transaction,
            view.scope,
            agency=agency,
            state=wanted,
            environment=environment,
            awaiting=awaiting,
            after=after,
            limit=limit,
        )
    rows = []
    for each in page.rows:
        fen = each["estimate_monthly"] if each["decided_monthly"] is None else each["decided_monthly"]
        digest = each["decided_digest"] or each["spec_digest"]
        rows.append({**each, "estimate": fen, "estimate_yuan": format_yuan(fen), "spec_digest": digest})
    columns = {
        "number": "编号 number",
        "kind": "类别 kind",
        "agency": "单位 agency",
        "environment": "环境 environment",
        "estimate_yuan": "月估价(元) estimate",
        "state": "状态 state",
        "awaiting": "待审批 awaiting",
        "spec_digest": "摘要 digest",
    }
    show(rows, columns, json=json)
    if page.next and not json:
        say(f"下一页:--after {page.next}", f"the next page: --after {page.next}")


def show_(number: str, *, json: Json = False) -> None:
    """Show one request: its snapshots, what was changed and why, its chain, decisions, opinions, estimate.

    Example: guanyun request show REQ-2026-0001
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.requests import to_carry_out, visible_request

    with application() as opened, viewing(opened.office, token()) as view:
        request, kept = visible_request(view, number)
        concerned = to_carry_out(view.transaction, view.scope, request)
    row = row_of(request) | {
        "requested": plain(request.requested),
        "original": plain(request.original),
        "decided": plain(request.decided),
        "differences": plain(request.differences),
        "policy": request.policy,
        "chain": plain(request.steps),
        "needs_opinion": request.needs_opinion,
        "decisions": plain(list(kept.steps)),
        "opinions": plain(list(kept.opinions)),
        # Of a pause or a resumption: what the operator stops or starts.
        "to_carry_out": [
            {"resource": one.resource, "cloud_id": one.cloud_id, "kind": one.kind, "name": one.name}
            for one in concerned
        ],
        "lines": plain((request.decided_estimate or request.estimate).breakdown),
    }
    show_one(row, json=json)


def checks(number: str, *, json: Json = False) -> None:
    """Show what the automatic checks found, the newest run last: passed, failed or no evidence, and what they cite.

    Example: guanyun request checks REQ-2026-0001
    """
    from governance.authority import viewing
    from tenants.requests import evidence_of

    with application() as opened, viewing(opened.office, token()) as view:
        kept = evidence_of(view.transaction, view.scope, number)
    rows = [
        {
            "run": run.run,
            "checked_at": run.checked_at,
            "check": result.check,
            "verdict": result.verdict.value,
            "said": f"{result.zh} · {result.en}",
            "zh": result.zh,
            "en": result.en,
            "cites": list(result.cites),
        }
        for run in kept.checks
        for result in run.results
    ]
    columns = {"run": "次 run", "check": "核验 check", "verdict": "结论 verdict", "said": "说明 said", "cites": "依据"}
    show(rows, columns, json=json)


def transfers(*, json: Json = False) -> None:
    """List what other agencies asked yours to take over.

    Example: guanyun request transfers
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.requests import agreements

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [dict(plain(each)) for each in agreements(view.transaction, view.scope)]
    columns = {
        "request": "申请 request",
        "giver": "转出单位 from",
        "agency": "接收单位 to",
        "environment": "环境 environment",
        "state": "状态 state",
        "asked_at": "时间 asked",
    }
    show(rows, columns, json=json)
