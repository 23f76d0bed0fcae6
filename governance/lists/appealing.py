"""Appeals 申诉: filed by the party an entry names, answered by another person and organisation within working days."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from foundation.evidence import sha256_hex
from foundation.store import Transaction
from foundation.values.errors import InvalidValue
from foundation.values.working_days import AwaitingCalendar
from governance.audit import AuditEvent
from governance.authority import Act, Office, acting
from governance.calendar import calendar_at
from governance.lists.errors import AppealUnfit
from governance.lists.model import Appeal, ListEntry, Outcome
from governance.lists.publishing import ended
from governance.lists.tables import add_appeal, appeal_of, appeals, entry_of, list_of, write_answer
from governance.parties.model import Duty
from governance.tasks import Within, close_tasks, open_task
from governance.tasks.deadlines import end_of

ANSWER = "list.answer"
"""The task: an appeal waits for its answer."""
LONGEST = 4_000
"""Characters of an appeal or an answer."""


def file_appeal(office: Office, token: str, list_id: str, number: int, *, words: str) -> Appeal:
    """Appeal against an entry in force that names the actor's party; while one waits, that one is given back.

    Raises ``AppealUnfit`` for an entry that names another party or holds no more, ``NotFound``, ``Refused``.
    """
    _check_words(words, "words")
    subject = f"list-entry:{list_id}/{number}"
    with acting(office, token, Act.LIST_APPEAL, subject) as mandate:
        entry = entry_of(mandate.transaction, list_id, number)
        if entry.party != mandate.actor.party:
            raise _unfit(entry, "条目未列入你所代表的单位", "the entry does not name the party you act for")
        if not entry.in_force(mandate.now):
            raise _unfit(entry, "条目不在有效期内", "the entry is not in force")
        waiting = [
            each
            for each in appeals(mandate.transaction, mandate.scope, open_only=True)
            if (each.list, each.entry) == (list_id, number)
        ]
        if waiting:
            return waiting[0]
        held = list_of(mandate.transaction, list_id).draft
        appeal = Appeal(
            id=f"AP-{office.ids('appeal')[-12:]}",
            list=list_id,
            entry=number,
            party=entry.party,
            words=words,
            filed_at=mandate.now,
            working_days=held.appeal_working_days,
            outcome=None,
            answer="",
            answered_at=None,
        )
        digest = sha256_hex(words.encode())
        mandate.decide(appeal.subject, digest=digest)
        add_appeal(mandate.transaction, appeal, person=mandate.actor.person)
        open_task(
            mandate.transaction,
            party=entry.owner,
            duty=Duty.APPROVE,
            kind=ANSWER,
            subject=appeal.subject,
            agency=entry.party,
            zh=f"答复 {entry.party} 对《{entry.list_zh}》第 {number} 条的申诉",
            en=f"answer the appeal of {entry.party} against entry {number} of “{entry.list_en}”",
            opened_at=mandate.now,
            due_at=Within(mandate.now, held.appeal_working_days),
            recorded_at=mandate.recorded_at,
        )
        mandate.audit(AuditEvent.LIST_APPEALED, appeal.subject, {"entry": entry.subject, "digest": digest})
        told = {"appeal": appeal.id, "list": list_id, "entry": number, "party": entry.party}
        mandate.announce(AuditEvent.LIST_APPEALED.value, appeal.subject, told)
        return appeal


def answer_appeal(office: Office, token: str, id_: str, *, outcome: Outcome, answer: str) -> Appeal:
    """Uphold or end the entry, with words the party will read. It answers for the list's owner, or for the leading
    group above it, and has neither listed nor filed.

    Raises ``AppealUnfit`` where it was answered otherwise, ``NotFound``, ``Refused``.
    """
    _check_words(answer, "answer")
    subject = f"appeal:{id_}"
    with acting(office, token, Act.LIST_ANSWER, subject) as mandate:
        appeal = appeal_of(mandate.transaction, mandate.scope, id_)
        entry = entry_of(mandate.transaction, appeal.list, appeal.entry)
        if mandate.actor.party != entry.owner and mandate.actor.kind.value != "leading-group":
            raise mandate.refuse(
                "L03",
                subject,
                f"申诉由 {entry.owner} 或领导小组办公室答复",
                f"an appeal is answered by {entry.owner} or the leading group's office",
            )
        digest = sha256_hex(f"{outcome}:{answer}".encode())
        new = mandate.decide(subject, digest=digest, owner=appeal.party, rests_on=(f"list:{appeal.list}",))
        if appeal.answered_at is not None:
            if not new and appeal.outcome is outcome:
                return appeal
            raise _unfit(entry, "申诉已答复", "the appeal was answered")
        answered = replace(appeal, outcome=outcome, answer=answer, answered_at=mandate.now)
        write_answer(mandate.transaction, mandate.scope, answered, person=mandate.actor.person)
        if outcome is Outcome.ENDED:
            ended(mandate, entry, because=f"appeal {id_}", at=mandate.now)
        close_tasks(mandate.transaction, subject, closed_at=mandate.now)
        mandate.audit(
            AuditEvent.LIST_APPEAL_ANSWERED, subject, {"entry": entry.subject, "outcome": outcome, "digest": digest}
        )
        told = {"appeal": id_, "party": appeal.party, "outcome": outcome.value}
        mandate.announce(AuditEvent.LIST_APPEAL_ANSWERED.value, subject, told)
        return answered


def appeal_due(transaction: Transaction, appeal: Appeal) -> datetime | AwaitingCalendar:
    """By when the answer is due, by the official calendar as it is loaded now."""
    return end_of(Within(appeal.filed_at, appeal.working_days), calendar_at(transaction))


def _check_words(words: str, field: str) -> None:
    if not 1 <= len(words.strip()) <= LONGEST:
        raise InvalidValue(field=field, found=f"{len(words)} characters", expected=f"1 to {LONGEST} characters")


def _unfit(entry: ListEntry, zh: str, en: str) -> AppealUnfit:
    return AppealUnfit(entry=entry.subject, because_zh=zh, because_en=en)


__all__ = ["ANSWER", "answer_appeal", "appeal_due", "file_appeal"]
