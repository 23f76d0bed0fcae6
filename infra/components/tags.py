"""Who pays: the tags on everything that is built."""

from __future__ import annotations

from typing import Protocol


class Paid(Protocol):
    """What says who pays."""

    @property
    def agency(self) -> str:
        """Whose it is."""
        ...

    @property
    def system(self) -> str:
        """The business system."""
        ...

    @property
    def project(self) -> str:
        """The project that pays."""
        ...

    @property
    def fund_source(self) -> str:
        """The project's fund source."""
        ...


def cost_tags(spec: Paid) -> dict[str, str]:
    """Who pays: written on every resource, as given, in whatever script."""
    return {
        "guanyun:agency": spec.agency,
        "guanyun:system": spec.system,
        "guanyun:project": spec.project,
        "guanyun:fund-source": spec.fund_source,
    }
