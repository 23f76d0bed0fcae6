"""Passwords: argon2 hashes, the rules a new one must pass, and whose time has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pwdlib import PasswordHash
from sqlalchemy import func, insert, select

from foundation.store import Transaction
from foundation.values.findings import Finding, Place, Severity
from governance.logins.policy import LoginPolicy
from governance.logins.tables import password_table
from governance.parties.tables import account_table

_HASHER = PasswordHash.recommended()
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$kxoM9sfqsHR+Hg/RQ8JvKw$LnlD6MvWqr5hAIaWCevHcWIGOSgn6sSSDQE1W3nqO0s"
"""Checked where there is no password, so that the time taken does not tell which names have one. A test holds that it
costs what a real one costs."""

LONGEST = 256
"""More characters are not hashed: an attacker must not choose how long we work."""


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """The password that holds. ``number`` 0: the one the account was recorded with."""

    number: int
    hash: str
    set_at: datetime
    given: bool

    def expires_at(self, policy: LoginPolicy) -> datetime:
        """From when on it lets one in only to change it."""
        return self.set_at + timedelta(days=policy.password_days)

    def useless_at(self, policy: LoginPolicy) -> datetime | None:
        """From when on an administrator's first password is not even good for that."""
        return self.set_at + timedelta(days=policy.first_password_days) if self.given else None


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _HASHER.hash(password)


def fits(password: str, hash_: str | None) -> bool:
    """Whether the password is the hash's; takes as long where there is none."""
    try:
        return _HASHER.verify(password[:LONGEST], hash_ or NOBODYS) and len(password) <= LONGEST
    except Exception:  # an account recorded without a usable hash has no password; pwdlib raises in several ways
        _HASHER.verify(password[:LONGEST], NOBODYS)
        return False


def password_of(transaction: Transaction, account: str) -> StoredPassword | None:
    """The password that holds for an account; None where there is no such account."""
    newest = select(func.max(password_table.c.number)).where(password_table.c.account == account).scalar_subquery()
    row = transaction.row(
        select(
            account_table.c.password_hash,
            account_table.c.since,
            password_table.c.number,
            password_table.c.hash,
            password_table.c.set_at,
            password_table.c.given,
        )
        .select_from(
            account_table.outerjoin(
                password_table,
                (password_table.c.account == account_table.c.name) & (password_table.c.number == newest),
            )
        )
        .where(account_table.c.name == account)
    )
    if row is None:
        return None
    if row["number"] is None:
        return StoredPassword(0, row["password_hash"], row["since"], given=False)
    return StoredPassword(row["number"], row["hash"], row["set_at"], row["given"])


def add_password(transaction: Transaction, account: str, hash_: str, *, now: datetime, given: bool = False) -> None:
    """Let this password hold from ``now`` (real time) on."""
    standing = password_of(transaction, account)
    number = 1 if standing is None else standing.number + 1
    transaction.write(
        insert(password_table).values(account=account, number=number, hash=hash_, set_at=now, given=given)
    )


def last_hashes(transaction: Transaction, account: str, count: int) -> Sequence[str]:
    """The hashes of the last ``count`` passwords, the newest first; that of the account's record is the oldest."""
    query = select(password_table.c.hash).where(password_table.c.account == account)
    kept = [row["hash"] for row in transaction.rows(query.order_by(password_table.c.number.desc()).limit(count))]
    recorded = transaction.value(select(account_table.c.password_hash).where(account_table.c.name == account))
    return [*kept, *([] if recorded is None else [recorded])][:count]


def check_new_password(
    password: str, policy: LoginPolicy, *, account: str, earlier: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """What is wrong with a new password, all of it; the password is in no finding."""
    found: list[Finding] = []

    def add(code: str, expected: str, zh: str, en: str) -> None:
        place = Place(field="password")
        found.append(Finding(f"governance.password.{code}", Severity.ERROR, place, "", expected, zh, en))

    least = policy.password_length
    if not least <= len(password) <= LONGEST:
        add(
            "length",
            f"{least}-{LONGEST}",
            f"须为 {least} 至 {LONGEST} 个字符",
            f"it needs {least} to {LONGEST} characters",
        )
    if kinds_in(password) < policy.password_kinds:
        add(
            "kinds",
            str(policy.password_kinds),
            f"小写、大写、数字、其他字符中至少含 {policy.password_kinds} 类",
            f"it needs {policy.password_kinds} of: lower case, upper case, digits, other characters",
        )
    if account.casefold() in password.casefold():
        add("account", "", "不得含账号名", "it must not contain the account's name")
    if len(set(password)) * 3 < len(password):
        add("repeated", "", "重复字符过多", "too many of its characters are the same")
    if any(fits(password, hash_) for hash_ in earlier):
        add(
            "used",
            str(policy.passwords_remembered),
            f"不得与最近 {policy.passwords_remembered} 个口令相同",
            f"it was one of the last {policy.passwords_remembered}",
        )
    return tuple(found)


def kinds_in(password: str) -> int:
    """How many of lower case (with letters that have no case, such as 汉字), upper case, digits and others it mixes."""
    return len(
        {
            "upper" if one.isupper() else "lower" if one.isalpha() else "digit" if one.isdigit() else "other"
            for one in password
        }
    )
