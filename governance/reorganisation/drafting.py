"""Drafting and publishing a reorganisation: two persons of the bureau, bound to one digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.reorganisation.applying import apply
from governance.reorganisation.checking import findings_of
from governance.reorganisation.errors import OtherReorganisation, UnfitReorganisation
from governance.reorganisation.model import Applied, Reorganisation, ReorganisationState
from governance.reorganisation.ports import EnvironmentsOf, Said
from governance.reorganisation.tables import add_draft, note_published, reorganisation_of


@dataclass(frozen=True, slots=True)
class Bound:
    """What ``wiring`` binds: what every table said, in the order in which they follow, and where environments are."""

    said: Sequence[Said]
    environments_of: EnvironmentsOf


def draft_reorganisation(office: Office, token: str, wanted: Reorganisation, bound: Bound) -> bool:
    """Keep the draft; False if the same one stands already. Raises ``UnfitReorganisation`` with every finding."""
    with acting(office, token, Act.REORGANISATION_DRAFT, wanted.subject) as mandate:
        _check(mandate, wanted, bound)
        new = add_draft(mandate.transaction, wanted, mandate.actor.person)
        if new:
            mandate.decide(wanted.subject, digest=wanted.digest)
            facts = {"digest": wanted.digest, "document_number": wanted.document_number, "at": wanted.at}
            mandate.audit(AuditEvent.REORGANISATION_DRAFTED, wanted.subject, facts)
        return new


def publish_reorganisation(office: Office, token: str, id_: str, bound: Bound, *, digest: str) -> Applied | None:
    """Publish the draft that has ``digest``. Where its date has come it is applied in this very transaction: what
    moved; otherwise None, and it is applied at its date. Again, it changes nothing.

    Raises ``OtherReorganisation``, ``UnfitReorganisation``, ``Refused`` for who drafted it.
    """
    with acting(office, token, Act.REORGANISATION_PUBLISH, f"reorganisation:{id_}") as mandate:
        found = reorganisation_of(mandate.transaction, id_)
        wanted = found.reorganisation
        if wanted.digest != digest:
            raise OtherReorganisation(id=id_, expected=wanted.digest[:12], found=digest[:12])
        if found.state is not ReorganisationState.DRAFTED:
            return None
        mandate.decide(wanted.subject, digest=digest)
        _check(mandate, wanted, bound)
        note_published(mandate.transaction, id_, mandate.actor.person)
        facts = {"digest": digest, "document_number": wanted.document_number, "at": wanted.at}
        mandate.audit(AuditEvent.REORGANISATION_PUBLISHED, wanted.subject, facts)
        if wanted.at > mandate.now:
            return None
        return apply(
            mandate.transaction,
            wanted,
            bound.said,
            bound.environments_of,
            now=mandate.now,
            note=mandate.audit,
            announce=mandate.announce,
        )


def _check(mandate: Mandate, wanted: Reorganisation, bound: Bound) -> None:
    findings = findings_of(mandate.transaction, wanted, bound.environments_of, now=mandate.now)
    if findings:
        raise UnfitReorganisation(
            count=len(findings), first_zh=findings[0].zh, first_en=findings[0].en, findings=findings
        )
