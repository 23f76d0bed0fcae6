"""Holding the ceremony: begun with a file, confirmed three times, closed by the third. Each step is one transaction.

Whatever is killed: what was confirmed stays confirmed, the keys made are used, and the same command goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import RowMapping

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Store, Transaction
from foundation.values.ids import Ids
from foundation.values.instant import Clock, format_instant
from governance import audit, installation
from governance.audit import AuditEvent
from governance.ceremony.document import CeremonyDocument
from governance.ceremony.errors import CeremonyClosed, CeremonyNotBegun, CeremonyOther, ConfirmLocked, ConfirmRefused
from governance.ceremony.model import Progress
from governance.ceremony.tables import (
    ceremony_row,
    seal_row,
    waiting,
    write_ceremony,
    write_confirmation,
    write_seal,
)
from governance.errors import NotEmpty
from governance.logins import add_password, policy_in_force
from governance.logins.lockout import attempt_login, succeed
from governance.logins.passwords import fits
from governance.parties import (
    Account,
    Duty,
    Membership,
    Party,
    PartyKind,
    Person,
    add_account,
    add_membership,
    add_party,
    add_person,
    parties,
    person_parties,
)


class Note(Protocol):
    """Writes an entry of the audit log in the transaction at hand."""

    def __call__(self, event: AuditEvent, subject: str, facts: Mapping[str, Any]) -> object: ...


@dataclass(frozen=True, slots=True)
class Founding:
    """What the closing needs from outside.

    ``keys`` makes the keys of these owners, or finds them made, and tells each public key's id. ``demo`` and
    ``business_start`` as for ``installation.create``. ``more`` records in the same transaction, after the genesis
    entry, whatever else a demo begins with. ``source``: where who confirms is, for counting failures as at a login.
    """

    ids: Ids
    real: Clock
    keys: Callable[[tuple[str, ...]], Mapping[str, str]]
    demo: bool = False
    business_start: datetime | None = None
    more: Callable[[Transaction, Note], None] = lambda transaction, note: None
    source: str = "ceremony"


def begin(store: Store, document: CeremonyDocument, *, identity: Callable[[str], str], real: Clock) -> Progress:
    """Record who the three are; the same file again changes nothing.

    ``identity`` gives the keyed hash of an identity number. Raises ``CeremonyClosed``, ``CeremonyOther``, ``NotEmpty``.
    """
    rows = [
        {
            "account": one.account,
            "name": one.name,
            "identity": identity(one.identity),
            "duty": one.duty.value,
            "secret": one.secret,
        }
        for one in sorted(document.administrators, key=lambda one: one.account)
    ]
    party = {
        "id": document.party.id,
        "kind": document.party.kind.value,
        "zh": document.party.zh,
        "en": document.party.en,
    }
    digest = sha256_hex(canonical_bytes({"party": party, "administrators": rows, "keys": list(document.keys)}))
    with store.transaction() as transaction:
        _check_open(transaction)
        standing = ceremony_row(transaction)
        if standing is None:
            _check_empty(transaction)
            write_ceremony(transaction, party=party, keys=document.keys, digest=digest, at=real(), administrators=rows)
        elif standing["digest"] != digest:
            raise CeremonyOther(found=standing["digest"][:16])
        return _progress(transaction)


def confirm(store: Store, account: str, secret: str, founding: Founding) -> Progress:
    """Confirm as one of the three; the third closes the ceremony, and the installation is there.

    Wrong secrets are counted as wrong passwords are (``governance.logins.lockout``), before they are looked at.
    Raises ``CeremonyNotBegun``, ``CeremonyClosed``, ``ConfirmLocked``, ``ConfirmRefused``.
    """
    with store.transaction() as transaction:
        _check_begun(transaction)
        rows = {row["account"]: row for row in waiting(transaction)}
        policy, now = policy_in_force(transaction), founding.real()
        tried = attempt_login(transaction, account, founding.source, policy, now=now)
    if tried.until is not None:
        raise ConfirmLocked(until=format_instant(tried.until.replace(microsecond=0)))
    row = rows.get(account)
    # Slow on purpose, so outside every transaction, and as slow for a name that takes no part.
    if not fits(secret, None if row is None else row["secret"]) or row is None:
        raise ConfirmRefused
    with store.transaction() as transaction:
        begun, now = _check_begun(transaction), founding.real()
        succeed(transaction, tried, account, founding.source, now=now)
        write_confirmation(transaction, account, now)
        if all(one["confirmed_at"] is not None for one in waiting(transaction)):
            # Files first: a key without its entry is found again by whoever goes on, an entry without its key is not.
            _close(transaction, begun, founding, founding.keys(tuple(begun["keys"])))
        return _progress(transaction)


def progress(transaction: Transaction) -> Progress:
    """How far it is; raises ``CeremonyNotBegun``."""
    if ceremony_row(transaction) is None:
        raise CeremonyNotBegun
    return _progress(transaction)


def _close(transaction: Transaction, begun: RowMapping, founding: Founding, keys: Mapping[str, str]) -> None:
    _check_empty(transaction)
    now = founding.real()
    at = founding.business_start or now
    installation.create(transaction, demo=founding.demo, business_start=founding.business_start, real=founding.real)

    def note(event: AuditEvent, subject: str, facts: Mapping[str, Any]) -> audit.Entry:
        return audit.append(transaction, event, subject=subject, facts=facts, recorded_at=now, business_at=at)

    party = Party(begun["party"]["id"], PartyKind(begun["party"]["kind"]), begun["party"]["zh"], begun["party"]["en"])
    three = waiting(transaction)
    persons = {
        row["account"]: add_person(transaction, Person(founding.ids("person"), row["identity"], row["name"])).id
        for row in three
    }
    named = {
        "demo": founding.demo,
        "ceremony": begun["digest"],
        "administrators": {row["duty"]: persons[row["account"]] for row in three},
        "confirmed_at": {row["duty"]: row["confirmed_at"] for row in three},
        "keys": dict(keys),
    }
    genesis = note(AuditEvent.INSTALLATION_CREATED, "installation", named)
    founding.more(transaction, note)
    if party.id not in {one.id for one in parties(transaction)}:
        add_party(transaction, party)
        note(AuditEvent.PARTY_RECORDED, f"party:{party.id}", {"kind": party.kind.value})
    for row in three:
        person, duty = persons[row["account"]], Duty(row["duty"])
        note(AuditEvent.PERSON_RECORDED, f"person:{person}", {})
        if party.id not in person_parties(transaction, person, at):
            add_membership(transaction, Membership(person, party.id, at, None))
            note(AuditEvent.MEMBERSHIP_RECORDED, f"person:{person}", {"party": party.id})
        add_account(transaction, Account(row["account"], person, party.id, frozenset({duty}), at, None), "")
        add_password(transaction, row["account"], row["secret"], now=now)
        told = {"person": person, "party": party.id, "duties": [duty.value]}
        note(AuditEvent.ACCOUNT_RECORDED, f"account:{row['account']}", told)
    for owner, key in keys.items():
        note(AuditEvent.KEY_RECORDED, f"key:{owner}", {"key": key})
    write_seal(transaction, digest=begun["digest"], genesis=genesis.hash, at=now)


def _check_open(transaction: Transaction) -> None:
    if seal_row(transaction) is not None:
        raise CeremonyClosed


def _check_begun(transaction: Transaction) -> RowMapping:
    _check_open(transaction)
    begun = ceremony_row(transaction)
    if begun is None:
        raise CeremonyNotBegun
    return begun


def _check_empty(transaction: Transaction) -> None:
    if installation.exists(transaction) or audit.head(transaction)[0]:
        raise NotEmpty(what="installation")


def _progress(transaction: Transaction) -> Progress:
    begun, seal = ceremony_row(transaction), seal_row(transaction)
    rows = waiting(transaction)
    return Progress(
        digest="" if begun is None else begun["digest"],
        confirmed=tuple(row["account"] for row in rows if row["confirmed_at"] is not None),
        missing=tuple(row["account"] for row in rows if row["confirmed_at"] is None),
        closed_at=None if seal is None else seal["closed_at"],
        genesis="" if seal is None else seal["genesis"],
    )
