"""Codes of six digits that change every 30 seconds (TOTP, RFC 6238), and recovery codes for when the device is gone."""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, insert, select, update

from foundation.store import Transaction
from governance.logins.secrets import Randomness, Vault
from governance.logins.tables import recovery_code_table, second_factor_table

STEP = 30
"""Seconds a code stands, as every authenticator program has it."""

ISSUER = "Guanyun"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """An account's second factor; it counts from ``confirmed_at`` on."""

    account: str
    sealed: str
    enrolled_at: datetime
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Shown once. ``address`` is what an authenticator program reads as a QR code."""

    secret: str
    address: str


def matching_step(secret: str, code: str, now: datetime, *, drift: int, after: int) -> int | None:
    """The step whose code this is, within ``drift`` steps of ``now`` and later than ``after``; None where it is none.

    Every step is tried in any case, so that the time taken does not tell how near a guess came.
    """
    machine = pyotp.TOTP(secret, interval=STEP)
    present = machine.timecode(now)
    found: int | None = None
    for step in range(present - drift, present + drift + 1):
        same = hmac.compare_digest(machine.generate_otp(max(step, 0)).encode(), code.encode())
        if same and step > after and found is None:
            found = step
    return found


def second_factor_of(transaction: Transaction, account: str) -> SecondFactor | None:
    """The second factor of an account, confirmed or not."""
    row = transaction.row(select(second_factor_table).where(second_factor_table.c.account == account))
    return None if row is None else SecondFactor(**row)


def begin_enrolment(
    transaction: Transaction, account: str, *, vault: Vault, randomness: Randomness, now: datetime
) -> Enrolment:
    """Make a secret for an account that has none that counts; one begun before is replaced."""
    secret = b32encode(randomness(20)).decode()
    transaction.write(
        delete(second_factor_table).where(
            second_factor_table.c.account == account, second_factor_table.c.confirmed_at.is_(None)
        )
    )
    transaction.write(
        insert(second_factor_table).values(
            account=account, sealed=vault.seal(secret.encode(), owner=account), enrolled_at=now, last_step=-1
        )
    )
    return Enrolment(secret, pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=account, issuer_name=ISSUER))


def confirm_enrolment(
    transaction: Transaction, factor: SecondFactor, step: int, codes: Sequence[str], *, vault: Vault, now: datetime
) -> bool:
    """Let the second factor count from now on, with these recovery codes; False if somebody else was faster."""
    table = second_factor_table
    mine = (table.c.account == factor.account) & table.c.confirmed_at.is_(None) & (table.c.sealed == factor.sealed)
    if not transaction.write(update(table).where(mine).values(confirmed_at=now, last_step=step)):
        return False
    transaction.write(delete(recovery_code_table).where(recovery_code_table.c.account == factor.account))
    rows = [
        {"account": factor.account, "code_hash": vault.hash_code(code, owner=factor.account), "used_at": None}
        for code in codes
    ]
    transaction.write(insert(recovery_code_table), rows)
    return True


def new_recovery_codes(count: int, randomness: Randomness) -> tuple[str, ...]:
    """So many codes of 80 bits, in four groups that can be read aloud."""
    whole = (b32encode(randomness(10)).decode().lower() for _ in range(count))
    return tuple("-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in whole)


def spend_code(
    transaction: Transaction, factor: SecondFactor, code: str, *, vault: Vault, drift: int, now: datetime
) -> str:
    """Use a code up: ``code`` or ``recovery`` by what it was, empty where it is wrong or was used before.

    Two at once cannot both use it: the row says who was first.
    """
    secret = vault.open(factor.sealed, owner=factor.account).decode()
    step = matching_step(secret, code, now, drift=drift, after=factor.last_step)
    table = second_factor_table
    if step is not None:
        mine = (table.c.account == factor.account) & (table.c.last_step < step) & table.c.confirmed_at.is_not(None)
        return "code" if transaction.write(update(table).where(mine).values(last_step=step)) else ""
    tidy = code.strip().lower()
    mine = (
        (recovery_code_table.c.account == factor.account)
        & (recovery_code_table.c.code_hash == vault.hash_code(tidy, owner=factor.account))
        & recovery_code_table.c.used_at.is_(None)
    )
    return "recovery" if transaction.write(update(recovery_code_table).where(mine).values(used_at=now)) else ""


def recovery_codes_left(transaction: Transaction, account: str) -> int:
    """How many recovery codes of an account are unused."""
    unused = (recovery_code_table.c.account == account) & recovery_code_table.c.used_at.is_(None)
    return int(transaction.value(select(func.count()).select_from(recovery_code_table).where(unused)))


def remove_second_factor(transaction: Transaction, account: str) -> bool:
    """Take the second factor and its recovery codes away; False where there is none."""
    transaction.write(delete(recovery_code_table).where(recovery_code_table.c.account == account))
    return bool(transaction.write(delete(second_factor_table).where(second_factor_table.c.account == account)))
