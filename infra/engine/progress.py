"""Engine events turned into progress for a live display, and into the words of a failure."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from pulumi.automation.events import DiagnosticEvent, EngineEvent, OpType, StepEventMetadata

from infra.engine.model import Progress
from infra.engine.plans import kind_of, name_of

_QUIET = {OpType.SAME, OpType.READ}
_MESSAGES = 20
_FOLLOWS = re.compile(r"expected resource operations for \S+ but none were seen")
"""Said of every planned resource that was not come to, because one before it failed."""


def _said(diagnostic: DiagnosticEvent) -> str:
    """One message on one line, with the resource it is about."""
    lines = [line.strip() for line in diagnostic.message.splitlines() if line.strip()]
    urn = diagnostic.urn or ""
    about = "" if not urn or urn.split("::")[2].startswith("pulumi:") else f"{kind_of(urn)} {name_of(urn)}: "
    return about + " / ".join(lines)


class EventFollower:
    """Collects one run's events; called by the engine's event stream, from its own threads.

    ``step`` names the phase, ``total`` how many resources will change (0: not known). Messages of severity *debug*
    are dropped at once: the engine puts secrets into them.
    """

    def __init__(self, step: str, progress: Callable[[Progress], None] | None, total: int = 0) -> None:
        self._step, self._progress, self._total = step, progress, total
        self._lock = threading.Lock()
        self._refreshed = self._done = 0
        self._errors: list[str] = []
        self.events: list[EngineEvent] = []
        self.changes: dict[str, int] = {}

    def __call__(self, event: EngineEvent) -> None:
        """Take one event."""
        if event.diagnostic_event is not None:
            if event.diagnostic_event.severity == "error":
                self._errors.append(_said(event.diagnostic_event))
            return
        with self._lock:
            self.events.append(event)
        if event.resource_pre_event is not None:
            self._report(event.resource_pre_event.metadata, finished=False)
        elif event.res_outputs_event is not None:
            self._report(event.res_outputs_event.metadata, finished=True)
        elif event.summary_event is not None:
            self.changes = {str(OpType(key).value): int(n) for key, n in event.summary_event.resource_changes.items()}

    def _report(self, metadata: StepEventMetadata, *, finished: bool) -> None:
        if metadata.op in _QUIET or metadata.urn.split("::")[2].startswith("pulumi:"):
            return
        refreshing = metadata.op == OpType.REFRESH
        with self._lock:
            if finished and refreshing:
                self._refreshed += 1
            elif finished:
                self._done += 1
            done = self._refreshed if refreshing else self._done
        if self._progress is not None:
            self._progress(
                Progress(
                    step="refresh" if refreshing else self._step,
                    kind=kind_of(metadata.urn),
                    name=name_of(metadata.urn),
                    operation=metadata.op.value,
                    done=done,
                    total=0 if refreshing else self._total,
                )
            )

    def failure(self, otherwise: str) -> str:
        """What the engine and the cloud said went wrong, one line each; ``otherwise`` when they said nothing.

        A step of the plan that did not come is only named where nothing else failed: it is what follows.
        """
        said = list(dict.fromkeys(self._errors))
        causes = [one for one in said if not _FOLLOWS.search(one)]
        return "; ".join((causes or said)[:_MESSAGES]) or otherwise
