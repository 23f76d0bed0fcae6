"""The tables of contracts and their supplementary agreements, and their queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, RowMapping, String, Table, select

from foundation.evidence import plain
from foundation.store import Document, Fen, Instant, Transaction, metadata
from foundation.values.instant import Interval
from governance.contracts.model import Contract, ContractLine, GradeStep, SettlementScheme, SlaTier
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
    Column("lines", Document, nullable=False, server_default="[]"),
    Column("warnings", Document, nullable=False, server_default='["0.8","1"]'),
    CheckConstraint("buyer <> operator", name="two_sides"),
    CheckConstraint("ceiling > 0", name="ceiling_positive"),
)
amendment_table = Table(
    "contract_amendment",
    metadata,
    Column("contract", ForeignKey("contract.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document_number", String(200), nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("ceiling", Fen, nullable=False),
    Column("lines", Document, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("drafted_by", ForeignKey("person.id"), nullable=False),
    Column("drafted_at", Instant, nullable=False),
    Column("signed_by", ForeignKey("person.id")),
    Column("signed_at", Instant),
    CheckConstraint("ceiling > 0", name="ceiling_positive"),
    CheckConstraint("version > 1", name="after_the_first"),
    CheckConstraint("signed_by IS NULL OR signed_by <> drafted_by", name="two_persons"),
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
        "lines": plain(contract.lines),
        "warnings": plain(contract.warnings),
    }
    return transaction.insert_once(contract_table, row, what="contract")


def contracts(transaction: Transaction, at: datetime | None = None) -> Sequence[Contract]:
    """Every contract, by id, in the version signed last (by ``at``, where given)."""
    return [
        _as_amended(transaction, row, at)
        for row in transaction.rows(select(contract_table).order_by(contract_table.c.id))
    ]


def contract_of(transaction: Transaction, id_: str, at: datetime | None = None) -> Contract:
    """The contract with that id, in the version signed last (by ``at``, where given); raises ``NotFound``."""
    row = transaction.row(select(contract_table).where(contract_table.c.id == id_))
    if row is None:
        raise NotFound(what_zh="这份合同:", what_en="contract", key=id_)
    return _as_amended(transaction, row, at)


def lines_of(transaction: Transaction, contract: str, at: datetime | None = None) -> Sequence[ContractLine]:
    """The lines of a contract; of one without lines, the one that stands for the whole. Raises ``NotFound``."""
    return contract_of(transaction, contract, at).every_line


def line_of(transaction: Transaction, id_: str) -> ContractLine:
    """The line with that id; raises ``NotFound``."""
    row = transaction.row(select(contract_table).where(contract_table.c.id == id_.rpartition(".")[0]))
    lines = () if row is None else _as_amended(transaction, row, None).every_line
    found = next((line for line in lines if line.id == id_), None)
    if found is None:
        raise NotFound(what_zh="这条合同明细:", what_en="contract line", key=id_)
    return found


def amendments_of(transaction: Transaction, contract: str) -> Sequence[RowMapping]:
    """Every supplementary agreement of a contract, drafts among them, by version."""
    c = amendment_table.c
    return transaction.rows(select(amendment_table).where(c.contract == contract).order_by(c.version))


def versions_of(transaction: Transaction, contract: str) -> Sequence[Contract]:
    """The contract as signed and after each supplementary agreement, oldest first. Raises ``NotFound``."""
    row = transaction.row(select(contract_table).where(contract_table.c.id == contract))
    if row is None:
        raise NotFound(what_zh="这份合同:", what_en="contract", key=contract)
    versions = [_contract(row)]
    for amendment in amendments_of(transaction, contract):
        if amendment["signed_at"] is not None:
            versions.append(amended(versions[-1], amendment))
    return versions


def amended(contract: Contract, amendment: RowMapping) -> Contract:
    """The contract after a supplementary agreement. Only the ceiling, the lines and the end of the term change."""
    return replace(
        contract,
        document_number=amendment["document_number"],
        term=Interval(contract.term.start, amendment["ends_at"]),
        ceiling=amendment["ceiling"],
        lines=_lines(amendment["lines"]),
        version=amendment["version"],
    )


def _as_amended(transaction: Transaction, row: RowMapping, at: datetime | None) -> Contract:
    contract = _contract(row)
    for amendment in amendments_of(transaction, contract.id):
        signed_at = amendment["signed_at"]
        if signed_at is not None and (at is None or signed_at <= at):
            contract = amended(contract, amendment)
    return contract


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
        lines=_lines(row["lines"]),
        warnings=tuple(Decimal(share) for share in row["warnings"]),
    )


def _lines(documents: Sequence[Mapping[str, Any]]) -> tuple[ContractLine, ...]:
    return tuple(ContractLine(**{**each, "services": tuple(each["services"])}) for each in documents)


def _scheme(document: dict[str, Any]) -> SettlementScheme:
    return SettlementScheme(
        id=document["id"],
        grades=tuple(GradeStep(step["at_least"], Decimal(step["coefficient"])) for step in document["grades"]),
        tiers=tuple(SlaTier(Decimal(tier["below"]), Decimal(tier["deduction"])) for tier in document["tiers"]),
        grace=Decimal(document["grace"]),
        withheld=Decimal(document["withheld"]),
        silence_working_days=document["silence_working_days"],
    )
