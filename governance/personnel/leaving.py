"""Leaving: from one instant on nothing of somebody's time in a party goes on, no login, token, task or delegation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.logins import end_all_sessions
from governance.parties import accounts, leader_of, memberships, person_of, same_person
from governance.parties.delegations import delegations, end_delegation
from governance.parties.memberships import end_membership
from governance.parties.tables import change_account
from governance.tasks import hand_over


@dataclass(frozen=True, slots=True)
class Departure:
    """What ended: how many memberships, which accounts, how many delegations either way, how many open tasks."""

    memberships: int
    accounts: tuple[str, ...]
    delegations: int
    tasks: int


def leave(office: Office, token: str, person: str, party: str = "", *, because: str) -> Departure:
    """Somebody leaves a party, or every party where none is named, now: everything of theirs there ends with it.

    Raises ``InvalidValue`` where they answer for an agency: another leader is appointed first.
    """
    with acting(office, token, Act.PERSON_LEAVE, f"person:{person}") as mandate:
        transaction, now = mandate.transaction, mandate.now
        person_of(transaction, person)
        ids = same_person(transaction, person)
        ending = [
            one
            for id_ in sorted(ids)
            for one in memberships(transaction, person=id_)
            if (one.until is None or one.until > now) and party in {"", one.party}
        ]
        closing = [
            one
            for one in accounts(transaction)
            if one.person in ids and party in {"", one.party} and (one.until is None or one.until > now)
        ]
        left = {one.party for one in ending} | {one.party for one in closing}
        _check_no_leader(transaction, ids, left, now)
        for membership in ending:
            end_membership(transaction, membership, max(now, membership.since))
        for account in closing:
            change_account(transaction, replace(account, until=max(now, account.since)))
            end_all_sessions(transaction, account=account.name, now=mandate.recorded_at)
            mandate.audit(AuditEvent.ACCOUNT_ENDED, f"account:{account.name}", {"until": now})
        ended = _end_delegations(mandate, ids, left)
        tasks = sum(len(hand_over(transaction, ids, at=now, party=one)) for one in sorted(left))
        departure = Departure(len(ending), tuple(one.name for one in closing), ended, tasks)
        if left:
            digest = sha256_hex(canonical_bytes([person, sorted(left), now]))
            mandate.decide(f"person:{person}", digest=digest, note=because[:500])
            facts = {"parties": sorted(left), "accounts": len(closing), "delegations": ended, "tasks": tasks}
            mandate.audit(AuditEvent.PERSON_LEFT, f"person:{person}", facts)
            payload = {"person": person, "parties": sorted(left), "accounts": list(departure.accounts)}
            mandate.announce("person.left", f"person:{person}", payload)
        return departure


def _check_no_leader(transaction: Transaction, ids: frozenset[str], left: set[str], now: datetime) -> None:
    for party in sorted(left):
        if leader_of(transaction, party, now) in ids:
            raise InvalidValue(
                field="person",
                found=f"the responsible leader of {party}",
                expected=f"guanyun party appoint {party} with another person first",
            )


def _end_delegations(mandate: Mandate, ids: frozenset[str], left: set[str]) -> int:
    running = [
        one
        for one in delegations(mandate.transaction)
        if one.party in left and ids & {one.delegator, one.delegate} and one.until > mandate.now
    ]
    for one in running:
        end_delegation(mandate.transaction, one.id, max(mandate.now, one.since))
        mandate.audit(AuditEvent.DELEGATION_REVOKED, f"delegation:{one.id}", {"delegate": one.delegate})
    return len(running)
