"""Break-glass: an act is needed now and whoever has the duty for it cannot be had.

One person asks, the security administrator, who is another person, opens it; it ends by itself. It stands in for a
missing duty or an absent decider, never for a separation of persons or organisations. Everything done under it says
so, and a third person of another organisation reviews it, which ends it; while that is overdue there is no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml

from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority.actors import actor_of
from governance.authority.acts import Act
from governance.authority.bodies import bodies_of, ids_of_persons
from governance.authority.errors import GlassDone, GlassNotNeeded, GlassTooLong, GlassUnreviewed
from governance.authority.explaining import thing_on_record
from governance.authority.glass import Grant, add_grant, change_grant, grant_of, unreviewed
from governance.authority.mandate import Mandate, Office, acting
from governance.authority.passing import is_another_administrator
from governance.authority.policy import permit
from governance.authority.rules import RULES
from governance.errors import NotFound
from governance.parties import Account, Duty, Party, PartyKind, account_of, accounts, parties, person_organisations

REVIEW = "glass-review"
"""The kind of the task that a grant opens."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a grant may last, and how long after its end its review may take."""

    longest: timedelta
    review: timedelta


@cache
def limits() -> Limits:
    """The limits as shipped."""
    read = yaml.safe_load(files("governance.authority").joinpath("break-glass.yaml").read_text(encoding="utf-8"))
    return Limits(timedelta(hours=read["longest_hours"]), timedelta(hours=read["review_hours"]))


def ask_glass(
    office: Office, token: str, *, account: str, act: Act, subject: str, reason: str, ends: datetime
) -> Grant:
    """Ask that ``account`` may do ``act`` on ``subject`` until ``ends``; nothing is opened yet.

    Raises ``GlassNotNeeded``, ``GlassTooLong``, ``InvalidValue``, ``NotFound``, ``Refused``.
    """
    _check_words("reason", reason)
    _check_words("subject", subject, most=200)
    id_ = office.ids("glass")
    with acting(office, token, Act.GLASS_ASK, _subject(id_)) as mandate:
        transaction, now = mandate.transaction, mandate.now
        if not now < ends <= now + limits().longest:
            raise GlassTooLong(hours=int(limits().longest.total_seconds() // 3600))
        found = account_of(transaction, account)
        if found is None or not (found.since <= now and (found.until is None or now < found.until)):
            raise NotFound(what_zh="这个账号:", what_en="account", key=account)
        _check_needed(transaction, found, act, subject, now)
        grant = Grant(
            id=id_,
            account=account,
            person=found.person,
            act=act,
            subject=subject,
            reason=reason,
            asked_by=mandate.actor.person,
            asked_at=now,
            ends_at=ends,
        )
        add_grant(transaction, grant)
        mandate.decide(_subject(id_), note=reason)
        mandate.audit(AuditEvent.GLASS_ASKED, _subject(id_), _facts(grant))
        return grant


def open_glass(office: Office, token: str, id_: str) -> Grant:
    """Open what another person asked for: from now on it holds, bureau and auditor are told, a review is due.

    Raises ``GlassDone``, ``GlassNotNeeded``, ``GlassUnreviewed``, ``NotFound``, ``Refused``.
    """
    with acting(office, token, Act.GLASS_OPEN, _subject(id_)) as mandate:
        transaction, now = mandate.transaction, mandate.now
        grant = _found(transaction, id_)
        if grant.opened_at is not None or grant.ends_at <= now:
            done = ("开启过", "was opened before") if grant.opened_at is not None else ("过期", "has ended")
            raise GlassDone(grant=id_, because_zh=done[0], because_en=done[1])
        account = account_of(transaction, grant.account)
        if account is None:
            raise NotFound(what_zh="这个账号:", what_en="account", key=grant.account)
        if ids_of_persons(transaction, [grant.person]) & mandate.actor.natural:
            raise mandate.refuse(
                RULES[Act.GLASS_OPEN].id,
                _subject(id_),
                "不得为自己开启应急授权",
                "nobody opens a grant for themselves",
            )
        _check_reviewed(transaction, grant, now)
        _check_needed(transaction, account, grant.act, grant.subject, now)
        mandate.decide(_subject(id_))
        opened = replace(
            grant, opened_by=mandate.actor.person, opened_at=now, review_due_at=grant.ends_at + limits().review
        )
        change_grant(transaction, opened)
        mandate.audit(AuditEvent.GLASS_OPENED, _subject(id_), _facts(opened))
        told = [party.id for party in parties(transaction) if party.kind in {PartyKind.BUREAU, PartyKind.AUDITOR}]
        mandate.announce("glass.opened", _subject(id_), {**_facts(opened), "told": told})
        _open_review(mandate, opened)
        return opened


def review_glass(office: Office, token: str, id_: str, *, finding: str) -> Grant:
    """Close the review with what was found; the grant is over. For a third person, of another organisation than all
    who took part.

    Raises ``GlassDone``, ``InvalidValue``, ``NotFound``, ``Refused``.
    """
    from governance.tasks import close_tasks  # noqa: PLC0415 - the inbox asks this package for scopes

    _check_words("finding", finding)
    with acting(office, token, Act.GLASS_REVIEW, _subject(id_)) as mandate:
        transaction, now = mandate.transaction, mandate.now
        grant = _found(transaction, id_)
        if grant.opened_at is None or grant.reviewed_at is not None:
            done = ("复核过", "was reviewed before") if grant.reviewed_at is not None else ("作废", "was never opened")
            raise GlassDone(grant=id_, because_zh=done[0], because_en=done[1])
        if _took_part(transaction, grant, now) & mandate.actor.bodies:
            raise mandate.refuse(
                RULES[Act.GLASS_REVIEW].id,
                _subject(id_),
                "须由另一机构的第三人复核",
                "a third person of another organisation reviews it",
            )
        mandate.decide(_subject(id_), note=finding)
        reviewed = replace(grant, reviewed_by=mandate.actor.person, reviewed_at=now, finding=finding)
        change_grant(transaction, reviewed)
        close_tasks(transaction, _subject(id_), kind=REVIEW, closed_at=now)
        mandate.audit(AuditEvent.GLASS_REVIEWED, _subject(id_), {"finding": finding})
        mandate.announce("glass.reviewed", _subject(id_), {"finding": finding})
        return reviewed


def _check_needed(transaction: Transaction, account: Account, act: Act, subject: str, now: datetime) -> None:
    """That the account is of the right kind of party and lacks no more than the duty or the decider's absence."""
    actor = actor_of(transaction, account, at=now, duties=account.duties)
    if actor.kind not in RULES[act].kinds:
        raise GlassNotNeeded(
            account=account.name,
            act=act.value,
            because_zh="其单位的类别无权办理此事",
            because_en="its kind of party has no part in this",
        )
    refusal = permit(actor, act, thing_on_record(transaction, subject, at=now))
    if refusal is None:
        raise GlassNotNeeded(
            account=account.name, act=act.value, because_zh="该账号本来就可办理", because_en="it may do so anyhow"
        )
    if refusal.policies:
        raise GlassNotNeeded(account=account.name, act=act.value, because_zh=refusal.zh, because_en=refusal.en)
    if is_another_administrator(transaction, actor, act, now):
        raise GlassNotNeeded(
            account=account.name,
            act=act.value,
            because_zh="此人已是三员中的另一员",
            because_en="the person is another of the three administrators",
        )
    if permit(actor, act, thing_on_record(transaction, subject, at=now), glass=True) is not None:
        raise GlassNotNeeded(
            account=account.name,
            act=act.value,
            because_zh="应急授权不开启应急授权本身",
            because_en="break-glass does not open break-glass",
        )


def _check_reviewed(transaction: Transaction, grant: Grant, now: datetime) -> None:
    """That nothing which the same person was let do, or the same person asked for, is overdue for its review."""
    mine = ids_of_persons(transaction, [grant.person, grant.asked_by])
    for other in unreviewed(transaction):
        if other.overdue(now) and ids_of_persons(transaction, [other.person, other.asked_by]) & mine:
            raise GlassUnreviewed(grant=other.id)


def _check_words(field: str, words: str, *, most: int = 500) -> None:
    if not 1 <= len(words.strip()) <= len(words) <= most:
        raise InvalidValue(field=field, found=f"{len(words)} characters", expected=f"1 to {most} characters")


def _took_part(transaction: Transaction, grant: Grant, now: datetime) -> frozenset[str]:
    """The organisations of whoever asked, opened, or was let."""
    bodies: set[str] = set()
    account = account_of(transaction, grant.account)
    if account is not None:
        bodies |= bodies_of(transaction, account.party, now)
    for person in {grant.person, grant.asked_by, grant.opened_by} - {None}:
        bodies |= person_organisations(transaction, str(person), now)
    return frozenset(bodies)


def reviewers(transaction: Transaction, grant: Grant, at: datetime) -> list[Party]:
    """The parties one of which must review the grant: those of another organisation than all who took part.

    Those where somebody could do it now; where nobody anywhere could, all that it could be given to.
    """
    involved = _took_part(transaction, grant, at)
    others = [
        party
        for kind in (PartyKind.LEADING_GROUP, PartyKind.AUDITOR, PartyKind.BUREAU)
        for party in parties(transaction, kind)
        if party.exists_at(at) and party.organisation not in involved
    ]
    ready = {
        account.party
        for account in accounts(transaction)
        if Duty.REVIEW in account.duties and account.since <= at and (account.until is None or at < account.until)
        for actor in [actor_of(transaction, account, at=at, duties=frozenset({Duty.REVIEW}))]
        if actor.verified and not actor.bodies & involved
    }
    return [party for party in others if party.id in ready] or others


def _open_review(mandate: Mandate, grant: Grant) -> None:
    from governance.tasks import open_task  # noqa: PLC0415 - the inbox asks this package for scopes

    waited_for = reviewers(mandate.transaction, grant, mandate.now)
    if not waited_for:
        raise mandate.refuse(
            RULES[Act.GLASS_OPEN].id,
            _subject(grant.id),
            "没有可以复核的其他机构",
            "there is no other organisation that could review it",
        )
    told = f"{grant.account} did {grant.act} on {grant.subject}; reason: {grant.reason}"
    for party in waited_for:
        open_task(
            mandate.transaction,
            party=party.id,
            duty=Duty.REVIEW,
            kind=REVIEW,
            subject=_subject(grant.id),
            zh=f"复核应急授权:{grant.account} 对 {grant.subject} 做 {grant.act};理由:{grant.reason}",
            en=f"review a break-glass grant: {told}",
            opened_at=mandate.now,
            due_at=grant.review_due_at,
            recorded_at=mandate.recorded_at,
        )


def _found(transaction: Transaction, id_: str) -> Grant:
    grant = grant_of(transaction, id_)
    if grant is None:
        raise NotFound(what_zh="这项应急授权:", what_en="break-glass grant", key=id_)
    return grant


def _subject(id_: str) -> str:
    return f"glass:{id_}"


def _facts(grant: Grant) -> dict[str, object]:
    return {
        "account": grant.account,
        "person": grant.person,
        "act": grant.act.value,
        "on": grant.subject,
        "reason": grant.reason,
        "ends_at": grant.ends_at,
    }
