"""Makes a demo installation: parties, persons, accounts, keys. Only an empty database accepts it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, make_url, select

from foundation.evidence import create_key, keyed_hex
from foundation.store import open_store
from foundation.values.ids import random_ids
from governance import audit, installation
from governance.audit import AuditEvent
from governance.errors import NotEmpty
from governance.parties import (
    Account,
    Duty,
    Party,
    PartyKind,
    Person,
    add_account,
    add_party,
    add_person,
    hash_password,
)
from governance.parties.tables import party_table
from wiring.application import machine_clock
from wiring.database import upgrade
from wiring.errors import ExampleMissing
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
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_store(settings.database_url)
    upgrade(store)
    # Keys and passwords are files: made first and kept if there, so that a kill before the commit loses nothing.
    keys = {owner: _key(settings, owner) for owner in document["keys"]}
    for public in sorted((examples / "probe").glob("*.pub.pem")):
        settings.public_keys_folder.joinpath(public.name).write_bytes(public.read_bytes())
    passwords = _passwords(settings, [entry["name"] for entry in document["accounts"]])
    identity_key = _secret_file(settings.keys_folder / "identity.key")
    with store.transaction() as transaction:
        if installation.exists(transaction) or transaction.value(select(func.count()).select_from(party_table)):
            raise NotEmpty(what=make_url(settings.database_url).render_as_string(hide_password=True))
        installation.create(transaction, demo=True, business_start=start, real=machine_clock)
        now = machine_clock()

        def note(event: AuditEvent, subject: str, facts: Mapping[str, Any]) -> None:
            audit.append(transaction, event, subject=subject, facts=facts, recorded_at=now, business_at=start)

        note(AuditEvent.INSTALLATION_CREATED, "installation", {"demo": True})
        for entry in document["parties"]:
            add_party(transaction, Party(entry["id"], PartyKind(entry["kind"]), entry["zh"], entry["en"]))
            note(AuditEvent.PARTY_RECORDED, f"party:{entry['id']}", {"kind": entry["kind"]})
        persons: set[str] = set()
        for entry in document["accounts"]:
            identity = keyed_hex(identity_key, str(entry["identity"]).encode())
            person = add_person(transaction, Person(random_ids("person"), identity, entry["person"]))
            if person.id not in persons:
                note(AuditEvent.PERSON_RECORDED, f"person:{person.id}", {})
            persons.add(person.id)
            duties = frozenset(Duty(duty) for duty in entry["duties"])
            add_account(
                transaction,
                Account(entry["name"], person.id, entry["party"], duties, start, None),
                hash_password(passwords[entry["name"]]),
            )
            facts = {"person": person.id, "party": entry["party"], "duties": sorted(duties)}
            note(AuditEvent.ACCOUNT_RECORDED, f"account:{entry['name']}", facts)
        for owner, key in keys.items():
            note(AuditEvent.KEY_RECORDED, f"key:{owner}", {"key": key})
    store.close()
    return DemoMade(
        parties=len(document["parties"]),
        persons=len(persons),
        accounts=len(document["accounts"]),
        keys=len(keys),
        passwords=settings.home / "demo-passwords.json",
    )


def demo_passwords(settings: Settings) -> dict[str, str]:
    """The demo accounts' passwords, from the file that ``demo init`` left (mode 0600)."""
    read: dict[str, str] = json.loads((settings.home / "demo-passwords.json").read_text(encoding="utf-8"))
    return read


def _key(settings: Settings, owner: str) -> str:
    settings.keys_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return create_key(settings.keys_folder / f"{owner}.pem", settings.public_keys_folder / f"{owner}.pub.pem")


def _passwords(settings: Settings, names: list[str]) -> dict[str, str]:
    path = settings.home / "demo-passwords.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(12) for name in names}
        _write_secret(path, json.dumps(made, indent=1).encode())
    return demo_passwords(settings)


def _secret_file(path: Path) -> bytes:
    if not path.exists():
        _write_secret(path, secrets.token_bytes(32))
    return path.read_bytes()


def _write_secret(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
