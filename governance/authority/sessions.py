"""Logging in, changing the duty a login serves, logging out: each with its audit entry in the same transaction.

The password is checked between two transactions: what takes long must not hold up whoever else writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from foundation.store import Transaction
from foundation.values.instant import format_instant
from governance import audit
from governance.audit import AuditEvent
from governance.authority.mandate import Office
from governance.errors import GovernanceError, LoginRefused, NotLoggedIn
from governance.logins import (
    LoginPolicy,
    Opened,
    Way,
    add_session,
    bearer_of,
    duties_for,
    end_session,
    in_office,
    policy_in_force,
    switch_session,
)
from governance.logins.errors import (
    DutyNotHeld,
    DutyToChoose,
    FirstPasswordLapsed,
    InPersonOnly,
    LoginLocked,
    PasswordExpired,
    SecondFactorNeeded,
    SecondFactorNotEnrolled,
)
from governance.logins.lockout import Try, attempt_login, release, succeed
from governance.logins.passwords import StoredPassword, fits, password_of
from governance.logins.second_factor import SecondFactor, second_factor_of, spend_code
from governance.logins.secrets import Randomness, Vault
from governance.parties import Account, Duty, account_of


@dataclass(frozen=True, slots=True)
class Door:
    """What whoever lets people in brings: where they come from, the key of secrets, makers of what nobody can guess.

    ``source`` is what failures are counted by besides the account: an address, or a user of a machine.
    """

    source: str
    vault: Vault = field(repr=False)
    token: Callable[[], str] = field(repr=False)
    randomness: Randomness = field(repr=False)


@dataclass(frozen=True, slots=True)
class Knock:
    """A try that was let through to the password: what stood on record when it was counted."""

    name: str
    policy: LoginPolicy
    tried: Try
    stored: StoredPassword | None


def open_session(
    office: Office, account: str, password: str, *, door: Door, duty: Duty | None = None, code: str = ""
) -> Opened:
    """Log in under one duty. What was tried is in the audit log; the caller is told no more than the errors say.

    Raises ``LoginRefused``, ``LoginLocked``, ``PasswordExpired``, ``FirstPasswordLapsed``, ``DutyToChoose``,
    ``DutyNotHeld``, ``SecondFactorNeeded``, ``SecondFactorNotEnrolled``.
    """
    found = knock(office, account, door)
    good = fits(password, None if found.stored is None else found.stored.hash)
    with office.store.transaction() as transaction:
        answer = _answer(office, transaction, found, door, good=good, duty=duty, code=code)
    return told(answer)


def told(answer: Opened | GovernanceError) -> Opened:
    """Raise what the transaction, now committed, found; so that what it counted stays."""
    if isinstance(answer, GovernanceError):
        raise answer
    return answer


def knock(office: Office, name: str, door: Door) -> Knock:
    """Count a try before anything is looked at. Raises ``LoginLocked``."""
    now = office.clocks.real()
    with office.store.transaction() as transaction:
        policy = policy_in_force(transaction)
        tried = attempt_login(transaction, name, door.source, policy, now=now)
        found = Knock(name, policy, tried, password_of(transaction, name))
    if tried.until is not None:
        raise LoginLocked(until=format_instant(tried.until.replace(microsecond=0)))
    return found


def refuse(office: Office, transaction: Transaction, found: Knock) -> LoginRefused:
    """Write a failure down, and the lock where it was one too many; the error to raise after the commit."""
    subject = f"account:{found.name[:60]}"
    facts = {"turned_away": found.tried.turned_away} if found.tried.turned_away else {}
    note(office, transaction, AuditEvent.LOGIN_REFUSED, subject, facts)
    if found.tried.locks:
        note(office, transaction, AuditEvent.LOGIN_LOCKED, subject, {"minutes": found.policy.lock_minutes})
    return LoginRefused()


def note(
    office: Office,
    transaction: Transaction,
    event: AuditEvent,
    subject: str,
    facts: Mapping[str, Any],
    account: Account | None = None,
) -> None:
    """Write an audit entry of logging in."""
    audit.append(
        transaction,
        event,
        subject=subject,
        facts=facts,
        recorded_at=office.clocks.real(),
        business_at=office.clocks.business(transaction),
        person="" if account is None else account.person,
        account="" if account is None else account.name,
    )


def valid_password(
    office: Office, transaction: Transaction, found: Knock, *, good: bool
) -> tuple[Account, StoredPassword] | None:
    """The account and its password, if the one tried is the one that still holds.

    Nothing is looked up for one that does not fit: a failure costs the same whether there is an account or not.
    """
    if not good:
        return None
    account, stored = account_of(transaction, found.name), password_of(transaction, found.name)
    if account is None or stored is None or found.stored is None or stored.hash != found.stored.hash:
        return None
    return (account, stored) if in_office(account, office.clocks.real()) else None


def _answer(
    office: Office,
    transaction: Transaction,
    found: Knock,
    door: Door,
    *,
    good: bool,
    duty: Duty | None,
    code: str,
) -> Opened | GovernanceError:
    now = office.clocks.real()
    valid = valid_password(office, transaction, found, good=good)
    if valid is None:
        return refuse(office, transaction, found)
    account, stored = valid
    useless = stored.useless_at(found.policy)
    stale: GovernanceError | None = None
    if useless is not None:
        stale = FirstPasswordLapsed(account=account.name) if useless <= now else PasswordExpired(account=account.name)
    elif stored.expires_at(found.policy) <= now:
        stale = PasswordExpired(account=account.name)
    if stale is not None:
        release(transaction, found.tried, now=now)
        return stale
    return enter(office, transaction, found, door, account=account, way=Way.PASSWORD, duty=duty, code=code)


def enter(  # noqa: PLR0913 - everything a login can bring
    office: Office,
    transaction: Transaction,
    found: Knock,
    door: Door,
    *,
    account: Account,
    way: Way,
    duty: Duty | None,
    code: str,
    vouched: bool = False,
) -> Opened | GovernanceError:
    """Open a session for whoever proved to be the account's person; ``vouched``: the issuer saw a second factor."""
    now, policy = office.clocks.real(), found.policy
    chosen = choose_duty(transaction, account, duty, office)
    if isinstance(chosen, GovernanceError):
        release(transaction, found.tried, now=now)
        return chosen
    factor = second_factor_of(transaction, account.name)
    how = "issuer" if vouched else ""
    if not vouched:
        missing = _missing(account, factor, chosen, policy, code)
        if missing is not None:
            release(transaction, found.tried, now=now)
            return missing
        if standing(factor):
            how = spend(office, transaction, account, code, door, policy)
            if not how:
                return refuse(office, transaction, found)
    secret = door.token()
    expires = add_session(
        transaction,
        account.name,
        chosen,
        token=secret,
        way=way,
        now=now,
        length=policy.longest,
        idle=policy.idle,
        second_factor=bool(how),
    )
    succeed(transaction, found.tried, found.name, door.source, now=now)
    facts: dict[str, Any] = {"duty": chosen.value, "way": way.value, "second_factor": how}
    if found.tried.turned_away:
        facts["turned_away"] = found.tried.turned_away
    note(office, transaction, AuditEvent.LOGGED_IN, f"account:{account.name}", facts, account)
    return Opened(account.name, secret, chosen, expires, policy.idle_minutes)


def standing(factor: SecondFactor | None) -> bool:
    """Whether a second factor counts."""
    return factor is not None and factor.confirmed_at is not None


def spend(
    office: Office, transaction: Transaction, account: Account, code: str, door: Door, policy: LoginPolicy
) -> str:
    """Use a code up: what it was, empty where it is wrong; a recovery code is in the audit log."""
    factor = second_factor_of(transaction, account.name)
    if factor is None:
        return ""
    how = spend_code(transaction, factor, code, vault=door.vault, drift=policy.drift_steps, now=office.clocks.real())
    if how == "recovery":
        note(office, transaction, AuditEvent.RECOVERY_CODE_USED, f"account:{account.name}", {}, account)
    return how


def _missing(
    account: Account, factor: SecondFactor | None, duty: Duty, policy: LoginPolicy, code: str
) -> GovernanceError | None:
    if standing(factor):
        return None if code else SecondFactorNeeded(account=account.name)
    if duty in policy.second_factor_duties:
        return SecondFactorNotEnrolled(account=account.name, duty=duty)
    return None


def choose_duty(
    transaction: Transaction, account: Account, duty: Duty | None, office: Office
) -> Duty | GovernanceError:
    """The duty a login is to serve: the one named, or the only one there is."""
    held = duties_for(transaction, account, office.clocks.business(transaction))
    names = ", ".join(sorted(held)) or "-"
    if duty is None and len(held) == 1:
        return next(iter(held))
    if duty is None and held:
        return DutyToChoose(account=account.name, duties=names)
    if duty is None or duty not in held:
        return DutyNotHeld(account=account.name, duty=duty or "-", duties=names)
    return duty


def switch_duty(office: Office, token: str, duty: Duty, *, door: Door, code: str = "") -> Duty:
    """Let the login serve another duty of its account from now on; returns the one it served.

    Raises ``NotLoggedIn``, ``InPersonOnly``, ``DutyNotHeld``, ``SecondFactorNeeded``, ``SecondFactorNotEnrolled``,
    ``LoginRefused`` and ``LoginLocked`` for wrong codes.
    """
    now, tried = office.clocks.real(), Try()
    with office.store.transaction() as transaction:
        bearer = bearer_of(transaction, token, now=now, at=office.clocks.business(transaction)) if token else None
        if bearer is None:
            raise NotLoggedIn
        if not bearer.in_person:
            raise InPersonOnly
        policy, account = policy_in_force(transaction), bearer.account
        chosen = choose_duty(transaction, account, duty, office)
        if isinstance(chosen, GovernanceError):
            raise chosen
        how = bearer.second_factor
        if duty in policy.second_factor_duties and not how:
            missing = _missing(account, second_factor_of(transaction, account.name), duty, policy, code)
            if missing is not None:
                raise missing
            tried = attempt_login(transaction, account.name, door.source, policy, now=now)
            how = tried.until is None and bool(spend(office, transaction, account, code, door, policy))
            if how:
                succeed(transaction, tried, account.name, door.source, now=now)
        if duty not in policy.second_factor_duties or how:
            switch_session(transaction, token, duty, second_factor=how, now=now)
            facts = {"duty": duty.value, "before": "" if bearer.duty is None else bearer.duty.value}
            note(office, transaction, AuditEvent.DUTY_SWITCHED, f"account:{account.name}", facts, account)
            return bearer.duty or duty
        if tried.until is None:
            refuse(office, transaction, Knock(account.name, policy, tried, None))
    if tried.until is not None:
        raise LoginLocked(until=format_instant(tried.until.replace(microsecond=0)))
    raise LoginRefused


def close_session(office: Office, token: str) -> None:
    """Log out; a token that is no longer valid is no error."""
    now = office.clocks.real()
    with office.store.transaction() as transaction:
        bearer = bearer_of(transaction, token, now=now, at=office.clocks.business(transaction)) if token else None
        if bearer is None or not bearer.in_person:
            return
        end_session(transaction, token, now=now)
        note(office, transaction, AuditEvent.LOGGED_OUT, f"account:{bearer.account.name}", {}, bearer.account)
