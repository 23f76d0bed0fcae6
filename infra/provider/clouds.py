"""The accounts and regions of one cloud: clients for each place, made once, their credentials renewed in time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self

import botocore.session
from botocore.credentials import RefreshableCredentials

from infra.provider.clients import Clients
from infra.provider.kind import Properties
from infra.provider.sessions import new_session

DEPLOYER_ROLE = "guanyun-deployer"
"""The role that is assumed in every other account."""


class Place(NamedTuple):
    """Where a resource is; empty is the credentials' own account, the environment's default region."""

    account: str = ""
    region: str = ""

    @classmethod
    def of(cls, properties: Properties) -> Self:
        """Of a resource's inputs or state; a value of a preview counts as empty."""
        account, region = (properties.get(name) for name in ("account", "region"))
        return cls(account if isinstance(account, str) else "", region if isinstance(region, str) else "")


class Clouds:
    """Hands out ``Clients``. Safe for many threads."""

    def __init__(self, home: Clients) -> None:
        """``home`` has the credentials and the default region."""
        self.home = home
        self._made: dict[Place, Clients] = {Place(): home}
        self._lock = threading.Lock()
        home.clouds = self

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """By the variables every AWS tool knows."""
        return cls(Clients.from_environment(environ))

    def at(self, account: str = "", region: str = "") -> Clients:
        """The clients of a place. Raises ``CloudRefused`` at the first call where the role may not be assumed."""
        if account and account == self.home.account:
            account = ""
        if region == self.home.region:
            region = ""
        place = Place(account, region)
        with self._lock:
            if place not in self._made:
                self._made[place] = self._make(place)
            return self._made[place]

    def _make(self, place: Place) -> Clients:
        home = self.home
        session = new_session(offline=bool(home.endpoint or home.endpoints)) if place.account else home.session
        keys = {"access_key": "", "secret_key": "", "session_token": ""} if place.account else home.keys
        if place.account:
            lend(session, home, f"arn:{home.partition}:iam::{place.account}:role/{DEPLOYER_ROLE}")
        made = Clients(
            endpoint=home.endpoint,
            endpoints=home.endpoints,
            region=place.region or home.region,
            session=session,
            access_key=keys["access_key"],
            secret_key=keys["secret_key"],
            session_token=keys["session_token"],
        )
        made.clouds, made.place = self, place
        return made


def lend(session: botocore.session.Session, home: Clients, role: str) -> None:
    """Give a session the credentials of a role, taken when first needed and again before they end."""

    def assume() -> dict[str, Any]:
        wanted = {"RoleArn": role, "RoleSessionName": "guanyun", "DurationSeconds": 3600}
        given = home.call("sts", "AssumeRole", wanted)["Credentials"]
        ends = given["Expiration"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": ends.isoformat() if isinstance(ends, datetime) else str(ends),
        }

    # botocore offers no other way to give a session credentials that renew themselves.
    session._credentials = Lent(assume)  # type: ignore[attr-defined]


class Lent(RefreshableCredentials):
    """Credentials that ask for themselves at the first use, and again before they end."""

    def __init__(self, assume: Callable[[], dict[str, Any]]) -> None:
        super().__init__("", "", "", expiry_time=_LONG_AGO, refresh_using=assume, method="assume-role")


_LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
