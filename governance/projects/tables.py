"""The tables of projects and business systems, and their queries: each an agency's own, read through a scope.

``project`` and ``business_system`` hold what stands now and belong to the lead. ``project_version`` and
``system_version`` hold every version, a copy for each agency that takes part, and are only ever added to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, RowMapping, String, Table

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Fen, Instant, Scope, Transaction, append_only, metadata
from foundation.values.instant import parse_instant
from governance.parties.tables import party_table
from governance.projects import versions
from governance.projects.model import BusinessSystem, FundSource, Goal, Participant, Project, ProjectState, SystemUser
from governance.projects.versions import Kept

project_table = AgencyOwned(
    Table(
        "project",
        metadata,
        Column("id", String(40), primary_key=True),
        Column("zh", String(200), nullable=False),
        Column("en", String(200), nullable=False),
        Column("lead", ForeignKey(party_table.c.id), nullable=False, index=True),
        Column("document_number", String(200), nullable=False),
        Column("ceiling", Fen, nullable=False),
        Column("state", String(20), nullable=False, server_default="approved"),
        Column("participants", Document, nullable=False, server_default="[]"),
        Column("funds", Document, nullable=False, server_default="[]"),
        Column("goals", Document, nullable=False, server_default="[]"),
        Column("need", String(2000), nullable=False, server_default=""),
        Column("contract", String(40), nullable=False, server_default=""),
        Column("reason", String(500), nullable=False, server_default=""),
        Column("version", Integer, nullable=False, server_default="1"),
        Column("changed_at", Instant),
        CheckConstraint("version >= 1", name="version_positive"),
    ),
    "lead",
)
version_table = AgencyOwned(
    Table(
        "project_version",
        metadata,
        Column("project", ForeignKey("project.id"), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey(party_table.c.id), primary_key=True),
        Column("document", Document),  # nothing in the version in which the agency no longer takes part
    )
)
append_only(version_table.table, "versions of projects are append-only")
system_table = AgencyOwned(
    Table(
        "business_system",
        metadata,
        Column("id", String(40), primary_key=True),
        Column("zh", String(200), nullable=False),
        Column("en", String(200), nullable=False),
        Column("agency", ForeignKey(party_table.c.id), nullable=False, index=True),
        Column("project", ForeignKey("project.id"), nullable=False),
        Column("fund_source", String(100), nullable=False),
        Column("users", Document, nullable=False, server_default="[]"),
        Column("version", Integer, nullable=False, server_default="1"),
    )
)
system_version_table = AgencyOwned(
    Table(
        "system_version",
        metadata,
        Column("system", ForeignKey("business_system.id"), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("agency", ForeignKey(party_table.c.id), primary_key=True),
        Column("document", Document),
    )
)
append_only(system_version_table.table, "versions of business systems are append-only")

_PROJECT = tuple(column.name for column in project_table.c)
_SYSTEM = ("id", "zh", "en", "agency", "project", "fund_source", "users")


# rows and values


def _row(project: Project) -> dict[str, Any]:
    document = plain(project)
    return {**{name: document[name] for name in _PROJECT}, "changed_at": project.changed_at}


def _project(row: RowMapping) -> Project:
    return _project_of({name: row[name] for name in _PROJECT}, row["changed_at"])


def project_from(document: Mapping[str, Any]) -> Project:
    """A project out of the document of one of its versions."""
    changed_at = document["changed_at"]
    return _project_of(document, None if changed_at is None else parse_instant(changed_at))


def _project_of(fields: Mapping[str, Any], changed_at: datetime | None) -> Project:
    return Project(
        **{
            **{name: fields[name] for name in _PROJECT},
            "state": ProjectState(fields["state"]),
            "participants": tuple(Participant(one["agency"], Decimal(one["share"])) for one in fields["participants"]),
            "funds": tuple(FundSource(one["name"], Decimal(one["share"]), one["level"]) for one in fields["funds"]),
            "goals": tuple(Goal(**one) for one in fields["goals"]),
            "changed_at": changed_at,
        }
    )


def _system(row: RowMapping) -> BusinessSystem:
    return system_from({name: row[name] for name in _SYSTEM})


def system_from(document: Mapping[str, Any]) -> BusinessSystem:
    """A business system out of the document of one of its versions."""
    users = tuple(SystemUser(one["agency"], Decimal(one["share"])) for one in document["users"])
    return BusinessSystem(**{**{name: document[name] for name in _SYSTEM}, "users": users})


PROJECTS = Kept("project", "这个项目:", "project", project_table, version_table, _project, project_from)
SYSTEMS = Kept("system", "这个业务系统:", "business system", system_table, system_version_table, _system, system_from)


# projects


def add_project(transaction: Transaction, project: Project) -> bool:
    """Record a project; False if the same one stands already, ``AlreadyThere`` if another under its id."""
    with transaction.as_machine():  # an id is taken or not, whoever has it
        new = transaction.insert_once(project_table, _row(project), what="project")
    if new:
        versions.keep_first(PROJECTS, transaction, project)
    return new


def save_project(transaction: Transaction, scope: Scope, before: Project, after: Project) -> None:
    """Write ``after`` as the version that follows ``before``. One of two who try at once finds ``NotFound``."""
    c = project_table.c
    written = transaction.write(
        project_table.update(scope).where(c.id == before.id, c.version == before.version).values(**_row(after))
    )
    if written != 1:
        raise PROJECTS.none_of(before.id)
    versions.keep_next(PROJECTS, transaction, before, after, after.version)


def projects(transaction: Transaction, scope: Scope) -> Sequence[Project]:
    """Every project inside the scope, by id: those an agency leads and those it takes part in."""
    return versions.every(PROJECTS, transaction, scope)


def project_of(transaction: Transaction, scope: Scope, id_: str) -> Project:
    """The project with that id; raises ``NotFound``, also outside the scope."""
    return versions.one(PROJECTS, transaction, scope, id_)


def project_versions(transaction: Transaction, scope: Scope, id_: str) -> Sequence[Project]:
    """Every version the reader may see, oldest first; of a project it may not see, ``NotFound``."""
    return versions.versions(PROJECTS, transaction, scope, id_)


# business systems


def add_system(transaction: Transaction, system: BusinessSystem) -> bool:
    """Record a business system; False if the same one stands already, ``AlreadyThere`` if another under its id."""
    new = transaction.insert_once(system_table, plain(system), what="business system")
    if new:
        versions.keep_first(SYSTEMS, transaction, system)
    return new


def save_system(transaction: Transaction, scope: Scope, after: BusinessSystem) -> int:
    """Write ``after`` as the next version of the system of its id; returns its number. Raises ``NotFound``."""
    row = transaction.row(system_table.select(scope).where(system_table.c.id == after.id).with_for_update())
    if row is None:
        raise SYSTEMS.none_of(after.id)
    version = int(row["version"]) + 1
    transaction.write(
        system_table.update(scope).where(system_table.c.id == after.id).values(**plain(after), version=version)
    )
    versions.keep_next(SYSTEMS, transaction, _system(row), after, version)
    return version


def systems(transaction: Transaction, scope: Scope) -> Sequence[BusinessSystem]:
    """Every business system inside the scope, by id: an agency's own and those it shares."""
    return versions.every(SYSTEMS, transaction, scope)


def system_of(transaction: Transaction, scope: Scope, id_: str) -> BusinessSystem:
    """The business system with that id; raises ``NotFound``, also outside the scope."""
    return versions.one(SYSTEMS, transaction, scope, id_)


def system_versions(transaction: Transaction, scope: Scope, id_: str) -> Sequence[BusinessSystem]:
    """Every version the reader may see, oldest first."""
    return versions.versions(SYSTEMS, transaction, scope, id_)
