"""Passwords and locks: changed by their owner, given and opened by administrators, each in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from foundation.evidence import canonical_bytes, sha256_hex
from governance.audit import AuditEvent
from governance.authority.acts import Act
from governance.authority.mandate import Mandate, Office, View, acting
from governance.authority.sessions import Door, knock, note, refuse, spend, standing, valid_password
from governance.errors import GovernanceError, NotFound
from governance.logins import (
    LoginPolicy,
    add_password,
    add_policy,
    check_new_password,
    end_all_sessions,
    end_sessions,
    hash_password,
)
from governance.logins.errors import FirstPasswordLapsed, SecondFactorNeeded, UnfitPassword
from governance.logins.lockout import locked_until, release, succeed, unlock
from governance.logins.passwords import fits, last_hashes
from governance.logins.second_factor import remove_second_factor, second_factor_of
from governance.parties import Account, account_of, accounts


def change_password(office: Office, account: str, old: str, new: str, *, door: Door, code: str = "") -> None:
    """Change one's own password; the old one lets in for this even when it has expired. Other logins end.

    Raises ``UnfitPassword`` with every finding, and what ``open_session`` raises about the old one.
    """
    found = knock(office, account, door)
    good = fits(old, None if found.stored is None else found.stored.hash)
    with office.store.reading() as transaction:
        earlier = last_hashes(transaction, account, found.policy.passwords_remembered)
    findings = check_new_password(new, found.policy, account=account, earlier=earlier) if good else ()
    hashed = hash_password(new) if good and not findings else ""
    failed: GovernanceError | None = None
    with office.store.transaction() as transaction:
        now = office.clocks.real()
        valid = valid_password(office, transaction, found, good=good)
        if valid is None:
            failed = refuse(office, transaction, found)
        elif findings:
            failed = UnfitPassword(count=len(findings), findings=findings)
        elif (useless := valid[1].useless_at(found.policy)) is not None and useless <= now:
            failed = FirstPasswordLapsed(account=account)
        elif standing(second_factor_of(transaction, account)) and not code:
            failed = SecondFactorNeeded(account=account)
        elif standing(second_factor_of(transaction, account)) and not spend(
            office, transaction, valid[0], code, door, found.policy
        ):
            valid, failed = None, refuse(office, transaction, found)
        else:
            add_password(transaction, account, hashed, now=now)
            succeed(transaction, found.tried, account, door.source, now=now)
            ended = end_sessions(transaction, [account], now=now)
            facts = {"sessions_ended": ended}
            note(office, transaction, AuditEvent.PASSWORD_CHANGED, f"account:{account}", facts, valid[0])
        if failed is not None and valid is not None:
            release(transaction, found.tried, now=now)
    if failed is not None:
        raise failed


def give_password(office: Office, token: str, account: str, password: str) -> None:
    """Give somebody a first password: it lets them in only to change it, and lapses. For a system administrator.

    Every login and API token of the account ends. Raises ``Refused``, ``NotFound``.
    """
    hashed = hash_password(password)
    with acting(office, token, Act.PASSWORD_GIVE, f"account:{account}") as mandate:
        _somebody_else(mandate, account)
        add_password(mandate.transaction, account, hashed, now=mandate.recorded_at, given=True)
        end_all_sessions(mandate.transaction, account=account, now=mandate.recorded_at, because="password given")
        _decided(mandate, f"account:{account}")
        mandate.audit(AuditEvent.PASSWORD_GIVEN, f"account:{account}", {})


def unlock_account(office: Office, token: str, account: str) -> bool:
    """Forget every failure at an account; False where there was none. For a security administrator."""
    with acting(office, token, Act.LOGIN_UNLOCK, f"account:{account}") as mandate:
        if account_of(mandate.transaction, account) is None:
            raise NotFound(what_zh="这个账号:", what_en="account", key=account)
        if not unlock(mandate.transaction, account):
            return False
        _decided(mandate, f"account:{account}")
        mandate.audit(AuditEvent.LOGIN_UNLOCKED, f"account:{account}", {})
        return True


def take_second_factor(office: Office, token: str, account: str) -> bool:
    """Take the second factor of somebody away whose device is lost; False where there is none. Their logins end.

    For a security administrator. Raises ``Refused``, ``NotFound``.
    """
    with acting(office, token, Act.SECOND_FACTOR_REMOVE, f"account:{account}") as mandate:
        _somebody_else(mandate, account)
        if not remove_second_factor(mandate.transaction, account):
            return False
        end_all_sessions(mandate.transaction, account=account, now=mandate.recorded_at, because="second factor removed")
        _decided(mandate, f"account:{account}")
        mandate.audit(AuditEvent.SECOND_FACTOR_REMOVED, f"account:{account}", {})
        return True


def set_login_policy(office: Office, token: str, policy: LoginPolicy) -> int | None:
    """Let ``policy`` hold from now on; its number, None where it holds already. For a security administrator."""
    with acting(office, token, Act.LOGIN_POLICY_SET, "login-policy") as mandate:
        number = add_policy(mandate.transaction, policy, now=mandate.recorded_at, person=mandate.actor.person)
        if number is None:
            return None
        digest = sha256_hex(canonical_bytes(policy.document()))
        mandate.decide(f"login-policy:{number}", digest=digest)
        facts = {"digest": digest, "policy": policy.document()}
        mandate.audit(AuditEvent.LOGIN_POLICY_SET, f"login-policy:{number}", facts)
        return number


def locks(view: View, *, now: datetime) -> Mapping[str, datetime]:
    """Which accounts of the reader's scope are locked, and until when; ``now`` is real time."""
    seen = [one.name for one in accounts(view.transaction) if view.scope.covers(one.party)]
    return locked_until(view.transaction, seen, now=now)


def _somebody_else(mandate: Mandate, account: str) -> Account:
    found = account_of(mandate.transaction, account)
    if found is None:
        raise NotFound(what_zh="这个账号:", what_en="account", key=account)
    if found.person in mandate.actor.natural:
        raise mandate.refuse(
            "L03", f"account:{account}", "不得为本人办理,须由另一名管理员办理", "nobody does this for themselves"
        )
    return found


def _decided(mandate: Mandate, subject: str) -> None:
    """A decision of its own each time: the same may be needed again another day."""
    mandate.decide(subject, digest=sha256_hex(canonical_bytes([mandate.act, subject, mandate.recorded_at])))
