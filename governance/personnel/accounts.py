"""Accounts: opened by the system administrator without duties, granted by the security administrator."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.errors import NotFound
from governance.logins import end_all_sessions
from governance.parties import (
    ADMINISTRATORS,
    Account,
    Duty,
    accounts,
    add_account,
    memberships,
    party_of,
    person_of,
    same_person,
)
from governance.parties.tables import change_account
from governance.personnel.errors import OutsideMembership, TwoAdministrators


def open_account(
    office: Office,
    token: str,
    name: str,
    person: str,
    party: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Account, bool]:
    """Open an account that can do nothing yet: (account, whether it is new). It has no password until one is given.

    It lies inside one membership of the person in the party; without ``until`` it ends where that does. Raises
    ``OutsideMembership``, ``NotFound``, ``InvalidValue``, ``AlreadyThere``.
    """
    with acting(office, token, Act.ACCOUNT_OPEN, f"account:{name}") as mandate:
        person_of(mandate.transaction, person)
        party_of(mandate.transaction, party)
        standing = next((one for one in accounts(mandate.transaction) if one.name == name), None)
        if standing is not None and (standing.person, standing.party) == (person, party):
            return standing, False
        begin = since or mandate.now
        around = next(
            (
                one
                for one in memberships(mandate.transaction, person=person, party=party)
                if one.since <= begin and (one.until is None or begin < one.until)
            ),
            None,
        )
        if around is None or (around.until is not None and until is not None and until > around.until):
            raise OutsideMembership(account=name, person=person, party=party)
        account = Account(_name(name), person, party, frozenset(), begin, until or around.until)
        add_account(mandate.transaction, account, "")
        mandate.decide(f"account:{name}")
        facts = {"person": person, "party": party, "duties": [], "since": begin, "until": account.until}
        mandate.audit(AuditEvent.ACCOUNT_RECORDED, f"account:{name}", facts)
        return account, True


def grant_duties(office: Office, token: str, name: str, duties: Collection[Duty]) -> bool:
    """Let the account have exactly these duties from now on; False where it has.

    Raises ``TwoAdministrators`` where the natural person would hold two of the three administrators' duties (through
    whichever account), ``InvalidValue`` where their identity is not verified, ``Refused`` for who opened the account.
    """
    with acting(office, token, Act.ACCOUNT_GRANT, f"account:{name}") as mandate:
        account = next((one for one in accounts(mandate.transaction) if one.name == name), None)
        if account is None:
            raise NotFound(what_zh="这个账号:", what_en="account", key=name)
        wanted = frozenset(duties)
        if account.duties == wanted:
            return False
        if not person_of(mandate.transaction, account.person).verified and wanted - {Duty.READ}:
            raise InvalidValue(field="person", found="not verified", expected="a person whose identity is verified")
        check_one_administrator(mandate.transaction, account, wanted)
        digest = sha256_hex(canonical_bytes([name, sorted(wanted), mandate.recorded_at]))
        mandate.decide(f"account:{name}", digest=digest)
        change_account(mandate.transaction, replace(account, duties=wanted))
        for lost in account.duties - wanted:
            end_all_sessions(mandate.transaction, account=name, duty=lost, now=mandate.recorded_at, because="duty")
        facts = {"duties": sorted(wanted), "before": sorted(account.duties)}
        mandate.audit(AuditEvent.ACCOUNT_GRANTED, f"account:{name}", facts)
        return True


def check_one_administrator(transaction: Transaction, account: Account, wanted: frozenset[Duty]) -> None:
    """Raise ``TwoAdministrators`` where the person of ``account`` would hold two of the three with ``wanted``."""
    ids = same_person(transaction, account.person)
    held = {
        duty for one in accounts(transaction) if one.person in ids and one.name != account.name for duty in one.duties
    }
    found = (held | wanted) & ADMINISTRATORS
    if len(found) > 1:
        raise TwoAdministrators(person=account.person, found=", ".join(sorted(found)))


def _name(name: str) -> str:
    if not (1 <= len(name) <= 60 and all(sign.isalnum() or sign in "._-" for sign in name) and name == name.lower()):
        raise InvalidValue(field="account", found=name[:60], expected="up to 60 lower-case letters, digits, . _ -")
    return name
