"""Withdrawing a request before it is decided."""

from __future__ import annotations

from governance.authority import Act, Office, acting
from tenants.errors import RequestDecided
from tenants.requests.deciding import close
from tenants.requests.model import Request, RequestState
from tenants.requests.moving import hand_of
from tenants.requests.policy_tables import policy_of
from tenants.requests.reading import request_of
from tenants.requests.transitions import Move


def withdraw_request(office: Office, token: str, number: str) -> tuple[Request, bool]:
    """Take a request back while it is open: (request, whether it is new). What was reserved is free again.

    Raises ``RequestDecided``, ``Refused``, ``NotFound``.
    """
    with acting(office, token, Act.REQUEST_WITHDRAW, f"request:{number}") as mandate:
        request = request_of(mandate.transaction, mandate.scope, number)
        if request.state is RequestState.WITHDRAWN:
            return request, False
        if not request.state.open:
            raise RequestDecided(number=number, state_zh=request.state.zh, state_en=request.state.value)
        mandate.decide(request.subject, digest=request.digest)
        policy = policy_of(mandate.transaction, request.policy)
        return close(hand_of(mandate), request, Move.WITHDRAW, policy, {"step": request.done}), True
