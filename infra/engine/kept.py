"""The last plan of an environment, kept so that a fresh environment need not be planned twice.

Between plan and apply only the cloud may have moved, and it reaches a plan only by what the state knows of it. Where
the state is empty the same inputs give the same plan, and the engine holds the program to it step by step in any case.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from foundation.evidence import canonical_bytes
from infra.engine.files import write_durably
from infra.engine.model import PlanSummary, plan_from_document

_PLAN, _SUMMARY = "plan.json", "summary.json"


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """``by`` are the digests and versions of everything but the cloud that a plan follows from."""

    folder: Path
    by: Mapping[str, str]

    def keep(self, summary: PlanSummary, plan: Path, *, fresh: bool) -> None:
        """Keep the engine's ``plan`` of a fresh environment; forget any other."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if not fresh:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        write_durably(self.folder / _PLAN, plan.read_bytes())
        write_durably(self.folder / _SUMMARY, canonical_bytes({"by": dict(self.by), "summary": summary.document()}))

    def take(self, approved: str, plan: Path, *, fresh: bool) -> PlanSummary | None:
        """Give the plan with the ``approved`` digest, written to ``plan``; None where it must be made again."""
        try:
            kept = json.loads((self.folder / _SUMMARY).read_bytes())
            content = (self.folder / _PLAN).read_bytes()
        except (OSError, ValueError):
            return None
        summary = plan_from_document(kept["summary"])
        if not fresh or kept["by"] != self.by or summary.digest != approved:
            return None
        write_durably(plan, content)
        return summary
