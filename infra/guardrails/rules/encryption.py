"""Data at rest is encrypted with the agency's key, data on the way with TLS."""

from __future__ import annotations

from collections.abc import Iterable

from infra.engine.model import PlanSummary
from infra.guardrails.model import Context, Hit
from infra.guardrails.reading import existing, first, known, principals, statements, texts

ENCRYPTED = ("encrypted", "root_encrypted", "storage_encrypted", "at_rest_encryption_enabled")
KEY = (
    *("kms_key_id", "kms_key_arn", "kms_master_key_id", "encryption_key_arn", "encryption_key_id"),
    "root_kms_key_id",
)
KEYED = frozenset(
    {
        *("Bucket", "Volume", "FileSystem", "Secret", "LogGroup", "Trail", "BackupVault", "Parameter"),
        *("Database", "DatabaseInstance", "DatabaseCluster", "DbInstance", "DbCluster", "Instance"),
    }
)
"""Kinds that hold data and take a key. A machine does on its root disk, where its spec speaks of one: else the image
says."""
ROTATION = ("rotation", "rotation_enabled", "enable_key_rotation", "key_rotation")
TRANSIT = ("transit_encryption_enabled", "transit_encryption", "require_tls")


def unencrypted(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """Something that says it is not encrypted."""
    for step, inputs in existing(plan):
        for name in ENCRYPTED:
            if inputs.get(name) is False:
                yield Hit(step, name, "false")
        if step.kind == "Bucket" and inputs.get("encryption") in {"", "none", "NONE"}:
            yield Hit(step, "encryption", str(inputs["encryption"]) or "none")


def foreign_keys(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """Data under the cloud's own key, or under a key that is not the agency's where those are known."""
    for step, inputs in existing(plan):
        if step.kind not in KEYED or (step.kind == "Instance" and not any(one.startswith("root_") for one in inputs)):
            continue
        name, value = first(inputs, KEY) or (KEY[0], None)
        if not value:
            yield Hit(step, name, "—")
        elif context.keys and known(value) and value not in context.keys:
            yield Hit(step, name, str(value))


def keys_without_rotation(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A key of our own that never changes; one whose material we bring, or that signs, cannot rotate by itself."""
    for step, inputs in existing(plan, "Key", "KmsKey"):
        named = first(inputs, ROTATION)
        symmetric = str(inputs.get("key_spec", "SYMMETRIC_DEFAULT")) == "SYMMETRIC_DEFAULT"
        if named is not None and named[1] is False and symmetric:
            yield Hit(step, named[0], "false")


def buckets_without_tls(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A bucket that may be reached without TLS."""
    for step, inputs in existing(plan, "Bucket"):
        policy = inputs.get("policy")
        if (policy is None or known(policy)) and not any(_denies_plain(one) for one in statements(policy)):
            yield Hit(step, "policy", "aws:SecureTransport —")


def listeners_without_tls(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A load balancer that speaks plain HTTP and does more than point to HTTPS."""
    for step, inputs in existing(plan, "Listener", "LoadBalancerListener"):
        actions = first(inputs, ("default_action", "default_actions", "actions"))
        redirects = "redirect" in str(actions) and "HTTPS" in str(actions).upper()
        if str(inputs.get("protocol", "")).upper() == "HTTP" and not redirects:
            yield Hit(step, "protocol", "HTTP")


def transit_in_the_clear(plan: PlanSummary, context: Context) -> Iterable[Hit]:
    """A service that was told not to encrypt what it sends."""
    for step, inputs in existing(plan):
        for name in TRANSIT:
            if inputs.get(name) is False:
                yield Hit(step, name, "false")


def _denies_plain(statement: object) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") != "Deny" or "*" not in principals(statement):
        return False
    condition = statement.get("Condition") or {}
    bools = condition.get("Bool") or {}
    everything = {"s3:*", "*"} & set(texts(statement.get("Action")))
    return str(bools.get("aws:SecureTransport", "")).lower() == "false" and bool(everything)
