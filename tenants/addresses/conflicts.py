"""Networks that get in each other's way; pure. One pass over the numbers in order, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from foundation.values.findings import Finding, Place, Severity
from tenants.addresses.model import Span


@dataclass(frozen=True, slots=True)
class Known:
    """Something with addresses: ``kind`` is pool, block, network (a department's, on record) or new (to be)."""

    kind: str
    name: str
    agency: str
    cidr: str
    span: Span

    @property
    def words(self) -> tuple[str, str]:
        """What it is, in Chinese and English, with whose it is."""
        zh, en = _KINDS[self.kind]
        whose = " ".join(part for part in (self.agency, self.name) if part)
        return f"{zh} {self.cidr}({whose})", f"{en} {self.cidr} ({whose})"


_KINDS = {
    "pool": ("地址池", "pool"),
    "block": ("地址段", "block"),
    "network": ("部门网段", "department network"),
    "new": ("部门网段", "department network"),
}


def conflicts_of(new: Sequence[Known], known: Sequence[Known], places: Sequence[Place]) -> list[list[Finding]]:
    """For each of ``new``, in order, what is wrong or worth a look.

    An overlap with a block or a part of a pool, and the same network twice: wrong. An overlap with another
    department's network (common: every room has its 192.168.1.0/24): a warning. Outside every pool: a note.
    """
    found: list[list[Finding]] = [[] for _ in new]
    in_pool = [False] * len(new)
    everything = [*((one, index) for index, one in enumerate(new)), *((one, -1) for one in known)]
    for (one, index), (other, other_index) in _meeting(everything):
        for mine, at, its, its_index in ((one, index, other, other_index), (other, other_index, one, index)):
            if at < 0:
                continue
            in_pool[at] = in_pool[at] or its.kind == "pool"
            finding = _between(mine, its, places[at], later=its_index < 0 or its_index < at)
            if finding is not None:
                found[at].append(finding)
    for index, one in enumerate(new):
        if not in_pool[index]:
            found[index].append(_outside(one, places[index]))
    return found


def report(known: Sequence[Known]) -> tuple[Finding, ...]:
    """Every conflict among what is on record, by first address; and the networks outside every pool."""
    findings, inside = [], set[int]()
    for (one, _), (other, _) in _meeting([(one, -1) for one in known]):
        for mine, its in ((one, other), (other, one)):
            if its.kind == "pool":
                inside.add(id(mine))
        finding = _between(one, other, Place(field=one.cidr), later=True)
        if finding is not None:
            findings.append(finding)
    outside = [one for one in known if one.kind == "network" and id(one) not in inside]
    return (*findings, *(_outside(one, Place(field=one.cidr)) for one in outside))


_Numbered = tuple[Known, int]


def _meeting(everything: Sequence[_Numbered]) -> Iterator[tuple[_Numbered, _Numbered]]:
    """Every two that share an address, each pair once."""
    open_now: list[_Numbered] = []
    for each in sorted(everything, key=lambda one: (one[0].span, one[0].kind, one[1])):
        open_now = [other for other in open_now if other[0].span.last >= each[0].span.first]
        for other in open_now:
            yield other, each
        open_now.append(each)


def _between(one: Known, other: Known, place: Place, *, later: bool) -> Finding | None:
    kinds = {one.kind, other.kind}
    same = one.cidr == other.cidr and one.agency == other.agency and one.name == other.name
    if kinds <= {"network", "new"} and same:
        # The same again is what an import run twice is; twice in one file is a mistake of the file.
        return _finding("duplicate", Severity.ERROR, place, one, other) if kinds == {"new"} and later else None
    if "pool" in kinds:
        mine, pool = (one, other) if other.kind == "pool" else (other, one)
        inside = pool.span.first <= mine.span.first and mine.span.last <= pool.span.last
        if mine.kind in {"block", "pool"} or inside:
            return None
        return _finding("across-a-pool", Severity.ERROR, place, one, other)
    if "block" in kinds:
        mine, block = (one, other) if other.kind == "block" else (other, one)
        if block.name == f"network:{mine.agency}:{mine.cidr}":
            return None  # its own place in the plan
        return _finding("overlaps-a-block", Severity.ERROR, place, one, other)
    return _finding("overlaps-a-network", Severity.WARNING, place, one, other)


_WORDS = {
    "duplicate": ("与另一行重复", "is there twice"),
    "across-a-pool": ("只有一部分在地址池内", "lies in a pool in part only"),
    "overlaps-a-block": ("与已分配的地址段重叠", "overlaps a block that is allotted"),
    "overlaps-a-network": ("与另一部门网段重叠", "overlaps another department network"),
}


def _finding(code: str, severity: Severity, place: Place, one: Known, other: Known) -> Finding:
    (zh, en), (other_zh, other_en), (what_zh, what_en) = one.words, other.words, _WORDS[code]
    return Finding(
        code=f"tenants.address.{code}",
        severity=severity,
        place=place,
        found=one.cidr,
        expected=f"apart from {other.cidr}",
        zh=f"{zh}{what_zh}:{other_zh}",
        en=f"{en} {what_en}: {other_en}",
    )


def _outside(one: Known, place: Place) -> Finding:
    zh, en = one.words
    return Finding(
        code="tenants.address.outside",
        severity=Severity.NOTE,
        place=place,
        found=one.cidr,
        expected="inside a pool",
        zh=f"{zh}不在任何地址池内:迁移时须改用新地址",
        en=f"{en} lies outside every pool: it gets other addresses when it moves",
    )
