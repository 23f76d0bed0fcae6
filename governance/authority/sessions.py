"""Logging in and out, each with its audit entry in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from governance import audit
from governance.audit import AuditEvent
from governance.authority.mandate import Office
from governance.errors import LoginRefused
from governance.parties import end_session, log_in, session_account


def open_session(office: Office, account: str, password: str, *, token: Callable[[], str]) -> tuple[str, datetime]:
    """Log in: (token, expiry). Raises ``LoginRefused``; the failed try is in the audit log."""
    now = office.clocks.real()
    with office.store.transaction() as transaction:
        opened = log_in(transaction, account, password, now=now, token=token)
        audit.append(
            transaction,
            AuditEvent.LOGIN_REFUSED if opened is None else AuditEvent.LOGGED_IN,
            subject=f"account:{account[:60]}",
            facts={},
            recorded_at=now,
            business_at=office.clocks.business(transaction),
            person="" if opened is None else opened[0].person,
            account="" if opened is None else account,
        )
    if opened is None:
        raise LoginRefused
    return opened[1], opened[2]


def close_session(office: Office, token: str) -> None:
    """Log out; a token that is no longer valid is no error."""
    now = office.clocks.real()
    with office.store.transaction() as transaction:
        account = session_account(transaction, token, now=now)
        if account is None:
            return
        end_session(transaction, token, now=now)
        audit.append(
            transaction,
            AuditEvent.LOGGED_OUT,
            subject=f"account:{account.name}",
            facts={},
            recorded_at=now,
            business_at=office.clocks.business(transaction),
            person=account.person,
            account=account.name,
        )
