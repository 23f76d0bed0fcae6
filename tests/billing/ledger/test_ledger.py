"""Every transaction sums to zero, nothing is edited, and books and settlements agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from billing.ledger import LedgerAccount, LedgerEvent, LedgerTransaction, Posting, Unbalanced, acceptance_of, payment_of
from billing.ledger.checking import Booked, check_ledger
from billing.ledger.tables import balance, transactions
from billing.settlement.tables import all_settlements
from governance.authority import machine_scope, viewing

AT = datetime(2026, 4, 1, tzinfo=UTC)
SHARE = st.builds(
    lambda agency, fund, gross, withheld: {
        "agency": agency,
        "project": "p",
        "fund_source": fund,
        "gross": gross,
        "withheld": withheld,
        "payable": gross - withheld,
    },
    st.sampled_from(["a", "b"]),
    st.sampled_from(["x", "y"]),
    st.integers(-(10**9), 10**12),
    st.integers(0, 10**9),
)


def settlement(shares: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "S-1", "version": 1, "contract": "C", "month": "2026-03", "breakdown": shares}


@given(st.lists(SHARE, max_size=8))
def test_what_a_settlement_posts_balances_as_a_whole_and_for_each_agency(shares: list[dict[str, Any]]) -> None:
    for make in (acceptance_of, payment_of):
        posted = make(settlement(shares), digest="d", at=AT)
        assert sum(posting.amount for posting in posted.postings) == 0
        for agency in ("a", "b"):
            assert sum(posting.amount for posting in posted.postings if posting.agency == agency) == 0
    expense = sum(
        posting.amount
        for posting in acceptance_of(settlement(shares), digest="d", at=AT).postings
        if posting.account is LedgerAccount.EXPENSE
    )
    assert expense == sum(share["gross"] for share in shares)


@given(st.integers(1, 10**9), st.integers(-3, 3).filter(bool))
def test_a_transaction_that_does_not_balance_cannot_be_made(amount: int, wrong: int) -> None:
    with pytest.raises(Unbalanced):
        LedgerTransaction(
            "T", LedgerEvent.PAID, "C", "2026-03", "S", "d", AT,
            (
                Posting(LedgerAccount.PAYABLE, "a", "p", "f", amount),
                Posting(LedgerAccount.CASH, "a", "p", "f", -amount + wrong),
            ),
        )  # fmt: skip


def test_one_agency_does_not_pay_for_another() -> None:
    with pytest.raises(Unbalanced, match="a"):
        LedgerTransaction(
            "T", LedgerEvent.PAID, "C", "2026-03", "S", "d", AT,
            (Posting(LedgerAccount.PAYABLE, "a", "p", "f", 5), Posting(LedgerAccount.CASH, "b", "p", "f", -5)),
        )  # fmt: skip


def booked(town: Any, transaction: Any) -> list[Booked]:
    return [
        Booked(row.id, row.version, row.state.value, row.digest, row.document) for row in all_settlements(transaction)
    ]


def test_books_and_settlements_agree(town: Any) -> None:
    with town.store.reading() as transaction:
        assert check_ledger(transaction, machine_scope(), booked(town, transaction)) == ()


def test_the_ledger_is_append_only(town: Any) -> None:
    for statement in ("UPDATE ledger_posting SET amount = amount + 1", "DELETE FROM ledger_transaction"):
        with pytest.raises(DatabaseError, match="append-only"), town.store.transaction() as transaction:
            transaction.write(text(statement))


def test_a_posting_changed_behind_its_back_is_named(town: Any) -> None:
    with town.store.transaction() as transaction:
        transaction.write(text("DROP TRIGGER ledger_posting_no_update"))
        transaction.write(
            text("UPDATE ledger_posting SET amount = amount + 1 WHERE account = 'expense' AND agency = 'hrss'")
        )
    with town.store.reading() as transaction:
        found = check_ledger(transaction, machine_scope(), booked(town, transaction))
    codes = {each.code for each in found}
    assert codes == {"billing.ledger.unbalanced", "billing.ledger.posting"}
    assert any("expense/hrss" in each.en for each in found)


def test_a_payment_that_is_not_posted_is_named(town: Any) -> None:
    with town.store.transaction() as transaction:
        for table in ("ledger_posting", "ledger_transaction"):
            transaction.write(text(f"DROP TRIGGER {table}_no_delete"))
        transaction.write(text("DELETE FROM ledger_posting WHERE \"transaction\" LIKE '%paid'"))
        transaction.write(text("DELETE FROM ledger_transaction WHERE id LIKE '%paid'"))
    with town.store.reading() as transaction:
        found = check_ledger(transaction, machine_scope(), booked(town, transaction))
    assert [each.code for each in found] == ["billing.ledger.missing"]


def test_an_agency_sees_its_own_share(town: Any) -> None:
    with viewing(town.office, town.token("hrss-1")) as view:
        own = balance(view.transaction, view.scope, LedgerAccount.EXPENSE)
        seen = {posting.agency for *_, postings in transactions(view.transaction, view.scope) for posting in postings}
    with town.store.reading() as transaction:
        assert own == balance(transaction, machine_scope(), LedgerAccount.EXPENSE, agency="hrss")
    assert seen == {"hrss"}
