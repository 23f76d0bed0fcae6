"""Reads the file of a reorganisation: what the document with that number says, or every finding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import Field

from foundation.values.findings import Finding
from governance.personnel.document import midnight
from governance.reorganisation.model import Abolition, Merge, NewParty, Rename, Reorganisation, Share, Split
from governance.yaml_documents import Code, FieldPath, Form, Problems, Text, read_form


class _New(Form):
    id: Code
    zh: Text
    en: Text
    leader: Text | None = None
    level: Code | None = None
    place: Code | None = None
    superior: Code | None = None


class _Rename(Form):
    party: Code
    zh: Text
    en: Text


class _Merge(Form):
    parties: list[Code] = Field(min_length=1)
    into: Code


class _Share(Form):
    party: Code
    systems: list[Text] = Field(default_factory=list)
    environments: list[Text] = Field(default_factory=list)
    projects: list[Text] = Field(default_factory=list)
    accounts: list[Text] = Field(default_factory=list)


class _Split(Form):
    party: Code
    main: Code
    shares: list[_Share] = Field(min_length=1)


class _Abolition(Form):
    party: Code
    successor: Code


class _Document(Form):
    id: Code
    document_number: Text
    zh: Text
    en: Text
    day: date
    new: list[_New] = Field(default_factory=list)
    renames: list[_Rename] = Field(default_factory=list)
    merges: list[_Merge] = Field(default_factory=list)
    splits: list[_Split] = Field(default_factory=list)
    abolitions: list[_Abolition] = Field(default_factory=list)


def read_reorganisation(path: Path) -> tuple[Reorganisation | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is none. A leader is named by the id of the person."""
    form, findings = read_form(path, _Document, _check)
    return (None, findings) if form is None else (_reorganisation(form), ())


def _reorganisation(form: _Document) -> Reorganisation:
    return Reorganisation(
        id=form.id,
        document_number=form.document_number,
        zh=form.zh,
        en=form.en,
        at=midnight(form.day),
        new=tuple(
            NewParty(one.id, one.zh, one.en, one.leader or "", one.level or "", one.place or "", one.superior or "")
            for one in form.new
        ),
        renames=tuple(Rename(one.party, one.zh, one.en) for one in form.renames),
        merges=tuple(Merge(tuple(one.parties), one.into) for one in form.merges),
        splits=tuple(
            Split(
                one.party,
                one.main,
                tuple(
                    Share(
                        part.party,
                        tuple(part.systems),
                        tuple(part.environments),
                        tuple(part.projects),
                        tuple(part.accounts),
                    )
                    for part in one.shares
                ),
            )
            for one in form.splits
        ),
        abolitions=tuple(Abolition(one.party, one.successor) for one in form.abolitions),
    )


def _check(form: _Document, problems: Problems) -> None:
    changing = list(_changing(form))
    ended = [party for _, party in changing]
    if not changing and not form.renames and not form.splits:
        _add(problems, (), form.id, "at least one change", "没有任何变更", "nothing changes")
    for index, (path, party) in enumerate(changing):
        if party in ended[:index]:
            _add(problems, path, party, "each party once", "同一单位变更两次", "a party changes twice")
    for index, split in enumerate(form.splits):
        _check_split(problems, index, split)
    for path, successor in _going_over(form):
        if successor in ended:
            zh, en = "承接单位自身被撤并", "the successor ends as well"
            _add(problems, path, successor, "a party that goes on", zh, en)
    _check_new(form, problems, ended)


def _check_new(form: _Document, problems: Problems, ended: list[str]) -> None:
    new, following = [one.id for one in form.new], {party for _, party in _going_over(form)}
    for index, id_ in enumerate(new):
        if id_ in new[:index]:
            _add(problems, ("new", index, "id"), id_, "each id once", "编号重复", "a repeated id")
        if id_ in ended:
            _add(problems, ("new", index, "id"), id_, "another id", "新设单位又被撤并", "a new party ends at once")
        if id_ not in following:
            zh, en = "新设单位不承接任何单位", "a new party follows nobody"
            _add(problems, ("new", index, "id"), id_, "a successor", zh, en)
    for index, rename in enumerate(form.renames):
        if rename.party in {*new, *ended}:
            zh, en = "更名的单位是新设或被撤并的单位", "what is renamed begins or ends"
            _add(problems, ("renames", index, "party"), rename.party, "a party that goes on", zh, en)


def _check_split(problems: Problems, index: int, split: _Split) -> None:
    parties = [share.party for share in split.shares]
    if split.main not in {*parties, split.party}:
        zh, en = "主要承接单位不在分立各方之中", "the main successor is none of the parts"
        _add(problems, ("splits", index, "main"), split.main, "one of the parts", zh, en)
    if not set(parties) - {split.main}:
        zh, en = "分立至少有两方", "a split has at least two parts"
        _add(problems, ("splits", index, "shares"), parties, "two parts", zh, en)
    for kind in ("systems", "environments", "projects", "accounts"):
        seen: set[str] = set()
        for number, share in enumerate(split.shares):
            for id_ in getattr(share, kind):
                if id_ in seen:
                    zh, en = "同一事项分给两方", "one thing goes to two parts"
                    _add(problems, ("splits", index, "shares", number, kind), id_, "each once", zh, en)
                seen.add(id_)


def _changing(form: _Document) -> Iterator[tuple[FieldPath, str]]:
    """Every party that ends."""
    for index, merge in enumerate(form.merges):
        for number, party in enumerate(merge.parties):
            if party != merge.into:
                yield ("merges", index, "parties", number), party
    for index, split in enumerate(form.splits):
        if split.main != split.party:
            yield ("splits", index, "party"), split.party
    for index, abolition in enumerate(form.abolitions):
        yield ("abolitions", index, "party"), abolition.party


def _going_over(form: _Document) -> Iterator[tuple[FieldPath, str]]:
    """Every party that takes over."""
    for index, merge in enumerate(form.merges):
        yield ("merges", index, "into"), merge.into
    for index, split in enumerate(form.splits):
        for number, share in enumerate(split.shares):
            yield ("splits", index, "shares", number, "party"), share.party
    for index, abolition in enumerate(form.abolitions):
        yield ("abolitions", index, "successor"), abolition.successor


def _add(problems: Problems, path: FieldPath, found: object, expected: str, zh: str, en: str) -> None:
    problems.add(path, found=found, expected=expected, zh=zh, en=en)
