"""What a pause or a resumption has the operator do: which resources to stop, or to start again."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.store import Scope, Transaction
from foundation.values.instant import format_instant
from governance.authority import machine_scope
from governance.metering import RegisterEntry
from tenants.register import Because, Query, register_at
from tenants.requests.kinds import RequestKind
from tenants.requests.model import Request
from tenants.requests.moving import Hand

_BECAUSE = {RequestKind.SUSPEND: Because.SUSPENDED, RequestKind.RESUME: Because.RESUMED}
_TOPICS = {RequestKind.SUSPEND: "environment.suspended", RequestKind.RESUME: "environment.resumed"}


def to_carry_out(transaction: Transaction, scope: Scope, request: Request) -> Sequence[RegisterEntry]:
    """The resources inside the scope that an approved pause stops, or a resumption starts, by id; of any other request
    none. What costs the same either way (a disk by itself) is not among them."""
    because = _BECAUSE.get(request.kind)
    if because is None or request.decided_at is None or not request.state.granted:
        return ()
    standing = register_at(transaction, scope, request.decided_at, Query(environment=request.environment))
    return [
        line.entry for line in standing if line.opening.because is because and line.entry.opened == request.decided_at
    ]


def tell_what_to_do(hand: Hand, request: Request) -> None:
    """Announce to the operator, by name and by the cloud's own ids, what is to be stopped or started.

    The register says so from the same instant on; the operator's task ends when it reports the request delivered.
    """
    topic = _TOPICS.get(request.kind)
    if topic is None:
        return
    concerned = to_carry_out(hand.transaction, machine_scope(), request)
    hand.announce(
        topic,
        f"environment:{request.environment}",
        {
            "environment": request.environment,
            "agency": request.agency,
            "request": request.number,
            "instant": format_instant(hand.now),
            "resources": [
                {"resource": one.resource, "cloud_id": one.cloud_id, "kind": one.kind, "name": one.name}
                for one in concerned
            ],
        },
    )
