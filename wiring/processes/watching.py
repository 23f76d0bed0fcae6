"""What ``/metrics`` of worker and portal tells about, bound to this installation."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from foundation.work.metrics import Watched
from governance.authority import machine_scope
from wiring.database import HEAD
from wiring.subscriptions import subscribers

if TYPE_CHECKING:
    from wiring.application import Application


def watched(application: Application) -> Watched:
    """The records, the machine's scope, the real clock, every subscriber, this program."""
    return Watched(
        store=application.store,
        scope=machine_scope(),
        clock=application.office.clocks.real,
        listeners=subscribers(application),
        build={"version": version("guanyun"), "schema": HEAD},
    )
