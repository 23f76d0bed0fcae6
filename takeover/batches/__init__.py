"""Which machines move together 分批, and what they become: plans, disks, environment specs.

Owns fitting a machine to the smallest plan, choosing a first batch of whole systems, and drawing up the environment
spec of each. Pure: plans and addresses come in as values. Deciding on a spec is ``tenants``'.
"""

from takeover.batches.fitting import BatchPlan, MachineDraft, SystemDraft, plan_batch
from takeover.batches.selection import BatchRule, first_batch
from takeover.batches.specs import EnvironmentDraft, EnvironmentSettings, environment_spec
from takeover.batches.subnets import environment_prefix

__all__ = [
    "BatchPlan",
    "BatchRule",
    "EnvironmentDraft",
    "EnvironmentSettings",
    "MachineDraft",
    "SystemDraft",
    "environment_prefix",
    "environment_spec",
    "first_batch",
    "plan_batch",
]
