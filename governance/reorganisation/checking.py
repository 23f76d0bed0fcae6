"""What a reorganisation must fit: parties that are there, of one kind, with leaders; things that are theirs to give."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from foundation.store import Transaction
from foundation.values.findings import Finding, Place, Severity
from foundation.values.instant import format_instant
from foundation.values.month import day_interval, shanghai_day
from governance.authority import machine_scope
from governance.parties import Party, PartyKind, accounts, levels, parties, places
from governance.parties.tables import verified_among
from governance.projects import projects, systems
from governance.reorganisation.model import KINDS_THAT_SUCCEED, Reorganisation, ReorganisationState
from governance.reorganisation.ports import EnvironmentsOf
from governance.reorganisation.tables import reorganisations


def findings_of(
    transaction: Transaction, wanted: Reorganisation, environments_of: EnvironmentsOf, *, now: datetime
) -> tuple[Finding, ...]:
    """Every finding, at ``now``."""
    return tuple(
        Finding(
            code=f"governance.reorganisation.{code}",
            severity=Severity.ERROR,
            place=Place(file=wanted.id, field=field),
            found=found,
            expected=en,
            zh=zh,
            en=en,
        )
        for code, field, found, zh, en in (
            *_of_its_day(transaction, wanted, now),
            *_of_parties(transaction, wanted),
            *_of_things(transaction, wanted, environments_of),
        )
    )


_Problem = tuple[str, str, str, str, str]


def _of_its_day(transaction: Transaction, wanted: Reorganisation, now: datetime) -> Iterator[_Problem]:
    if wanted.at < day_interval(shanghai_day(now)).start:
        # What was used and confirmed since then is another's already: history is never made to name the successor.
        zh, en = "生效日不得早于今天", "it takes effect today or later"
        yield "day", "day", format_instant(wanted.at), zh, en
    concerned = wanted.moves.predecessors | wanted.moves.successors | {one.party for one in wanted.renames}
    for other in reorganisations(transaction, ReorganisationState.PUBLISHED):
        moves = other.reorganisation.moves
        both = (moves.predecessors | moves.successors) & concerned
        if both and other.reorganisation.id != wanted.id:
            id_ = other.reorganisation.id
            zh, en = f"已发布的方案 {id_} 也涉及", f"the published reorganisation {id_} concerns it as well"
            yield "pending", "", ", ".join(sorted(both)), zh, en


def _of_parties(transaction: Transaction, wanted: Reorganisation) -> Iterator[_Problem]:
    there = {party.id: party for party in parties(transaction)}
    new = {one.id for one in wanted.new}
    for one in wanted.new:
        if one.id in there:
            yield "taken", f"new {one.id}", one.id, "编号已被使用", "the id is in use"
    named = wanted.moves.predecessors | wanted.moves.successors | {one.party for one in wanted.renames}
    for id_ in sorted(named - new):
        if id_ not in there or not there[id_].exists_at(wanted.at):
            yield "unknown", f"party {id_}", id_, "届时没有这个单位", "there is no such party then"
    yield from _of_kinds(wanted, there)
    yield from _of_new(transaction, wanted, there)


def _of_kinds(wanted: Reorganisation, there: dict[str, Party]) -> Iterator[_Problem]:
    pairs = [*wanted.moves.main.items(), *((old, to) for old, to in wanted.moves.parts)]
    kinds: dict[str, PartyKind] = {id_: party.kind for id_, party in there.items()}
    for old, to in sorted(pairs):
        kind = kinds.get(old)
        if kind is not None and kind not in KINDS_THAT_SUCCEED:
            zh, en = f"{kind.zh}不因机构改革变更", f"a party of kind {kind} does not change by a reorganisation"
            yield "kind", f"party {old}", kind.value, zh, en
        elif kind is not None and kinds.setdefault(to, kind) is not kind:
            zh, en = f"承接单位 {to} 的类别与 {old} 不同", f"{to}, which follows {old}, is of another kind"
            yield "kind", f"party {to}", kinds[to].value, zh, en


def _of_new(transaction: Transaction, wanted: Reorganisation, there: dict[str, Party]) -> Iterator[_Problem]:
    verified = verified_among(transaction, [one.leader for one in wanted.new if one.leader])
    known_levels, known_places = {one.id for one in levels(transaction)}, {one.id for one in places(transaction)}
    for one in wanted.new:
        field = f"new {one.id}"
        first = first_predecessor(wanted, one.id, there)
        if first is not None and first.kind is PartyKind.AGENCY and not one.leader:
            yield "leader", field, "", "使用单位须有一名责任领导", "an agency names its one responsible leader"
        if one.leader and one.leader not in verified:
            zh, en = "没有这个已核实身份的自然人", "no person on record whose identity is verified"
            yield "leader", field, one.leader, zh, en
        if one.level and one.level not in known_levels:
            yield "level", field, one.level, "没有这个级次", "no such level"
        if one.place and one.place not in known_places:
            yield "place", field, one.place, "没有这个地方", "no such place"
        if one.superior and one.superior not in there and one.superior not in {other.id for other in wanted.new}:
            yield "superior", field, one.superior, "没有这个上级单位", "no such superior"


def _of_things(transaction: Transaction, wanted: Reorganisation, environments_of: EnvironmentsOf) -> Iterator[_Problem]:
    if not wanted.splits:
        return
    scope = machine_scope()
    owners = {
        "systems": {one.id: one.agency for one in systems(transaction, scope)},
        "projects": {one.id: one.lead for one in projects(transaction, scope)},
        "accounts": {one.name: one.party for one in accounts(transaction)},
        "environments": {
            id_: agency
            for id_, (agency, _) in environments_of(transaction, [one.party for one in wanted.splits]).items()
        },
    }
    for split in wanted.splits:
        for share in split.shares:
            for kind, owned in owners.items():
                for id_ in getattr(share, kind):
                    if owned.get(id_) != split.party:
                        zh, en = f"{split.party} 没有 {id_}", f"{split.party} has no {id_} among its {kind}"
                        yield "thing", f"split {split.party} / {share.party} / {kind}", id_, zh, en


def first_predecessor(wanted: Reorganisation, successor: str, there: dict[str, Party]) -> Party | None:
    """Whose place a new party takes: the first one named in the document that is on record."""
    order = [
        *(party for merge in wanted.merges if merge.into == successor for party in merge.parties),
        *(split.party for split in wanted.splits if successor in {share.party for share in split.shares}),
        *(one.party for one in wanted.abolitions if one.successor == successor),
    ]
    return next((there[party] for party in order if party in there), None)
