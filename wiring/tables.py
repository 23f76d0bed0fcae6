"""Gathers every room's tables on the one metadata, for Alembic and for tests."""

from __future__ import annotations

import importlib

from sqlalchemy import MetaData

from foundation.store import metadata

ROOMS_WITH_TABLES = (
    "billing.items.tables",
    "billing.ledger.tables",
    "billing.settlement.tables",
    "billing.statements.tables",
    "billing.usage.tables",
    "foundation.work.due.tables",
    "foundation.work.leases",
    "foundation.work.outbox.tables",
    "foundation.work.runs.tables",
    "governance.attachments.tables",
    "governance.audit.checkpoint_tables",
    "governance.audit.tables",
    "governance.authority.decisions",
    "governance.authority.glass",
    "governance.calendar.tables",
    "governance.catalogue.tables",
    "governance.ceremony.tables",
    "governance.contracts.commitment_tables",
    "governance.contracts.tables",
    "governance.installation",
    "governance.lists.tables",
    "governance.logins.tables",
    "governance.parties.delegations",
    "governance.parties.engagements",
    "governance.parties.leaders",
    "governance.parties.levels",
    "governance.parties.memberships",
    "governance.parties.merging",
    "governance.parties.successions",
    "governance.parties.tables",
    "governance.personnel.conflicts",
    "governance.projects.change_tables",
    "governance.projects.coding_tables",
    "governance.projects.tables",
    "governance.reorganisation.tables",
    "governance.tasks.tables",
    "infra.deployments.tables",
    "infra.drift.tables",
    "infra.fleet.tables",
    "infra.guardrails.tables",
    "infra.landing_zone.tables",
    "monitoring.sli.tables",
    "runbooks.tables",
    "supervision.grades.tables",
    "takeover.tables",
    "tenants.addresses.tables",
    "tenants.datasets.tables",
    "tenants.environments.tables",
    "tenants.grants.tables",
    "tenants.needs.likeness_tables",
    "tenants.needs.rounds",
    "tenants.needs.tables",
    "tenants.needs.terms",
    "tenants.needs.urgent_tables",
    "tenants.numbering",
    "tenants.quotas.tables",
    "tenants.register.tables",
    "tenants.requests.evidence_tables",
    "tenants.requests.policy_tables",
    "tenants.requests.tables",
)
"""A test holds that every module which makes a table stands here."""


def gather() -> MetaData:
    """The metadata with every table on it."""
    for module in ROOMS_WITH_TABLES:
        importlib.import_module(module)
    return metadata
