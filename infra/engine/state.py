"""Reading the engine's exported state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.engine.model import StackState

_STACK = "pulumi:pulumi:Stack"


def read_state(environment: str, exported: Mapping[str, Any]) -> StackState:
    """What ``pulumi stack export`` wrote, reduced to ids, outputs and unfinished operations."""
    deployment = exported.get("deployment") or {}
    ids: dict[str, set[str]] = {}
    outputs: dict[str, dict[str, str]] = {}
    held: dict[tuple[str, str], str] = {}
    for resource in deployment.get("resources") or ():
        kind = str(resource["type"])
        if kind == _STACK:
            outputs = {
                key: dict(value) for key, value in (resource.get("outputs") or {}).items() if isinstance(value, dict)
            }
        elif resource.get("custom") and resource.get("id") and not kind.startswith("pulumi:"):
            ids.setdefault(kind, set()).add(str(resource["id"]))
            if not resource.get("delete"):
                held[kind.rpartition(":")[2], str(resource["urn"]).rpartition("::")[2]] = str(resource["id"])
    pending = [f"{one['type']} {one['resource']['urn']}" for one in deployment.get("pending_operations") or ()]
    return StackState(
        environment=environment,
        ids={kind: frozenset(found) for kind, found in sorted(ids.items())},
        outputs=outputs,
        pending=tuple(pending),
        held=held,
    )
