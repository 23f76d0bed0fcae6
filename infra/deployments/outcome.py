"""What the end of a deployment tells the rest of the house: the ``deployment.ended`` event's payload. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from foundation.evidence import canonical_bytes, sha256_hex
from foundation.evidence.canonical import decimal_text
from foundation.values.instant import format_instant
from governance.environments import EnvironmentSpec, charged_parts
from infra.components import Spec
from infra.deployments.model import Deployment, Plan
from infra.engine.model import Operation, Outputs, PlannedStep, PlanSummary, StackState

TOPIC = "deployment.ended"
LANDING_ZONE_TOPIC = "landing-zone.ended"
"""The landing zone's own: it is no agency's, nothing of it is charged, and the register has no place for it."""


def topic_of(plan: Plan) -> str:
    """What the end of the plan's deployment is announced as."""
    return TOPIC if isinstance(plan.spec, EnvironmentSpec) else LANDING_ZONE_TOPIC


def ended_payload(plan: Plan, deployment: Deployment, outputs: Outputs, instant: datetime) -> dict[str, Any]:
    """Whose environment, which spec runs, from which business ``instant``, and every resource that exists now.

    Each resource: ``resource`` (``environment/kind/name``, stable over replacements), ``cloud_id``, ``kind``,
    ``name``, ``plan`` (of the catalogue; empty where not charged by itself), ``attributes`` (exact numbers as text).
    """
    spec = plan.spec
    return {
        "deployment": deployment.id,
        "environment": plan.environment,
        "agency": plan.agency,
        "system": spec.system,
        "project": spec.project,
        "fund_source": spec.fund_source,
        "request": plan.request,
        "spec_digest": plan.spec_digest,
        "terminated": plan.terminate,
        "instant": format_instant(instant),
        "resources": [] if plan.terminate else list(_resources(spec, outputs)),
    }


def _resources(spec: Spec, outputs: Outputs) -> Iterable[dict[str, Any]]:
    tenants = spec if isinstance(spec, EnvironmentSpec) else None
    charged = {(part.kind, part.name): part for part in (charged_parts(tenants) if tenants else ())}
    machines = tenants.instances if tenants else ()
    sizes = {volume.name: volume.size_gb for instance in machines for volume in instance.volumes}
    for kind, named in sorted(outputs.items()):
        for name, cloud_id in sorted(named.items()):
            part = charged.get((kind, name))
            attributes: dict[str, str] = {}
            if part is not None:
                attributes = {key: decimal_text(value) for key, value in sorted(part.attributes.items())}
            elif kind == "volume" and name in sizes:
                attributes = {"size_gb": str(sizes[name])}
            yield {
                "resource": f"{spec.environment}/{kind}/{name}",
                "cloud_id": cloud_id,
                "kind": kind,
                "name": name,
                "plan": "" if part is None else part.plan,
                "attributes": attributes,
            }


def termination(state: StackState, spec_digest: str) -> PlanSummary:
    """The plan of ending an environment: a delete for every resource its state names.

    The engine has no preview of a destroy that a digest could cover; the ids themselves are what is agreed to.
    """
    names = {cloud_id: name for named in state.outputs.values() for name, cloud_id in named.items()}
    steps = tuple(
        PlannedStep(
            urn=f"{kind}::{cloud_id}",
            kind=kind.rpartition(":")[2],
            name=names.get(cloud_id, cloud_id),
            operation=Operation.DELETE,
        )
        for kind, ids in sorted(state.ids.items())
        for cloud_id in sorted(ids)
    )
    return PlanSummary(
        environment=state.environment,
        spec_digest=spec_digest,
        provider_version="",
        steps=steps,
        engine_plan=sha256_hex(canonical_bytes(["destroy", [step.urn for step in steps]])),
    )
