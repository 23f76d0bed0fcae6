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
    "governance.audit.tables",
    "governance.authority.decisions",
    "governance.calendar.tables",
    "governance.catalogue.tables",
    "governance.contracts.tables",
    "governance.installation",
    "governance.parties.tables",
    "infra.deployments.tables",
    "monitoring.sli.tables",
    "runbooks.tables",
    "supervision.grades.tables",
    "takeover.tables",
    "tenants.environments.tables",
    "tenants.register.tables",
    "tenants.requests.tables",
)
"""A test holds that every module which makes a table stands here."""


def gather() -> MetaData:
    """The metadata with every table on it."""
    for module in ROOMS_WITH_TABLES:
        importlib.import_module(module)
    return metadata
