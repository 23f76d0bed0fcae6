"""Persons and their memberships: recorded, verified, corrected by the system administrator."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.parties import (
    Membership,
    PartyKind,
    Person,
    add_membership,
    add_person,
    memberships,
    party_of,
    person_of,
)
from governance.parties.engagements import engagements
from governance.parties.tables import change_person, person_with
from governance.personnel.recording import IdentityHash

_UNKNOWN = "unverified:"
"""In front of what stands in place of an identity that nobody has verified: unique, and the hash of nothing."""


def record_person(
    office: Office, token: str, name: str, *, identity_number: str = "", identity: IdentityHash
) -> tuple[Person, bool]:
    """Put a natural person on record: (person, whether it is new).

    With an identity number that is known, the person with it. Without one the person is not verified, and their
    accounts may only read.
    """
    with acting(office, token, Act.PERSON_RECORD, "persons") as mandate:
        made = office.ids("person")
        hashed = identity(identity_number) if identity_number else f"{_UNKNOWN}{sha256_hex(made.encode())[:50]}"
        person = add_person(mandate.transaction, Person(made, hashed, _name(name), bool(identity_number)))
        new = person.id == made
        if new:
            mandate.decide(f"person:{person.id}")
            mandate.audit(AuditEvent.PERSON_RECORDED, f"person:{person.id}", {"verified": person.verified})
        return person, new


def verify_person(office: Office, token: str, person: str, identity_number: str, *, identity: IdentityHash) -> bool:
    """Put down who somebody on record is; False where that stands already.

    Raises ``InvalidValue`` where somebody else on record has that identity: the two are then one person, and are
    merged, not verified.
    """
    with acting(office, token, Act.PERSON_RECORD, f"person:{person}") as mandate:
        found = person_of(mandate.transaction, person)
        hashed = identity(identity_number)
        if found.verified and found.identity == hashed:
            return False
        if found.verified:
            raise InvalidValue(field="identity", found="another identity", expected="the one that was verified")
        other = person_with(mandate.transaction, hashed)
        if other is not None:
            merge = f"guanyun person merge {other.id} {person}"
            raise InvalidValue(field="identity", found=f"that of {other.id}", expected=merge)
        change_person(mandate.transaction, replace(found, identity=hashed, verified=True))
        mandate.decide(f"person:{person}", digest=sha256_hex(hashed.encode()))
        mandate.audit(AuditEvent.PERSON_VERIFIED, f"person:{person}", {})
        return True


def correct_person(office: Office, token: str, person: str, *, name: str) -> bool:
    """Correct somebody's name; False where it stands so. The audit log keeps ids only, so nothing there names them."""
    with acting(office, token, Act.PERSON_RECORD, f"person:{person}") as mandate:
        found = person_of(mandate.transaction, person)
        if found.name == _name(name):
            return False
        change_person(mandate.transaction, replace(found, name=_name(name)))
        mandate.audit(AuditEvent.PERSON_CORRECTED, f"person:{person}", {"fields": ["name"]})
        return True


def join_party(
    office: Office, token: str, person: str, party: str, *, since: datetime | None = None, until: datetime | None = None
) -> Membership:
    """Somebody belongs to a party from ``since`` (now, unless told) on, up to ``until`` where it is known.

    Raises ``InvalidValue`` where they belong to it then already, or the party is not there; a supplier's people belong
    to it as long as it is engaged.
    """
    with acting(office, token, Act.PERSON_RECORD, f"person:{person}") as mandate:
        person_of(mandate.transaction, person)
        membership = Membership(person, party, since or mandate.now, until)
        _check_membership(mandate.transaction, membership)
        if add_membership(mandate.transaction, membership):
            digest = sha256_hex(canonical_bytes(membership))
            mandate.decide(f"person:{person}", digest=digest)
            facts = {"party": party, "since": membership.since, "until": until}
            mandate.audit(AuditEvent.MEMBERSHIP_RECORDED, f"person:{person}", facts)
        return membership


def _check_membership(transaction: Transaction, wanted: Membership) -> None:
    party = party_of(transaction, wanted.party)
    if not party.exists_at(wanted.since):
        raise InvalidValue(field="party", found=party.id, expected="a party that is there at that time")
    if wanted.until is not None and wanted.until <= wanted.since:
        raise InvalidValue(field="until", found=wanted.until.isoformat(), expected="after the beginning")
    for other in memberships(transaction, person=wanted.person, party=wanted.party):
        apart = (other.until is not None and other.until <= wanted.since) or (
            wanted.until is not None and wanted.until <= other.since
        )
        if not apart and other != wanted:
            raise InvalidValue(field="membership", found="one at that time already", expected="no overlap")
    if party.kind is PartyKind.SUPPLIER:
        ends = [one.until for one in engagements(transaction, party.id) if one.since <= wanted.since < one.until]
        if not ends or wanted.until is None or wanted.until > max(ends):
            raise InvalidValue(field="until", found=str(wanted.until), expected="inside an engagement of the supplier")


def _name(name: str) -> str:
    shown = name.strip()
    if not 1 <= len(shown) <= 100:
        raise InvalidValue(field="name", found=f"{len(shown)} characters", expected="1 to 100 characters")
    return shown
