"""Work done later for whoever asked: a session of that account, for as long as the work takes, and no longer.

The token stays in the worker's memory; every rule is checked again under it, so a person who has left, lost the duty
or changed sides meanwhile gets the same refusal as at the door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from governance import audit
from governance.audit import AuditEvent
from governance.authority.mandate import Office
from governance.errors import AskerGone
from governance.parties import end_session, open_session_for

_LONGEST = timedelta(days=2)
"""After a kill nobody knows the token; its session still ends by itself."""


@contextmanager
def on_behalf(office: Office, account: str, *, work: str, token: Callable[[], str]) -> Iterator[str]:
    """A token that acts as ``account`` inside the block, for ``work`` (a subject such as ``run:…``).

    Raises ``AskerGone`` where the account is no longer valid.
    """
    now = office.clocks.real()
    with office.store.transaction() as transaction:
        secret = open_session_for(transaction, account, now=now, token=token, length=_LONGEST)
        if secret is None:
            raise AskerGone(account=account)
        audit.append(
            transaction,
            AuditEvent.WORK_ON_BEHALF,
            subject=f"account:{account}",
            facts={"work": work},
            recorded_at=now,
            business_at=office.clocks.business(transaction),
        )
    try:
        yield secret
    finally:
        with office.store.transaction() as transaction:
            end_session(transaction, secret, now=office.clocks.real())
