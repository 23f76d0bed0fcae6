"""API tokens: made, listed and ended by whoever they act as, who logged in for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from foundation.store import Transaction
from governance.audit import AuditEvent
from governance.authority.acts import Act
from governance.authority.mandate import Office
from governance.authority.rules import RULES
from governance.authority.sessions import note
from governance.errors import NotFound, NotLoggedIn
from governance.logins import ApiToken, Bearer, add_token, bearer_of, end_tokens, policy_in_force, tokens_of
from governance.logins.api_tokens import PREFIX
from governance.logins.errors import InPersonOnly, UnfitToken


def make_token(
    office: Office,
    token: str,
    name: str,
    *,
    days: int,
    acts: Sequence[str] = (),
    read_only: bool = False,
    secret: Callable[[], str],
) -> tuple[ApiToken, str]:
    """A token for programs that acts as whoever is logged in, under the duty this login serves: (token, secret).

    ``acts`` narrows it to some acts of that duty; ``read_only`` to none. The secret is told here and never again.
    Raises ``UnfitToken``, ``InPersonOnly``, ``NotLoggedIn``.
    """
    with _in_person(office, token) as (transaction, bearer):
        now, policy = office.clocks.real(), policy_in_force(transaction)
        if bearer.duty is None or bearer.duty not in bearer.account.duties:
            raise UnfitToken(because_zh="受委托的职责不能签发令牌", because_en="a duty lent by somebody makes no token")
        if not 1 <= days <= policy.token_days:
            most = policy.token_days
            raise UnfitToken(because_zh=f"有效期须为 1 至 {most} 天", because_en=f"it lasts 1 to {most} days")
        _check_name(name, tokens_of(transaction, bearer.account.name))
        made = ApiToken(
            id=office.ids("token"),
            account=bearer.account.name,
            name=name,
            duty=bearer.duty,
            acts=_acts(acts, bearer, read_only=read_only),
            read_only=read_only,
            made_at=now,
            expires_at=now + timedelta(days=days),
            used_at=None,
            ended_at=None,
            because="",
        )
        whole = PREFIX + secret()
        add_token(transaction, made, whole)
        facts = {
            "account": made.account,
            "name": name,
            "duty": made.duty.value,
            "acts": sorted(made.acts),
            "read_only": read_only,
            "expires_at": made.expires_at,
        }
        note(office, transaction, AuditEvent.API_TOKEN_MADE, f"api-token:{made.id}", facts, bearer.account)
        return made, whole


def revoke_token(office: Office, token: str, name: str) -> bool:
    """End one of one's own tokens at once; False where it has ended before. Raises ``NotFound``."""
    with _in_person(office, token) as (transaction, bearer):
        account = bearer.account
        found = next((one for one in tokens_of(transaction, account.name) if one.name == name), None)
        if found is None:
            raise NotFound(what_zh="这个令牌:", what_en="token", key=name)
        now = office.clocks.real()
        if not end_tokens(transaction, [account.name], name=name, now=now, because="revoked"):
            return False
        note(office, transaction, AuditEvent.API_TOKEN_ENDED, f"api-token:{found.id}", {"name": name}, account)
        return True


def own_tokens(office: Office, token: str) -> Sequence[ApiToken]:
    """Every API token of the account that is logged in, those that ended among them."""
    with _in_person(office, token) as (transaction, bearer):
        return tokens_of(transaction, bearer.account.name)


@contextmanager
def _in_person(office: Office, token: str) -> Iterator[tuple[Transaction, Bearer]]:
    """A writing transaction of somebody who logged in, about what is their own."""
    with office.store.transaction() as transaction:
        now = office.clocks.real()
        bearer = bearer_of(transaction, token, now=now, at=office.clocks.business(transaction)) if token else None
        if bearer is None:
            raise NotLoggedIn
        if not bearer.in_person:
            raise InPersonOnly
        yield transaction, bearer


def _check_name(name: str, standing: Sequence[ApiToken]) -> None:
    if not (1 <= len(name) <= 60 and name.isprintable() and name == name.strip()):
        raise UnfitToken(because_zh="名称须为 1 至 60 个可见字符", because_en="its name has 1 to 60 visible characters")
    if any(one.name == name for one in standing):
        raise UnfitToken(because_zh=f"已有名为 {name} 的令牌", because_en=f"there is or was a token named {name}")


def _acts(wanted: Sequence[str], bearer: Bearer, *, read_only: bool) -> frozenset[str]:
    if read_only and wanted:
        raise UnfitToken(because_zh="只读令牌不带任何行为", because_en="a token that only reads has no acts")
    own = {act.value for act in Act if RULES[act].duty == bearer.duty}
    foreign = sorted(set(wanted) - own)
    if foreign:
        raise UnfitToken(
            because_zh=f"不属于 {bearer.duty} 职责的行为:{', '.join(foreign)}",
            because_en=f"not acts of the duty {bearer.duty}: {', '.join(foreign)}",
        )
    return frozenset(wanted)
