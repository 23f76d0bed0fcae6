"""Binds the ceremony to this machine: its database, the folder of its keys, the key of its identity hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from foundation.evidence import create_key
from foundation.store import Store, open_store
from foundation.values.ids import random_ids
from governance.ceremony import CeremonyDocument, Founding, Progress, begin, confirm, progress, read_ceremony
from governance.ceremony.errors import CeremonyInvalid
from wiring.application import machine_clock
from wiring.database import check_current, upgrade
from wiring.identity import identity_hash
from wiring.logins import this_user
from wiring.settings import Settings


def begin_ceremony(settings: Settings, file: Path) -> Progress:
    """Make the database if it is empty, and record who the three are. Raises ``CeremonyInvalid`` and as ``begin``."""
    document, findings = read_ceremony(file)
    if document is None:
        raise CeremonyInvalid(count=len(findings), first=findings[0].en, findings=findings)
    return begin_with(settings, document)


def begin_with(settings: Settings, document: CeremonyDocument) -> Progress:
    """The same with a document at hand."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.keys_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _opened(settings, new=True) as store:
        return begin(store, document, identity=identity_hash(settings, make=True), real=machine_clock)


def confirm_ceremony(settings: Settings, account: str, secret: str) -> Progress:
    """Confirm as one of the three; the third makes the installation. Raises as ``confirm``."""
    with _opened(settings) as store:
        founding = Founding(random_ids, machine_clock, lambda owners: make_keys(settings, owners), source=this_user())
        return confirm(store, account, secret, founding)


def ceremony_progress(settings: Settings) -> Progress:
    """How far it is. Raises ``CeremonyNotBegun``."""
    with _opened(settings) as store, store.reading() as transaction:
        return progress(transaction)


def make_keys(settings: Settings, owners: tuple[str, ...]) -> Mapping[str, str]:
    """The key of each owner, made now or found: owner → the public key's id."""
    settings.keys_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        owner: create_key(settings.keys_folder / f"{owner}.pem", settings.public_keys_folder / f"{owner}.pub.pem")
        for owner in owners
    }


@contextmanager
def _opened(settings: Settings, *, new: bool = False) -> Iterator[Store]:
    store = open_store(settings.database_url)
    try:
        if new:
            upgrade(store)
        else:
            check_current(store)
        yield store
    finally:
        store.close()
