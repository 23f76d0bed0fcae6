"""Reads the ceremony's file: the party, the three persons with the hashes of their secrets, whose keys are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from foundation.values.findings import Finding
from governance.parties import ADMINISTRATORS, Duty, Party, PartyKind
from governance.yaml_documents import Code, Form, Problems, Text, read_form

HASH = r"^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$"
MANAGING = frozenset({PartyKind.BUREAU, PartyKind.LEADING_GROUP})
"""Whose people the administrators are."""


class _Party(Form):
    id: Code
    kind: PartyKind
    zh: Text
    en: Text


class _Administrator(Form):
    account: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=60)]
    person: Text
    identity: Text
    duty: Duty
    secret: Annotated[str, Field(pattern=HASH, max_length=200)]


class _Ceremony(Form):
    party: _Party
    administrators: Annotated[list[_Administrator], Field(min_length=3, max_length=3)]
    keys: list[Text] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Administrator:
    """One of the three. ``identity`` is the number itself: of it only the hash is kept; ``secret`` is argon2's hash."""

    account: str
    name: str
    identity: str
    duty: Duty
    secret: str


@dataclass(frozen=True, slots=True)
class CeremonyDocument:
    """The party the three belong to, the three, and the owners of the keys to be made (``operator.billing``)."""

    party: Party
    administrators: tuple[Administrator, ...]
    keys: tuple[str, ...]


def read_ceremony(path: Path) -> tuple[CeremonyDocument | None, tuple[Finding, ...]]:
    """Read the file; on any finding there is no document."""
    form, findings = read_form(path, _Ceremony, _check)
    if form is None:
        return None, findings
    return (
        CeremonyDocument(
            Party(form.party.id, form.party.kind, form.party.zh, form.party.en),
            tuple(
                Administrator(one.account, one.person, one.identity.strip(), one.duty, one.secret)
                for one in form.administrators
            ),
            tuple(sorted(set(form.keys))),
        ),
        (),
    )


def _check(form: _Ceremony, problems: Problems) -> None:
    if form.party.kind not in MANAGING:
        problems.add(
            ("party", "kind"),
            found=form.party.kind,
            expected="bureau or leading-group",
            zh="三员属于主管部门或领导小组办公室",
            en="the administrators belong to the bureau or the leading group's office",
        )
    duties = {one.duty for one in form.administrators}
    if duties != ADMINISTRATORS:
        problems.add(
            ("administrators",),
            found=", ".join(sorted(duties)),
            expected=", ".join(sorted(ADMINISTRATORS)),
            zh="三人各担任三员之一",
            en="each of the three takes one of the three administrators' duties",
        )
    for field, zh, en in (
        ("account", "三个账号各不相同", "three different accounts"),
        ("identity", "须是三个不同的自然人", "three different natural persons"),
        ("secret", "三人的密语各不相同", "each has a secret of their own"),
    ):
        seen: set[str] = set()
        for number, one in enumerate(form.administrators):
            value = str(getattr(one, field)).strip()
            if value in seen:
                problems.add(("administrators", number, field), found="", expected="another", zh=zh, en=en)
            seen.add(value)
