"""Logins: a password checked with argon2, a random token that expires. Always on the real clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from sqlalchemy import insert, select, update

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from governance.parties.model import Account
from governance.parties.tables import account_of, account_table, session_table

SESSION_LENGTH = timedelta(hours=8)
_HASHER = PasswordHash.recommended()
# Checked when the account does not exist, so that the time taken does not tell which names do.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$kxoM9sfqsHR+Hg/RQ8JvKw$LnlD6MvWqr5hAIaWCevHcWIGOSgn6sSSDQE1W3nqO0s"


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _HASHER.hash(password)


def log_in(
    transaction: Transaction, name: str, password: str, *, now: datetime, token: Callable[[], str]
) -> tuple[Account, str, datetime] | None:
    """Check the password and open a session: (account, token, expiry), or None where they do not fit.

    The database keeps only the token's hash.
    """
    account = account_of(transaction, name)
    stored = transaction.value(select(account_table.c.password_hash).where(account_table.c.name == name))
    fits = _HASHER.verify(password, stored or _NOBODY)
    if account is None or not fits or not _valid(account, now):
        return None
    secret, expires = token(), now + SESSION_LENGTH
    transaction.write(
        insert(session_table).values(token_hash=sha256_hex(secret.encode()), account=name, expires_at=expires)
    )
    return account, secret, expires


def open_session_for(
    transaction: Transaction, account: str, *, now: datetime, token: Callable[[], str], length: timedelta
) -> str | None:
    """Open a session without a password, for work that somebody asked for before: its token, or None where the account
    is no longer valid."""
    found = account_of(transaction, account)
    if found is None or not _valid(found, now):
        return None
    secret = token()
    transaction.write(
        insert(session_table).values(token_hash=sha256_hex(secret.encode()), account=account, expires_at=now + length)
    )
    return secret


def session_account(transaction: Transaction, token: str, *, now: datetime) -> Account | None:
    """The account behind a token that has neither expired nor ended."""
    row = transaction.row(select(session_table).where(session_table.c.token_hash == sha256_hex(token.encode())))
    if row is None or row["ended_at"] is not None or row["expires_at"] <= now:
        return None
    account = account_of(transaction, row["account"])
    return account if account is not None and _valid(account, now) else None


def end_session(transaction: Transaction, token: str, *, now: datetime) -> None:
    """Log out."""
    transaction.write(
        update(session_table)
        .where(session_table.c.token_hash == sha256_hex(token.encode()), session_table.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def _valid(account: Account, now: datetime) -> bool:
    return account.until is None or now < account.until
