"""What is promised and used never exceeds a line or the ceiling, however many try at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from foundation.store import AlreadyThere, Transaction
from foundation.values.errors import GuanyunError, InvalidValue
from foundation.work.outbox import outbox_table
from governance.authority import Office
from governance.contracts import (
    CEILING_NEAR,
    Contract,
    contract_use,
    line_for,
    line_use,
    lines_of,
    obligate,
    obligations,
    release_obligation,
    take_back_use,
    use,
    used_by_others,
)
from governance.contracts.commitment_tables import line_use_table, obligation_table, settled_table
from governance.contracts.errors import CeilingReached, ContractTermOver, LineUsedUp

AT = datetime(2026, 3, 5, tzinfo=UTC)
ONE, TWO = "C-2026-01.1", "C-2026-01.2"


def figures(office: Office, line: str) -> tuple[int, int, int]:
    with office.store.reading() as transaction:
        found = line_use(transaction, line)
    return found.obligated, found.used, found.remaining


def test_a_promise_is_kept_once_and_given_back(office: Office, contract: Contract) -> None:
    with office.store.transaction() as transaction:
        assert obligate(transaction, ONE, "request:R-1", 400, AT)
        assert not obligate(transaction, ONE, "request:R-1", 400, AT)
        with pytest.raises(AlreadyThere):
            obligate(transaction, ONE, "request:R-1", 300, AT)
    assert figures(office, ONE) == (400, 0, 200)
    with office.store.transaction() as transaction:
        assert release_obligation(transaction, "request:R-1", AT) == 400
        assert release_obligation(transaction, "request:R-1", AT) == 0
    assert figures(office, ONE) == (0, 0, 600)


def test_neither_the_line_nor_the_ceiling_is_exceeded(office: Office, contract: Contract) -> None:
    with office.store.transaction() as transaction:
        obligate(transaction, ONE, "request:R-1", 600, AT)
        with pytest.raises(LineUsedUp):
            obligate(transaction, ONE, "request:R-2", 1, AT)
        with pytest.raises(CeilingReached):
            obligate(transaction, TWO, "request:R-2", 401, AT)
        obligate(transaction, TWO, "request:R-2", 400, AT)
    with office.store.reading() as transaction:
        assert contract_use(transaction, "C-2026-01").remaining == 0


def test_nothing_is_promised_outside_the_term_or_for_nothing(office: Office, contract: Contract) -> None:
    with office.store.transaction() as transaction:
        with pytest.raises(ContractTermOver):
            obligate(transaction, ONE, "request:R-1", 1, datetime(2029, 1, 1, tzinfo=UTC))
        with pytest.raises(InvalidValue):
            obligate(transaction, ONE, "request:R-1", 0, AT)


def test_what_is_used_draws_on_what_was_promised(office: Office, contract: Contract) -> None:
    with office.store.transaction() as transaction:
        obligate(transaction, ONE, "request:R-1", 100, AT)
        obligate(transaction, ONE, "request:R-2", 300, AT)
        assert use(transaction, "C-2026-01", "settlement:S-1", {ONE: 150, TWO: 50}, AT)
        assert not use(transaction, "C-2026-01", "settlement:S-1", {ONE: 150, TWO: 50}, AT)
        with pytest.raises(AlreadyThere):
            use(transaction, "C-2026-01", "settlement:S-1", {ONE: 151, TWO: 50}, AT)
    assert figures(office, ONE) == (250, 150, 200)
    assert figures(office, TWO) == (0, 50, 650)
    with office.store.transaction() as transaction:
        assert [each.open for each in obligations(transaction, line=ONE)] == [0, 250]
        assert used_by_others(transaction, "C-2026-01", "settlement:S-2") == 200
        assert used_by_others(transaction, "C-2026-01", "settlement:S-1") == 0
        assert release_obligation(transaction, "request:R-2", AT) == 250
    assert figures(office, ONE) == (0, 150, 450)


def test_a_returned_settlement_is_promised_again(office: Office, contract: Contract) -> None:
    with office.store.transaction() as transaction:
        obligate(transaction, ONE, "request:R-1", 100, AT)
        obligate(transaction, ONE, "request:R-2", 100, AT)
        use(transaction, "C-2026-01", "settlement:S-1", {ONE: 150}, AT)
        release_obligation(transaction, "request:R-2", AT)
        assert take_back_use(transaction, "settlement:S-1", AT)
        assert not take_back_use(transaction, "settlement:S-1", AT)
    assert figures(office, ONE) == (100, 0, 500)


def test_shares_of_the_ceiling_are_announced_when_they_are_reached(office: Office, contract: Contract) -> None:
    def announced() -> list[str]:
        with office.store.reading() as transaction:
            rows = transaction.rows(select(outbox_table).where(outbox_table.c.topic == CEILING_NEAR))
        return [row["payload"]["share"] for row in rows]

    with office.store.transaction() as transaction:
        obligate(transaction, ONE, "request:R-1", 600, AT)
    assert announced() == []
    with office.store.transaction() as transaction:
        obligate(transaction, TWO, "request:R-2", 200, AT)
    assert announced() == ["0.8"]
    with office.store.transaction() as transaction:
        obligate(transaction, TWO, "request:R-3", 200, AT)
    assert announced() == ["0.8", "1"]


def test_a_service_finds_its_line(office: Office, contract: Contract) -> None:
    with office.store.reading() as transaction:
        lines = lines_of(transaction, "C-2026-01")
    assert line_for(lines, "cloud-host", "resource") == lines[0]
    assert line_for(lines, "host-care", "resource") == lines[1]
    assert line_for(lines, "hall-staff", "business-operation") is None


def test_the_database_itself_refuses_more_than_there_is(office: Office, contract: Contract) -> None:
    with pytest.raises(IntegrityError, match="within_the_line"), office.store.transaction() as transaction:
        transaction.write(update(line_use_table).where(line_use_table.c.line == ONE).values(used=601))


def at_once(office: Office, tries: list[Callable[[Transaction], object]], *, alongside: bool) -> int:
    """Run each in a transaction of its own, many at a time; how many went through."""

    def one(work: Callable[[Transaction], object]) -> bool:
        try:
            with office.store.transaction(alongside=alongside) as transaction:
                work(transaction)
        except GuanyunError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        return sum(threads.map(one, tries))


@pytest.mark.parametrize("alongside", [False, True])
def test_of_two_hundred_who_want_the_last_unit_one_has_it(office: Office, contract: Contract, alongside: bool) -> None:
    with office.store.transaction() as transaction:
        obligate(transaction, ONE, "request:before", 590, AT)
    tries = [lambda transaction, i=i: obligate(transaction, ONE, f"request:{i}", 10, AT) for i in range(200)]
    assert at_once(office, tries, alongside=alongside) == 1
    assert figures(office, ONE) == (600, 0, 0)


def test_two_lines_at_once_do_not_pass_the_ceiling_between_them(office: Office, contract: Contract) -> None:
    tries = [
        lambda transaction, i=i: obligate(transaction, (ONE, TWO)[i % 2], f"request:{i}", 500, AT) for i in range(20)
    ]
    assert at_once(office, tries, alongside=True) == 2
    with office.store.reading() as transaction:
        assert contract_use(transaction, "C-2026-01").remaining == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("oorust"), st.integers(1, 4), st.integers(1, 350)), max_size=25))
def test_whatever_happens_the_totals_are_the_sums_of_what_they_are_made_of(
    office: Office, contract: Contract, steps: list[tuple[str, int, int]]
) -> None:
    run = random.Random(str(steps)).randrange(10**9)  # noqa: S311 - only a name
    with office.store.transaction() as transaction:
        for verb, who, fen in steps:
            line, subject = (ONE, TWO)[who % 2], f"request:{run}/{who}"
            try:
                if verb == "o":
                    obligate(transaction, line, subject, fen, AT)
                elif verb == "r":
                    release_obligation(transaction, subject, AT)
                elif verb == "u":
                    use(transaction, "C-2026-01", f"settlement:{run}/{who}", {line: fen}, AT)
                elif verb == "t":
                    take_back_use(transaction, f"settlement:{run}/{who}", AT)
                else:
                    use(transaction, "C-2026-01", f"credit:{run}/{who}/{fen}", {line: -fen}, AT)
            except GuanyunError:
                pass
            whole = contract_use(transaction, "C-2026-01")
            assert whole.obligated + whole.used <= 1_000
            for each in (ONE, TWO):
                totals = line_use(transaction, each)
                o, s = obligation_table.c, settled_table.c
                open_ = transaction.value(
                    select(func.coalesce(func.sum(o.fen - o.drawn), 0)).where(o.line == each, o.released_at.is_(None))
                )
                used = transaction.value(
                    select(func.coalesce(func.sum(s.fen), 0)).where(s.line == each, s.returned_at.is_(None))
                )
                assert (totals.obligated, totals.used) == (open_, used)
                assert totals.remaining >= 0
