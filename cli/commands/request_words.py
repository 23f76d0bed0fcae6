"""How requests are told: one row, one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.output import say, show_one

if TYPE_CHECKING:
    from tenants.requests import Request


def row_of(request: Request) -> dict[str, Any]:
    """The plain fields of a request."""
    from foundation.values.money import format_yuan

    step = request.step
    delivery = request.delivery
    return {
        "number": request.number,
        "kind": request.kind.value,
        "agency": request.agency,
        "system": request.system,
        "project": request.project,
        "environment": request.environment,
        "first": request.first,
        "estimate": request.monthly,
        "estimate_yuan": format_yuan(request.monthly),
        "state": request.state.value,
        "spec_digest": request.digest,
        "requested_at": request.requested_at,
        "decided_at": request.decided_at,
        "reason": request.reason,
        "awaiting": "" if step is None else step.party,
        "step": f"{request.done}/{len(request.steps)}",
        "until": request.until,
        "urgent": request.urgent,
        "counterpart": request.counterpart,
        "deliver_by": _deliver_by(request),
        "delivered_at": delivery.delivered_at,
        "accepted_at": delivery.accepted_at,
    }


def tell(request: Request, new: bool, zh: str = "", en: str = "", *, json: bool) -> None:
    """What became of a request; ``zh`` and ``en`` say what was done, without them it was asked."""
    row = row_of(request)
    if json:
        show_one(row | {"new": new}, json=True)
        return
    yuan, name = row["estimate_yuan"], request.environment or ", ".join(item.name for item in request.content.items)
    if not new:
        again_zh = f"{request.number} 早已{zh.removeprefix('已')}" if zh else f"申请 {request.number} 已存在"
        again_en = f"{request.number} was {en} before" if en else f"request {request.number} stands already"
        say(f"{again_zh},没有变化", f"{again_en}: nothing changed")
    elif zh:
        say(f"{zh} {request.number}", f"{request.number} {en}")
    else:
        say(
            f"申请 {request.number}:{name},每月估价 {yuan} 元", f"request {request.number}: {name}, {yuan} yuan a month"
        )
    if new and row["awaiting"]:
        say(
            f"待 {row['awaiting']} 审批(第 {row['step']} 步)", f"waits for {row['awaiting']} (step {row['step']} taken)"
        )


def _deliver_by(request: Request) -> str:
    delivery = request.delivery
    if delivery.awaiting_year is not None:
        return f"等待 {delivery.awaiting_year} 年日历 awaiting the calendar of {delivery.awaiting_year}"
    return "" if delivery.due is None else delivery.due.isoformat()
