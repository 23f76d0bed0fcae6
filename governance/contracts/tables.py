"""The tables of contracts, projects and business systems, and their queries.

A project and a system are an agency's own: they are read through a scope.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, RowMapping, String, Table, select

from foundation.evidence import plain
from foundation.store import AgencyOwned, Document, Fen, Instant, Scope, Transaction, metadata
from foundation.values.instant import Interval
from governance.contracts.model import BusinessSystem, Contract, GradeStep, Project, SettlementScheme, SlaTier
from governance.errors import NotFound
from governance.parties.tables import party_table

contract_table = Table(
    "contract",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("document_number", String(200), nullable=False),
    Column("buyer", ForeignKey(party_table.c.id), nullable=False),
    Column("operator", ForeignKey(party_table.c.id), nullable=False),
    Column("payer", ForeignKey(party_table.c.id), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("ceiling", Fen, nullable=False),
    Column("scheme", Document, nullable=False),
    CheckConstraint("buyer <> operator", name="two_sides"),
    CheckConstraint("ceiling > 0", name="ceiling_positive"),
)
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
    ),
    "lead",
)
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
    )
)


def add_contract(transaction: Transaction, contract: Contract) -> bool:
    """Record a contract; False if the same one stands already, ``AlreadyThere`` if another under its id."""
    row = {
        "id": contract.id,
        "document_number": contract.document_number,
        "buyer": contract.buyer,
        "operator": contract.operator,
        "payer": contract.payer,
        "starts_at": contract.term.start,
        "ends_at": contract.term.end,
        "ceiling": contract.ceiling,
        "scheme": plain(contract.scheme),
    }
    return transaction.insert_once(contract_table, row, what="contract")


def contracts(transaction: Transaction) -> Sequence[Contract]:
    """Every contract, by id."""
    return [_contract(row) for row in transaction.rows(select(contract_table).order_by(contract_table.c.id))]


def contract_of(transaction: Transaction, id_: str) -> Contract:
    """The contract with that id; raises ``NotFound``."""
    row = transaction.row(select(contract_table).where(contract_table.c.id == id_))
    if row is None:
        raise NotFound(what_zh="这份合同:", what_en="contract", key=id_)
    return _contract(row)


def add_project(transaction: Transaction, project: Project) -> bool:
    """Record a project; False if the same one stands already."""
    return transaction.insert_once(project_table, plain(project), what="project")


def projects(transaction: Transaction, scope: Scope) -> Sequence[Project]:
    """Every project inside the scope, by id."""
    return [Project(**row) for row in transaction.rows(project_table.select(scope).order_by(project_table.c.id))]


def project_of(transaction: Transaction, scope: Scope, id_: str) -> Project:
    """The project with that id; raises ``NotFound``, also outside the scope."""
    row = transaction.row(project_table.select(scope).where(project_table.c.id == id_))
    if row is None:
        raise NotFound(what_zh="这个项目:", what_en="project", key=id_)
    return Project(**row)


def add_system(transaction: Transaction, system: BusinessSystem) -> bool:
    """Record a business system; False if the same one stands already, ``AlreadyThere`` if another under its id."""
    return transaction.insert_once(system_table, plain(system), what="business system")


def systems(transaction: Transaction, scope: Scope) -> Sequence[BusinessSystem]:
    """Every business system inside the scope, by id."""
    return [BusinessSystem(**row) for row in transaction.rows(system_table.select(scope).order_by(system_table.c.id))]


def system_of(transaction: Transaction, scope: Scope, id_: str) -> BusinessSystem:
    """The business system with that id; raises ``NotFound``, also outside the scope."""
    row = transaction.row(system_table.select(scope).where(system_table.c.id == id_))
    if row is None:
        raise NotFound(what_zh="这个业务系统:", what_en="business system", key=id_)
    return BusinessSystem(**row)


def _contract(row: RowMapping) -> Contract:
    return Contract(
        id=row["id"],
        document_number=row["document_number"],
        buyer=row["buyer"],
        operator=row["operator"],
        payer=row["payer"],
        term=Interval(row["starts_at"], row["ends_at"]),
        ceiling=row["ceiling"],
        scheme=_scheme(row["scheme"]),
    )


def _scheme(document: dict[str, Any]) -> SettlementScheme:
    return SettlementScheme(
        id=document["id"],
        grades=tuple(GradeStep(step["at_least"], Decimal(step["coefficient"])) for step in document["grades"]),
        tiers=tuple(SlaTier(Decimal(tier["below"]), Decimal(tier["deduction"])) for tier in document["tiers"]),
        grace=Decimal(document["grace"]),
        withheld=Decimal(document["withheld"]),
        silence_working_days=document["silence_working_days"],
    )
