"""Sessions: opened, found again by their token, switched to another duty, ended. Always on the real clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, insert, select, update

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from governance.logins.api_tokens import end_tokens, is_api_token, token_bearer, touch_token
from governance.logins.model import Bearer, Way
from governance.logins.tables import asked_work_table, session_table
from governance.parties import Account, Duty, account_of, accounts, delegations_to, same_person

BETWEEN_TOUCHES = timedelta(minutes=1)
"""How exactly the last use is kept: a row is not written anew at every command."""


def hash_of(token: str) -> str:
    """What the database keeps of a token: it has 256 bits of its own, so a plain digest cannot be guessed back."""
    return sha256_hex(token.encode())


def in_office(account: Account, now: datetime) -> bool:
    """Whether the account has not ended."""
    return account.until is None or now < account.until


def add_session(  # noqa: PLR0913 - a session's whole row
    transaction: Transaction,
    account: str,
    duty: Duty,
    *,
    token: str,
    way: Way,
    now: datetime,
    length: timedelta,
    idle: timedelta | None = None,
    second_factor: bool = False,
) -> datetime:
    """Open a session of ``account`` under one duty; returns when it expires. Without ``idle`` it does not idle out."""
    expires = now + length
    transaction.write(
        insert(session_table).values(
            token_hash=hash_of(token),
            account=account,
            duty=duty.value,
            way=way.value,
            second_factor=second_factor,
            opened_at=now,
            used_at=now,
            idle_seconds=None if idle is None else int(idle.total_seconds()),
            expires_at=expires,
        )
    )
    return expires


def duties_for(transaction: Transaction, account: Account, at: datetime) -> frozenset[Duty]:
    """The duties a login of the account may serve at ``at`` (business time): its own, and those lent by delegation."""
    lent = {one.duty for one in delegations_to(transaction, account.person, at) if one.party == account.party}
    return account.duties | lent


def bearer_of(transaction: Transaction, token: str, *, now: datetime, at: datetime) -> Bearer | None:
    """Who holds this token, session or API token, if it is good at ``now`` (real time; ``at``: business time)."""
    if is_api_token(token):
        return token_bearer(transaction, hash_of(token), now=now)
    row = transaction.row(select(session_table).where(session_table.c.token_hash == hash_of(token)))
    if row is None or row["ended_at"] is not None or row["expires_at"] <= now or _idle(row, now):
        return None
    account = account_of(transaction, row["account"])
    if account is None or not in_office(account, now):
        return None
    duty = Duty(row["duty"]) if row["duty"] else None
    if duty is not None and duty not in account.duties and duty not in duties_for(transaction, account, at):
        return None
    return Bearer(
        account=account,
        duty=duty,
        way=Way(row["way"]),
        second_factor=row["second_factor"],
        expires_at=row["expires_at"],
        stale=row["idle_seconds"] is not None and row["used_at"] is not None and row["used_at"] + _between(row) <= now,
    )


def _idle(row: RowMapping, now: datetime) -> bool:
    if row["idle_seconds"] is None or row["used_at"] is None:
        return False
    last: datetime = row["used_at"]
    return last + timedelta(seconds=row["idle_seconds"]) <= now


def _between(row: RowMapping) -> timedelta:
    return min(BETWEEN_TOUCHES, timedelta(seconds=row["idle_seconds"]) / 10)


def touch(transaction: Transaction, token: str, *, now: datetime) -> None:
    """Write down that the token was used."""
    if is_api_token(token):
        touch_token(transaction, hash_of(token), now=now)
        return
    transaction.write(
        update(session_table)
        .where(session_table.c.token_hash == hash_of(token), session_table.c.ended_at.is_(None))
        .values(used_at=now)
    )


def switch_session(transaction: Transaction, token: str, duty: Duty, *, second_factor: bool, now: datetime) -> None:
    """Let the session serve another duty of its account from now on."""
    transaction.write(
        update(session_table)
        .where(session_table.c.token_hash == hash_of(token), session_table.c.ended_at.is_(None))
        .values(duty=duty.value, second_factor=second_factor, used_at=now)
    )


def end_session(transaction: Transaction, token: str, *, now: datetime) -> None:
    """Log out."""
    transaction.write(
        update(session_table)
        .where(session_table.c.token_hash == hash_of(token), session_table.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions(transaction: Transaction, names: Sequence[str], *, now: datetime, duty: Duty | None = None) -> int:
    """End every session of these accounts, or those that serve ``duty``; their API tokens go on."""
    ending = update(session_table).where(session_table.c.account.in_(names), session_table.c.ended_at.is_(None))
    if duty is not None:
        ending = ending.where(session_table.c.duty == duty.value)
    return transaction.write(ending.values(ended_at=now))


def end_all_sessions(
    transaction: Transaction,
    *,
    account: str | None = None,
    person: str | None = None,
    duty: Duty | None = None,
    now: datetime,
    because: str = "left",
) -> int:
    """End every session and API token of an account, or of a natural person's accounts; returns how many ended.

    With ``duty`` only those that serve it: for a duty that is taken away. A password, and work asked for before, are
    not touched: whoever may still log in can, and work done later is refused where its asker is gone.
    """
    names = [account] if account is not None else []
    if person is not None:
        ids = same_person(transaction, person)
        names += [one.name for one in accounts(transaction) if one.person in ids]
    ended = end_sessions(transaction, names, duty=duty, now=now)
    return ended + end_tokens(transaction, names, duty=duty, now=now, because=because)


def remember_asker(transaction: Transaction, work: str, account: str, duty: Duty) -> None:
    """Keep under which duty ``account`` asked for ``work`` (``run:…``), which is done later on its behalf."""
    row = {"work": work, "account": account, "duty": duty.value}
    transaction.insert_once(asked_work_table, row, what="work")


def duty_of_asker(transaction: Transaction, work: str, account: str) -> Duty | None:
    """The duty under which ``account`` asked for ``work``; None where nobody remembers."""
    found = transaction.value(
        select(asked_work_table.c.duty).where(asked_work_table.c.work == work, asked_work_table.c.account == account)
    )
    return None if found is None else Duty(found)
