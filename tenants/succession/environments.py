"""Which environments there are: a split that names a system takes its environments along."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from foundation.store import Transaction
from governance.authority import machine_scope
from tenants.environments.model import EnvironmentState
from tenants.environments.tables import environment_table


def open_environments(transaction: Transaction, agencies: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """Environments of these agencies that are not closed: id → (agency, system)."""
    c = environment_table.c
    query = environment_table.select(machine_scope(), c.id, c.agency, c.system)
    there = query.where(c.agency.in_(sorted(agencies)), c.state != EnvironmentState.CLOSED.value)
    return {row["id"]: (row["agency"], row["system"]) for row in transaction.rows(there)}
