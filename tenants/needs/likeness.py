"""How alike two needs are, and why: character bigrams and plain comparison, nothing learned. Pure, symmetric.

A Chinese text has no blanks between its words, and two people write the same wish in other words but with the same
names of things. Pairs of neighbouring characters catch those names without a dictionary
(docs/decisions/0015-likeness-by-bigrams.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tenants.needs.model import Questions
from tenants.needs.terms import Terms

_RUNS = re.compile(r"[\W_]+")


class Conclusion(StrEnum):
    """What is done about a likely duplicate: use what is there, extend it, or build anew all the same."""

    REUSE = "reuse"
    EXTEND = "extend"
    NEW = "new"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"reuse": "利用现有", "extend": "扩充现有", "new": "新建"}[self.value]


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing in common: ``code`` is text, system, users, data or capability."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Alike:
    """How alike two things are: common text in permille, what else is in common, and what that suggests."""

    permille: int
    reasons: tuple[Reason, ...]
    suggestion: Conclusion


def bigrams(*texts: str) -> frozenset[str]:
    """Every pair of neighbouring letters or characters; widths and cases do not count, nothing reaches over a stop."""
    found: set[str] = set()
    for text in texts:
        for run in _RUNS.split(unicodedata.normalize("NFKC", text).casefold()):
            found.update(run[at : at + 2] for at in range(len(run) - 1))
            if len(run) == 1:
                found.add(run)
    return frozenset(found)


def common_permille(one: frozenset[str], other: frozenset[str]) -> int:
    """The share of bigrams that two texts have in common (Dice), 0 to 1000, rounded down."""
    whole = len(one) + len(other)
    return 2000 * len(one & other) // whole if whole else 0


def held_permille(part: frozenset[str], whole: frozenset[str]) -> int:
    """How much of ``part`` is found in ``whole``, 0 to 1000, rounded down."""
    return 1000 * len(part & whole) // len(part) if part else 0


def text_of(questions: Questions) -> frozenset[str]:
    """The bigrams of what a need is about."""
    return bigrams(questions.zh, questions.purpose, *questions.capabilities)


def alike_needs(one: Questions, other: Questions, terms: Terms) -> Alike | None:
    """Why two needs may be the same; None where nothing says so. The order of the two does not matter."""
    permille = common_permille(text_of(one), text_of(other))
    reasons = list(_in_common(one, other))
    if permille < terms.likely_permille and len(reasons) < terms.likely_signals:
        return None
    if permille >= terms.likely_permille:
        reasons.insert(0, _text(permille))
    suggestion = Conclusion.NEW
    if permille >= terms.alike_permille:
        suggestion = Conclusion.REUSE
    elif permille >= terms.likely_permille and len(reasons) > 1:
        suggestion = Conclusion.EXTEND
    return Alike(permille, tuple(reasons), suggestion)


def alike_thing(questions: Questions, name: str, *, suggestion: Conclusion, terms: Terms) -> Alike | None:
    """Whether what a need asks for is called like something that is there already (a service, a system)."""
    permille = held_permille(bigrams(name), text_of(questions))
    if permille < terms.capability_permille:
        return None
    reason = Reason("capability", f"已有同类能力:{name}", f"the same capability is there: {name}")
    return Alike(permille, (reason,), suggestion)


def _in_common(one: Questions, other: Questions) -> Iterable[Reason]:
    if one.system and one.system == other.system:
        yield Reason("system", f"同一业务系统 {one.system}", f"the same business system {one.system}")
    for code, zh, en, mine, theirs in (
        ("users", "相同用户", "the same users", _names(u.who for u in one.users), _names(u.who for u in other.users)),
        ("data", "相同数据", "the same data", _names(d.kind for d in one.data), _names(d.kind for d in other.data)),
        ("capability", "相同能力", "the same capability", _names(one.capabilities), _names(other.capabilities)),
    ):
        shared = "、".join(sorted(mine & theirs))
        if shared:
            yield Reason(code, f"{zh}:{shared}", f"{en}: {shared}")


def _names(texts: Iterable[str]) -> frozenset[str]:
    return frozenset("".join(_RUNS.split(unicodedata.normalize("NFKC", text).casefold())) for text in texts)


def _text(permille: int) -> Reason:
    percent = permille // 10
    return Reason("text", f"文字 {percent}% 相同", f"{percent}% of the text in common")
