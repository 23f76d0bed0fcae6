"""The transaction of a permitted act: the actor is known, the rule holds, and the audit entry shares the commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation.store import Scope, Store, Transaction
from foundation.values.ids import Ids
from foundation.values.instant import Clock
from foundation.work import Event, publish
from governance import audit, installation
from governance.audit import AuditEvent
from governance.authority.acts import Act
from governance.authority.decisions import Decision, decisions_on, record
from governance.authority.policy import Actor, Refusal, permit, scope_of, separate
from governance.authority.standing import standing_decision
from governance.errors import NotLoggedIn, Refused
from governance.parties import party_of, person_parties, person_party_kinds, session_account


@dataclass(frozen=True, slots=True)
class Clocks:
    """``real`` runs leases, time-outs, logs and logins; business time is the installation's."""

    real: Clock

    def business(self, transaction: Transaction) -> datetime:
        """The instant business stands at."""
        return installation.business_now(transaction, self.real)


@dataclass(frozen=True, slots=True)
class Office:
    """What every use case needs: the records, the clocks, a maker of ids."""

    store: Store
    clocks: Clocks
    ids: Ids


@dataclass(frozen=True, slots=True)
class View:
    """A reading transaction of somebody logged in; ``now`` is business time."""

    transaction: Transaction
    actor: Actor
    scope: Scope
    now: datetime


@dataclass(frozen=True, slots=True)
class Mandate:
    """A writing transaction for one act of one actor; ``now`` is business time."""

    transaction: Transaction
    actor: Actor
    scope: Scope
    act: Act
    now: datetime
    recorded_at: datetime
    real: Clock

    def refuse(self, rule: str, subject: str, zh: str, en: str) -> Refused:
        """The error to raise where a room's own rule forbids; ``acting`` writes it to the audit log."""
        return Refused(act=self.act.value, subject=subject, rule=rule, because_zh=zh, because_en=en)

    def decide(
        self,
        subject: str,
        *,
        digest: str = "",
        rests_on: tuple[str, ...] = (),
        owner: str | None = None,
        note: str = "",
    ) -> bool:
        """Record this act on ``subject``, after checking that the other side was another person and organisation.

        ``rests_on`` names subjects whose acts count too (the request behind a plan); ``owner`` the agency whose
        thing it is. False if this person already did exactly this; raises ``Refused``.
        """
        earlier = frozenset((past.act, past.person) for past in decisions_on(self.transaction, subject, *rests_on))
        refusal = separate(self.actor, self.act, earlier, owner)
        if refusal is not None:
            raise self.refuse(refusal.rule, subject, refusal.zh, refusal.en)
        return record(
            self.transaction,
            Decision(
                act=self.act,
                subject=subject,
                digest=digest,
                person=self.actor.person,
                account=self.actor.account,
                party=self.actor.party,
                note=note,
                decided_at=self.now,
                recorded_at=self.recorded_at,
            ),
        )

    def rely_on(
        self, act: Act, subject: str, *, digest: str, owner: str | None = None, rests_on: tuple[str, ...] = ()
    ) -> Decision | None:
        """The decision ``act`` on ``subject`` that allows what is done now, checked again; None if none was taken.

        Raises ``Refused`` where whoever took it has come to the other side since. Arguments as for ``decide``.
        """
        found = standing_decision(
            self.transaction, act, subject, digest=digest, at=self.now, owner=owner, rests_on=rests_on
        )
        if isinstance(found, Refusal):
            raise self.refuse(
                found.rule,
                subject,
                f"作出 {act} 的人现已不能作此决定,须另有人重新决定:{found.zh}",
                f"whoever did {act} could not do it any more, somebody else must decide anew: {found.en}",
            )
        return found

    def audit(self, event: AuditEvent, subject: str, facts: Mapping[str, Any]) -> audit.Entry:
        """Write one audit entry in this transaction."""
        return audit.append(
            self.transaction,
            event,
            subject=subject,
            facts=facts,
            recorded_at=self.recorded_at,
            business_at=self.now,
            person=self.actor.person,
            account=self.actor.account,
        )

    def announce(self, topic: str, subject: str, payload: Mapping[str, Any]) -> None:
        """Put an event into the outbox in this transaction."""
        publish(self.transaction, Event(topic, subject, payload), clock=self.real)


@contextmanager
def viewing(office: Office, token: str) -> Iterator[View]:
    """Read as whoever holds ``token``; raises ``NotLoggedIn``."""
    with office.store.reading() as transaction:
        actor = _actor(transaction, token, office.clocks)
        yield View(transaction, actor, scope_of(actor), office.clocks.business(transaction))


@contextmanager
def acting(office: Office, token: str, act: Act, subject: str) -> Iterator[Mandate]:
    """Do ``act`` on ``subject`` as whoever holds ``token``, all in one transaction.

    A refusal undoes whatever was written so far and lands in the audit log in a transaction of its own; then
    ``Refused`` goes on to the caller.
    """
    actor: Actor | None = None
    try:
        with office.store.transaction() as transaction:
            actor = _actor(transaction, token, office.clocks)
            mandate = Mandate(
                transaction=transaction,
                actor=actor,
                scope=scope_of(actor),
                act=act,
                now=office.clocks.business(transaction),
                recorded_at=office.clocks.real(),
                real=office.clocks.real,
            )
            refusal = permit(actor, act)
            if refusal is not None:
                raise mandate.refuse(refusal.rule, subject, refusal.zh, refusal.en)
            yield mandate
    except Refused as refused:
        if actor is not None:
            _write_refusal(office, actor, refused)
        raise


def _write_refusal(office: Office, actor: Actor, refused: Refused) -> None:
    with office.store.transaction() as transaction:
        audit.append(
            transaction,
            AuditEvent.REFUSED,
            subject=str(refused.facts["subject"]),
            facts={"act": refused.facts["act"], "rule": refused.facts["rule"], "because": refused.facts["because_en"]},
            recorded_at=office.clocks.real(),
            business_at=office.clocks.business(transaction),
            person=actor.person,
            account=actor.account,
        )


def _actor(transaction: Transaction, token: str, clocks: Clocks) -> Actor:
    account = session_account(transaction, token, now=clocks.real()) if token else None
    if account is None:
        raise NotLoggedIn
    now = clocks.business(transaction)
    if not (account.since <= now and (account.until is None or now < account.until)):
        # Memberships are counted on the business clock, so an account acts only while it counts as one.
        raise NotLoggedIn
    return Actor(
        account=account.name,
        person=account.person,
        party=account.party,
        kind=party_of(transaction, account.party).kind,
        duties=account.duties,
        parties=person_parties(transaction, account.person, now),
        kinds=person_party_kinds(transaction, account.person, now),
    )


__all__ = ["Clocks", "Mandate", "Office", "Refusal", "View", "acting", "viewing"]
