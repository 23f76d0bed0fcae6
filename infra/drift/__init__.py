"""Drift 漂移: what the cloud holds otherwise than it was applied, who did it, and the two ways out.

Owns looks, findings, acceptances, and what of a finding has a word in the spec. Changes neither cloud nor state: a
revert is an ordinary plan of ``infra.deployments``, an adoption a changed spec that is asked for and approved like any
other. When looks are due, and what carries them out, is ``foundation.work``'s.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from infra.drift.model import Acceptance, Change, Ending, Finding, Look, LookOutcome, Seen, TrailState, Who
from infra.drift.nightly import LOOK, NIGHT, LookAt, Night, look_job, look_kind, night_kind
from infra.drift.ports import Enqueue, Trail, Watcher
from infra.drift.reaching import Reach

if TYPE_CHECKING:
    from infra.drift.adopting import Adoption, Left
    from infra.drift.deciding import (
        Reverting,
        accept_finding,
        adoption_of,
        list_findings,
        list_looks,
        revert,
        show_finding,
    )
    from infra.drift.looking import look
    from infra.drift.trail import CloudTrail

# Whoever only names the kinds of work loads no engine.
_LATER = {
    **dict.fromkeys(("Adoption", "Left"), "adopting"),
    **dict.fromkeys(
        ("Reverting", "accept_finding", "adoption_of", "list_findings", "list_looks", "revert", "show_finding"),
        "deciding",
    ),
    "CloudTrail": "trail",
    "look": "looking",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "LOOK",
    "NIGHT",
    "Acceptance",
    "Adoption",
    "Change",
    "CloudTrail",
    "Ending",
    "Enqueue",
    "Finding",
    "Left",
    "Look",
    "LookAt",
    "LookOutcome",
    "Night",
    "Reach",
    "Reverting",
    "Seen",
    "Trail",
    "TrailState",
    "Watcher",
    "Who",
    "accept_finding",
    "adoption_of",
    "list_findings",
    "list_looks",
    "look",
    "look_job",
    "look_kind",
    "night_kind",
    "revert",
    "show_finding",
]
