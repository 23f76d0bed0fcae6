"""What the check of a running installation asks of monitoring. ``wiring`` binds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from foundation.store import Scope, Transaction
from foundation.values.month import Month


class SliBreak(Protocol):
    """A series-day that differs: its agency, service and day; agency and service are empty of a whole day."""

    @property
    def day(self) -> date: ...

    @property
    def agency(self) -> str: ...

    @property
    def service(self) -> str: ...

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


class SliChecks(Protocol):
    """The recorded minutes against the roots handed out (``monitoring``)."""

    def breaks(
        self, transaction: Transaction, scope: Scope, month: Month, handed_out: Mapping[str, Mapping[str, Any]]
    ) -> Sequence[SliBreak]:
        """What differs in one month; nothing where everything fits."""
        ...
