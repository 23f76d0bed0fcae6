"""Who is waited for: what is proposed or drafted stands in the inbox of whoever publishes for its place."""

from __future__ import annotations

from governance.authority import Mandate
from governance.catalogue.places import places_of
from governance.parties import Duty, PartyKind, parties
from governance.tasks import close_tasks, open_task


def wait_for_publication(mandate: Mandate, kind: str, subject: str, place: str, *, zh: str, en: str) -> None:
    """Open a task for every bureau whose own catalogue is that of ``place``."""
    for bureau in parties(mandate.transaction, PartyKind.BUREAU):
        if bureau.exists_at(mandate.now) and places_of(mandate.transaction, bureau.id)[0] == place:
            open_task(
                mandate.transaction,
                party=bureau.id,
                duty=Duty.PUBLISH,
                kind=kind,
                subject=subject,
                zh=zh,
                en=en,
                opened_at=mandate.now,
                recorded_at=mandate.recorded_at,
            )


def publication_decided(mandate: Mandate, subject: str) -> None:
    """Close the tasks: it was published or rejected."""
    close_tasks(mandate.transaction, subject, closed_at=mandate.now)
