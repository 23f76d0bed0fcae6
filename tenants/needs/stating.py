"""Stating a need: an agency answers the business questions, again after it was returned, and may take it back."""

from __future__ import annotations

from dataclasses import replace

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import AlreadyThere
from foundation.values.errors import InvalidValue
from foundation.values.month import shanghai_day
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting, machine_scope
from tenants.errors import InvalidNeed
from tenants.needs.comparing import close_what_fell, compare
from tenants.needs.documents import check_terms
from tenants.needs.merging import leave_the_lead, release_the_led
from tenants.needs.model import LIVE, Need, NeedState, Questions
from tenants.needs.moving import fit, move
from tenants.needs.ports import TemporaryQuota
from tenants.needs.reading import need_of
from tenants.needs.rounds import check_taking, round_of
from tenants.needs.tables import add_version, read_need_row, read_needs
from tenants.needs.terms import terms_at
from tenants.needs.urgent import end_temporary
from tenants.numbering import Series, next_number

_RESTATED = frozenset({NeedState.STATED, NeedState.PROPOSED, NeedState.RETURNED})


def state_need(
    office: Office, token: str, questions: Questions, *, number: str = "", round_id: str = ""
) -> tuple[Need, bool]:
    """State a need: (need, whether this call made it). For the agency the answers name.

    Without ``number`` one is allotted (``NEED-2026-0001``). The same answers again give back the first need. It is
    compared with everything there is at once. Raises ``Refused``, ``InvalidNeed``, ``AlreadyThere``, ``RoundClosed``.
    """
    with acting(office, token, Act.NEED_STATE, f"need:{number or 'new'}") as mandate:
        _own(mandate, questions, f"need:{number or 'new'}")
        again = _same_need(mandate, questions, number)
        if again is not None:
            return again, False
        _check(mandate, questions)
        if round_id:
            check_taking(round_of(mandate.transaction, round_id), mandate.now)
        need = Need(
            number=number or _next_number(mandate),
            agency=questions.agency,
            zh=questions.zh,
            en=questions.en,
            system=questions.system,
            round=round_id,
            version=1,
            digest=questions.digest,
            state=NeedState.STATED,
            urgent=questions.urgent is not None,
            proposal=0,
            proposal_digest="",
            chosen="",
            leading="",
            leading_agency="",
            participants=(),
            reason="",
            stated_at=mandate.now,
            moved_at=mandate.now,
            decided_at=None,
        )
        return _state(mandate, None, need, questions), True


def restate_need(office: Office, token: str, number: str, questions: Questions) -> tuple[Need, bool]:
    """State a need anew, as its next version: (need, whether that is new). For its agency, until it has agreed.

    The earlier versions stay; what was proposed for them is answered anew. Raises as ``state_need``, ``NeedUnfit``.
    """
    with acting(office, token, Act.NEED_STATE, f"need:{number}") as mandate:
        _own(mandate, questions, f"need:{number}")
        need = need_of(mandate.transaction, mandate.scope, number)
        if need.digest == questions.digest and need.state is NeedState.STATED:
            return need, False
        fit(need, _RESTATED, "重新提出", "state it anew")
        _check(mandate, questions)
        restated = replace(
            need,
            zh=questions.zh,
            en=questions.en,
            system=questions.system,
            version=need.version + 1,
            digest=questions.digest,
            state=NeedState.STATED,
            urgent=questions.urgent is not None,
            chosen="",
        )
        return _state(mandate, need, restated, questions), True


def withdraw_need(office: Office, token: str, number: str, *, reason: str, quota: TemporaryQuota) -> tuple[Need, bool]:
    """Take a need back before it is decided: (need, whether that is new). For its agency.

    A need that others were merged into lets them go: they stand for themselves again. Raises ``NeedUnfit``.
    """
    check_reason(reason)
    with acting(office, token, Act.NEED_WITHDRAW, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        if need.state is NeedState.WITHDRAWN:
            return need, False
        fit(need, LIVE | {NeedState.MERGED}, "撤回", "withdraw it")
        mandate.decide(need.subject, digest=need.digest, owner=need.agency)
        if need.state is NeedState.MERGED:
            leave_the_lead(mandate, need)
        gone = replace(need, state=NeedState.WITHDRAWN, participants=(), leading="", leading_agency="")
        withdrawn = move(
            mandate, need, replace(gone, decided_at=mandate.now), AuditEvent.NEED_WITHDRAWN, {}, reason=reason
        )
        release_the_led(mandate, need)
        close_what_fell(mandate, withdrawn)
        end_temporary(mandate, withdrawn, quota)
        return withdrawn, True


def check_reason(reason: str) -> None:
    """A reason has 1 to 2,000 characters."""
    if not 1 <= len(reason) <= 2000:
        raise InvalidValue(field="reason", found=f"{len(reason)} characters", expected="1 to 2000 characters")


def _state(mandate: Mandate, before: Need | None, need: Need, questions: Questions) -> Need:
    event = AuditEvent.NEED_STATED if before is None else AuditEvent.NEED_RESTATED
    facts = {"digest": need.digest, "urgent": need.urgent, "round": need.round}
    stated = move(mandate, before, need, event, facts, new=before is None)
    add_version(mandate.transaction, stated, questions, mandate.now)
    binding = sha256_hex(canonical_bytes({"digest": need.digest, "version": need.version}))
    mandate.decide(need.subject, digest=binding, owner=need.agency)
    if before is not None:
        close_what_fell(mandate, stated)
    compare(mandate, stated, questions)
    return stated


def _own(mandate: Mandate, questions: Questions, subject: str) -> None:
    if mandate.actor.party != questions.agency:
        raise mandate.refuse(
            "T21",
            subject,
            f"需求单位 {questions.agency} 不是你代表的单位",
            f"the need's agency {questions.agency} is not the one you act for",
        )


def _check(mandate: Mandate, questions: Questions) -> None:
    terms = terms_at(mandate.transaction, mandate.now)
    findings = check_terms(questions, terms, shanghai_day(mandate.now))
    if findings:
        first = findings[0]
        raise InvalidNeed(count=len(findings), first_zh=first.zh, first_en=first.en, findings=findings)


def _same_need(mandate: Mandate, questions: Questions, number: str) -> Need | None:
    """The need this one repeats; other content under its number raises ``AlreadyThere``."""
    if number:
        # A number is taken whoever took it; of another agency's need only that it differs is said.
        found = read_need_row(mandate.transaction, machine_scope(), number)
        if found is not None and (found.agency, found.digest) != (questions.agency, questions.digest):
            shown = found.digest if mandate.scope.covers(found.agency) else "?"
            raise AlreadyThere(what="need", key=number, found=shown, expected=questions.digest)
        return found
    mine = read_needs(mandate.transaction, mandate.scope, states=LIVE | {NeedState.MERGED})
    return next((need for need in mine if need.digest == questions.digest), None)


def _next_number(mandate: Mandate) -> str:
    def taken(number: str) -> bool:
        return read_need_row(mandate.transaction, machine_scope(), number) is not None

    return next_number(mandate.transaction, Series.NEED, mandate.now, taken)
