"""Getting a second factor: with the password, before any login that needs one; its first code lets it count."""

from __future__ import annotations

from foundation.store import Transaction
from governance.audit import AuditEvent
from governance.authority.mandate import Office
from governance.authority.sessions import Door, Knock, knock, note, refuse, standing, valid_password
from governance.errors import GovernanceError
from governance.logins.errors import SecondFactorNotBegun, SecondFactorStands
from governance.logins.lockout import release
from governance.logins.passwords import fits
from governance.logins.second_factor import (
    Enrolment,
    begin_enrolment,
    confirm_enrolment,
    matching_step,
    new_recovery_codes,
    second_factor_of,
)


def begin_second_factor(office: Office, account: str, password: str, *, door: Door) -> Enrolment:
    """A secret for an authenticator program, shown here and never again; it counts once its first code was given.

    Raises ``LoginRefused``, ``LoginLocked``, ``SecondFactorStands``.
    """
    found = knock(office, account, door)
    good = fits(password, None if found.stored is None else found.stored.hash)
    with office.store.transaction() as transaction:
        begun = _begin(office, transaction, found, door, good=good)
    if isinstance(begun, GovernanceError):
        raise begun
    return begun


def confirm_second_factor(office: Office, account: str, password: str, code: str, *, door: Door) -> tuple[str, ...]:
    """Let the second factor count: its recovery codes, shown here and never again.

    Raises ``LoginRefused`` for a wrong password or code, ``LoginLocked``, ``SecondFactorNotBegun``.
    """
    found = knock(office, account, door)
    good = fits(password, None if found.stored is None else found.stored.hash)
    with office.store.transaction() as transaction:
        codes = _confirm(office, transaction, found, door, good=good, code=code)
    if isinstance(codes, GovernanceError):
        raise codes
    return codes


def _begin(
    office: Office, transaction: Transaction, found: Knock, door: Door, *, good: bool
) -> Enrolment | GovernanceError:
    now = office.clocks.real()
    valid = valid_password(office, transaction, found, good=good)
    if valid is None:
        return refuse(office, transaction, found)
    release(transaction, found.tried, now=now)
    name = valid[0].name
    if standing(second_factor_of(transaction, name)):
        return SecondFactorStands(account=name)
    return begin_enrolment(transaction, name, vault=door.vault, randomness=door.randomness, now=now)


def _confirm(
    office: Office, transaction: Transaction, found: Knock, door: Door, *, good: bool, code: str
) -> tuple[str, ...] | GovernanceError:
    now = office.clocks.real()
    valid = valid_password(office, transaction, found, good=good)
    if valid is None:
        return refuse(office, transaction, found)
    account = valid[0]
    factor = second_factor_of(transaction, account.name)
    if factor is None or standing(factor):
        release(transaction, found.tried, now=now)
        return SecondFactorNotBegun(account=account.name)
    secret = door.vault.open(factor.sealed, owner=account.name).decode()
    step = matching_step(secret, code, now, drift=found.policy.drift_steps, after=factor.last_step)
    if step is None:
        return refuse(office, transaction, found)
    codes = new_recovery_codes(found.policy.recovery_codes, door.randomness)
    release(transaction, found.tried, now=now)
    if not confirm_enrolment(transaction, factor, step, codes, vault=door.vault, now=now):
        return SecondFactorNotBegun(account=account.name)
    facts = {"recovery_codes": len(codes)}
    note(office, transaction, AuditEvent.SECOND_FACTOR_ENROLLED, f"account:{account.name}", facts, account)
    return codes
