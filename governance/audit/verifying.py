"""The whole log against itself and against the heads its readers keep: how far it is anchored, and what differs.

A chain alone proves nothing against whoever can hash it anew: up to the newest head that a reader holds it is
*anchored*; what comes after is the *unanchored tail*, in which a change is found where the hashes were not made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from governance.audit.chain import GENESIS, Break, Link, link_break


@dataclass(frozen=True, slots=True)
class Difference:
    """A head that was handed out and that the log does not lead to: entry ``number`` and both hashes.

    ``after``: up to there the log agrees with what was handed out. ``found`` is empty where the log ends before.
    """

    number: int
    expected: str
    found: str
    after: int

    @property
    def zh(self) -> str:
        """In Chinese."""
        if not self.found:
            return f"审计日志在第 {self.number} 条之前被截断"
        return f"审计日志第 {self.after + 1} 至 {self.number} 条中有改动:与交出的 audit-{self.number} 不符"

    @property
    def en(self) -> str:
        """In English."""
        if not self.found:
            return f"the audit log was cut off before entry {self.number}"
        between = f"from {self.after + 1} to {self.number}"
        return f"an audit entry {between} was changed: it does not lead to audit-{self.number}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk over the log found. ``entries`` stand in it, the newest with hash ``head``.

    ``broken`` is the first entry that does not fit the one before; ``difference`` the first handed-out head the log
    does not lead to; ``anchored`` the newest one it does lead to, with nothing wrong before.
    """

    entries: int
    head: str
    broken: Break | None
    difference: Difference | None
    anchored: int

    @property
    def tail(self) -> int:
        """How many entries no handed-out head answers for."""
        return max(self.entries - self.anchored, 0)

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return self.broken is None and self.difference is None

    @property
    def zh(self) -> str:
        """How far it is anchored, in Chinese."""
        return f"审计日志锚定至第 {self.anchored} 条,其后 {self.tail} 条尚未锚定"

    @property
    def en(self) -> str:
        """How far it is anchored, in English."""
        return f"the audit log is anchored up to {self.anchored}, with an unanchored tail of {self.tail}"


def verify(chain: Iterable[Link], anchors: Mapping[int, str], *, written: tuple[int, str] | None = None) -> Verdict:
    """Walk ``chain`` beside ``anchors`` (entry number → hash, as handed out to the reader and checked by them).

    ``written`` is the head the log itself says it was last written at: one that ends earlier was cut off.
    """
    previous, expected, broken = GENESIS, 1, None
    seen: dict[int, str] = {}
    for link in chain:
        if broken is None:
            broken = link_break(link, expected, previous)
        if link.number in anchors:
            seen[link.number] = link.hash
        previous, expected = link.hash, link.number + 1
    entries = expected - 1
    if broken is None and written is not None and written != (entries, previous):
        number = min(written[0], entries) + (written[0] != entries)
        broken = Break(number, "日志末尾被截断或改写", "the end of the log was cut off or written over")
    anchored, difference = 0, None
    for number in sorted(anchors):
        found = seen.get(number, "")
        if found != anchors[number]:
            difference = Difference(number, anchors[number], found, anchored)
            break
        if broken is not None and number >= broken.number:
            break
        anchored = number
    return Verdict(entries, previous, broken, difference, anchored)


def anchors_in(handed_out: Mapping[str, Mapping[str, Any]]) -> Mapping[int, str]:
    """The heads among the handed-out bodies (each already checked by its reader's keys): entry number → hash.

    Whoever signed two heads of one entry told two stories: both hashes are then named together, and no log leads there.
    """
    told: dict[int, set[str]] = {}
    for body in handed_out.values():
        if body.get("kind") == "audit" and isinstance(body.get("number"), int):
            told.setdefault(body["number"], set()).add(str(body.get("hash")))
    return {number: " / ".join(sorted(hashes)) for number, hashes in told.items()}
