"""The urgent path 急用优先: a named reason, a shorter clock, a temporary quota that ends, papers afterwards, a review.

It lets work begin before the need is decided; it decides nothing. What it lends ends on its day by itself, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from foundation.documents.blobs import BlobStore
from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Scope, Transaction
from foundation.values.errors import InvalidValue
from foundation.values.instant import format_instant
from foundation.values.working_days import AwaitingCalendar
from foundation.work import Event, publish
from governance import audit
from governance.attachments import attach
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, View, acting, machine_scope
from governance.calendar import calendar_at
from governance.errors import NotFound
from governance.parties import Duty, decider_for
from governance.tasks import Within, close_tasks, open_task
from governance.tasks.deadlines import end_of
from tenants.errors import TemporaryUnfit
from tenants.needs.model import LIVE, Need, NeedState, Temporary
from tenants.needs.moving import decider, fit, tell_to
from tenants.needs.ports import TemporaryQuota
from tenants.needs.reading import need_of
from tenants.needs.terms import terms_at
from tenants.needs.urgent_tables import read_temporaries, read_temporary, save_temporary

PAPERS, REVIEW, ENDED = "need.papers", "need.review", "need.temporary-ended"
_OPEN = LIVE | {NeedState.MERGED}


class Finding(StrEnum):
    """What a review says of the urgent path."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"justified": "确属急用", "not-justified": "不属急用"}[self.value]


def allow_urgent(
    office: Office,
    token: str,
    number: str,
    *,
    use: Mapping[str, int],
    until: datetime,
    reason: str,
    quota: TemporaryQuota,
) -> tuple[Temporary, bool]:
    """Let the agency of an urgent need begin: (what is lent, whether it is new). For whoever decides on its things.

    ``use`` is lent over [now, ``until``); the papers are due by the terms, and a review by another person is due after
    them. Raises ``TemporaryUnfit`` (the need states no urgency, the end has passed or lies too far), ``NeedUnfit``,
    ``Refused``, and the quotas' error where there is nothing to lend.
    """
    with acting(office, token, Act.NEED_ALLOW_URGENT, f"need:{number}") as mandate:
        need = need_of(mandate.transaction, mandate.scope, number)
        standing = read_temporary(mandate.transaction, mandate.scope, number)
        if standing is not None and (standing.use, standing.until) == (dict(use), until):
            return standing, False
        fit(need, _OPEN, "准予急用先行", "allow the urgent path")
        _check(mandate, need, standing, use, until)
        binding = {"need": need.digest, "use": dict(use), "until": format_instant(until)}
        digest = sha256_hex(canonical_bytes(binding))
        mandate.decide(need.subject, digest=digest, owner=need.agency)
        lent = _lend(mandate, need, use, until, reason, quota)
        facts = {"until": format_instant(until), "use": dict(use), "digest": digest}
        _tell(mandate, need, AuditEvent.NEED_URGENT_ALLOWED, facts)
        return lent, True


def hand_in_papers(
    office: Office, token: str, number: str, *, name: str, content: bytes, blobs: BlobStore
) -> tuple[Temporary, bool]:
    """Hand in the papers of what was urgent as a file: (it, whether that is new). For the need's agency.

    The file becomes an attachment of the need. Raises ``ContentRefused`` with every finding, ``NotFound``, ``Refused``.
    """
    with acting(office, token, Act.NEED_HAND_IN_PAPERS, f"need:{number}") as mandate:
        need, lent = _lent_on(mandate, number)
        attached = attach(mandate, need.agency, name, content, blobs=blobs, subject=need.subject)
        if lent.papers == attached.digest:
            return lent, False
        mandate.decide(need.subject, digest=attached.digest, owner=need.agency)
        handed_in = replace(lent, papers=attached.digest, papers_at=mandate.now)
        save_temporary(mandate.transaction, mandate.scope, handed_in)
        close_tasks(mandate.transaction, need.subject, kind=PAPERS, closed_at=mandate.now)
        facts = {"papers": attached.digest, "late": mandate.now >= lent.papers_by}
        _tell(mandate, need, AuditEvent.NEED_PAPERS_HANDED_IN, facts)
        return handed_in, True


def review_urgent(office: Office, token: str, number: str, finding: Finding, *, note: str) -> tuple[Temporary, bool]:
    """Say whether it was rightly urgent: (it, whether that is new). By another person than the one who allowed it.

    Needs the papers, or their date passed. Closes the tasks of reviewing and of what ended. Raises ``TemporaryUnfit``.
    """
    if not 1 <= len(note) <= 2000:
        raise InvalidValue(field="note", found=f"{len(note)} characters", expected="1 to 2000 characters")
    with acting(office, token, Act.NEED_REVIEW, f"need:{number}") as mandate:
        need, lent = _lent_on(mandate, number)
        if (lent.review, lent.review_note) == (finding.value, note):
            return lent, False
        if lent.papers_at is None and mandate.now < lent.papers_by:
            raise TemporaryUnfit(
                number=number,
                because_zh="材料尚未补交,补交期限未到",
                because_en="the papers are not handed in, and are not due yet",
            )
        digest = sha256_hex(canonical_bytes({"papers": lent.papers, "finding": finding.value, "note": note}))
        mandate.decide(need.subject, digest=digest, owner=need.agency)
        reviewed = replace(lent, review=finding.value, review_note=note, reviewed_at=mandate.now)
        save_temporary(mandate.transaction, mandate.scope, reviewed)
        for kind in (REVIEW, ENDED):
            close_tasks(mandate.transaction, need.subject, kind=kind, closed_at=mandate.now)
        facts = {"finding": finding.value, "with_papers": lent.papers_at is not None}
        _tell(mandate, need, AuditEvent.NEED_REVIEWED, facts)
        return reviewed, True


def end_temporary(mandate: Mandate, need: Need, quota: TemporaryQuota) -> None:
    """The need came to nothing: what was lent for it ends now, and must be taken down. The review stays due."""
    lent = read_temporary(mandate.transaction, machine_scope(), need.number)
    if lent is None or lent.ended_at is not None:
        return
    _end(mandate.transaction, lent, need, mandate.now, mandate.recorded_at, quota)
    facts = {"until": format_instant(lent.until), "early": True}
    _tell(mandate, need, AuditEvent.NEED_TEMPORARY_ENDED, facts)


def expire_temporaries(
    transaction: Transaction, *, now: datetime, recorded_at: datetime, quota: TemporaryQuota
) -> Sequence[str]:
    """End everything lent whose day has come: returns the numbers of the needs. The machine's own work, every day.

    Each opens a task for whoever decides, and one for the agency; nothing is taken down by itself.
    """
    scope, ended = machine_scope(), []
    for lent in read_temporaries(transaction, scope, running=True, until=now, limit=10_000):
        need = need_of(transaction, scope, lent.need)
        _end(transaction, lent, need, now, recorded_at, quota)
        facts = {"agency": need.agency, "until": format_instant(lent.until), "early": False}
        event = AuditEvent.NEED_TEMPORARY_ENDED
        audit.append(transaction, event, subject=need.subject, facts=facts, recorded_at=recorded_at, business_at=now)
        publish(transaction, Event(event.value, need.subject, facts), clock=_at(recorded_at))
        ended.append(need.number)
    return ended


def temporaries(view: View, *, running: bool | None = None, limit: int = 200) -> Sequence[Temporary]:
    """What the urgent path lent inside the reader's scope, by its end; ``running``: what has not ended, or what has."""
    return read_temporaries(view.transaction, view.scope, running=running, limit=limit)


def temporary_of(transaction: Transaction, scope: Scope, number: str) -> Temporary | None:
    """What was lent on one need inside the scope."""
    return read_temporary(transaction, scope, number)


def _check(mandate: Mandate, need: Need, standing: Temporary | None, use: Mapping[str, int], until: datetime) -> None:
    longest = mandate.now + timedelta(days=terms_at(mandate.transaction, mandate.now).temporary_days)
    wrong = None
    if not need.urgent:
        wrong = ("单位没有提出急用理由", "its agency names no urgent reason")
    elif standing is not None:
        wrong = ("已准予过一次,须走正常审批", "it was allowed once already: the ordinary way is open")
    elif not mandate.now < until <= longest:
        wrong = (
            f"终止时间须在 {format_instant(longest)} 之前且晚于现在",
            f"its end must lie after now and by {format_instant(longest)}",
        )
    elif not use or min(use.values()) < 1:
        wrong = ("临时额度须为正数", "what is lent must be more than nothing")
    if wrong is not None:
        raise TemporaryUnfit(number=need.number, because_zh=wrong[0], because_en=wrong[1])


def _lend(
    mandate: Mandate, need: Need, use: Mapping[str, int], until: datetime, reason: str, quota: TemporaryQuota
) -> Temporary:
    transaction, now = mandate.transaction, mandate.now
    terms = terms_at(transaction, now)
    due = end_of(Within(now, terms.papers_working_days), calendar_at(transaction))
    if isinstance(due, AwaitingCalendar):
        # A date that a paper names must be one: where the calendar is not there, the end of what was lent is.
        due = until
    lent = Temporary(
        need=need.number,
        agency=need.agency,
        use=dict(use),
        reason=reason,
        granted_at=now,
        until=until,
        papers_by=due,
        papers="",
        papers_at=None,
        ended_at=None,
        review="",
        review_note="",
        reviewed_at=None,
    )
    save_temporary(transaction, machine_scope(), lent, new=True)
    quota.lend(transaction, subject=need.subject, agency=need.agency, use=use, at=now, until=until)
    papers = (f"需求 {need.number}「{need.zh}」:补交急用材料", f"need {need.number} ({need.en}): hand in the papers")
    tell_to(mandate, need, need.agency, Duty.REQUEST, PAPERS, papers, due)
    review = (
        f"需求 {need.number}「{need.zh}」:复核急用先行",
        f"need {need.number} ({need.en}): review its urgent path",
    )
    tell_to(mandate, need, decider(mandate, need), Duty.REVIEW, REVIEW, review, Within(due, terms.review_working_days))
    return lent


def _lent_on(mandate: Mandate, number: str) -> tuple[Need, Temporary]:
    need = need_of(mandate.transaction, mandate.scope, number)
    lent = read_temporary(mandate.transaction, mandate.scope, number)
    if lent is None:
        raise NotFound(what_zh="急用先行", what_en="urgent path of need", key=number)
    return need, lent


def _end(
    transaction: Transaction,
    lent: Temporary,
    need: Need,
    now: datetime,
    recorded_at: datetime,
    quota: TemporaryQuota,
) -> None:
    save_temporary(transaction, machine_scope(), replace(lent, ended_at=now))
    quota.take_back(transaction, subject=need.subject, at=now)
    zh = f"需求 {need.number}「{need.zh}」:临时额度已到期,转为正式或拆除"
    en = f"need {need.number} ({need.en}): its temporary quota ended, make it regular or take it down"
    bureau = decider_for(transaction, need.agency, now).id
    for party, duty in ((bureau, Duty.REVIEW), (need.agency, Duty.REQUEST)):
        open_task(
            transaction,
            party=party,
            duty=duty,
            kind=ENDED,
            subject=need.subject,
            agency=need.agency,
            zh=zh,
            en=en,
            opened_at=now,
            recorded_at=recorded_at,
        )


def _tell(mandate: Mandate, need: Need, event: AuditEvent, facts: Mapping[str, object]) -> None:
    mandate.audit(event, need.subject, {"agency": need.agency, **facts})
    mandate.announce(event.value, need.subject, {"agency": need.agency, **facts})


def _at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant
