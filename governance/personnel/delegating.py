"""Delegation: somebody lets a colleague use one of their own duties for a time, and may take it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.errors import NotFound
from governance.parties import (
    ADMINISTRATORS,
    Delegation,
    Duty,
    own_duties,
    person_of,
    person_parties,
    same_person,
)
from governance.parties.delegations import add_delegation, delegation_of, end_delegation
from governance.personnel.errors import NothingToDelegate

_NEVER_DELEGATED = ADMINISTRATORS | {Duty.DELEGATE}


@dataclass(frozen=True, slots=True)
class Powers:
    """What is delegated: one duty, narrowed to acts and subjects where they are named.

    A subject that ends in ``*`` means all that begin so.
    """

    duty: Duty
    acts: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()


def give_delegation(
    office: Office,
    token: str,
    delegate: str,
    powers: Powers,
    *,
    until: datetime,
    because: str,
    since: datetime | None = None,
) -> Delegation:
    """Let ``delegate`` use a duty of the giver's own for the giver's party, over [``since`` or now, ``until``).

    It counts only while the giver has the duty themselves. Raises ``NothingToDelegate``, ``InvalidValue``,
    ``NotFound``.
    """
    duty = powers.duty
    if not 1 <= len(because) <= 500:
        raise InvalidValue(field="because", found=f"{len(because)} characters", expected="1 to 500 characters")
    with acting(office, token, Act.DELEGATION_GIVE, f"person:{delegate}") as mandate:
        giver, begin = mandate.actor, since or mandate.now
        if begin < mandate.now or until <= begin:
            raise InvalidValue(
                field="until", found=until.isoformat(), expected="an end after the beginning, from now on"
            )
        unknown = sorted(powers.acts - {act.value for act in Act})
        if unknown:
            raise InvalidValue(field="acts", found=", ".join(unknown), expected="guanyun whocan")
        person_of(mandate.transaction, delegate)
        why = _why_not(
            duty in own_duties(mandate.transaction, giver.person, giver.party, mandate.now),
            duty not in _NEVER_DELEGATED,
            delegate not in same_person(mandate.transaction, giver.person),
            giver.party in person_parties(mandate.transaction, delegate, begin),
        )
        if why is not None:
            raise NothingToDelegate(duty=duty, because_zh=why[0], because_en=why[1])
        delegation = Delegation(
            id=office.ids("delegation"),
            delegator=giver.person,
            delegate=delegate,
            party=giver.party,
            duty=duty,
            acts=powers.acts,
            subjects=powers.subjects,
            since=begin,
            until=until,
        )
        add_delegation(mandate.transaction, delegation, because=because)
        subject = f"delegation:{delegation.id}"
        mandate.decide(subject, digest=sha256_hex(canonical_bytes(delegation.document())))
        facts = {"delegate": delegate, "duty": duty.value, "until": until, "because": sha256_hex(because.encode())}
        mandate.audit(AuditEvent.DELEGATION_GIVEN, subject, facts)
        return delegation


def revoke_delegation(office: Office, token: str, delegation: str) -> bool:
    """Take one's own delegation back, from now on; False where it has ended. Raises ``NotFound`` of another's."""
    with acting(office, token, Act.DELEGATION_REVOKE, f"delegation:{delegation}") as mandate:
        found = delegation_of(mandate.transaction, delegation)
        ids = same_person(mandate.transaction, mandate.actor.person)
        if found is None or found.delegator not in ids:
            raise NotFound(what_zh="你给出的授权:", what_en="delegation of yours", key=delegation)
        if found.until <= mandate.now:
            return False
        end_delegation(mandate.transaction, delegation, max(mandate.now, found.since))
        mandate.decide(f"delegation:{delegation}")
        mandate.audit(AuditEvent.DELEGATION_REVOKED, f"delegation:{delegation}", {"delegate": found.delegate})
        return True


def _why_not(own: bool, may: bool, other: bool, colleague: bool) -> tuple[str, str] | None:
    if not may:
        return "三员职责与转授权不得授权他人", "administrators' duties and delegating itself are nobody's to give"
    if not own:
        return "授权人本人没有这项职责(代行的不得再转授)", "the giver does not have it themselves (no sub-delegation)"
    if not other:
        return "不得授权给自己", "nobody delegates to themselves"
    if not colleague:
        return "被授权人不在同一单位", "the delegate does not belong to the same party"
    return None
