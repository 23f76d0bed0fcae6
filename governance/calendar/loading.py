"""Loading a year's notice: an audited act of the bureau, after which waiting deadlines are computed."""

from __future__ import annotations

from foundation.store import Transaction
from foundation.values.instant import Clock
from foundation.work import Event, Subscriber
from foundation.work.due import recompute_awaiting
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting, machine_scope
from governance.calendar.model import LoadedYear, Notice
from governance.calendar.tables import add_version, calendar_at, newest_of

LOADED = "calendar.loaded"
"""The event: its subject is ``calendar:<year>``."""


def load_year(office: Office, token: str, notice: Notice) -> bool:
    """Let ``notice`` hold for its year; False if the newest version says the same already. Raises ``Refused``.

    A notice that differs from the loaded one becomes the next version; the earlier ones stay.
    """
    subject = f"calendar:{notice.year}"
    with acting(office, token, Act.CALENDAR_LOAD, subject) as mandate:
        newest = newest_of(mandate.transaction, notice.year)
        digest = notice.digest
        if newest is not None and newest.digest == digest:
            return False
        version = 1 if newest is None else newest.version + 1
        mandate.decide(subject, digest=digest)
        loaded = LoadedYear(
            notice=notice,
            version=version,
            digest=digest,
            person=mandate.actor.person,
            account=mandate.actor.account,
            loaded_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        add_version(mandate.transaction, loaded)
        facts = {"version": version, "digest": digest, "document_number": notice.document_number}
        mandate.audit(AuditEvent.CALENDAR_LOADED, subject, facts)
        mandate.announce(LOADED, subject, {"year": notice.year, "version": version, "digest": digest})
        return True


def waiting_deadlines(real: Clock) -> Subscriber:
    """The subscriber that computes the deadlines a loaded year was awaited by, or moves."""

    def handle(transaction: Transaction, event: Event) -> None:
        recompute_awaiting(transaction, machine_scope(), calendar_at(transaction), now=real())

    return Subscriber("governance.waiting-deadlines", LOADED, handle)
