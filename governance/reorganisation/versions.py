"""Many projects and systems changed at once: as ``save_project`` and ``save_system`` do with one, in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam

from foundation.evidence import plain
from foundation.store import AgencyOwned, Scope, Transaction
from governance.projects import BusinessSystem, Project
from governance.projects.tables import project_table, system_table, system_version_table, version_table


def save_projects(transaction: Transaction, scope: Scope, changed: Sequence[tuple[Project, Project]]) -> None:
    """Write the second of each pair as the version that follows the first; the copies of those who take part, too."""
    rows = [{**plain(after), "changed_at": after.changed_at} for _, after in changed]
    _rewrite(transaction, project_table, scope, rows)
    copies = [
        (before.id, version, agency, document)
        for before, after in changed
        for version, agencies, document in (
            (before.version, before.agencies, plain(before)),
            (after.version, after.agencies, plain(after)),
            (after.version, before.agencies - after.agencies, None),
        )
        for agency in sorted(agencies)
    ]
    _keep(transaction, version_table, scope, "project", copies)


def save_systems(
    transaction: Transaction, scope: Scope, changed: Sequence[tuple[BusinessSystem, BusinessSystem]]
) -> None:
    """Write the second of each pair as the version that follows the first; the copies of those who take part, too."""
    c = system_table.c
    standing = {row["id"]: row["version"] for row in transaction.rows(system_table.select(scope, c.id, c.version))}
    rows = [{**plain(after), "version": standing[after.id] + 1} for _, after in changed]
    _rewrite(transaction, system_table, scope, rows)
    copies = [
        (before.id, standing[before.id] + step, agency, document)
        for before, after in changed
        for step, agencies, document in (
            (0, before.agencies, plain(before)),
            (1, after.agencies, plain(after)),
            (1, before.agencies - after.agencies, None),
        )
        for agency in sorted(agencies)
    ]
    _keep(transaction, system_version_table, scope, "system", copies)


def _rewrite(transaction: Transaction, table: AgencyOwned, scope: Scope, rows: Sequence[Mapping[str, Any]]) -> None:
    names = [column.name for column in table.table.columns if rows and column.name in rows[0] and column.name != "id"]
    of_one = table.update(scope).where(table.c.id == bindparam("b_id"))
    written = of_one.values({name: bindparam(f"b_{name}", type_=table.c[name].type) for name in names})
    transaction.write(written, [{f"b_{name}": row[name] for name in ("id", *names)} for row in rows])


def _keep(
    transaction: Transaction,
    table: AgencyOwned,
    scope: Scope,
    name: str,
    copies: Iterable[tuple[str, int, str, Any]],
) -> None:
    """The copies that are not there: of something recorded before versions were kept, its first one too."""
    c = table.c
    there = {
        (row[name], row["version"], row["agency"])
        for row in transaction.rows(table.select(scope, c[name], c.version, c.agency))
    }
    rows = [
        {name: id_, "version": version, "agency": agency, "document": document}
        for id_, version, agency, document in copies
        if (id_, version, agency) not in there
    ]
    transaction.write(table.insert(scope), rows)
