"""``guanyun request``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from cli.context import Json, application, token
from cli.output import say, show, show_one
from cli.reading import accepted, read_yaml

if TYPE_CHECKING:
    from tenants.requests import Request

app = App(name="request", help="Resource requests 资源申请")


@app.command
def create(file: Path, *, number: str = "", kind: Literal["create", "change"] = "create", json: Json = False) -> None:
    """Ask for the environment a spec file describes; the answer carries the estimate. For an agency.

    Example: guanyun request create specs/hrss-employment.yaml

    Parameters
    ----------
    file: an environment spec (YAML or JSON)
    number: the request's number; one is allotted without it
    kind: a new environment, or a change of one that stands
    """
    from governance.environments import spec_from_document
    from tenants.requests import RequestKind, create_request
    from wiring.bindings import estimator

    spec = accepted(*spec_from_document(read_yaml(file), file=file.name))
    with application() as opened:
        request, new = create_request(
            opened.office, token(), kind=RequestKind(kind), spec=spec, estimator=estimator, number=number
        )
    _tell(request, new, json=json)


@app.command
def terminate(environment: str, *, number: str = "", json: Json = False) -> None:
    """Ask that an environment be ended and everything in it deleted. For its agency.

    Example: guanyun request terminate hrss-employment
    """
    from tenants.requests import request_termination
    from wiring.bindings import estimator

    with application() as opened:
        request, new = request_termination(opened.office, token(), environment, estimator=estimator, number=number)
    _tell(request, new, json=json)


@app.command
def approve(number: str, *, digest: str | None = None) -> None:
    """Approve a request, bound to its spec digest and estimate. For the bureau.

    Example: guanyun request approve REQ-2026-0001

    Parameters
    ----------
    digest: the spec digest you have read; another one is refused
    """
    from tenants.requests import approve_request

    with application() as opened:
        request, new = approve_request(opened.office, token(), number, digest=digest or _digest(opened, number))
    _decided("已批准", "approved", request, new)


@app.command
def reject(number: str, *, reason: str, digest: str | None = None) -> None:
    """Reject a request with a reason that the agency will read. For the bureau.

    Example: guanyun request reject REQ-2026-0001 --reason "规格过大"
    """
    from tenants.requests import reject_request

    with application() as opened:
        seen = digest or _digest(opened, number)
        request, new = reject_request(opened.office, token(), number, digest=seen, reason=reason)
    _decided("已驳回", "rejected", request, new)


@app.command(name="list")
def list_(*, json: Json = False) -> None:
    """List the requests you may see.

    Example: guanyun request list --json
    """
    from governance.authority import viewing
    from tenants.requests import requests

    with application() as opened, viewing(opened.office, token()) as view:
        rows = [_row(each) for each in requests(view.transaction, view.scope)]
    columns = {
        "number": "编号 number",
        "kind": "类别 kind",
        "agency": "单位 agency",
        "environment": "环境 environment",
        "estimate_yuan": "月估价(元) estimate",
        "state": "状态 state",
        "spec_digest": "摘要 digest",
    }
    show(rows, columns, json=json)


@app.command(name="show")
def show_(number: str, *, json: Json = False) -> None:
    """Show one request with its snapshots and the lines of its estimate.

    Example: guanyun request show REQ-2026-0001
    """
    from foundation.evidence import plain
    from governance.authority import viewing
    from tenants.requests import request_of

    with application() as opened, viewing(opened.office, token()) as view:
        request = request_of(view.transaction, view.scope, number)
    row = _row(request) | {"requested": plain(request.requested), "lines": plain(request.estimate.breakdown)}
    show_one(row, json=json)


def _digest(opened: Any, number: str) -> str:
    from governance.authority import viewing
    from tenants.requests import request_of

    with viewing(opened.office, token()) as view:
        return request_of(view.transaction, view.scope, number).spec_digest


def _row(request: Request) -> dict[str, Any]:
    from foundation.values.money import format_yuan

    return {
        "number": request.number,
        "kind": request.kind.value,
        "agency": request.agency,
        "system": request.system,
        "environment": request.environment,
        "estimate": request.estimate.monthly,
        "estimate_yuan": format_yuan(request.estimate.monthly),
        "state": request.state.value,
        "spec_digest": request.spec_digest,
        "requested_at": request.requested_at,
        "decided_at": request.decided_at,
        "reason": request.reason,
    }


def _tell(request: Request, new: bool, *, json: bool) -> None:
    if json:
        show_one(_row(request), json=True)
        return
    row = _row(request)
    yuan, name = row["estimate_yuan"], request.environment
    if new:
        say(
            f"申请 {request.number}:{name},每月估价 {yuan} 元", f"request {request.number}: {name}, {yuan} yuan a month"
        )
    else:
        say(f"申请 {request.number} 已存在,没有变化", f"request {request.number} stands already: nothing changed")


def _decided(zh: str, en: str, request: Request, new: bool) -> None:
    digest = request.spec_digest[:16]
    if new:
        say(f"{zh} {request.number},绑定摘要 {digest}", f"{request.number} {en}, bound to digest {digest}")
    else:
        say(f"{request.number} 早已{zh[1:]},没有变化", f"{request.number} was {en} before: nothing changed")
