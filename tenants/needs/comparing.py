"""Comparing a need with what exists: every other need, the services on offer, the systems that run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from foundation.store import Scope, Transaction
from foundation.values.errors import InvalidValue
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, View, acting, machine_scope
from governance.catalogue import Layer, services
from governance.errors import NotFound
from governance.parties import Duty, PartyKind
from governance.projects import systems
from governance.tasks import Within, close_tasks
from tenants.needs.likeness import Alike, Conclusion, alike_needs, alike_thing
from tenants.needs.likeness_tables import (
    Likeness,
    add_conclusion,
    add_likeness,
    read_likeness,
    read_likenesses,
)
from tenants.needs.model import LIVE, Need, NeedState, Questions
from tenants.needs.moving import decider, tell_to
from tenants.needs.reading import need_of
from tenants.needs.tables import read_compared, read_need_row
from tenants.needs.terms import Terms, terms_at

CONCLUDE = "need.conclude"
_SEES_PAIRS = frozenset({PartyKind.BUREAU, PartyKind.LEADING_GROUP, PartyKind.AUDITOR})
_OFFERED = frozenset({Layer.DATA, Layer.SUPPORT})
"""The layers whose services are capabilities; a machine as such duplicates nothing."""
_COMPARED = frozenset({NeedState.APPROVED})
_MONTH = timedelta(days=30)


def compare(mandate: Mandate, need: Need, questions: Questions) -> int:
    """Record what this version of the need is like, and ask the bureau to conclude; returns how much was found.

    Read over all agencies; only the bureau ever sees it.
    """
    transaction, terms = mandate.transaction, terms_at(mandate.transaction, mandate.now)
    bureau = decider(mandate, need)
    found = [
        *_needs_like(transaction, need, questions, terms, mandate),
        *_services_like(transaction, questions, terms),
        *_systems_like(transaction, questions, terms),
    ]
    for kind, other, version, alike in found:
        row = {"bureau": bureau, "need": need.number, "need_version": need.version, "kind": kind, "other": other}
        add_likeness(transaction, row | {"other_version": version, "found_at": mandate.now}, alike)
    if found:
        texts = (
            f"需求 {need.number}「{need.zh}」:{len(found)} 项疑似重复待结论",
            f"need {need.number} ({need.en}): conclude on {len(found)} likely duplicates",
        )
        tell_to(mandate, need, bureau, Duty.DRAFT, CONCLUDE, texts, Within(mandate.now, terms.decision_working_days))
    return len(found)


def _needs_like(
    transaction: Transaction, need: Need, questions: Questions, terms: Terms, mandate: Mandate
) -> Iterable[tuple[str, str, int, Alike]]:
    since = mandate.now - _MONTH * terms.compared_months
    others = read_compared(transaction, machine_scope(), live=LIVE | {NeedState.MERGED}, decided=_COMPARED, since=since)
    for other, stated in others:
        alike = None if other.number == need.number else alike_needs(questions, stated, terms)
        if alike is not None:
            yield "need", other.number, other.version, alike


def _services_like(
    transaction: Transaction, questions: Questions, terms: Terms
) -> Iterable[tuple[str, str, int, Alike]]:
    for service in services(transaction):
        if service.layer in _OFFERED:
            alike = alike_thing(questions, service.zh, suggestion=Conclusion.REUSE, terms=terms)
            if alike is not None:
                yield "service", service.code, 0, alike


def _systems_like(
    transaction: Transaction, questions: Questions, terms: Terms
) -> Iterable[tuple[str, str, int, Alike]]:
    for system in systems(transaction, machine_scope()):
        if system.id != questions.system:
            alike = alike_thing(questions, system.zh, suggestion=Conclusion.EXTEND, terms=terms)
            if alike is not None:
                yield "system", system.id, 0, alike


def likenesses(view: View, *numbers: str) -> Sequence[Likeness]:
    """What was found alike to these needs and stands, in the order it was found; for who manages and who audits.

    To an agency and to the operator there is nothing: a pair would tell them of somebody else's need.
    """
    if view.actor.kind not in _SEES_PAIRS:
        return ()
    found = read_likenesses(view.transaction, view.scope, numbers)
    return [each for each in found if _stands(view.transaction, each)]


def unconcluded(transaction: Transaction, numbers: Iterable[str]) -> Sequence[Likeness]:
    """The likely duplicates of these needs that stand without a conclusion."""
    found = read_likenesses(transaction, machine_scope(), numbers)
    return [each for each in found if each.conclusion is None and _stands(transaction, each)]


def conclude(
    office: Office, token: str, likeness: int, conclusion: Conclusion, *, reason: str
) -> tuple[Likeness, bool]:
    """Say what is done about a likely duplicate, with the reason: (it, whether that is new). For the bureau.

    Another conclusion later stands in place of this one; both are kept. Raises ``NotFound``, ``Refused``.
    """
    if not 1 <= len(reason) <= 2000:
        raise InvalidValue(field="reason", found=f"{len(reason)} characters", expected="1 to 2000 characters")
    with acting(office, token, Act.NEED_CONCLUDE, f"likeness:{likeness}") as mandate:
        found = read_likeness(mandate.transaction, mandate.scope, likeness)
        if found is None:
            raise NotFound(what_zh="疑似重复", what_en="likely duplicate", key=likeness)
        if (found.conclusion, found.reason) == (conclusion, reason):
            return found, False
        write_conclusion(mandate, found, conclusion, reason)
        return _again(mandate.transaction, mandate.scope, likeness), True


def write_conclusion(mandate: Mandate, found: Likeness, conclusion: Conclusion, reason: str) -> None:
    """Write a conclusion inside an act; nobody concludes on a need of their own organisation, on either side."""
    transaction, need = mandate.transaction, need_of(mandate.transaction, mandate.scope, found.need)
    digest = f"{found.number}:{conclusion.value}"
    mandate.decide(need.subject, digest=digest, owner=need.agency)
    if found.kind == "need":
        other = need_of(transaction, mandate.scope, found.other)
        if decider(mandate, other) == mandate.actor.party:
            mandate.decide(other.subject, digest=digest, owner=other.agency)
    row = {"bureau": mandate.actor.party, "likeness": found.number, "conclusion": conclusion.value, "reason": reason}
    add_conclusion(transaction, row | {"account": mandate.actor.account, "concluded_at": mandate.now})
    facts = {"likeness": found.number, "conclusion": conclusion.value}
    mandate.audit(AuditEvent.NEED_CONCLUDED, need.subject, facts)
    mandate.announce(AuditEvent.NEED_CONCLUDED.value, need.subject, facts)
    close_if_concluded(mandate, [need.number])


def close_if_concluded(mandate: Mandate, numbers: Iterable[str]) -> None:
    """Close the tasks of concluding on needs about which nothing is left to conclude."""
    for number in numbers:
        if not unconcluded(mandate.transaction, [number]):
            close_tasks(mandate.transaction, f"need:{number}", kind=CONCLUDE, closed_at=mandate.now)


def close_what_fell(mandate: Mandate, need: Need) -> None:
    """The need is gone: whatever was found alike to it needs no conclusion any more."""
    found = read_likenesses(mandate.transaction, machine_scope(), [need.number])
    close_if_concluded(mandate, sorted({need.number, *(each.need for each in found)}))


def _again(transaction: Transaction, scope: Scope, number: int) -> Likeness:
    found = read_likeness(transaction, scope, number)
    if found is None:
        raise NotFound(what_zh="疑似重复", what_en="likely duplicate", key=number)
    return found


def _stands(transaction: Transaction, likeness: Likeness) -> bool:
    """Whether both sides are still what they were: restated, withdrawn and rejected needs are alike to nothing."""
    sides = [(likeness.need, likeness.need_version)]
    if likeness.kind == "need":
        sides.append((likeness.other, likeness.other_version))
    for number, version in sides:
        need = read_need_row(transaction, machine_scope(), number)
        if need is None or need.version != version or need.state in {NeedState.WITHDRAWN, NeedState.REJECTED}:
            return False
    return True
