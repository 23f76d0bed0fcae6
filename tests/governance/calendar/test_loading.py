"""Loading a year is the bureau's act: audited, idempotent, kept with its history, and it sets waiting deadlines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from foundation.values.working_days import AwaitingCalendar, after_working_days, is_working_day, published_calendar
from foundation.work import deliver
from foundation.work.due import DueRule, WorkingDays, put_rule, rule_named
from governance import audit
from governance.audit import AuditEvent
from governance.authority import Office, machine_scope
from governance.calendar import (
    Holiday,
    Notice,
    calendar_at,
    load_year,
    loaded_years,
    missing_finding,
    missing_warning,
    newest_of,
    waiting_deadlines,
    warn_if_missing,
)
from governance.calendar.tables import working_year_table
from governance.errors import Refused

NOTICE = Notice(
    year=2027,
    document_number="测试用,不是正式通知",
    issued_on=date(2026, 11, 5),
    holidays=(Holiday("元旦", date(2027, 1, 1), date(2027, 1, 3)),),
    make_up_days=(date(2027, 1, 9),),
)
CHANGED = replace(NOTICE, document_number="测试用,更正", make_up_days=(date(2027, 1, 10),))


def test_a_loaded_year_is_known_from_then_on(office: Office, people: dict[str, str]) -> None:
    with office.store.reading() as transaction:
        assert calendar_at(transaction) == published_calendar()
    assert load_year(office, people["bureau-1"], NOTICE)
    with office.store.reading() as transaction:
        calendar = calendar_at(transaction)
        last = list(audit.entries(transaction))[-1]
    assert is_working_day(calendar, date(2027, 1, 9)) is True
    assert is_working_day(calendar, date(2027, 1, 1)) is False
    assert after_working_days(calendar, date(2026, 12, 30), 2) == date(2027, 1, 4)
    assert after_working_days(calendar, date(2027, 12, 30), 2) == AwaitingCalendar(2028)
    assert (last.event, last.subject) == (AuditEvent.CALENDAR_LOADED, "calendar:2027")
    assert last.facts == {"version": 1, "digest": NOTICE.digest, "document_number": NOTICE.document_number}


def test_loading_the_same_again_changes_and_writes_nothing(office: Office, people: dict[str, str]) -> None:
    assert load_year(office, people["bureau-1"], NOTICE)
    with office.store.reading() as transaction:
        before = audit.head(transaction)
    assert not load_year(office, people["bureau-1"], NOTICE)
    assert not load_year(office, people["bureau-2"], NOTICE)
    with office.store.reading() as transaction:
        assert audit.head(transaction) == before


def test_a_changed_notice_is_the_next_version_and_the_old_one_stays(office: Office, people: dict[str, str]) -> None:
    for notice in (NOTICE, CHANGED, NOTICE):
        assert load_year(office, people["bureau-1"], notice)
    with office.store.reading() as transaction:
        assert [(each.version, each.notice) for each in loaded_years(transaction)] == [
            (1, NOTICE),
            (2, CHANGED),
            (3, NOTICE),
        ]
        newest = newest_of(transaction, 2027)
        assert newest is not None
        assert (newest.version, newest.account) == (3, "bureau-1")
        assert is_working_day(calendar_at(transaction), date(2027, 1, 9)) is True
        assert newest_of(transaction, 2028) is None


def test_a_loaded_year_is_never_edited(office: Office, people: dict[str, str]) -> None:
    load_year(office, people["bureau-1"], NOTICE)
    with pytest.raises(DBAPIError), office.store.transaction() as transaction:
        transaction.write(update(working_year_table).values(digest="0" * 64))


@pytest.mark.parametrize("account", ["operator-1", "hrss-1", "finance-1", "auditor-1"])
def test_only_the_bureau_loads_a_calendar(office: Office, people: dict[str, str], account: str) -> None:
    with pytest.raises(Refused, match="R33"):
        load_year(office, people[account], NOTICE)
    with office.store.reading() as transaction:
        assert loaded_years(transaction) == []


def test_loading_computes_the_deadlines_that_waited(office: Office, people: dict[str, str]) -> None:
    real = office.clocks.real
    with office.store.transaction() as transaction:
        rule = WorkingDays(date(2026, 12, 30), 2, time(9))
        put_rule(
            transaction,
            machine_scope(),
            DueRule("deadline", "work", rule, agency="hrss"),
            calendar=calendar_at(transaction),
            now=real(),
        )
    assert standing(office) == (None, 2027)
    load_year(office, people["bureau-1"], NOTICE)
    assert standing(office) == (None, 2027)
    deliver(office.store, [waiting_deadlines(real)], clock=real)
    assert standing(office) == (datetime(2027, 1, 4, 1, tzinfo=UTC), None)
    longer = replace(NOTICE, holidays=(Holiday("元旦", date(2027, 1, 1), date(2027, 1, 4)),))
    load_year(office, people["bureau-1"], longer)
    deliver(office.store, [waiting_deadlines(real)], clock=real)
    assert standing(office) == (datetime(2027, 1, 5, 1, tzinfo=UTC), None)


def standing(office: Office) -> tuple[datetime | None, int | None]:
    with office.store.reading() as transaction:
        found = rule_named(transaction, machine_scope(), "deadline")
    assert found is not None
    return found.next_at, found.awaiting_year


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), 2027),
        (date(2026, 12, 31), 2027),
        (date(2027, 1, 1), 2027),
        (date(2028, 6, 1), 2028),
        (date(2025, 11, 1), None),
    ],
)
def test_the_warning_begins_on_1_november(today: date, missing: int | None) -> None:
    assert missing_warning(today, published_calendar()) == missing


def test_a_loaded_year_ends_the_warning() -> None:
    calendar = published_calendar().with_years([NOTICE.working_year])
    assert missing_warning(date(2026, 11, 20), calendar) is None
    assert missing_warning(date(2027, 11, 1), calendar) == 2028


def test_the_warning_says_what_to_do_in_both_languages() -> None:
    finding = missing_finding(2027)
    assert "guanyun calendar load" in finding.zh
    assert "guanyun calendar load" in finding.en


def test_the_warning_is_announced_until_the_year_is_loaded(office: Office, people: dict[str, str]) -> None:
    # The office's real clock stands at 1 November 2026.
    with office.store.transaction() as transaction:
        assert warn_if_missing(transaction, real=office.clocks.real) == 2027
    load_year(office, people["bureau-1"], NOTICE)
    with office.store.transaction() as transaction:
        assert warn_if_missing(transaction, real=office.clocks.real) is None
