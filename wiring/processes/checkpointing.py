"""The worker's checkpoints of the audit log: one when so many entries are new, or after so long."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from foundation.store import StoreError
from governance.audit import Checkpoint, CheckpointPolicy, checkpoint_due, make_checkpoints

if TYPE_CHECKING:
    from wiring.application import Application

_log = structlog.get_logger("guanyun.worker")
_BETWEEN = 15.0
"""Seconds between two looks: two small queries."""


def checkpoint_now(application: Application, *, at_once: bool = False) -> Sequence[Checkpoint]:
    """Sign and hand out what is due (``at_once``: the head in any case)."""
    signer = application.signer("operator.evidence")
    clock, policy = application.office.clocks.real, CheckpointPolicy()
    with application.store.transaction() as transaction:
        return make_checkpoints(transaction, signer, clock=clock, policy=policy, at_once=at_once)


class Checkpoints:
    """Looks now and then; no run of the queue, whose own entries would ask for the next checkpoint."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the look under way."""
        self._stopped.set()
        self._thread.join()

    def once(self) -> None:
        """One look. Nothing is raised: what fails is logged, and the next look tries again."""
        application = self._application
        try:
            with application.store.reading() as transaction:
                due = checkpoint_due(transaction, application.office.clocks.real(), CheckpointPolicy())
            if due:
                for made in checkpoint_now(application):
                    _log.info("audit.checkpoint", number=made.number)
        except StoreError as error:
            _log.warning("audit.checkpoint-waits", code=error.code, because=error.text("en"))
        except Exception:
            _log.exception("audit.checkpoint-failed")

    def _run(self) -> None:
        while not self._stopped.wait(_BETWEEN):
            self.once()
