"""Whose audit entries a reader may see."""

from __future__ import annotations

from collections.abc import Iterator

from governance import audit
from governance.authority.mandate import View
from governance.parties import accounts


def audit_entries(view: View, *, subject: str | None = None) -> Iterator[audit.Entry]:
    """The entries inside the reader's scope, oldest first.

    An agency sees what was done through its own accounts. The account tells, not the person: what the same person
    does for another party is that party's.
    """
    found = audit.entries(view.transaction, subject=subject)
    if view.scope.agencies is None:
        return found
    own = {account.name for account in accounts(view.transaction) if view.scope.covers(account.party)}
    return (entry for entry in found if entry.account in own)
