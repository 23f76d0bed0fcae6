"""Reading requests, always inside the reader's scope."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.store import Scope, Transaction
from governance.errors import NotFound
from tenants.requests.model import Request, RequestState
from tenants.requests.tables import read_request, read_requests


def request_of(transaction: Transaction, scope: Scope, number: str) -> Request:
    """The request with that number; raises ``NotFound``, also outside the scope."""
    found = read_request(transaction, scope, number)
    if found is None:
        raise NotFound(what_zh="申请", what_en="request", key=number)
    return found


def requests(transaction: Transaction, scope: Scope, *, state: RequestState | None = None) -> Sequence[Request]:
    """Every request inside the scope, by number."""
    return read_requests(transaction, scope, state=state)
