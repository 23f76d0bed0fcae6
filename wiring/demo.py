"""Makes a demo installation: parties, persons, accounts, keys. Only an empty database accepts it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, make_url, select

from foundation.store import Store, Transaction, open_store
from foundation.values.ids import random_ids
from governance import installation
from governance.audit import AuditEvent
from governance.ceremony import Administrator, CeremonyDocument, Founding, Note, begin, confirm
from governance.ceremony.tables import ceremony_table
from governance.errors import InvalidDocument, NotEmpty
from governance.logins import add_password, add_policy, hash_password, read_policy
from governance.parties import ADMINISTRATORS, Account, Membership, add_account, add_membership, person_parties
from governance.parties.tables import party_table
from governance.personnel import PartiesDocument, read_parties, write_parties, write_person
from wiring.application import machine_clock
from wiring.ceremony import make_keys
from wiring.database import upgrade
from wiring.errors import ExampleMissing
from wiring.identity import identity_hash, write_secret
from wiring.settings import Settings

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@dataclass(frozen=True, slots=True)
class DemoMade:
    """What ``demo init`` made, and where the demo's passwords lie."""

    parties: int
    persons: int
    accounts: int
    keys: int
    passwords: Path


def init_demo(settings: Settings, *, start: datetime, examples: Path = EXAMPLES) -> DemoMade:
    """Make the installation whole or not at all; its business clock stands at ``start``.

    Raises ``NotEmpty`` if the database holds an installation already.
    """
    path = examples / "parties.yaml"
    if not path.exists():
        raise ExampleMissing(path=path)
    document, findings = read_parties(path)
    if document is None:
        raise InvalidDocument(count=len(findings), first=findings[0].en, findings=findings)
    policy, findings = read_policy(examples / "login-policy.yaml")
    if policy is None:
        raise InvalidDocument(count=len(findings), first=findings[0].en, findings=findings)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.keys_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_store(settings.database_url)
    upgrade(store)
    with store.reading() as transaction:
        if installation.exists(transaction) or transaction.value(select(func.count()).select_from(party_table)):
            raise NotEmpty(what=make_url(settings.database_url).render_as_string(hide_password=True))
    # Keys and passwords are files: made first and kept if there, so that a kill before the commit loses nothing.
    for public in sorted((examples / "probe").glob("*.pub.pem")):
        settings.public_keys_folder.mkdir(parents=True, exist_ok=True)
        settings.public_keys_folder.joinpath(public.name).write_bytes(public.read_bytes())
    passwords = _passwords(settings, [entry.name for entry in document.accounts])
    persons: set[str] = set()

    def people(transaction: Transaction, note: Note) -> None:
        now, identity = machine_clock(), identity_hash(settings)
        add_policy(transaction, policy, now=now, person=None)
        note(AuditEvent.LOGIN_POLICY_SET, "login-policy:1", {"policy": policy.document()})
        write_parties(transaction, document, identity=identity, ids=random_ids, at=start, note=note)
        for entry in document.accounts:
            person = write_person(transaction, entry.human, identity=identity, ids=random_ids, note=note)
            persons.add(person)
            if entry.duties & ADMINISTRATORS:
                continue  # the ceremony makes them
            if entry.party not in person_parties(transaction, person, start):
                add_membership(transaction, Membership(person, entry.party, start, entry.until))
                note(AuditEvent.MEMBERSHIP_RECORDED, f"person:{person}", {"party": entry.party})
            add_account(
                transaction,
                Account(entry.name, person, entry.party, entry.duties, start, entry.until),
                "",
            )
            add_password(transaction, entry.name, hash_password(passwords[entry.name]), now=now)
            facts = {"person": person, "party": entry.party, "duties": sorted(entry.duties)}
            note(AuditEvent.ACCOUNT_RECORDED, f"account:{entry.name}", facts)

    _hold_ceremony(settings, store, document, passwords, start=start, people=people)
    store.close()
    return DemoMade(
        parties=len(document.parties),
        persons=len(persons),
        accounts=len(document.accounts),
        keys=len(document.keys),
        passwords=settings.home / "demo-passwords.json",
    )


def _hold_ceremony(
    settings: Settings,
    store: Store,
    document: PartiesDocument,
    passwords: Mapping[str, str],
    *,
    start: datetime,
    people: Callable[[Transaction, Note], None],
) -> None:
    """The first run as three people would hold it: begun, confirmed by each with their own secret, closed.

    One that was begun and not closed is gone on with.
    """
    three = [entry for entry in document.accounts if entry.duties & ADMINISTRATORS]
    with store.reading() as transaction:
        begun = transaction.value(select(func.count()).select_from(ceremony_table))
    if not begun:
        (party,) = [party for party in document.parties if party.id == three[0].party]
        administrators = tuple(
            Administrator(
                entry.name,
                entry.human.name,
                entry.human.identity,
                next(iter(entry.duties)),
                hash_password(passwords[entry.name]),
            )
            for entry in three
        )
        named = CeremonyDocument(party, administrators, document.keys)
        begin(store, named, identity=identity_hash(settings, make=True), real=machine_clock)
    founding = Founding(
        random_ids,
        machine_clock,
        lambda owners: make_keys(settings, owners),
        demo=True,
        business_start=start,
        more=people,
    )
    for entry in three:
        confirm(store, entry.name, passwords[entry.name], founding)


def demo_passwords(settings: Settings) -> dict[str, str]:
    """The demo accounts' passwords, from the file that ``demo init`` left (mode 0600)."""
    read: dict[str, str] = json.loads((settings.home / "demo-passwords.json").read_text(encoding="utf-8"))
    return read


def _passwords(settings: Settings, names: list[str]) -> dict[str, str]:
    path = settings.home / "demo-passwords.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(12) for name in names}
        write_secret(path, json.dumps(made, indent=1).encode())
    return demo_passwords(settings)
