"""Billing's sources, bound: usage store, register, availability evidence, published grades."""

from __future__ import annotations

from importlib.metadata import version

from billing.settlement.gathering import Sources as SettlementSources
from billing.statements.drawing import Sources as StatementSources
from foundation.store import Transaction
from foundation.values.month import Month
from supervision.grades import published_grade
from wiring.application import Application
from wiring.bindings import RegisterPort, SliPort, usage_store


class GradesPort:
    """billing's ``Grades``: what supervision published."""

    def published(self, transaction: Transaction, contract: str, month: Month) -> tuple[int, str] | None:
        """(points, digest) of the contract's month, or nothing."""
        grade = published_grade(transaction, contract, month)
        return None if grade is None else (grade.points, grade.digest)


def statement_sources(application: Application) -> StatementSources:
    """Where a usage statement's facts come from."""
    return StatementSources(
        store=usage_store(application), register=RegisterPort(), sli=SliPort(), code_version=version("guanyun")
    )


def settlement_sources() -> SettlementSources:
    """Where a settlement's facts come from."""
    return SettlementSources(grades=GradesPort(), register=RegisterPort())
