"""Looks at one resource each that are sent as one look at many, where the cloud's call takes many ids.

A cloud counts calls, not ids: an environment is read, and waited for, in far fewer calls than it has resources.
Nobody waits for company: while one call is under way, those who come meanwhile go together in the next.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.provider.clients import Clients

__all__ = ["LISTINGS", "Listing", "Together"]

_MOST = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """A call that lists what it is given ``ids`` of: where its answer holds them, and each one's own id there."""

    ids: str
    path: tuple[str, ...]
    identity: str


LISTINGS: Mapping[tuple[str, str], Listing] = {
    ("ec2", "DescribeInstances"): Listing("InstanceIds", ("Reservations", "Instances"), "InstanceId"),
    ("ec2", "DescribeSecurityGroups"): Listing("GroupIds", ("SecurityGroups",), "GroupId"),
    ("ec2", "DescribeSubnets"): Listing("SubnetIds", ("Subnets",), "SubnetId"),
    ("ec2", "DescribeVolumes"): Listing("VolumeIds", ("Volumes",), "VolumeId"),
}


@dataclass(eq=False, slots=True)
class _Asking:
    """One who waits: for an answer, or to be the next who sends. With neither it asks alone."""

    identity: str
    told: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    answer: dict[str, Any] | None = None


class Together:
    """The looks that wait, by whose they are. Safe for many threads; an exception reaches whom it is about."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, list[_Asking]] = {}
        """A key is there as long as one of its callers has a call under way."""

    def ask(self, clients: Clients, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """As ``clients.call``: alone, or with others of the same environment who ask the same of other ids."""
        listing = LISTINGS.get((service, operation))
        ids = parameters.get(listing.ids) if listing is not None and len(parameters) == 1 else None
        if listing is None or not isinstance(ids, list) or len(ids) != 1:
            return clients.call(service, operation, parameters)
        asking = _Asking(str(ids[0]))
        key = (clients.guard, clients.place, operation)
        with self._lock:
            waiting = self._waiting.get(key)
            asking.leads = waiting is None
            if waiting is None:
                self._waiting[key] = []
            else:
                waiting.append(asking)
        if not asking.leads:
            asking.told.wait()
        if asking.leads:
            self._lead(key, asking, clients, listing, service, operation)
        return asking.answer if asking.answer is not None else clients.call(service, operation, parameters)

    def _lead(
        self, key: Hashable, asking: _Asking, clients: Clients, listing: Listing, service: str, operation: str
    ) -> None:
        with self._lock:
            company = [asking, *self._waiting[key][: _MOST - 1]]
            del self._waiting[key][: _MOST - 1]
        try:
            ids = list(dict.fromkeys(one.identity for one in company))
            answer = clients.call(service, operation, {listing.ids: ids})
            for one in company:
                one.answer = _part(answer, listing.path, listing.identity, one.identity)
        except Exception:
            # One that is gone makes the cloud refuse all: each asks by itself, and is told what is its own.
            if len(company) == 1:
                raise
        finally:
            for one in company[1:]:
                one.told.set()
            self._hand_over(key)

    def _hand_over(self, key: Hashable) -> None:
        with self._lock:
            waiting = self._waiting[key]
            if not waiting:
                del self._waiting[key]
                return
            following = waiting.pop(0)
        following.leads = True
        following.told.set()


def _part(answer: Mapping[str, Any], path: tuple[str, ...], key: str, identity: str) -> dict[str, Any]:
    """The answer as it would have been for one id alone."""
    first, rest = path[0], path[1:]
    held = answer.get(first) or []
    if not rest:
        return {**answer, first: [one for one in held if one.get(key) == identity]}
    parts = (_part(one, rest, key, identity) for one in held)
    return {**answer, first: [one for one in parts if one[rest[0]]]}
