"""The library: every runbook there is, as data.

Owns the texts and the order of steps. What carries a step out stands in ``runbooks.running``.
"""

from __future__ import annotations

from collections.abc import Mapping

from runbooks.library.restore_state import RESTORE_STATE
from runbooks.library.resume_environment import RESUME_ENVIRONMENT
from runbooks.model import Runbook

__all__ = ["RUNBOOKS"]

RUNBOOKS: Mapping[str, Runbook] = {runbook.id: runbook for runbook in (RESUME_ENVIRONMENT, RESTORE_STATE)}
