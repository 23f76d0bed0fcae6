"""The environments' table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ForeignKey, RowMapping, String, Table

from foundation.store import AgencyOwned, Document, Scope, Transaction, metadata
from governance.environments import spec_document, spec_from_document
from tenants.environments.model import Environment, EnvironmentState

environment_table = AgencyOwned(
    Table(
        "environment",
        metadata,
        Column("id", String(64), primary_key=True),
        Column("agency", ForeignKey("party.id"), nullable=False, index=True),
        Column("system", String(60), nullable=False),
        Column("state", String(20), nullable=False),
        Column("request", String(60), nullable=False),
        Column("spec", Document),
        Column("spec_digest", String(64), nullable=False),
        Column("deployed_digest", String(64), nullable=False),
    )
)


def save_environment(transaction: Transaction, scope: Scope, environment: Environment) -> None:
    """Write the record, new or as it now is."""
    row: dict[str, Any] = {
        "id": environment.id,
        "agency": environment.agency,
        "system": environment.system,
        "state": environment.state.value,
        "request": environment.request,
        "spec": None if environment.spec is None else spec_document(environment.spec),
        "spec_digest": environment.spec_digest,
        "deployed_digest": environment.deployed_digest,
    }
    changed = environment_table.update(scope).where(environment_table.c.id == environment.id).values(**row)
    if transaction.write(changed) == 0:
        transaction.write(environment_table.insert().values(**row))


def read_environment(transaction: Transaction, scope: Scope, environment: str) -> Environment | None:
    """The record with that id inside the scope."""
    row = transaction.row(environment_table.select(scope).where(environment_table.c.id == environment))
    return None if row is None else _environment(row)


def read_environments(transaction: Transaction, scope: Scope) -> Sequence[Environment]:
    """Every record inside the scope, by id."""
    rows = transaction.rows(environment_table.select(scope).order_by(environment_table.c.id))
    return [_environment(row) for row in rows]


def standing_of(transaction: Transaction, scope: Scope, environments: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Environment → (the number of its request, the digest that runs), by one query that reads no spec."""
    columns = environment_table.c
    query = environment_table.select(scope, columns.id, columns.request, columns.deployed_digest)
    rows = transaction.rows(query.where(columns.id.in_(environments)))
    return {row["id"]: (row["request"], row["deployed_digest"]) for row in rows}


def _environment(row: RowMapping) -> Environment:
    spec = None if row["spec"] is None else spec_from_document(row["spec"])[0]
    return Environment(
        id=row["id"],
        agency=row["agency"],
        system=row["system"],
        state=EnvironmentState(row["state"]),
        request=row["request"],
        spec=spec,
        spec_digest=row["spec_digest"],
        deployed_digest=row["deployed_digest"],
    )
