"""Service items and outcome items 服务事项, 服务成果 as frozen values. Source: DOMAIN §2, §3.

Pure, and read by ``billing.verification``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing.items.errors import InvalidItem
from foundation.evidence import canonical_bytes, plain, sha256_hex
from foundation.values.money import COEFFICIENT, QUANTITY, exact
from foundation.values.month import Month

_DIGEST = re.compile(r"[0-9a-f]{64}")


class ItemKind(StrEnum):
    """运行维护, 业务运营, 服务成果. The first two are payable as delivered, an outcome only as accepted."""

    MAINTENANCE = "maintenance"
    OPERATION = "business-operation"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What makes an outcome good: the criterion, the measure and its source, the target to reach, the part of the
    price it is worth (0 < share ≤ 1), and the party who accepts it.
    """

    text: str
    measure: str
    target: str
    share: Decimal
    acceptor: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", exact(self.share, COEFFICIENT, field="share"))


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a contract-month. ``evidence`` holds SHA-256 digests of the attachments that show the work."""

    id: str
    contract: str
    month: Month
    kind: ItemKind
    agency: str
    system: str
    project: str
    fund_source: str
    service: str
    meter: str
    quantity: Decimal
    description: str
    evidence: tuple[str, ...] = ()
    criterion: Criterion | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "quantity", exact(self.quantity, QUANTITY, field="quantity"))
        object.__setattr__(self, "evidence", tuple(sorted(set(self.evidence))))
        for field, found, expected in self._problems():
            raise InvalidItem(item=self.id, field=field, found=found, expected=expected)

    def _problems(self) -> list[tuple[str, str, str]]:
        wrong = [digest for digest in self.evidence if not _DIGEST.fullmatch(digest)]
        found = [("evidence", digest, "64 hexadecimal digits of SHA-256") for digest in wrong]
        if self.quantity <= 0:
            found.append(("quantity", str(self.quantity), "more than 0"))
        if self.kind is ItemKind.OPERATION and not self.evidence:
            found.append(("evidence", "none", "at least one digest: business operation needs evidence of work"))
        if (self.kind is ItemKind.OUTCOME) != (self.criterion is not None):
            found.append(("criterion", str(self.criterion), "one for an outcome, none for a service item"))
        if self.criterion is not None:
            if not 0 < self.criterion.share <= 1:
                found.append(("criterion.share", str(self.criterion.share), "0 < share ≤ 1"))
            texts = ("text", "measure", "target", "acceptor")
            found += [(f"criterion.{name}", "empty", "a text") for name in texts if not getattr(self.criterion, name)]
        return found


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An outcome accepted, bound to the item's digest: ``share`` of it from 0 to 1, what was measured, by whom."""

    item: str
    digest: str
    share: Decimal
    measured: str
    party: str
    accepted_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "share", exact(self.share, COEFFICIENT, field="share"))
        if not 0 <= self.share <= 1:
            raise InvalidItem(item=self.item, field="share", found=str(self.share), expected="0 ≤ share ≤ 1")


def item_document(item: Item) -> dict[str, Any]:
    """The item in plain JSON values."""
    document: dict[str, Any] = plain(item)
    return document


def item_digest(item: Item) -> str:
    """What an acceptance binds to."""
    return sha256_hex(canonical_bytes(item_document(item)))
