"""draft → submitted → accepted → reviewed → approved → paid; every act binds to the digest, by another person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from billing.items.service import list_items
from billing.ledger.model import LedgerAccount
from billing.ledger.tables import balance, transactions
from billing.settlement import (
    DigestDiffers,
    DraftOutdated,
    NoCoefficient,
    NoSettlement,
    SettlementState,
    StatementsOutstanding,
    WrongState,
)
from billing.settlement import service as settling
from billing.settlement.tables import latest, versions
from billing.statements import service as stating
from billing.statements.model import StatementState
from billing.statements.tables import statement_table
from billing.verification import verify_pack
from foundation.values.month import Month
from governance import audit
from governance.authority import machine_scope, viewing
from governance.errors import Refused

ID = "S-C-2026-01-2026-03"


def audit_length(town: Any) -> int:
    with town.store.reading() as transaction:
        return int(audit.head(transaction)[0])


def test_the_walk_to_paid_leaves_books_that_balance(confirmed_town: Any) -> None:
    town = confirmed_town
    row = town.settle()
    assert row.state is SettlementState.PAID
    totals = row.document["totals"]
    with town.store.reading() as transaction:
        scope = machine_scope()
        assert balance(transaction, scope, LedgerAccount.EXPENSE) == totals["gross"] == 14_484_970
        assert balance(transaction, scope, LedgerAccount.PAYABLE) == 0
        assert balance(transaction, scope, LedgerAccount.CASH) == -totals["payable"]
        by_agency = {
            agency: balance(transaction, scope, LedgerAccount.EXPENSE, agency=agency) for agency in ("hrss", "housing")
        }
    for agency, booked in by_agency.items():
        assert booked == sum(each["gross"] for each in row.document["breakdown"] if each["agency"] == agency)


def test_running_every_act_again_writes_nothing(town: Any) -> None:
    before = audit_length(town)
    row = town.settle()
    assert row.state is SettlementState.PAID
    assert audit_length(town) == before
    with town.store.reading() as transaction:
        assert len(transactions(transaction, machine_scope())) == 2


def test_another_digest_is_refused_at_every_act(confirmed_town: Any) -> None:
    town = confirmed_town
    digest = town.submit(town.draft().digest).digest
    other = "f" * 64
    for act, account in (
        (settling.accept_settlement, "bureau-1"),
        (settling.review_settlement, "finance-1"),
        (settling.approve_settlement, "finance-2"),
        (settling.pay_settlement, "finance-3"),
    ):
        with pytest.raises(DigestDiffers):
            act(town.office, town.token(account), ID, digest=other)
        act(town.office, town.token(account), ID, digest=digest)


def test_no_step_is_skipped(confirmed_town: Any) -> None:
    town = confirmed_town
    digest = town.submit(town.draft().digest).digest
    for act in (settling.review_settlement, settling.approve_settlement, settling.pay_settlement):
        with pytest.raises(WrongState):
            act(town.office, town.token("finance-1"), ID, digest=digest)
    with town.store.reading() as transaction:
        row = latest(transaction, ID)
    assert row is not None
    assert row.state is SettlementState.SUBMITTED


def test_who_reviewed_may_not_approve(confirmed_town: Any) -> None:
    town = confirmed_town
    digest = town.submit(town.draft().digest).digest
    settling.accept_settlement(town.office, town.token("bureau-1"), ID, digest=digest)
    settling.review_settlement(town.office, town.token("finance-1"), ID, digest=digest)
    with pytest.raises(Refused, match="R30"):
        settling.approve_settlement(town.office, town.token("finance-1"), ID, digest=digest)
    with pytest.raises(Refused):
        settling.accept_settlement(town.office, town.token("operator-2"), ID, digest=digest)


def test_a_submitted_settlement_is_no_draft_again(confirmed_town: Any) -> None:
    town = confirmed_town
    submitted = town.submit(town.draft().digest)
    assert town.draft("operator-2") == submitted
    assert submitted.signed is not None


def test_returned_with_a_reason_it_comes_again_as_the_next_version(confirmed_town: Any) -> None:
    town = confirmed_town
    first = town.submit(town.draft().digest)
    settling.accept_settlement(town.office, town.token("bureau-1"), ID, digest=first.digest)
    returned = settling.return_settlement(
        town.office, town.token("finance-1"), ID, digest=first.digest, reason="缺少附件"
    )
    assert (returned.state, returned.reason) == (SettlementState.RETURNED, "缺少附件")
    with town.store.reading() as transaction:
        assert balance(transaction, machine_scope(), LedgerAccount.EXPENSE) == 0
    second = town.settle()
    assert (second.version, second.state) == (2, SettlementState.PAID)
    assert second.digest != first.digest
    with town.store.reading() as transaction:
        assert [row.state.value for row in versions(transaction, ID)] == ["returned", "paid"]
        assert balance(transaction, machine_scope(), LedgerAccount.EXPENSE) == second.document["totals"]["gross"]
    assert town.verify_live().ok


def test_nothing_is_settled_while_a_statement_is_missing(confirmed_town: Any) -> None:
    town = confirmed_town

    held = town.register.held
    town.register.held = (*held, replace(held[0], agency="finance"))
    with pytest.raises(StatementsOutstanding, match="US-finance-2026-03"):
        town.draft()


def test_without_any_grade_there_is_no_coefficient(confirmed_town: Any) -> None:
    confirmed_town.grades.points.clear()
    with pytest.raises(NoCoefficient):
        confirmed_town.draft()


def test_a_draft_that_facts_have_overtaken_is_not_submitted(confirmed_town: Any) -> None:
    town = confirmed_town
    row = town.draft()
    town.grades.points[Month(2026, 3)] = 99
    with pytest.raises(DraftOutdated):
        town.submit(row.digest)
    assert town.submit(town.draft().digest).document["grade"]["points"] == 99


def test_an_agency_finds_no_settlement(town: Any) -> None:
    with viewing(town.office, town.token("hrss-1")) as view:
        assert settling.list_settlements(view) == ()
        with pytest.raises(NoSettlement):
            settling.find_settlement(view, ID)
        assert {item.agency for item, _ in list_items(view, "C-2026-01", Month(2026, 3))} == {"hrss"}


def test_a_disputed_line_waits_and_the_pack_still_verifies(confirmed_town: Any) -> None:
    """A line of housing is in dispute: it stays out, the rest is paid, and the pack says which line waits."""
    town = confirmed_town
    with town.store.transaction() as transaction:
        values = {"state": StatementState.DISPUTED.value, "disputed": [1]}
        where = statement_table.c.agency == "housing"
        transaction.write(statement_table.update(machine_scope()).where(where).values(**values))
    row = town.settle()
    assert [each["held"] for each in row.document["statements"]] == [[1], []]
    assert verify_pack(town.write_settlement_pack(), town.handed_out, town.ring).ok


def test_who_signed_is_told_in_order(town: Any) -> None:
    with viewing(town.office, town.token("auditor-1")) as view:
        row = settling.find_settlement(view, ID)
        acts = [(each.act.value, each.account) for each in settling.history_of(view, row)]
    assert acts == [
        ("settlement.draft", "operator-1"),
        ("settlement.submit", "operator-1"),
        ("settlement.accept", "bureau-1"),
        ("settlement.review", "finance-1"),
        ("settlement.approve", "finance-2"),
        ("settlement.pay", "finance-2"),
    ]
    assert stating.statement(town.office, town.token("hrss-1"), "US-hrss-2026-03").digest
