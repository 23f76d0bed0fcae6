"""Whose audit entries a reader may see, and taking the log away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from governance import audit
from governance.audit import AuditEvent, Entry, Search, found_entries
from governance.authority.acts import Act
from governance.authority.mandate import Office, View, acting
from governance.parties import accounts


def audit_entries(view: View, *, subject: str | None = None) -> Iterator[Entry]:
    """The entries inside the reader's scope, oldest first.

    An agency sees what was done through its own accounts. The account tells, not the person: what the same person
    does for another party is that party's.
    """
    yield from search_audit(view, Search(subject=subject or ""))


def search_audit(view: View, search: Search, *, before: int | None = None, limit: int | None = None) -> Sequence[Entry]:
    """What fits and is inside the reader's scope; arguments as for ``found_entries``."""
    if view.scope.agencies is not None:
        own = {account.name for account in accounts(view.transaction) if view.scope.covers(account.party)}
        asked = own if search.accounts is None else own & set(search.accounts)
        search = replace(search, accounts=asked)
    return found_entries(view.transaction, search, before=before, limit=limit)


def export_audit(office: Office, token: str) -> Iterator[Entry]:
    """The whole log, for a reader who checks it elsewhere; that it was taken is itself in the log, as its last entry.

    For the auditor. Raises ``Refused`` before the first entry.
    """
    with acting(office, token, Act.AUDIT_EXPORT, "audit:log") as mandate:
        count = audit.head(mandate.transaction)[0] + 1
        upto = mandate.audit(AuditEvent.AUDIT_EXPORTED, "audit:log", {"entries": count})
    return _upto(office, upto.number)


def _upto(office: Office, number: int) -> Iterator[Entry]:
    with office.store.reading() as transaction:
        for entry in audit.entries(transaction):
            if entry.number <= number:
                yield entry
