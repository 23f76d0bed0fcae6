"""Drafting and publishing a list: two acts of two persons of its owner, bound to one digest. Ending an entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.values.errors import InvalidValue
from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import format_instant
from governance.audit import AuditEvent
from governance.authority import Act, Mandate, Office, acting
from governance.errors import InvalidDocument
from governance.lists.errors import EndsBeforeNow, ListPublished
from governance.lists.model import ListDraft, ListEntry, ListKind, PublishedList
from governance.lists.tables import (
    end_entry,
    end_list,
    entry_of,
    list_document,
    list_of,
    lists,
    write_draft,
    write_publication,
)
from governance.parties import parties
from governance.parties.model import Duty
from governance.tasks import close_tasks, open_task

PUBLISH = "list.publish"
"""The task: another person of the owner is to publish or leave a draft."""


def draft_list(office: Office, token: str, draft: ListDraft) -> PublishedList:
    """Draft a list, or draw the draft anew; the same draft again changes nothing.

    Raises ``InvalidDocument`` with every entry that may not stand in it, ``ListPublished`` where another content is
    published under the id, ``Refused`` for whoever is not the owner.
    """
    digest = sha256_hex(canonical_bytes(list_document(draft)))
    with acting(office, token, Act.LIST_DRAFT, draft.subject) as mandate:
        _check_owner(mandate, draft)
        standing = {each.draft.id: each for each in lists(mandate.transaction, drafts=True)}.get(draft.id)
        if standing is not None and standing.digest == digest:
            return standing
        if standing is not None and standing.published_at is not None:
            raise ListPublished(list=draft.id)
        findings = _findings(mandate, draft)
        if findings:
            raise InvalidDocument(count=len(findings), first=findings[0].en, findings=findings)
        mandate.decide(draft.subject, digest=digest)
        write_draft(mandate.transaction, draft, digest=digest, person=mandate.actor.person, at=mandate.now)
        open_task(
            mandate.transaction,
            party=draft.owner,
            duty=Duty.PUBLISH,
            kind=PUBLISH,
            subject=draft.subject,
            zh=f"发布{draft.kind.zh}《{draft.zh}》",
            en=f"publish the {draft.kind} list “{draft.en}”",
            opened_at=mandate.now,
            recorded_at=mandate.recorded_at,
        )
        mandate.audit(AuditEvent.LIST_DRAFTED, draft.subject, {"digest": digest, "kind": draft.kind.value})
        return PublishedList(draft, digest, draft.until, None)


def publish_list(office: Office, token: str, id_: str, *, digest: str) -> PublishedList:
    """Publish the draft that has ``digest``; published before, it is given back. A list it replaces ends where it
    begins. No entry holds before its list was published.

    Raises ``NotFound``, ``EndsBeforeNow`` for a list that would have begun before now, ``Refused`` for the drafter and
    for another digest.
    """
    subject = f"list:{id_}"
    with acting(office, token, Act.LIST_PUBLISH, subject) as mandate:
        standing = list_of(mandate.transaction, id_, drafts=True)
        _check_owner(mandate, standing.draft)
        if digest != standing.digest:
            raise mandate.refuse("L01", subject, "清单与所审阅的不一致", "the list is not the one that was read")
        if standing.published_at is not None:
            return standing
        if standing.draft.replaces:
            _replace(mandate, standing.draft)
        mandate.decide(subject, digest=digest)
        write_publication(mandate.transaction, id_, person=mandate.actor.person, at=mandate.now)
        close_tasks(mandate.transaction, subject, kind=PUBLISH, closed_at=mandate.now)
        mandate.audit(AuditEvent.LIST_PUBLISHED, subject, {"digest": digest})
        mandate.announce(AuditEvent.LIST_PUBLISHED.value, subject, {"list": id_, "digest": digest})
        return replace(standing, published_at=mandate.now)


def end_list_entry(
    office: Office, token: str, id_: str, number: int, *, because: str, at: datetime | None = None
) -> ListEntry:
    """End an entry at ``at`` (now, unless said), with a reason of 1 to 500 characters. It is never ended in the past.

    Raises ``EndsBeforeNow``, ``NotFound``, ``Refused``.
    """
    if not 1 <= len(because) <= 500:
        raise InvalidValue(field="reason", found=f"{len(because)} characters", expected="1 to 500 characters")
    with acting(office, token, Act.LIST_END, f"list-entry:{id_}/{number}") as mandate:
        entry = entry_of(mandate.transaction, id_, number)
        _check_owner(mandate, list_of(mandate.transaction, id_).draft)
        return ended(mandate, entry, because=because, at=at or mandate.now)


def ended(mandate: Mandate, entry: ListEntry, *, because: str, at: datetime) -> ListEntry:
    """The entry, ended under the mandate of whoever may."""
    if at < mandate.now:
        raise EndsBeforeNow(thing=entry.subject, end=format_instant(at), now=format_instant(mandate.now))
    if entry.until is not None and entry.until <= at:
        return entry
    end_entry(mandate.transaction, entry, at=at, because=because)
    facts = {"until": at, "reason_digest": sha256_hex(because.encode())}
    mandate.audit(AuditEvent.LIST_ENTRY_ENDED, entry.subject, facts)
    told = {"list": entry.list, "entry": entry.number, "until": format_instant(at)}
    mandate.announce(AuditEvent.LIST_ENTRY_ENDED.value, entry.subject, told)
    return replace(entry, until=at)


def _check_owner(mandate: Mandate, draft: ListDraft) -> None:
    if mandate.actor.party != draft.owner:
        raise mandate.refuse(
            "L02",
            draft.subject,
            f"清单归 {draft.owner} 所有,你代表的是 {mandate.actor.party}",
            f"the list is owned by {draft.owner}; you act for {mandate.actor.party}",
        )


def _replace(mandate: Mandate, draft: ListDraft) -> None:
    earlier = list_of(mandate.transaction, draft.replaces)
    if draft.since < mandate.now:
        raise EndsBeforeNow(
            thing=earlier.draft.subject, end=format_instant(draft.since), now=format_instant(mandate.now)
        )
    end_list(mandate.transaction, draft.replaces, draft.since)


def _findings(mandate: Mandate, draft: ListDraft) -> tuple[Finding, ...]:
    """What only the records can say: parties that are none, the owner naming itself, a list that is not there."""
    known = {party.id: party for party in parties(mandate.transaction)}
    own = known[draft.owner].organisation
    findings = []
    if draft.replaces:
        earlier = {each.draft.id: each.draft for each in lists(mandate.transaction)}.get(draft.replaces)
        if earlier is None or (earlier.kind, earlier.owner) != (draft.kind, draft.owner):
            findings.append(
                _finding(
                    "list.replaces",
                    draft.replaces,
                    "a published list of the same kind and owner",
                    "被替代的清单不存在,或种类、所有单位不同",
                    "the list to be replaced does not exist, or is of another kind or owner",
                )
            )
    for index, entry in enumerate(draft.entries):
        named = {entry.party} - {""} | entry.matches.agencies
        for party in sorted(named - set(known)):
            field = f"list.entries[{index}]"
            findings.append(_finding(field, party, "a party", f"没有单位 {party}", f"there is no party {party}"))
        itself = draft.kind is ListKind.RED_BLACK and entry.party in known and known[entry.party].organisation == own
        if itself:
            findings.append(
                _finding(
                    f"list.entries[{index}].party",
                    entry.party,
                    "another organisation than the list's owner",
                    f"{draft.owner} 不得把自己列入自己的红黑名单",
                    f"{draft.owner} cannot list itself",
                )
            )
    return tuple(findings)


def _finding(field: str, found: str, expected: str, zh: str, en: str) -> Finding:
    place = Place(field=field)
    return Finding("governance.document.list", Severity.ERROR, place, found, expected, zh, en)
