"""Two persons found to be one: recorded for good, and every decision of either looked at again under the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Decision, Mandate, Office, acting, decision_table, decisions_on
from governance.authority.actors import who_decided
from governance.authority.decisions import basis_of, decisions_about
from governance.authority.policy import Actor, Refusal, forbid
from governance.authority.rules import pairs
from governance.authority.things import thing_of
from governance.parties import ADMINISTRATORS, PartyKind, accounts, one_id_of, party_of, person_of, same_person
from governance.parties.merging import merge_persons
from governance.personnel.conflicts import CONFLICT_FOUND, Conflict, add_conflict


def merge_found_persons(
    office: Office, token: str, person: str, other: str, *, because: str
) -> tuple[bool, Sequence[Conflict]]:
    """Record that ``other`` is ``person``: (whether that is new, the conflicts found now).

    Done again it looks again, and finds nothing twice. Raises ``InvalidValue`` of a missing reason, ``NotFound``.
    """
    if not 1 <= len(because) <= 500:
        raise InvalidValue(field="because", found=f"{len(because)} characters", expected="1 to 500 characters")
    with acting(office, token, Act.PERSON_MERGE, f"person:{person}") as mandate:
        for one in (person, other):
            person_of(mandate.transaction, one)
        if person == other:
            raise InvalidValue(field="person", found=other, expected="two persons")
        new = merge_persons(
            mandate.transaction, other, person, because=because, found_at=mandate.now, recorded_at=mandate.recorded_at
        )
        if new:
            mandate.decide(f"person:{person}", digest=sha256_hex(canonical_bytes(sorted((person, other)))))
            facts = {"merged": other, "because": sha256_hex(because.encode())}
            mandate.audit(AuditEvent.PERSON_MERGED, f"person:{person}", facts)
        found = find_conflicts(mandate.transaction, person, mandate.now)
        return new, [one for one in found if _announce(mandate, one)]


def find_conflicts(transaction: Transaction, person: str, at: datetime) -> Sequence[Conflict]:
    """Everything the natural person did, under whichever of their ids, that one person may not have done. Pure of
    writing: the same records give the same conflicts with the same ids."""
    ids, one_id = same_person(transaction, person), one_id_of(transaction, person)
    found: dict[str, Conflict] = {}
    for decision in _decisions_of(transaction, ids):
        about = [
            one
            for one in decisions_about(transaction, decision.subject, basis_of(transaction, decision.number))
            if one.number != decision.number
        ]
        actor = who_decided(transaction, decision, decision.decided_at)
        refusal = _refusal(transaction, actor, decision, about)
        if refusal is None:
            continue
        against = [one.number for one in about if _stands_against(actor, decision, one)]
        for other in against or [decision.number]:
            numbers = tuple(sorted({decision.number, other}))
            conflict = _conflict(one_id, decision.subject, refusal, numbers, at)
            found.setdefault(conflict.id, conflict)
    three = _two_of_three(transaction, ids, one_id, at)
    return [*found.values(), *([] if three is None else [three])]


def _refusal(transaction: Transaction, actor: Actor, decision: Decision, about: Sequence[Decision]) -> Refusal | None:
    """What would have forbidden it on its day, had it been known who they are."""
    asking = (one.party for one in sorted((*about, decision), key=lambda one: one.number))
    agencies = (party for party in asking if party_of(transaction, party).kind is PartyKind.AGENCY)
    # A decision taken before owners were written down is of whichever agency acted on the thing first.
    owner = decision.owner or next(agencies, None)
    return forbid(actor, decision.act, thing_of(transaction, about, at=decision.decided_at, owner=owner))


def _stands_against(actor: Actor, decision: Decision, other: Decision) -> bool:
    """Whether the two acts are apart, and the other was done by the same natural person or for an organisation of
    theirs."""
    acts = {decision.act, other.act}
    apart = [pair for pair in pairs() if {pair.one, pair.other} == acts]
    ours = other.organisation in actor.bodies and any(pair.organisation for pair in apart)
    return bool(apart) and (bool(actor.natural & set(other.persons)) or ours)


def _decisions_of(transaction: Transaction, ids: frozenset[str]) -> Sequence[Decision]:
    mine = or_(decision_table.c.person.in_(sorted(ids)), decision_table.c.behalf.in_(sorted(ids)))
    subjects = [row["subject"] for row in transaction.rows(select(decision_table.c.subject).where(mine).distinct())]
    every = [one for subject in sorted(subjects) for one in decisions_on(transaction, subject)]
    return sorted((one for one in every if ids & set(one.persons)), key=lambda one: one.number)


def _conflict(person: str, subject: str, refusal: Refusal, numbers: tuple[int, ...], at: datetime) -> Conflict:
    # Two acts that are apart are one conflict, from whichever side it is looked at: what it is about names it.
    id_ = sha256_hex(canonical_bytes(["decisions", *numbers] if len(numbers) > 1 else [refusal.rule, *numbers]))
    return Conflict(id_, person, subject, refusal.rule, numbers, refusal.zh[:1000], refusal.en[:1000], at)


def _two_of_three(transaction: Transaction, ids: frozenset[str], person: str, at: datetime) -> Conflict | None:
    held = {duty for one in accounts(transaction) if one.person in ids for duty in one.duties} & ADMINISTRATORS
    if len(held) < 2:
        return None
    duties = ", ".join(sorted(held))
    return Conflict(
        id=sha256_hex(canonical_bytes(["administrators", sorted(ids), sorted(held)])),
        person=person,
        subject=f"person:{person}",
        rule="administrators",
        decisions=(),
        zh=f"同一自然人兼任三员中的多员:{duties}",
        en=f"one natural person holds several of the three administrators' duties: {duties}",
        found_at=at,
    )


def _announce(mandate: Mandate, conflict: Conflict) -> bool:
    if not add_conflict(mandate.transaction, conflict):
        return False
    subject = f"conflict:{conflict.id}"
    facts = {
        "person": conflict.person,
        "about": conflict.subject,
        "rule": conflict.rule,
        "decisions": conflict.decisions,
    }
    mandate.audit(AuditEvent.CONFLICT_FOUND, subject, facts)
    mandate.announce(CONFLICT_FOUND, subject, {**facts, "decisions": list(conflict.decisions)})
    return True
