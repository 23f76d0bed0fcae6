"""A register to collect from. The installation, the store and the records are ``tests/billing``'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from foundation.store import Scope, Transaction
from foundation.values.instant import Interval
from governance.metering import RegisterEntry


@dataclass
class FakeRegister:
    """The register port over a list."""

    held: list[RegisterEntry] = field(default_factory=list)

    def entries(self, transaction: Transaction, scope: Scope, interval: Interval) -> Sequence[RegisterEntry]:
        return [
            each
            for each in self.held
            if scope.covers(each.agency)
            and each.opened < interval.end
            and (each.closed is None or each.closed > interval.start)
        ]
