"""Work done later for whoever asked: a session of that account, for as long as the work takes, and no longer.

The token stays in the worker's memory; every rule is checked again under it, so a person who has left, lost the duty
or changed sides meanwhile gets the same refusal as at the door. It serves the duty under which the work was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from governance import audit
from governance.audit import AuditEvent
from governance.authority.mandate import Mandate, Office
from governance.authority.rules import RULES
from governance.errors import AskerGone
from governance.logins import Way, add_session, duties_for, duty_of_asker, end_session, in_office, remember_asker
from governance.parties import account_of

_LONGEST = timedelta(days=2)
"""After a kill nobody knows the token; its session still ends by itself."""


def asked_for(mandate: Mandate, work: str) -> None:
    """Remember that the actor asks for ``work`` (a subject such as ``run:…``), and under which duty."""
    serving = mandate.actor.duties
    needed = RULES[mandate.act].duty
    duty = needed if needed in serving else next(iter(serving))
    remember_asker(mandate.transaction, work, mandate.actor.account, duty)


@contextmanager
def on_behalf(office: Office, account: str, *, work: str, token: Callable[[], str]) -> Iterator[str]:
    """A token that acts as ``account`` inside the block, for ``work`` (a subject such as ``run:…``).

    Raises ``AskerGone`` where the account is no longer valid, or no longer has the duty under which it asked.
    """
    now, secret = office.clocks.real(), token()
    with office.store.transaction() as transaction:
        at = office.clocks.business(transaction)
        found, duty = account_of(transaction, account), duty_of_asker(transaction, work, account)
        if found is None or not in_office(found, now):
            raise AskerGone(account=account)
        if duty is None or duty not in duties_for(transaction, found, at):
            raise AskerGone(account=account)
        add_session(transaction, account, duty, token=secret, way=Way.BEHALF, now=now, length=_LONGEST)
        audit.append(
            transaction,
            AuditEvent.WORK_ON_BEHALF,
            subject=f"account:{account}",
            facts={"work": work},
            recorded_at=now,
            business_at=at,
        )
    try:
        yield secret
    finally:
        with office.store.transaction() as transaction:
            end_session(transaction, secret, now=office.clocks.real())
