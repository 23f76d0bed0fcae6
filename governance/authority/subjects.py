"""Logging in through the issuer of unified identities, and binding what it calls somebody to a natural person."""

from __future__ import annotations

from foundation.store import Transaction
from governance.audit import AuditEvent
from governance.authority.acts import Act
from governance.authority.mandate import Office, acting
from governance.authority.sessions import Door, enter, knock, note, told
from governance.errors import GovernanceError, NotLoggedIn
from governance.logins import Opened, Way, bearer_of, in_office
from governance.logins.errors import AccountToChoose, InPersonOnly, SubjectUnknown
from governance.logins.rounds import Proved, Round
from governance.logins.subjects import Hasher, bind_subject, open_round, person_of_subject, subject_hash, use_round
from governance.parties import Account, Duty, accounts, person_of, same_person


def round_begun(office: Office, round_: Round) -> None:
    """Write down that somebody was sent to the issuer."""
    with office.store.transaction(alongside=True) as transaction:
        open_round(transaction, round_, now=office.clocks.real())


def round_returned(office: Office, round_: Round) -> None:
    """Use the round up before its answer is looked at. Raises ``IssuerWrong`` where it was used before."""
    with office.store.transaction(alongside=True) as transaction:
        use_round(transaction, round_, now=office.clocks.real())


def open_session_of_subject(
    office: Office,
    proved: Proved,
    *,
    hasher: Hasher,
    door: Door,
    account: str = "",
    duty: Duty | None = None,
    code: str = "",
) -> Opened:
    """Log in whom the issuer named, through an account of theirs; none is ever made.

    A second factor the issuer vouches for counts as one, where the policy says so. Raises ``SubjectUnknown``,
    ``AccountToChoose``, and what ``open_session`` raises about duty and code.
    """
    subject = subject_hash(proved, hasher)
    with office.store.transaction() as transaction:
        mine = _accounts(office, transaction, person_of_subject(transaction, subject))
        chosen = [one for one in mine if account in {"", one.name}]
        if not chosen:
            note(office, transaction, AuditEvent.LOGIN_REFUSED, "account:", {"way": Way.ISSUER.value})
    if not chosen:
        raise SubjectUnknown
    if len(chosen) > 1:
        raise AccountToChoose(accounts=", ".join(one.name for one in chosen))
    # Counted apart from passwords: who fails at those must not keep out whom the issuer knows.
    found = knock(office, f"{Way.ISSUER}:{chosen[0].name}", door)
    vouched = bool(proved.methods & found.policy.second_factor_methods)
    with office.store.transaction() as transaction:
        answer: Opened | GovernanceError = SubjectUnknown()
        if chosen[0] in _accounts(office, transaction, person_of_subject(transaction, subject)):
            answer = enter(
                office,
                transaction,
                found,
                door,
                account=chosen[0],
                way=Way.ISSUER,
                duty=duty,
                code=code,
                vouched=vouched,
            )
    return told(answer)


def bind_own_subject(office: Office, token: str, proved: Proved, *, hasher: Hasher) -> bool:
    """Bind whom the issuer named to the person who is logged in; False if so already. Raises ``SubjectBound``."""
    with office.store.transaction() as transaction:
        now = office.clocks.real()
        bearer = bearer_of(transaction, token, now=now, at=office.clocks.business(transaction)) if token else None
        if bearer is None:
            raise NotLoggedIn
        if not bearer.in_person:
            raise InPersonOnly
        person = bearer.account.person
        if not bind_subject(transaction, subject_hash(proved, hasher), person, now=now):
            return False
        note(office, transaction, AuditEvent.SUBJECT_BOUND, f"person:{person}", {}, bearer.account)
        return True


def bind_subject_of(office: Office, token: str, person: str, issuer: str, subject: str, *, hasher: Hasher) -> bool:
    """Bind what ``issuer`` calls somebody to that natural person; False if so already. For a security administrator.

    Raises ``SubjectBound``, ``NotFound``, ``Refused``.
    """
    with acting(office, token, Act.SUBJECT_BIND, f"person:{person}") as mandate:
        person_of(mandate.transaction, person)
        if person in mandate.actor.natural:
            raise mandate.refuse(
                "L03", f"person:{person}", "不得为本人办理,须由另一名管理员办理", "nobody does this for themselves"
            )
        hashed = subject_hash(Proved(issuer, subject, frozenset()), hasher)
        if not bind_subject(mandate.transaction, hashed, person, now=mandate.recorded_at):
            return False
        mandate.decide(f"person:{person}", digest=hashed)
        mandate.audit(AuditEvent.SUBJECT_BOUND, f"person:{person}", {})
        return True


def _accounts(office: Office, transaction: Transaction, person: str | None) -> list[Account]:
    if person is None:
        return []
    now, ids = office.clocks.real(), same_person(transaction, person)
    return [one for one in accounts(transaction) if one.person in ids and in_office(one, now)]
