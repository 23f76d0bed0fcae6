"""Merging 共性统建: several needs become one, with a lead agency; the others keep their history and follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from tenants.needs.comparing import close_if_concluded, unconcluded, write_conclusion
from tenants.needs.likeness import Conclusion
from tenants.needs.model import LIVE, Need, NeedState
from tenants.needs.moving import fit, move
from tenants.needs.reading import need_of
from tenants.needs.tables import read_led, read_need_row


def merge_needs(office: Office, token: str, lead: str, others: Sequence[str], *, reason: str) -> tuple[Need, bool]:
    """Merge ``others`` into the need ``lead``: (it, whether that is new). For whoever decides on all of their agencies.

    The lead's need waits for a proposal for all of them; what was agreed before is too small. Of the likely duplicates
    among them this is the conclusion. Raises ``NeedUnfit``, ``InvalidValue``, ``Refused``, ``NotFound``.
    """
    if not 1 <= len(reason) <= 2000:
        raise InvalidValue(field="reason", found=f"{len(reason)} characters", expected="1 to 2000 characters")
    if not others or lead in others:
        raise InvalidValue(field="needs", found=", ".join(others) or "none", expected="other needs than the lead's")
    with acting(office, token, Act.NEED_MERGE, f"need:{lead}") as mandate:
        leading = need_of(mandate.transaction, mandate.scope, lead)
        merged = [need_of(mandate.transaction, mandate.scope, number) for number in dict.fromkeys(others)]
        joining = [one for one in merged if one.leading != lead]
        if not joining:
            return leading, False
        fit(leading, LIVE, "牵头合并", "lead other needs")
        digest = sha256_hex(canonical_bytes({"lead": lead, "needs": sorted(one.number for one in merged)}))
        mandate.decide(leading.subject, digest=digest, owner=leading.agency)
        followers: list[Need] = []
        for need in joining:
            fit(need, LIVE, "合并", "merge it")
            mandate.decide(need.subject, digest=digest, owner=need.agency)
            followers += [need, *led(mandate, need)]
        return _merge(mandate, leading, followers, reason), True


def _merge(mandate: Mandate, leading: Need, followers: Sequence[Need], reason: str) -> Need:
    among = {leading.number, *(one.number for one in followers)}
    for likeness in unconcluded(mandate.transaction, among):
        if likeness.kind == "need" and {likeness.need, likeness.other} <= among:
            write_conclusion(mandate, likeness, Conclusion.REUSE, reason)
    for need in followers:
        following = replace(
            need, state=NeedState.MERGED, leading=leading.number, leading_agency=leading.agency, participants=()
        )
        move(mandate, need, following, AuditEvent.NEED_MERGED, {"leading": leading.number}, reason=reason)
    agencies = {*leading.participants, *(one.agency for one in followers)} - {leading.agency}
    widened = replace(leading, state=NeedState.STATED, chosen="", participants=tuple(sorted(agencies)))
    facts = {"needs": len(followers)}
    moved = move(mandate, leading, widened, AuditEvent.NEED_MERGED, facts, reason=reason)
    close_if_concluded(mandate, among)
    return moved


def led(mandate: Mandate, need: Need) -> Sequence[Need]:
    """The needs merged into this one, of whichever agency."""
    return read_led(mandate.transaction, machine_scope(), need.number)


def carry_the_led(mandate: Mandate, leading: Need, event: AuditEvent) -> Sequence[Need]:
    """Let the merged needs come to the same end as the one that leads them."""
    facts = {"leading": leading.number}
    return [
        move(
            mandate,
            need,
            replace(need, state=leading.state, decided_at=mandate.now),
            event,
            facts,
            reason=leading.reason,
        )
        for need in led(mandate, leading)
    ]


def release_the_led(mandate: Mandate, leading: Need) -> None:
    """The lead is gone: the merged needs stand for themselves again, and wait for a proposal."""
    for need in led(mandate, leading):
        free = replace(need, state=NeedState.STATED, leading="", leading_agency="", chosen="")
        move(mandate, need, free, AuditEvent.NEED_RELEASED, {"leading": leading.number})


def leave_the_lead(mandate: Mandate, need: Need) -> None:
    """A merged need is withdrawn: the lead's is for fewer, and waits for a proposal again unless it is decided."""
    leading = read_need_row(mandate.transaction, machine_scope(), need.leading)
    if leading is None or leading.state not in LIVE:
        return
    agencies = {one.agency for one in led(mandate, leading) if one.number != need.number} - {leading.agency}
    narrowed = replace(leading, state=NeedState.STATED, chosen="", participants=tuple(sorted(agencies)))
    move(mandate, leading, narrowed, AuditEvent.NEED_RELEASED, {"needs": 1})
