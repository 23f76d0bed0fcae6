"""Reads a file of levels, places, parties, leaders, engagements, persons and accounts: all of it, or every finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field

from foundation.values.findings import Finding
from foundation.values.instant import SHANGHAI, utc
from governance.parties import ADMINISTRATORS, Duty, Engagement, Level, Party, PartyKind, Place
from governance.parties.model import upper_first
from governance.yaml_documents import Code, FieldPath, Form, Problems, Text, read_form

Subject = Annotated[str, Field(pattern=r"^[a-z-]+:[A-Za-z0-9][A-Za-z0-9._/-]*$", max_length=120)]
HIRERS = frozenset({PartyKind.OPERATOR, PartyKind.AGENCY})
"""Who may have a supplier work for it."""


class _Level(Form):
    id: Code
    rank: Annotated[int, Field(ge=1, le=20)]
    zh: Text
    en: Text


class _Place(Form):
    id: Code
    level: Code
    zh: Text
    en: Text
    superior: Code | None = None


class _Human(Form):
    person: Text
    identity: Text


class _Party(Form):
    id: Code
    kind: PartyKind
    zh: Text
    en: Text
    level: Code | None = None
    place: Code | None = None
    superior: Code | None = None
    organisation: Code | None = None
    approves: bool = True
    leader: _Human | None = None


class _Engagement(Form):
    id: Code
    supplier: Code
    hirer: Code
    contract: Text
    scope: Annotated[list[Subject], Field(min_length=1)]
    first_day: date
    end_day: date


class _Account(Form):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60)]
    person: Text
    identity: Text
    party: Code
    duties: list[Duty] = Field(default_factory=list)
    end_day: date | None = None


class _Document(Form):
    levels: list[_Level] = Field(default_factory=list)
    places: list[_Place] = Field(default_factory=list)
    parties: list[_Party] = Field(default_factory=list)
    engagements: list[_Engagement] = Field(default_factory=list)
    accounts: list[_Account] = Field(default_factory=list)
    keys: list[Text] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Human:
    """A natural person as a file names them. ``identity`` is the number itself: it goes no further than its hash."""

    name: str
    identity: str


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An account a file asks for; ``until`` None where it has no end."""

    name: str
    human: Human
    party: str
    duties: frozenset[Duty]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PartiesDocument:
    """What a file of parties says. ``leaders``: agency → who answers for it. Superiors stand before what is below."""

    levels: tuple[Level, ...]
    places: tuple[Place, ...]
    parties: tuple[Party, ...]
    leaders: dict[str, Human]
    engagements: tuple[Engagement, ...]
    accounts: tuple[AccountEntry, ...]
    keys: tuple[str, ...]


def read_parties(path: Path) -> tuple[PartiesDocument | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is no document. What it refers to may stand on record already."""
    form, findings = read_form(path, _Document, _check)
    return (None, findings) if form is None else (_document(form), ())


def midnight(day: date) -> datetime:
    """The instant a day begins in Shanghai."""
    return utc(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI))


def _document(form: _Document) -> PartiesDocument:
    places = [Place(one.id, one.level, one.zh, one.en, one.superior) for one in form.places]
    levels = {place.id: place.level for place in places}
    parties = [
        Party(
            one.id,
            one.kind,
            one.zh,
            one.en,
            level=one.level or levels.get(one.place or "", ""),
            superior=one.superior,
            organisation=one.organisation or "",
            place=one.place,
            approves=one.approves,
        )
        for one in form.parties
    ]
    return PartiesDocument(
        levels=tuple(Level(one.id, one.rank, one.zh, one.en) for one in form.levels),
        places=tuple(upper_first(places)),
        parties=tuple(upper_first(parties)),
        leaders={one.id: Human(one.leader.person, one.leader.identity) for one in form.parties if one.leader},
        engagements=tuple(_engagement(one) for one in form.engagements),
        accounts=tuple(
            AccountEntry(
                one.name,
                Human(one.person, one.identity),
                one.party,
                frozenset(one.duties),
                None if one.end_day is None else midnight(one.end_day),
            )
            for one in form.accounts
        ),
        keys=tuple(form.keys),
    )


def _engagement(form: _Engagement) -> Engagement:
    since, until = midnight(form.first_day), midnight(form.end_day)
    return Engagement(form.id, form.supplier, form.hirer, form.contract, tuple(form.scope), since, until)


def _check(form: _Document, problems: Problems) -> None:
    for field, ids in (
        ("levels", [one.id for one in form.levels]),
        ("places", [one.id for one in form.places]),
        ("parties", [one.id for one in form.parties]),
        ("engagements", [one.id for one in form.engagements]),
        ("accounts", [one.name for one in form.accounts]),
    ):
        for index, id_ in enumerate(ids):
            if id_ in ids[:index]:
                _add(problems, (field, index), id_, "each id once", "编号重复", "a repeated id")
    for field, above in (
        ("places", {one.id: one.superior for one in form.places}),
        ("parties", {one.id: one.superior for one in form.parties}),
    ):
        for index, id_ in enumerate(above):
            if _in_a_circle(id_, above):
                _add(
                    problems,
                    (field, index, "superior"),
                    id_,
                    "no circle",
                    "上级关系成环",
                    "its superiors form a circle",
                )
    _check_parties(form, problems)
    _check_engagements(form, problems)
    _check_persons(form, problems)


def _check_parties(form: _Document, problems: Problems) -> None:
    for index, party in enumerate(form.parties):
        if party.kind is PartyKind.AGENCY and party.leader is None:
            zh, en = "使用单位须有一名责任领导", "an agency names its one responsible leader"
            _add(problems, ("parties", index, "leader"), party.id, "a person", zh, en)
        if party.kind is not PartyKind.AGENCY and party.leader is not None:
            zh, en = "只有使用单位登记责任领导", "only an agency names a responsible leader"
            _add(problems, ("parties", index, "leader"), party.leader.person, "nothing", zh, en)


def _check_engagements(form: _Document, problems: Problems) -> None:
    kinds = {party.id: party.kind for party in form.parties}
    for index, one in enumerate(form.engagements):
        if one.end_day <= one.first_day:
            zh, en = "合作期的结束不晚于开始", "the engagement ends before it begins"
            _add(problems, ("engagements", index, "end_day"), one.end_day, f"after {one.first_day}", zh, en)
        if kinds.get(one.supplier, PartyKind.SUPPLIER) is not PartyKind.SUPPLIER:
            zh, en = f"{one.supplier} 不是合作企业", f"{one.supplier} is no supplier"
            _add(problems, ("engagements", index, "supplier"), one.supplier, PartyKind.SUPPLIER, zh, en)
        if kinds.get(one.hirer, PartyKind.OPERATOR) not in HIRERS:
            zh, en = "合作企业只为运营中心或使用单位工作", "a supplier works for the operator or an agency"
            _add(problems, ("engagements", index, "hirer"), one.hirer, " or ".join(sorted(HIRERS)), zh, en)


def _check_persons(form: _Document, problems: Problems) -> None:
    names: dict[str, str] = {}
    duties: dict[str, set[Duty]] = {}
    for path, person, identity in _humans(form):
        if names.setdefault(identity, person) != person:
            zh, en = "同一身份号对应两个姓名", "one identity with two names"
            _add(problems, path, person, names[identity], zh, en)
    for index, account in enumerate(form.accounts):
        held = duties.setdefault(account.identity, set())
        held |= set(account.duties)
        if len(held & ADMINISTRATORS) > 1:
            zh, en = "同一自然人不得兼任三员中的两员", "nobody holds two of the three administrators' duties"
            found = ", ".join(sorted(held & ADMINISTRATORS))
            _add(problems, ("accounts", index, "duties"), found, "one of the three", zh, en)
    kinds = {party.id: party.kind for party in form.parties}
    for index, account in enumerate(form.accounts):
        if kinds.get(account.party) is not PartyKind.SUPPLIER:
            continue
        last = max((one.end_day for one in form.engagements if one.supplier == account.party), default=None)
        if account.end_day is None or (last is not None and account.end_day > last):
            zh, en = "合作企业的账号须在合同期内结束", "a supplier's account ends with its engagement"
            _add(problems, ("accounts", index, "end_day"), account.end_day, f"up to {last}", zh, en)


def _humans(form: _Document) -> Iterable[tuple[FieldPath, str, str]]:
    for index, account in enumerate(form.accounts):
        yield ("accounts", index, "person"), account.person, account.identity
    for index, party in enumerate(form.parties):
        if party.leader is not None:
            yield ("parties", index, "leader"), party.leader.person, party.leader.identity


def _in_a_circle(start: str, above: dict[str, str | None]) -> bool:
    seen, at = set[str](), above.get(start)
    while at is not None and at not in seen:
        if at == start:
            return True
        seen.add(at)
        at = above.get(at)
    return False


def _add(problems: Problems, path: FieldPath, found: object, expected: str, zh: str, en: str) -> None:
    problems.add(path, found=found, expected=expected, zh=zh, en=en)
