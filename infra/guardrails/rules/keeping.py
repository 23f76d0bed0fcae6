"""What must stay: data, protected resources, logs; and who pays for each thing."""

from __future__ import annotations

from collections.abc import Iterable

from infra.engine.model import PlanSummary
from infra.guardrails.model import Context, Hit
from infra.guardrails.reading import Inputs, existing, first, going, known

DATA_KINDS = frozenset(
    {
        *("Volume", "Bucket", "FileSystem", "Database", "DatabaseInstance", "DatabaseCluster", "DbInstance"),
        *("DbCluster", "Snapshot", "DatabaseSnapshot", "BackupVault", "RecoveryPoint", "Secret", "Key", "Table"),
    }
)
"""Kinds whose deletion or replacement loses an agency's data: a key, too, without which nothing can be read."""
PROTECTIONS = ("deletion_protection", "termination_protection", "disable_api_termination")
CARELESS = ("force_destroy", "skip_final_snapshot", "force_delete")
LOCKS = ("object_lock", "object_lock_enabled", "object_lock_mode", "object_lock_days", "object_lock_retention_days")
TRAIL_BUCKET = ("bucket", "bucket_name", "s3_bucket_name")


def data_deleted(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """Data that goes without an approved end of the environment."""
    if context.terminate:
        return
    for step in going(plan):
        if step.kind in DATA_KINDS:
            yield Hit(step, "operation", step.operation.value)


def data_unguarded(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """Data that one later step would lose without a copy."""
    for step, inputs in existing(plan):
        for name in CARELESS:
            if inputs.get(name) is True:
                yield Hit(step, name, "true")


def protected_deleted(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """What is protected as it stands now is not deleted by the same plan that lifts the protection."""
    for step in going(plan):
        tags = step.before.get("tags")
        tagged = tags.get(context.policy.protected_tag) if isinstance(tags, dict) else None
        if str(tagged).lower() == "true":
            yield Hit(step, f"tags.{context.policy.protected_tag}", "true")
        for name in PROTECTIONS:
            if step.before.get(name) is True:
                yield Hit(step, name, "true")


def trails_unlocked(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """The audit trail's own bucket, or a bucket that says it is the log archive, without object lock."""
    trails = {_bucket_of(inputs) for _, inputs in existing(plan, "Trail")}
    for step, inputs in existing(plan, "Bucket"):
        archive = inputs.get("name") in trails or _purpose(inputs, context) == "log-archive"
        if archive and not _locked(inputs):
            yield Hit(step, LOCKS[0], "—")


def logs_unlocked(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """Any other bucket of logs without object lock."""
    targets = {str(inputs.get("destination_arn", "")).rpartition(":")[2] for _, inputs in existing(plan, "FlowLog")}
    for step, inputs in existing(plan, "Bucket"):
        logs = inputs.get("name") in {one.partition("/")[0] for one in targets} or _purpose(inputs, context) == "logs"
        if logs and not _locked(inputs):
            yield Hit(step, LOCKS[0], "—")


def tags_missing(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A resource that does not say who pays, or names another agency, system, project or fund source."""
    if not context.tags:
        return
    for step, inputs in existing(plan):
        tags = inputs.get("tags")
        if not isinstance(tags, dict):  # a kind without tags, or with values the plan does not know
            continue
        for name in context.policy.mandatory_tags:
            value = tags.get(name)
            if not value:
                yield Hit(step, f"tags.{name}", "—")
            elif known(value) and value != context.tags.get(name, value):
                yield Hit(step, f"tags.{name}", str(value))


def _locked(inputs: Inputs) -> bool:
    named = first(inputs, LOCKS)
    return named is not None and bool(named[1])


def _purpose(inputs: Inputs, context: Context) -> str:
    tags = inputs.get("tags")
    return str(tags.get(context.policy.purpose_tag, "")) if isinstance(tags, dict) else ""


def _bucket_of(inputs: Inputs) -> str:
    named = first(inputs, TRAIL_BUCKET)
    return "" if named is None or not known(named[1]) else str(named[1])
