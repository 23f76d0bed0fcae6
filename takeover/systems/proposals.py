"""Proposes business systems for machines nobody has named one for: by the stem of their names, and their cluster."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from takeover.names import names_for
from takeover.rooms import Machine, Room


@dataclass(frozen=True, slots=True)
class StemRule:
    """What a name carries besides its system: words for a stage of its life, words for a retired copy.

    They are taken off the end, as often as they appear, longest first. At least ``shortest`` letters are left by
    that, a Chinese one counting twice.
    """

    stages: tuple[str, ...] = (
        "production", "prod", "prd", "development", "devel", "devl", "dev", "testing", "test", "tst", "sqa", "qa",
        "uat",
        "staging", "stage", "preprod", "pre", "beta", "sandbox", "sand", "train",
        "生产", "测试", "开发", "培训", "演练",
    )  # fmt: skip
    retired: tuple[str, ...] = ("old", "rip", "dnd", "new", "bak", "bkp", "backup", "备份", "旧", "停用")
    shortest: int = 4


@dataclass(frozen=True, slots=True)
class Proposal:
    """A guess, marked as one: machines that share a stem in one cluster. ``code`` is free among known systems."""

    code: str
    stem: str
    cluster: str
    machines: tuple[str, ...]


_SEPARATORS = " -_.·"


def stem(name: str, rule: StemRule) -> str:
    """The part of a machine's name that its siblings share, in lower case; never empty for a name that is not."""
    text = name.strip().casefold().rstrip(_SEPARATORS) or name.strip().casefold()
    words = sorted((*rule.stages, *rule.retired), key=lambda word: (-len(word), word))
    while True:
        # a number at the end with at most one letter after it (01, 01b, 17-02), then one word
        shorter = _shortened(text, re.sub(r"(?<=\D)\d+[a-z]?$", "", text), least=2)
        word = next((word for word in words if shorter.endswith(word)), "")
        shorter = _shortened(shorter, shorter.removesuffix(word), least=rule.shortest)
        if shorter == text:
            return text
        text = shorter


def _shortened(text: str, shorter: str, *, least: int) -> str:
    """``shorter`` without separators at its end, or ``text`` where too little would be left to tell systems apart."""
    kept = shorter.rstrip(_SEPARATORS)
    weight = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in kept)
    return kept if weight >= least else text


def propose_systems(
    room: Room,
    assigned: Collection[str] = (),
    *,
    rule: StemRule | None = None,
    taken_codes: Iterable[str] = (),
) -> tuple[Proposal, ...]:
    """Systems for the machines not in ``assigned`` (templates serve none), ordered by code.

    The same room gives the same proposals, and a machine that is added elsewhere changes no other's code.
    """
    chosen = rule or StemRule()
    groups: dict[tuple[str, str], list[Machine]] = {}
    for machine in room.machines:
        if not machine.template and machine.name not in assigned:
            groups.setdefault((stem(machine.name, chosen), machine.cluster), []).append(machine)
    labels = {key: f"{key[0]}-{key[1]}" if key[1] else key[0] for key in groups}
    codes = names_for(labels.values(), reserved=taken_codes)
    return tuple(
        sorted(
            (
                Proposal(codes[labels[key]], key[0], key[1], tuple(machine.name for machine in machines))
                for key, machines in groups.items()
            ),
            key=lambda proposal: proposal.code,
        )
    )
