"""Recording levels, places, parties, their leaders and their suppliers: an act of the system administrator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity
from foundation.values.ids import Ids
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.parties import (
    Membership,
    Party,
    PartyKind,
    Person,
    add_level,
    add_membership,
    add_party,
    add_person,
    add_place,
    leader_of,
    levels,
    parties,
    party_of,
    person_of,
    person_parties,
    places,
)
from governance.parties.engagements import add_engagement
from governance.parties.leaders import appoint_leader
from governance.parties.tables import change_parties
from governance.personnel.document import HIRERS, Human, PartiesDocument
from governance.personnel.errors import UnfitRecord

IdentityHash = Callable[[str], str]
"""Gives the keyed hash of an identity number; the key lies outside the database."""
Note = Callable[[AuditEvent, str, Mapping[str, Any]], object]
"""Writes one audit entry: event, subject, facts."""


def record_parties(office: Office, token: str, document: PartiesDocument, *, identity: IdentityHash) -> int:
    """Record what the file says beside its accounts; returns how many things were new.

    Raises ``UnfitRecord`` with every finding where it does not fit what stands, ``AlreadyThere`` where an id stands
    with other content (a party changes by a reorganisation only), ``Refused``.
    """
    digest = sha256_hex(canonical_bytes([document.levels, document.places, document.parties, document.engagements]))
    with acting(office, token, Act.PARTY_RECORD, "parties") as mandate:
        findings = _unfit(mandate.transaction, document)
        if findings:
            raise UnfitRecord(count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=findings)
        new = write_parties(
            mandate.transaction, document, identity=identity, ids=office.ids, at=mandate.now, note=mandate.audit
        )
        if new:
            mandate.decide("parties", digest=digest)
        return new


def _recorded(transaction: Transaction, party: Party, standing: Party | None) -> bool:
    """Record the party; one that stands by its name alone (the first run knows no more of it) is completed."""
    bare = Party(party.id, party.kind, party.zh, party.en)
    if standing == bare != party:
        change_parties(transaction, [party])
        return True
    return add_party(transaction, party)


def write_parties(
    transaction: Transaction,
    document: PartiesDocument,
    *,
    identity: IdentityHash,
    ids: Ids,
    at: datetime,
    note: Note,
) -> int:
    """Write levels, places, parties, leaders and engagements in the transaction at hand; returns how many are new."""
    new = sum(add_level(transaction, level) for level in document.levels)
    new += sum(add_place(transaction, place) for place in document.places)
    standing = {party.id: party for party in parties(transaction)}
    for party in document.parties:
        if _recorded(transaction, party, standing.get(party.id)):
            new += 1
            facts = {"kind": party.kind.value, "level": party.level, "organisation": party.organisation}
            note(AuditEvent.PARTY_RECORDED, f"party:{party.id}", facts)
    for agency, human in document.leaders.items():
        if leader_of(transaction, agency, at) is None:
            person = write_person(transaction, human, identity=identity, ids=ids, note=note)
            write_leader(transaction, agency, person, at, note=note)
            new += 1
    for engagement in document.engagements:
        if add_engagement(transaction, engagement):
            new += 1
            terms = {"supplier": engagement.supplier, "hirer": engagement.hirer, "scope": list(engagement.scope)}
            note(AuditEvent.ENGAGEMENT_RECORDED, f"engagement:{engagement.id}", terms)
    return new


def write_person(transaction: Transaction, human: Human, *, identity: IdentityHash, ids: Ids, note: Note) -> str:
    """The id of the natural person with that identity, recorded now where there was none. The log has no name."""
    made = ids("person")
    person = add_person(transaction, Person(made, identity(human.identity), human.name))
    if person.id == made:
        note(AuditEvent.PERSON_RECORDED, f"person:{person.id}", {})
    return person.id


def write_leader(transaction: Transaction, agency: str, person: str, at: datetime, *, note: Note) -> bool:
    """From ``at`` on the person answers for the agency, and belongs to it; False where they do already."""
    if agency not in person_parties(transaction, person, at):
        add_membership(transaction, Membership(person, agency, at, None))
        note(AuditEvent.MEMBERSHIP_RECORDED, f"person:{person}", {"party": agency, "since": at})
    new = appoint_leader(transaction, agency, person, at)
    if new:
        note(AuditEvent.LEADER_APPOINTED, f"party:{agency}", {"person": person, "since": at})
    return new


def appoint(office: Office, token: str, agency: str, person: str, *, since: datetime | None = None) -> bool:
    """Change who answers for an agency, from ``since`` (now, unless told) on; False where that person does already.

    Raises ``NotFound``, ``InvalidValue`` of a party that is no agency or of an instant before the one in office.
    """
    with acting(office, token, Act.PARTY_RECORD, f"party:{agency}") as mandate:
        party = party_of(mandate.transaction, agency)
        if party.kind is not PartyKind.AGENCY:
            raise InvalidValue(field="party", found=f"{agency} ({party.kind})", expected="an agency")
        found = person_of(mandate.transaction, person)
        if not found.verified:
            raise InvalidValue(field="person", found="not verified", expected="a person whose identity is verified")
        at = since or mandate.now
        new = write_leader(mandate.transaction, agency, person, at, note=mandate.audit)
        if new:
            mandate.decide(f"party:{agency}", digest=sha256_hex(canonical_bytes([agency, person, at])))
        return new


def _unfit(transaction: Transaction, document: PartiesDocument) -> tuple[Finding, ...]:
    """What the file refers to and is neither in it nor on record, or of the wrong kind."""
    known_levels = {one.id for one in (*levels(transaction), *document.levels)}
    known_places = {one.id for one in (*places(transaction), *document.places)}
    kinds = {one.id: one.kind for one in (*parties(transaction), *document.parties)}
    found: list[Finding] = []

    def unless(right: bool, field: str, shown: object, zh: str, en: str) -> None:
        if not right:
            code = "governance.personnel.unfit"
            found.append(Finding(code, Severity.ERROR, Place(field=field), str(shown), en, f"{field}:{zh}", en))

    for place in document.places:
        field = f"place {place.id}"
        unless(place.level in known_levels, field, place.level, f"没有级次 {place.level}", f"no level {place.level}")
        known = place.superior is None or place.superior in known_places
        unless(known, field, place.superior, f"没有上级地方 {place.superior}", f"no place {place.superior}")
    for party in document.parties:
        field = f"party {party.id}"
        known = not party.level or party.level in known_levels
        unless(known, field, party.level, f"没有级次 {party.level}", f"no level {party.level}")
        known = party.place is None or party.place in known_places
        unless(known, field, party.place, f"没有地方 {party.place}", f"no place {party.place}")
        for named in {party.superior or party.id, party.organisation}:
            unless(named in kinds, field, named, f"没有单位 {named}", f"no party {named}")
    for one in document.engagements:
        field = f"engagement {one.id}"
        right = kinds.get(one.supplier) is PartyKind.SUPPLIER
        unless(right, field, one.supplier, f"{one.supplier} 不是合作企业", f"{one.supplier} is no supplier")
        right = kinds.get(one.hirer) in HIRERS
        unless(right, field, one.hirer, f"{one.hirer} 不得聘用合作企业", f"{one.hirer} hires no supplier")
    for account in document.accounts:
        zh, en = (
            "账号须逐个开设,职责由安全管理员授予",
            "accounts are opened one by one, another person grants duties",
        )
        unless(False, f"account {account.name}", account.name, zh, en)
    return tuple(found)
