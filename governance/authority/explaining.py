"""Explaining: who may do an act to a thing and who not, and why a decision on record could be taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from foundation.store import Transaction
from governance.authority.actors import actor_of, covering, lending, who_decided
from governance.authority.acts import Act
from governance.authority.decisions import Decision, basis_of, decision_numbered, decisions_about, decisions_on
from governance.authority.mandate import View
from governance.authority.passing import grant_used
from governance.authority.policy import Refusal, Thing, forbid, permit
from governance.authority.rules import RULES, Cited, pairs, policy_of
from governance.authority.things import thing_of
from governance.errors import NotFound
from governance.lists import ListKind, entries_in_force
from governance.parties import Account, Duty, PartyKind, accounts, party_of

_CITED = (ListKind.POWER, ListKind.RESPONSIBILITY, ListKind.NEGATIVE, ListKind.RED_BLACK)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One account and why it may not, if it may not. ``behalf``: the person who lent the duty."""

    account: str
    party: str
    duty: Duty
    behalf: str
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Who may do ``act`` on ``subject``: rule and words, whose thing it is, who decides on it, every candidate."""

    act: Act
    subject: str
    rule: str
    zh: str
    en: str
    owner: str
    decider: str
    may: tuple[Candidate, ...]
    may_not: tuple[Candidate, ...]
    cites: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """A decision this one had to be apart from: the policy that says so, and whether one organisation is enough."""

    decision: Decision
    policy: str
    zh: str
    en: str
    cites: tuple[Cited, ...]
    organisation: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision on record. ``fallen``: why it does not stand today; None where it stands."""

    decision: Decision
    rule: str
    zh: str
    en: str
    rests_on: tuple[str, ...]
    apart: tuple[Opposite, ...]
    cites: tuple[Cited, ...]
    fallen: Refusal | None


def who_can(view: View, act: Act, subject: str, *, owner: str | None = None) -> Answer:
    """Who may do ``act`` on ``subject`` now, and of those whose turn it might seem to be, who may not and why.

    ``owner`` is needed only where nothing was decided on the subject yet. A reader who sees one agency only is told
    of other parties' people who may, not why others may not. Raises ``NotFound`` for a thing of another agency, as for
    one that is not there.
    """
    transaction, now = view.transaction, view.now
    thing = _thing_told(view, subject, owner)
    owner = thing.owner
    rule = RULES[act]
    found = [
        candidate
        for account in accounts(transaction)
        if account.since <= now
        and (account.until is None or now < account.until)
        and party_of(transaction, account.party).kind in rule.kinds
        for candidate in [_candidate(transaction, account, act, subject, thing, now)]
    ]
    policy = policy_of(rule.id)
    return Answer(
        act=act,
        subject=subject,
        rule=rule.id,
        zh=policy.zh,
        en=policy.en,
        owner=owner or "",
        decider=(thing.decider or "") if rule.by_decider else "",
        may=tuple(one for one in found if one.refusal is None),
        may_not=tuple(one for one in found if one.refusal is not None and _told(view, one.party)),
        cites=cited(transaction, act, owner, now),
    )


def _thing_told(view: View, subject: str, owner: str | None) -> Thing:
    """What is on record, as far as the reader may know of it: another agency's thing is as one that is not there."""
    transaction, past = view.transaction, decisions_on(view.transaction, subject)
    if view.scope.agencies is None:
        return thing_on_record(transaction, subject, at=view.now, owner=owner)
    whose = next((one.owner for one in past if one.owner), past[0].party if past else None)
    managed = whose is not None and party_of(transaction, whose).kind is not PartyKind.AGENCY
    if whose is not None and (managed or view.scope.covers(whose)):
        thing = thing_on_record(transaction, subject, at=view.now, owner=owner)
    else:
        thing = thing_of(transaction, (), at=view.now, owner=owner)
    if (thing.owner is None and not managed) or (thing.owner is not None and not view.scope.covers(thing.owner)):
        raise NotFound(what_zh="该事项:", what_en="thing", key=subject)
    return thing


def thing_on_record(transaction: Transaction, subject: str, *, at: datetime, owner: str | None = None) -> Thing:
    """The thing as the decisions on it tell: whose it is, and what they rested on. ``owner`` where none tells."""
    past = decisions_on(transaction, subject)
    owner = owner or next((one.owner for one in past if one.owner), None) or _stated_by(transaction, past)
    rests_on = tuple(sorted({each for one in past for each in basis_of(transaction, one.number)}))
    return thing_of(transaction, decisions_about(transaction, subject, rests_on), at=at, owner=owner)


def _stated_by(transaction: Transaction, past: Sequence[Decision]) -> str | None:
    """The agency that took the first decision: what an agency states for itself names no other owner."""
    first = past[0].party if past else None
    return first if first is not None and party_of(transaction, first).kind is PartyKind.AGENCY else None


def explain(view: View, number: int) -> Explained:
    """The decision with that number, explained. Raises ``NotFound``, also outside the reader's scope."""
    transaction = view.transaction
    decision = decision_numbered(transaction, number)
    if decision is None or not (view.scope.covers(decision.owner or decision.party) or view.scope.agencies is None):
        raise NotFound(what_zh="这个决定:", what_en="decision", key=f"D-{number:06d}")
    rests_on = basis_of(transaction, number)
    about = decisions_about(transaction, decision.subject, rests_on)
    others = [one for one in about if one.number != number]
    thing = thing_of(transaction, others, at=view.now, owner=decision.owner or None)
    policy = policy_of(RULES[decision.act].id)
    return Explained(
        decision=decision,
        rule=policy.id,
        zh=policy.zh,
        en=policy.en,
        rests_on=rests_on,
        apart=tuple(_opposites(decision.act, others)),
        cites=cited(transaction, decision.act, decision.owner or None, decision.decided_at),
        fallen=forbid(who_decided(transaction, decision, view.now), decision.act, thing),
    )


def cited(transaction: Transaction, act: Act, owner: str | None, at: datetime) -> tuple[Cited, ...]:
    """What the act's rule rests on, and the list entries in force at ``at`` that name the act (and the agency, where
    they name agencies)."""
    facts = {"acts": {act.value}, "agencies": {owner} if owner else set()}
    found = list(policy_of(RULES[act].id).cites)
    for kind in _CITED:
        for entry in entries_in_force(transaction, kind, at):
            if act.value in entry.matches.acts and entry.matches.hold(facts):
                found.append(Cited(entry.cite("zh"), entry.cite("en")))
    return tuple(found)


def _candidate(
    transaction: Transaction, account: Account, act: Act, subject: str, thing: Thing, now: datetime
) -> Candidate:
    duty = RULES[act].duty
    lent = covering(lending(transaction, account, duty, at=now), act, subject)
    behalf = "" if lent is None else lent.delegator
    duties = frozenset({duty}) if lent is not None or duty in account.duties else frozenset[Duty]()
    actor = actor_of(transaction, account, at=now, duties=duties, behalf=behalf)
    refusal = permit(actor, act, thing)
    if refusal is not None and not refusal.policies and grant_used(transaction, actor, act, subject, now):
        refusal = permit(actor, act, thing, glass=True)
    return Candidate(account.name, account.party, duty, behalf, refusal)


def _opposites(act: Act, others: Iterable[Decision]) -> Iterable[Opposite]:
    for other in others:
        for pair in pairs():
            if {pair.one, pair.other} == {act, other.act}:
                policy = policy_of(pair.policy)
                yield Opposite(other, policy.id, policy.zh, policy.en, policy.cites, pair.organisation)


def _told(view: View, party: str) -> bool:
    return view.scope.agencies is None or view.scope.covers(party)
