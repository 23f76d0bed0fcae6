"""The transaction of a permitted act: the actor is known, the rule holds, and the audit entry shares the commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from foundation.store import Scope, Store, StoreError, Transaction
from foundation.values.ids import Ids
from foundation.values.instant import Clock
from foundation.work import Event, publish
from governance import audit, installation
from governance.audit import AuditEvent
from governance.authority.actors import actor_of, covering, lending
from governance.authority.acts import Act
from governance.authority.decisions import Decision, decisions_about, record
from governance.authority.passing import grant_used
from governance.authority.policy import Actor, Refusal, Thing, permit, scope_of
from governance.authority.rules import RULES
from governance.authority.standing import standing_decision
from governance.authority.things import thing_of
from governance.errors import NotLoggedIn, Refused
from governance.logins import Bearer, bearer_of, in_office, policy_in_force, touch
from governance.parties import party_of


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
    glass: str = ""
    """The break-glass grant this is done under, if it needs one."""

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
        decider: str | None = None,
        note: str = "",
    ) -> bool:
        """Record this act on ``subject``, after checking that the other side was another person and organisation.

        ``rests_on`` names subjects whose acts count too (the request behind a plan); ``owner`` the agency whose
        thing it is. ``decider`` is the party whose turn it is, where a chain of decisions goes beyond whoever decides
        for the owner. False if this person already did exactly this; raises ``Refused``.
        """
        earlier = decisions_about(self.transaction, subject, rests_on)
        thing = thing_of(self.transaction, earlier, at=self.now, owner=owner, decider=decider)
        refusal, glass = _permitted(
            self.transaction, self.actor, self.act, subject, self.now, thing, granted=self.glass
        )
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
                behalf=self.actor.behalf,
                organisation=party_of(self.transaction, self.actor.party).organisation,
                glass=glass,
                owner=owner or "",
            ),
            rests_on,
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
        """Write one audit entry in this transaction; it says where a delegation or a break-glass grant was used."""
        used = {"behalf": self.actor.behalf, "break_glass": self.glass}
        return audit.append(
            self.transaction,
            event,
            subject=subject,
            facts={**facts, **{name: id_ for name, id_ in used.items() if id_}},
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
        bearer = _bearer(transaction, token, office.clocks)
        now = office.clocks.business(transaction)
        actor = _actor(transaction, bearer, now)
        scope = scope_of(actor)
        transaction.bind(scope)
        yield View(transaction, actor, scope, now)
    if bearer.stale:
        _touch(office, token)


@contextmanager
def acting(office: Office, token: str, act: Act, subject: str) -> Iterator[Mandate]:
    """Do ``act`` on ``subject`` as whoever holds ``token``, all in one transaction.

    A refusal undoes whatever was written so far and lands in the audit log in a transaction of its own; then
    ``Refused`` goes on to the caller.
    """
    actor: Actor | None = None
    try:
        with office.store.transaction() as transaction:
            bearer = _bearer(transaction, token, office.clocks)
            now = office.clocks.business(transaction)
            actor, refusal = _actor_for(transaction, bearer, act, subject, now)
            glass = ""
            if refusal is None:
                refusal, glass = _permitted(transaction, actor, act, subject, now)
            mandate = Mandate(
                transaction=transaction,
                actor=actor,
                scope=scope_of(actor),
                act=act,
                now=now,
                recorded_at=office.clocks.real(),
                real=office.clocks.real,
                glass=glass,
            )
            refusal = _narrowed(bearer, act) or refusal or _without_code(transaction, bearer, act, glass)
            if refusal is not None:
                raise mandate.refuse(refusal.rule, subject, refusal.zh, refusal.en)
            if bearer.stale:
                touch(transaction, token, now=mandate.recorded_at)
            transaction.bind(mandate.scope)
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


def _narrowed(bearer: Bearer, act: Act) -> Refusal | None:
    """Whether the token was made for less than its duty allows."""
    if bearer.acts is None or act in bearer.acts:
        return None
    return Refusal("L01", "此令牌的范围不含此事", "the token was not made for this act")


def _without_code(transaction: Transaction, bearer: Bearer, act: Act, glass: str) -> Refusal | None:
    """A grant makes up for the duty, not for the second factor that a login under the duty would have needed."""
    if not glass or bearer.second_factor or RULES[act].duty not in policy_in_force(transaction).second_factor_duties:
        return None
    return Refusal(
        "L04",
        "应急授权不免除动态口令:请用动态口令重新登录",
        "break-glass spares nobody the second factor: log in with one",
    )


def _touch(office: Office, token: str) -> None:
    """Write down that a login was used to read. One that cannot be written ends sooner, never later."""
    with suppress(StoreError), office.store.transaction(alongside=True) as transaction:
        touch(transaction, token, now=office.clocks.real())


def _bearer(transaction: Transaction, token: str, clocks: Clocks) -> Bearer:
    now = clocks.business(transaction)
    bearer = bearer_of(transaction, token, now=clocks.real(), at=now) if token else None
    # Memberships are counted on the business clock, so an account acts only while it counts as one.
    if bearer is None or now < bearer.account.since or not in_office(bearer.account, now):
        raise NotLoggedIn
    return bearer


def _actor(transaction: Transaction, bearer: Bearer, now: datetime, behalf: str = "") -> Actor:
    return actor_of(transaction, bearer.account, at=now, duties=bearer.duties, behalf=behalf)


def _actor_for(
    transaction: Transaction, bearer: Bearer, act: Act, subject: str, now: datetime
) -> tuple[Actor, Refusal | None]:
    """Who acts, for whom if the duty is lent, and why not where no delegation speaks of this."""
    lent = () if bearer.duty is None else lending(transaction, bearer.account, bearer.duty, at=now)
    if not lent:
        return _actor(transaction, bearer, now), None
    found = covering(lent, act, subject)
    actor = _actor(transaction, bearer, now, (found or lent[0]).delegator)
    return actor, None if found else Refusal(
        "L02", "所受委托的范围不含此事", "no delegation speaks of this act on this subject"
    )


def _permitted(
    transaction: Transaction,
    actor: Actor,
    act: Act,
    subject: str,
    now: datetime,
    thing: Thing | None = None,
    granted: str = "",
) -> tuple[Refusal | None, str]:
    """(why not, the break-glass grant that makes up for what is missing). No grant passes what is forbidden.

    ``granted``: the grant already used in this transaction.
    """
    refusal = permit(actor, act, thing)
    if refusal is None or refusal.policies:
        return refusal, granted
    glass = granted or grant_used(transaction, actor, act, subject, now)
    return (permit(actor, act, thing, glass=True), glass) if glass else (refusal, "")


__all__ = ["Clocks", "Mandate", "Office", "Refusal", "View", "acting", "viewing"]
