"""A reorganisation as frozen values, and what follows from it: who stands where whom stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from foundation.evidence import canonical_bytes, sha256_hex
from governance.parties import PartyKind


class ReorganisationState(StrEnum):
    """Where it stands."""

    DRAFTED = "drafted"
    PUBLISHED = "published"
    APPLIED = "applied"

    @property
    def zh(self) -> str:
        """The Chinese name."""
        return {"drafted": "已起草", "published": "已发布", "applied": "已生效"}[self.value]


@dataclass(frozen=True, slots=True)
class NewParty:
    """A party that begins with the reorganisation. What is empty it has from its first predecessor.

    ``leader`` is the id of the person who answers for it; an agency needs one.
    """

    id: str
    zh: str
    en: str
    leader: str = ""
    level: str = ""
    place: str = ""
    superior: str = ""


@dataclass(frozen=True, slots=True)
class Rename:
    """``party`` keeps its id, and is called otherwise."""

    party: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Merge:
    """All of ``parties`` end; ``into`` (a new party, or one that is there and goes on) stands in their place."""

    parties: tuple[str, ...]
    into: str


@dataclass(frozen=True, slots=True)
class Share:
    """What goes to ``party`` in a split, by id. An environment follows its system where it is not named itself."""

    party: str
    systems: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """``party`` is divided; whatever no share names goes to ``main``, which may be the party itself, going on."""

    party: str
    main: str
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Abolition:
    """``party`` ends; ``successor`` takes over what is open."""

    party: str
    successor: str


@dataclass(frozen=True, slots=True)
class Reorganisation:
    """Everything one document says. ``at`` is midnight of its day in Shanghai."""

    id: str
    document_number: str
    zh: str
    en: str
    at: datetime
    new: tuple[NewParty, ...] = ()
    renames: tuple[Rename, ...] = ()
    merges: tuple[Merge, ...] = ()
    splits: tuple[Split, ...] = ()
    abolitions: tuple[Abolition, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes: what drafting and publishing bind to."""
        return sha256_hex(canonical_bytes(self))

    @property
    def subject(self) -> str:
        """What decisions and audit entries call it."""
        return f"reorganisation:{self.id}"

    @property
    def moves(self) -> Moves:
        """Who stands where whom stood from ``at`` on."""
        main = {party: merge.into for merge in self.merges for party in merge.parties if party != merge.into}
        main |= {split.party: split.main for split in self.splits if split.main != split.party}
        main |= {one.party: one.successor for one in self.abolitions}
        shares: dict[str, dict[tuple[str, str], str]] = {}
        for split in self.splits:
            for share in split.shares:
                for kind in ("system", "environment", "project", "account"):
                    for id_ in getattr(share, f"{kind}s"):
                        shares.setdefault(kind, {})[split.party, id_] = share.party
        parts = {
            (split.party, share.party)
            for split in self.splits
            for share in split.shares
            if share.party not in {split.party, split.main}
        }
        return Moves(self.id, self.at, main, shares, frozenset(parts))


@dataclass(frozen=True, slots=True)
class Moves:
    """Predecessor → successor from ``at`` on.

    ``main`` says who takes over whatever is not named; ``shares``, by kind of thing (system, environment, project,
    account), who takes a named one: (predecessor, id) → successor. ``parts``: (predecessor, successor) of a split
    beside the main one.
    """

    reorganisation: str
    at: datetime
    main: Mapping[str, str]
    shares: Mapping[str, Mapping[tuple[str, str], str]] = field(default_factory=dict)
    parts: frozenset[tuple[str, str]] = frozenset()

    @property
    def predecessors(self) -> frozenset[str]:
        """Everybody of whom something moves."""
        shared = {party for named in self.shares.values() for party, _ in named}
        return frozenset(self.main) | shared

    @property
    def successors(self) -> frozenset[str]:
        """Everybody to whom something moves."""
        named = {to for shared in self.shares.values() for to in shared.values()}
        return frozenset(self.main.values()) | named

    def successor(self, party: str, **things: str) -> str:
        """Who has ``party``'s thing from then on; ``things`` are what it belongs to: ``environment="e"``, the nearest
        first."""
        for kind, id_ in things.items():
            named = self.shares.get(kind, {}).get((party, id_))
            if named is not None:
                return named
        return self.main.get(party, party)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a reorganisation moved: table → how many rows."""

    reorganisation: str
    at: datetime
    moved: Mapping[str, int]


KINDS_THAT_SUCCEED = frozenset(PartyKind) - {PartyKind.SUPPLIER, PartyKind.EXPERT}
"""A supplier is a firm, and changes by its contracts; experts are people who sit for a time."""
