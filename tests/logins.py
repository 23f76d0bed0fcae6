"""Sessions for tests that are not about logging in: no password, no second factor, no idle timeout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from governance.authority import mandate
from governance.logins.tables import session_table
from governance.parties import Duty, account_of

AS_IT_IS = mandate._actor

FAR = datetime(2100, 1, 1, tzinfo=UTC)


def leave_session(
    transaction: Transaction, account: str, token: str, *, duty: str = "", expires: datetime = FAR
) -> str:
    """Let ``token`` be a session of ``account`` under ``duty``, or under the first it has; returns the token."""
    if not duty:
        found = account_of(transaction, account)
        assert found is not None
        duty = min(found.duties, default=Duty.READ).value
    transaction.write(
        insert(session_table).values(
            token_hash=sha256_hex(token.encode()), account=account, duty=duty, expires_at=expires
        )
    )
    return token


@contextmanager
def people_change_duty() -> Iterator[None]:
    """Let every session serve whichever duty of its account an act asks for, as if the person changed it before.

    A login serves one duty at a time; where a test is about prices or proofs, each step would begin by changing it.
    Tests of logins, and those that run the command line, do without (``one_duty_at_a_time``).
    """
    actor_of = mandate._actor

    def changing(transaction: Transaction, bearer: Any, *more: Any, **others: Any) -> Any:
        actor = actor_of(transaction, bearer, *more, **others)
        return actor if bearer.acts is not None else replace(actor, duties=actor.duties | bearer.account.duties)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mandate, "_actor", changing)
        yield
