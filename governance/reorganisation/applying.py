"""Applying a reorganisation: in one transaction the parties change and everything open follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from foundation.store import Transaction
from foundation.values.instant import format_instant
from foundation.work import Event, publish
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Office
from governance.parties import Membership, Party, Succession, parties
from governance.parties.leaders import begin_leaders, end_leaders
from governance.parties.memberships import add_memberships
from governance.parties.model import upper_first
from governance.parties.successions import add_successions
from governance.parties.tables import add_parties, change_parties
from governance.reorganisation.checking import first_predecessor
from governance.reorganisation.model import Applied, Moves, NewParty, Reorganisation, ReorganisationState
from governance.reorganisation.ports import AlongWith, EnvironmentsOf, HistoryStays, Said
from governance.reorganisation.projects import with_projects
from governance.reorganisation.tables import note_applied, note_name, reorganisations

REORGANISED = "party.reorganised"
"""The event: its subject is ``reorganisation:<id>``, its ``successors`` pairs of predecessor and successor."""
Note = Callable[[AuditEvent, str, Mapping[str, Any]], object]
Announce = Callable[[str, str, Mapping[str, Any]], object]


def apply(
    transaction: Transaction,
    wanted: Reorganisation,
    said: Sequence[Said],
    environments_of: EnvironmentsOf,
    *,
    now: datetime,
    note: Note,
    announce: Announce,
) -> Applied:
    """Everything of it, effective at its own instant, however late ``now`` is."""
    moves = with_projects(transaction, _with_environments(transaction, wanted.moves, environments_of))
    _begin(transaction, wanted)
    main = [Succession(old, to, wanted.at, True, wanted.id) for old, to in sorted(moves.main.items())]
    parts = [Succession(old, to, wanted.at, False, wanted.id) for old, to in sorted(moves.parts)]
    add_successions(transaction, (*main, *parts))
    moved: dict[str, int] = {}
    for one in said:
        if not isinstance(one, HistoryStays | AlongWith):
            moved[one.table] = moved.get(one.table, 0) + one.follow(transaction, moves)
    _end(transaction, moves)
    moved = {table: rows for table, rows in moved.items() if rows}
    note_applied(transaction, wanted, moved, now)
    facts = {"digest": wanted.digest, "document_number": wanted.document_number, "at": wanted.at, "moved": moved}
    note(AuditEvent.PARTIES_REORGANISED, wanted.subject, facts)
    pairs = sorted({*moves.main.items(), *moves.parts})
    payload = {"reorganisation": wanted.id, "at": format_instant(wanted.at), "successors": [list(one) for one in pairs]}
    announce(REORGANISED, wanted.subject, payload)
    return Applied(wanted.id, wanted.at, moved)


def apply_due(office: Office, said: Sequence[Said], environments_of: EnvironmentsOf) -> Sequence[Applied]:
    """Apply every published reorganisation whose date has come by the business clock, each in one transaction.

    Nobody acts here: two persons published it before. With nothing due this is one query.
    """
    with office.store.reading() as transaction:
        now = office.clocks.business(transaction)
        due = [
            one for one in reorganisations(transaction, ReorganisationState.PUBLISHED) if one.reorganisation.at <= now
        ]
    return [one for each in due if (one := _apply_published(office, each.reorganisation, said, environments_of))]


def _apply_published(
    office: Office, wanted: Reorganisation, said: Sequence[Said], environments_of: EnvironmentsOf
) -> Applied | None:
    with office.store.transaction() as transaction:
        published = reorganisations(transaction, ReorganisationState.PUBLISHED)
        if wanted.id not in {one.reorganisation.id for one in published}:
            return None  # somebody else was quicker
        now, real = office.clocks.business(transaction), office.clocks.real

        def note(event: AuditEvent, subject: str, facts: Mapping[str, Any]) -> None:
            audit.append(transaction, event, subject=subject, facts=facts, recorded_at=real(), business_at=now)

        def announce(topic: str, subject: str, payload: Mapping[str, Any]) -> None:
            publish(transaction, Event(topic, subject, payload), clock=real)

        return apply(transaction, wanted, said, environments_of, now=now, note=note, announce=announce)


def _with_environments(transaction: Transaction, moves: Moves, environments_of: EnvironmentsOf) -> Moves:
    """A split that names a system names its environments with it, but for those named themselves."""
    systems = moves.shares.get("system", {})
    if not systems:
        return moves
    found = environments_of(transaction, sorted({party for party, _ in systems}))
    follow = {
        (agency, id_): systems[agency, system] for id_, (agency, system) in found.items() if (agency, system) in systems
    }
    return replace(moves, shares={**moves.shares, "environment": follow | dict(moves.shares.get("environment", {}))})


def _begin(transaction: Transaction, wanted: Reorganisation) -> None:
    """The new parties and the new names."""
    there = {party.id: party for party in parties(transaction)}
    likes = {one.id: first_predecessor(wanted, one.id, there) for one in wanted.new}
    # A new party that follows nobody is found when the document is read.
    new = [_like(wanted, one, like) for one in wanted.new if (like := likes[one.id]) is not None]
    add_parties(transaction, upper_first(new))
    leaders = {one.id: one.leader for one in wanted.new if one.leader}
    add_memberships(transaction, [Membership(who, party, wanted.at, None) for party, who in leaders.items()])
    begin_leaders(transaction, wanted.at, leaders)
    for rename in wanted.renames:
        note_name(transaction, wanted, rename.party, there[rename.party].zh, there[rename.party].en)
    renamed = [replace(there[one.party], zh=one.zh, en=one.en) for one in wanted.renames]
    change_parties(transaction, renamed)


def _like(wanted: Reorganisation, one: NewParty, like: Party) -> Party:
    superior = one.superior or like.superior
    return Party(
        one.id,
        like.kind,
        one.zh,
        one.en,
        level=one.level or like.level,
        superior=wanted.moves.successor(superior) if superior else None,
        # A plate of another body stays one; a party that was a body of its own is a new one.
        organisation="" if like.organisation == like.id else wanted.moves.successor(like.organisation),
        place=one.place or like.place,
        approves=like.approves,
        since=wanted.at,
    )


def _end(transaction: Transaction, moves: Moves) -> None:
    """The parties that are no more; whoever stood below them, or was a plate of theirs, is their successor's."""
    there = parties(transaction)
    ended = [replace(party, until=moves.at) for party in there if party.id in moves.main]
    lasting = [party for party in there if party.id not in moves.main and party.exists_at(moves.at)]
    changed = [
        after
        for before in lasting
        if (
            after := replace(
                before,
                superior=before.superior and moves.successor(before.superior),
                organisation=moves.successor(before.organisation),
            )
        )
        != before
    ]
    change_parties(transaction, [*ended, *changed])
    end_leaders(transaction, moves.main, moves.at)
