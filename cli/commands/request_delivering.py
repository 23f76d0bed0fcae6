"""``guanyun request``: delivery by the operator, acceptance by the agency."""

from __future__ import annotations

from cli.commands.request_words import tell
from cli.context import Json, application, token


def deliver(number: str, *, json: Json = False) -> None:
    """Report service items, a pause or a resumption as carried out. A deployment's end delivers what it built itself.

    Example: guanyun request deliver REQ-2026-0007
    """
    from tenants.requests import deliver_request

    with application() as opened:
        request, new = deliver_request(opened.office, token(), number)
    tell(request, new, "已交付", "delivered", json=json)


def accept(number: str, *, json: Json = False) -> None:
    """Accept what was delivered. For its agency.

    Example: guanyun request accept REQ-2026-0001
    """
    from tenants.requests import accept_request

    with application() as opened:
        request, new = accept_request(opened.office, token(), number)
    tell(request, new, "已验收", "accepted", json=json)


def refuse(number: str, *, reason: str, json: Json = False) -> None:
    """Not accept what was delivered, with the reasons the operator reads. For its agency.

    Example: guanyun request refuse REQ-2026-0001 --reason "磁盘容量不足"
    """
    from tenants.requests import refuse_delivery

    with application() as opened:
        request, new = refuse_delivery(opened.office, token(), number, reason=reason)
    tell(request, new, "已拒绝验收", "refused", json=json)


VERBS = (deliver, accept, refuse)
