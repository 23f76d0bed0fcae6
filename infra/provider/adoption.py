"""Which resource of a broken deployment a create may take over instead of making a second one.

The token says that this very create, of this very deployment, made it. Tried only where the last deployment did not
end: the deployer says so with a file, which also lists the ids already in state; those are never taken, so that a
replacement (same URN, old resource still there) cannot adopt the one it replaces. And it lists what creates were
answered, by token: only for a create whose answer never came, the cloud is searched.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path

from infra.provider.clients import Clients
from infra.provider.errors import NotConfigured
from infra.provider.kind import Kind, Properties
from infra.provider.sweep import Found, Sweeper


def token(deployment: str, urn: str, inputs: Properties) -> str:
    """64 hexadecimal digits for one create of one deployment."""
    text = json.dumps([deployment, urn, inputs], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Orphans:
    """What the broken deployment left, by place and kind; one sweep, of a kind at the first create that asks."""

    def __init__(
        self, clients: Clients, environment: str, state_ids: frozenset[str], born: Mapping[str, str] | None = None
    ) -> None:
        self._clients = clients
        self._born = dict(born or {})
        self._environment = environment
        self._taken = set(state_ids)
        self._sweepers: dict[tuple[str, str], tuple[Sweeper, threading.Lock]] = {}
        self._lock = threading.Lock()

    @classmethod
    def read(cls, path: Path, clients: Clients, environment: str) -> Orphans:
        """From the deployer's file: ``{"environment": …, "state_ids": […], "born": {token: id}}``."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            named, ids, born = content["environment"], frozenset(content["state_ids"]), dict(content.get("born", {}))
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise NotConfigured(variable=f"GUANYUN_ADOPTION ({path})") from cause
        if named != environment:
            raise NotConfigured(variable=f"GUANYUN_ADOPTION ({named} ≠ {environment})")
        return cls(clients, environment, ids, born)

    def recorded(self, wanted: str) -> str | None:
        """The id that the create with this token was answered, handed out once; it may be gone since."""
        with self._lock:
            identity = self._born.pop(wanted, None)
            if identity is None or identity in self._taken:
                return None
            self._taken.add(identity)
            return identity

    def take(self, kind: Kind, wanted: str, foreseen: str, place: Clients | None = None) -> str | None:
        """The id of an orphan made by the create with this token, handed out once.

        ``foreseen`` is the id where the inputs alone make it: such a one is known by it. ``place`` is where to look,
        if not in the environment's default place.
        """
        found = self._sweep(kind, place or self._clients)
        with self._lock:
            for one in found:
                matches = one.id == foreseen if foreseen else one.token == wanted
                if matches and one.id not in self._taken:
                    self._taken.add(one.id)
                    return one.id
        return None

    @property
    def taken(self) -> frozenset[str]:
        """The ids in state, and those handed out."""
        with self._lock:
            return frozenset(self._taken)

    def _sweep(self, kind: Kind, clients: Clients) -> tuple[Found, ...]:
        place = (clients.account if clients is not self._clients else "", clients.region)
        with self._lock:
            made = (Sweeper(clients, self._environment), threading.Lock())
            sweeper, lock = self._sweepers.setdefault(place, made)
        with lock:
            return sweeper.find(kind)
