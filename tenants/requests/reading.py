"""Reading requests, always inside the reader's scope; lists page along an index, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation.store import Scope, Transaction
from foundation.values.errors import InvalidValue
from foundation.values.instant import format_instant, parse_instant
from governance.authority import View, machine_scope
from governance.errors import NotFound
from governance.parties import PartyKind
from tenants.requests.evidence_tables import (
    CheckRun,
    Opinion,
    StepTaken,
    agreement_on,
    check_runs,
    opinions_on,
    steps_taken,
)
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request, RequestState
from tenants.requests.tables import Cursor, page_of, read_request, read_requests

_MOST = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list (plain fields, without documents) and the cursor to go on from; empty at the end."""

    rows: Sequence[Mapping[str, Any]]
    next: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept with a request: every run of its checks, the decisions in order, the opinions."""

    checks: Sequence[CheckRun]
    steps: Sequence[StepTaken]
    opinions: Sequence[Opinion]


def request_of(transaction: Transaction, scope: Scope, number: str) -> Request:
    """The request with that number; raises ``NotFound``, also outside the scope."""
    found = read_request(transaction, scope, number)
    if found is None:
        raise NotFound(what_zh="申请", what_en="request", key=number)
    return found


def requests(transaction: Transaction, scope: Scope, *, state: RequestState | None = None) -> Sequence[Request]:
    """Every request inside the scope with all its documents, by number: for who works through all of them."""
    return read_requests(transaction, scope, states=() if state is None else (state,))


def requests_page(  # noqa: PLR0913 - a list has this many filters
    transaction: Transaction,
    scope: Scope,
    *,
    agency: str = "",
    state: RequestState | None = None,
    kind: RequestKind | None = None,
    environment: str = "",
    awaiting: str = "",
    after: str = "",
    limit: int = 50,
) -> Page:
    """One page of a list. ``awaiting`` is the party whose decision is waited for; ``after`` the last page's ``next``.

    Raises ``InvalidValue`` for a cursor that is none, or a limit outside 1 to 500.
    """
    if not 1 <= limit <= _MOST:
        raise InvalidValue(field="limit", found=str(limit), expected=f"1 to {_MOST}")
    wanted = {
        "agency": agency,
        "state": "" if state is None else state.value,
        "kind": "" if kind is None else kind.value,
        "environment": environment,
        "awaiting": awaiting,
    }
    equal = {name: value for name, value in wanted.items() if value}
    rows = page_of(transaction, scope, equal=equal, after=_cursor(after), limit=limit + 1)
    shown = rows[:limit]
    more = len(rows) > limit
    return Page([dict(row) for row in shown], _text(shown[-1]["requested_at"], shown[-1]["number"]) if more else "")


def evidence_of(transaction: Transaction, scope: Scope, number: str) -> Evidence:
    """What is kept with the request; raises ``NotFound``, also outside the scope."""
    request_of(transaction, scope, number)
    return Evidence(
        checks=check_runs(transaction, scope, number),
        steps=steps_taken(transaction, scope, number),
        opinions=opinions_on(transaction, scope, number),
    )


def visible_request(view: View, number: str) -> tuple[Request, Evidence]:
    """The request and what is kept with it; also for an expert whose opinion it waits for, and for the agency it is to
    be transferred to. Raises ``NotFound`` for everybody else."""
    scope = view.scope
    if read_request(view.transaction, scope, number) is None and _asked_of(view, number):
        scope = machine_scope()
    return request_of(view.transaction, scope, number), evidence_of(view.transaction, scope, number)


def _asked_of(view: View, number: str) -> bool:
    """Whether something is asked of the reader about another agency's request."""
    asked = agreement_on(view.transaction, view.scope, number)
    if asked is not None:
        return asked.state in {"asked", "agreed"}
    if view.actor.kind is not PartyKind.EXPERT:
        return False
    other = read_request(view.transaction, machine_scope(), number)
    return other is not None and other.needs_opinion and other.state is RequestState.REQUESTED


def _cursor(text: str) -> Cursor | None:
    if not text:
        return None
    instant, _, number = text.partition("/")
    if not number:
        raise InvalidValue(field="after", found=text[:80], expected="the cursor the last page gave")
    return Cursor(parse_instant(instant, field="after"), number)


def _text(requested_at: datetime, number: str) -> str:
    return f"{format_instant(requested_at)}/{number}"
