"""Tokens for programs: named, narrowed, ending; of the token itself only the hash is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, insert, select, update

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from governance.logins.model import ApiToken, Bearer
from governance.logins.tables import api_token_table
from governance.parties import Duty, account_of

PREFIX = "guanyun-"
"""In front of every API token, so that who finds one in a log or a repository knows what it is."""

_BETWEEN_TOUCHES = timedelta(minutes=1)


def is_api_token(token: str) -> bool:
    """Whether it looks like an API token rather than a session's."""
    return token.startswith(PREFIX)


def add_token(transaction: Transaction, token: ApiToken, secret: str) -> None:
    """Record a token that was just made."""
    transaction.write(
        insert(api_token_table).values(
            id=token.id,
            token_hash=sha256_hex(secret.encode()),
            account=token.account,
            name=token.name,
            duty=token.duty.value,
            acts=sorted(token.acts),
            read_only=token.read_only,
            made_at=token.made_at,
            expires_at=token.expires_at,
            because="",
        )
    )


def tokens_of(transaction: Transaction, account: str) -> Sequence[ApiToken]:
    """Every token an account ever had, oldest first."""
    query = select(api_token_table).where(api_token_table.c.account == account)
    return [_token(row) for row in transaction.rows(query.order_by(api_token_table.c.made_at, api_token_table.c.id))]


def token_bearer(transaction: Transaction, token_hash: str, *, now: datetime) -> Bearer | None:
    """Who the token acts as: nobody once it expired or was ended, or its account ended or lost the duty."""
    row = transaction.row(select(api_token_table).where(api_token_table.c.token_hash == token_hash))
    if row is None or row["ended_at"] is not None or row["expires_at"] <= now:
        return None
    account = account_of(transaction, row["account"])
    duty = Duty(row["duty"])
    if account is None or duty not in account.duties or (account.until is not None and account.until <= now):
        return None
    used = row["used_at"]
    return Bearer(
        account=account,
        duty=duty,
        way=None,
        second_factor=False,
        expires_at=row["expires_at"],
        acts=frozenset() if row["read_only"] else (frozenset(row["acts"]) or None),
        api_token=row["id"],
        stale=used is None or used + _BETWEEN_TOUCHES <= now,
    )


def touch_token(transaction: Transaction, token_hash: str, *, now: datetime) -> None:
    """Write down that the token was used."""
    transaction.write(update(api_token_table).where(api_token_table.c.token_hash == token_hash).values(used_at=now))


def end_tokens(
    transaction: Transaction,
    accounts: Iterable[str],
    *,
    now: datetime,
    because: str,
    duty: Duty | None = None,
    name: str | None = None,
) -> int:
    """End tokens for good, so that none comes back with a duty given again; returns how many."""
    table = api_token_table
    ending = update(table).where(table.c.account.in_(list(accounts)), table.c.ended_at.is_(None))
    if duty is not None:
        ending = ending.where(table.c.duty == duty.value)
    if name is not None:
        ending = ending.where(table.c.name == name)
    return transaction.write(ending.values(ended_at=now, because=because))


def _token(row: RowMapping) -> ApiToken:
    fields = {field: row[field] for field in ApiToken.__slots__ if field not in {"duty", "acts"}}
    return ApiToken(**fields, duty=Duty(row["duty"]), acts=frozenset(row["acts"]))
