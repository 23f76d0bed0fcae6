"""One opened installation: what the doors (``cli``, later ``portal``) ask for a use case's needs."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from foundation.evidence import FileSigner, KeyRing, read_key_ring
from foundation.store import Store, open_store
from foundation.values.ids import random_ids
from governance.authority import Clocks, Office
from wiring.database import check_current
from wiring.errors import NoInstallation
from wiring.settings import Settings


def machine_clock() -> datetime:
    """The real clock: the only place that reads it."""
    return datetime.now(UTC)


def new_token() -> str:
    """A login token nobody can guess."""
    return secrets.token_urlsafe(32)


def new_salt() -> str:
    """A Merkle salt: 64 hexadecimal digits."""
    return secrets.token_hex(32)


@dataclass(frozen=True)
class Application:
    """Settings and the open record database; the rest is made when first asked for."""

    settings: Settings
    store: Store

    @cached_property
    def office(self) -> Office:
        """What every use case needs."""
        return Office(self.store, Clocks(machine_clock), random_ids)

    @property
    def salts(self) -> Callable[[], str]:
        """Fresh salts for day trees."""
        return new_salt

    def signer(self, owner: str) -> FileSigner:
        """The private key of ``party.purpose``."""
        return FileSigner(self.settings.keys_folder / f"{owner}.pem")

    @cached_property
    def key_ring(self) -> KeyRing:
        """This installation's own public keys (a reader of evidence brings their own ring)."""
        return read_key_ring(self.settings.public_keys_folder)


def open_application(settings: Settings) -> Application:
    """Open an installation that exists and fits this program."""
    application = open_unchecked(settings)
    check_current(application.store)
    return application


def open_unchecked(settings: Settings) -> Application:
    """Open the database without asking for its version: for ``database upgrade`` and ``demo init``."""
    if settings.database == "" and not (settings.home / "records.db").exists():
        raise NoInstallation(home=settings.home)
    return Application(settings, open_store(settings.database_url))
