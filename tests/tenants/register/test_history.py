"""The book is only ever added to: what existed at any instant is one question, and closed months keep their money."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from foundation.documents import read_workbook
from foundation.store import AlreadyThere, Scope, Transaction
from foundation.values.errors import InvalidValue
from foundation.values.instant import Interval, format_instant
from foundation.values.month import Month
from governance.authority import Office, machine_scope, viewing
from governance.errors import NotFound, Refused
from tenants.errors import CorrectionUnfit, RegisterOutOfOrder
from tenants.register import (
    Correction,
    Query,
    close_entries,
    decide_on_correction,
    entries,
    follow_entries,
    irregularities,
    late_corrections,
    life_of,
    open_entries,
    propose_correction,
    read_correction,
    register_at,
    register_page,
    resource_of,
    resume_entries,
    suspend_entries,
    to_csv,
    to_xlsx,
    transfer_entries,
)
from tenants.register.model import Because, Opening
from tenants.register.tables import lines_statement, open_line, register_table

MARCH = Month(2026, 3).interval
DAY = timedelta(days=1)
EVERYONE = Scope(None)


def day(number: int) -> datetime:
    return MARCH.start + number * DAY


def resource(
    name: str = "web-1", *, agency: str = "hrss", plan: str = "general-2c4g", environment: str = "hrss-portal"
) -> Any:
    payload = {
        "agency": agency,
        "system": "portal",
        "project": "P-1",
        "fund_source": "本级财政",
        "environment": environment,
    }
    document = {
        "resource": f"{environment}/instance/{name}",
        "cloud_id": f"i-{name}",
        "kind": "instance",
        "name": name,
        "plan": plan,
        "attributes": {"size_gb": "100"},
    }
    return resource_of(payload, document)


@pytest.fixture
def book(governed: Office) -> Callable[..., Any]:
    """Run something in one transaction."""

    def run(act: Callable[[Transaction], Any]) -> Any:
        with governed.store.transaction() as transaction:
            return act(transaction)

    return run


Book = Callable[..., Any]


def test_at_an_instant_stands_what_was_open_then(book: Book) -> None:
    book(lambda t: open_entries(t, [resource("a"), resource("b")], day(3)))
    book(lambda t: close_entries(t, "hrss-portal", ["hrss-portal/instance/a"], day(5)))

    def names(at: datetime, **query: Any) -> list[str]:
        found: list[str] = book(lambda t: [line.entry.name for line in register_at(t, EVERYONE, at, Query(**query))])
        return found

    assert names(day(3) - timedelta(microseconds=1)) == []
    assert names(day(3)) == names(day(5) - timedelta(microseconds=1)) == ["a", "b"]
    assert names(day(5)) == ["a"]
    assert names(day(4), agency="hrss", system="portal", environment="hrss-portal", service="cloud-host") == ["a", "b"]
    assert names(day(4), agency="housing") == names(day(4), service="other") == []


def test_a_transfer_closes_and_opens_and_each_agency_reads_its_own_part(
    book: Book, governed: Office, people: dict[str, str]
) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    book(lambda t: transfer_entries(t, "hrss-portal", "housing", day(10), system="permits", project="P-2"))
    with viewing(governed, people["hrss-1"]) as view:
        (mine,) = life_of(view.transaction, view.scope, "hrss-portal/instance/web-1")
    with viewing(governed, people["housing-1"]) as view:
        (theirs,) = life_of(view.transaction, view.scope, "hrss-portal/instance/web-1")
    assert (mine.entry.closed, theirs.entry.opened) == (day(10), day(10))
    assert (theirs.entry.system, theirs.entry.project, theirs.entry.fund_source) == ("permits", "P-2", "本级财政")
    assert theirs.opening.because is Because.TRANSFERRED
    with pytest.raises(RegisterOutOfOrder):
        book(lambda t: transfer_entries(t, "hrss-portal", "hrss", day(9)))


def test_a_suspended_machine_keeps_its_disk_and_comes_back_whole(book: Book) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    book(lambda t: suspend_entries(t, "hrss-portal", day(5)))
    assert book(lambda t: suspend_entries(t, "hrss-portal", day(6))).opened == ()
    # A deployment meanwhile changes nothing of the suspension.
    assert book(lambda t: open_entries(t, [resource()], day(7))).opened == ()
    book(lambda t: open_entries(t, [resource(plan="general-4c8g")], day(8)))
    book(lambda t: resume_entries(t, "hrss-portal", day(9)))
    life = book(lambda t: life_of(t, EVERYONE, "hrss-portal/instance/web-1"))
    assert [dict(line.entry.attributes) for line in life] == [
        {"vcpu": 2, "memory_gb": 4, "size_gb": 100},
        {"size_gb": 100},
        {"size_gb": 100},
        {"vcpu": 4, "memory_gb": 8, "size_gb": 100},
    ]
    assert [line.opening.suspended for line in life] == [False, True, True, False]
    assert book(lambda t: irregularities(t, EVERYONE)) == ()


def test_what_follows_a_reorganisation_closes_and_opens_on_its_day(book: Book, people: dict[str, str]) -> None:
    book(lambda t: open_entries(t, [resource("a"), resource("b")], day(3)))
    book(lambda t: open_entries(t, [resource("c", environment="other")], day(12)))
    before = book(lambda t: entries(t, EVERYONE, Interval(day(0), day(9))))
    shares = {"environment": {("hrss", "other"): "hrss"}}
    assert book(lambda t: follow_entries(t, {"hrss": "housing"}, day(10), shares=shares)) == 2
    assert book(lambda t: follow_entries(t, {"hrss": "hrss"}, day(11))) == 0
    assert {line.entry.agency for line in book(lambda t: register_at(t, EVERYONE, day(10)))} == {"housing"}
    after = book(lambda t: entries(t, EVERYONE, Interval(day(0), day(9))))
    assert [replace(entry, closed=None) for entry in after] == before


# corrections


def correction(number: int, **changes: Any) -> Correction:
    return Correction("K-1", number, changes, "规格登记有误")


def numbered(book: Book) -> int:
    (line,) = book(lambda t: register_at(t, EVERYONE, day(4)))
    return int(line.number)


def test_a_correction_is_proposed_by_the_operator_and_decided_by_the_bureau(
    book: Book, governed: Office, people: dict[str, str]
) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    wanted = correction(numbered(book), plan="general-4c8g", attributes={"vcpu": "4", "memory_gb": "8"})
    for other in ("hrss-1", "bureau-1", "auditor-1"):
        with pytest.raises(Refused):
            propose_correction(governed, people[other], wanted)
    assert propose_correction(governed, people["operator-1"], wanted)
    assert not propose_correction(governed, people["operator-1"], wanted)
    with pytest.raises(AlreadyThere):
        propose_correction(governed, people["operator-1"], replace(wanted, changes={"plan": "x"}))
    with pytest.raises(Refused):
        decide_on_correction(governed, people["operator-2"], "K-1")
    with pytest.raises(NotFound):
        decide_on_correction(governed, people["bureau-1"], "K-2")
    made, new = decide_on_correction(governed, people["bureau-1"], "K-1")
    assert (new, made.corrects, made.opening.decided) == (True, wanted.record, "correction:K-1")
    assert decide_on_correction(governed, people["bureau-1"], "K-1") == (made, False)


def test_a_late_correction_changes_no_closed_month_and_is_named(
    book: Book, governed: Office, people: dict[str, str]
) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    charged_in_march = book(lambda t: entries(t, EVERYONE, MARCH))
    wanted = correction(numbered(book), attributes={"vcpu": "1"})
    propose_correction(governed, people["operator-1"], wanted)
    april = Month(2026, 4).interval
    made, _ = decide_on_correction(
        governed, people["bureau-1"], "K-1", charged_from=lambda transaction, agency, at: april.start
    )
    (march,) = book(lambda t: entries(t, EVERYONE, MARCH))
    assert replace(march, closed=None) == charged_in_march[0]
    assert march.closed == april.start
    (later,) = book(lambda t: entries(t, EVERYONE, april))
    assert (later.opened, later.attributes) == (april.start, {"vcpu": Decimal(1)})
    ((was, really),) = book(lambda t: late_corrections(t, EVERYONE, Month(2026, 3)))
    assert (was.number, really.number) == (wanted.record, made.number)
    assert book(lambda t: late_corrections(t, EVERYONE, Month(2026, 4))) == []
    # The truth, as known now, is the correction from its true instant on.
    (truth,) = book(lambda t: register_at(t, EVERYONE, day(4)))
    assert (truth.number, truth.entry.opened) == (made.number, day(3))
    assert len(book(lambda t: life_of(t, EVERYONE, march.resource))) == 2
    # Whatever happens to the resource afterwards happens to the correction.
    book(lambda t: close_entries(t, "hrss-portal", [], april.start + DAY))
    assert book(lambda t: register_at(t, EVERYONE, april.start + 2 * DAY)) == []


def test_a_correction_in_an_open_month_is_charged_as_if_it_had_always_been_so(
    book: Book, governed: Office, people: dict[str, str]
) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    wanted = correction(numbered(book), opened=format_instant(day(5)), attributes={"vcpu": "1"})
    propose_correction(governed, people["operator-1"], wanted)
    decide_on_correction(governed, people["bureau-1"], "K-1", charged_from=lambda transaction, agency, at: MARCH.start)
    (only,) = book(lambda t: entries(t, EVERYONE, MARCH))
    assert (only.opened, only.closed, only.attributes) == (day(5), None, {"vcpu": Decimal(1)})


@pytest.mark.parametrize(
    "changes",
    [
        *({"resource": "x"}, {"kind": "disk"}, {}, {"plan": "general-2c4g"}, {"opened": "yesterday"}),
        *({"attributes": {"vcpu": "-1"}}, {"closed": "2026-03-01T00:00:00Z"}),
    ],
)
def test_an_unfit_correction_is_refused(
    book: Book, governed: Office, people: dict[str, str], changes: dict[str, Any]
) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    with pytest.raises(InvalidValue):
        propose_correction(governed, people["operator-1"], correction(numbered(book), **changes))


def test_a_correction_that_would_overlap_or_was_overtaken_is_refused(
    book: Book, governed: Office, people: dict[str, str]
) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    first = numbered(book)
    book(lambda t: open_entries(t, [resource(plan="general-4c8g")], day(10)))
    propose_correction(governed, people["operator-1"], correction(first, closed=format_instant(day(12))))
    with pytest.raises(CorrectionUnfit):
        decide_on_correction(governed, people["bureau-1"], "K-1")
    for id_ in ("K-2", "K-3"):
        wanted = replace(correction(first, attributes={"vcpu": id_[2:]}), id=id_)
        propose_correction(governed, people["operator-1"], wanted)
    decide_on_correction(governed, people["bureau-1"], "K-2")
    with pytest.raises(CorrectionUnfit):
        decide_on_correction(governed, people["bureau-1"], "K-3")


def test_a_corrections_file_is_read_with_its_findings(tmp_path: Path) -> None:
    file = tmp_path / "correction.yaml"
    content = {"record": 3, "reason": "x", "changes": {"plan": "a", "attributes": {"vcpu": "1.5"}}}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    found, findings = read_correction(file, "K-9")
    assert (findings, found) == ((), Correction("K-9", 3, {"plan": "a", "attributes": {"vcpu": "1.5"}}, "x"))
    file.write_text("record: 0\nchanges: {}\n", encoding="utf-8")
    assert len(read_correction(file, "K-9")[1]) == 3


# the walls


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE register_record SET agency = 'housing'",
        "UPDATE register_record SET opened = charged_from, plan = 'x'",
        "UPDATE register_record SET attributes = '{}'",
        "DELETE FROM register_record",
    ],
)
def test_the_database_refuses_every_edit_of_an_entry(book: Book, governed: Office, change: str) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    with pytest.raises(IntegrityError), governed.store.engine.begin() as connection:
        connection.execute(text(change))


def test_an_entry_is_closed_once(book: Book, governed: Office) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    book(lambda t: close_entries(t, "hrss-portal", [], day(5)))
    for value in ("NULL", "opened"):
        with pytest.raises(IntegrityError), governed.store.engine.begin() as connection:
            connection.execute(text(f"UPDATE register_record SET closed = {value}"))


def test_the_database_refuses_two_open_entries_of_one_resource(book: Book, governed: Office) -> None:
    book(lambda t: open_entries(t, [resource()], day(3)))
    (line,) = book(lambda t: register_at(t, EVERYONE, day(4)))
    with pytest.raises(IntegrityError):
        book(lambda t: open_line(t, replace(line.entry, opened=day(5)), Opening(Because.DEPLOYED, day(5))))


# pages, exports, cost


def test_pages_give_every_line_once(book: Book) -> None:
    book(lambda t: open_entries(t, [resource(f"m-{number:02}") for number in range(23)], day(3)))
    query: Query | None = Query(limit=5)
    seen = []
    while query is not None:
        page, query = book(lambda t, query=query: register_page(t, EVERYONE, query))
        seen.append([line.entry.name for line in page])
    assert [len(page) for page in seen] == [5, 5, 5, 5, 3]
    assert [name for page in seen for name in page] == [f"m-{number:02}" for number in range(23)]


def test_an_export_holds_the_scopes_lines_and_no_formula(
    book: Book, governed: Office, people: dict[str, str], tmp_path: Path
) -> None:
    book(lambda t: open_entries(t, [resource("web-1"), resource("=1+1")], day(3)))
    book(lambda t: open_entries(t, [resource("theirs", agency="housing", environment="other")], day(3)))
    with viewing(governed, people["hrss-1"]) as view:
        lines, _ = register_page(view.transaction, view.scope, Query())
    rows = list(csv.reader(io.StringIO(to_csv(lines).decode("utf-8-sig"))))
    assert [row[3] for row in rows[1:]] == ["'=1+1", "web-1"]
    file = tmp_path / "register.xlsx"
    file.write_bytes(to_xlsx(lines))
    book_, findings = read_workbook(file)
    assert findings == ()
    assert book_ is not None
    assert [row[3] for row in book_.sheets["资源台账"]] == ["名称 Name", "=1+1", "web-1"]


def test_an_agencys_question_is_answered_from_its_own_index(book: Book, governed: Office) -> None:
    """However much others have: the plan looks up the agency, and reads no other's rows."""
    scope = Scope(frozenset({"hrss"}))
    for query in (Query(at=day(4)), Query(limit=50), Query(at=day(4), service="cloud-host")):
        statement = lines_statement(scope, query)
        with governed.store.engine.connect() as connection:
            compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
            if governed.store.dialect == "sqlite":
                plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}"))
                assert "SEARCH register_record USING INDEX ix_register_record_agency (agency=?" in plan
                assert "TEMP B-TREE" not in plan
            else:
                connection.exec_driver_sql("SET enable_seqscan = off")
                said = connection.exec_driver_sql(f"EXPLAIN {str(compiled).replace('%', '%%')}")
                plan = " ".join(row[0] for row in said)
                assert "ix_register_record_agency" in plan
                assert re.search(r"Index Cond: \(+agency\)::text = 'hrss'", plan)


# any sequence

acts = st.one_of(
    st.tuples(st.just("deploy"), st.sampled_from(["a", "b"]), st.sampled_from(["general-2c4g", "general-4c8g"])),
    st.tuples(st.just("end"), st.sampled_from(["a", "b"]), st.just("")),
    st.tuples(st.just("transfer"), st.sampled_from(["hrss", "housing"]), st.just("")),
    st.tuples(st.sampled_from(["suspend", "resume"]), st.just(""), st.just("")),
    st.tuples(st.just("follow"), st.sampled_from(["hrss", "housing"]), st.just("")),
)


class _Enough(Exception):
    """Undoes what one example wrote."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), acts), max_size=15))
def test_at_any_instant_the_book_says_what_an_onlooker_wrote_down(
    governed: Office, sequence: list[tuple[int, tuple[str, str, str]]]
) -> None:
    """The oracle keeps a photograph of every step: name → (agency, plan, suspended)."""
    now, agency, suspended = day(0), "hrss", False
    there: dict[str, str] = {}
    photographs: dict[datetime, dict[str, tuple[str, str, bool]]] = {}
    with pytest.raises(_Enough), governed.store.transaction() as transaction:
        for days, (act, what, plan) in sequence:
            now += days * DAY
            match act:
                case "deploy":
                    there[what] = plan
                    open_entries(transaction, [resource(what, plan=plan, agency=agency)], now)
                case "end":
                    there.pop(what, None)
                    keep = [f"hrss-portal/instance/{name}" for name in there]
                    close_entries(transaction, "hrss-portal", keep, now)
                case "transfer":
                    agency = what
                    transfer_entries(transaction, "hrss-portal", what, now)
                case "follow":
                    follow_entries(transaction, {agency: what}, now)
                    agency = what
                case "suspend":
                    suspended = bool(there)
                    suspend_entries(transaction, "hrss-portal", now)
                case _:
                    suspended = False
                    resume_entries(transaction, "hrss-portal", now)
            suspended = suspended and bool(there)
            photographs[now] = {name: (agency, plan, suspended) for name, plan in there.items()}
        shown: dict[str, tuple[str, str, bool]] = {}
        for number in range(60):
            at = day(0) + number * DAY
            shown = photographs.get(at, shown)
            found = {
                line.entry.name: (line.entry.agency, line.entry.plan, line.opening.suspended)
                for line in register_at(transaction, machine_scope(), at)
            }
            assert found == shown
        assert not [each for each in irregularities(transaction, EVERYONE) if each.severity == "error"]
        raise _Enough


def test_every_number_of_a_book_is_there(book: Book) -> None:
    """A line that was made away with would leave a hole."""
    book(lambda t: open_entries(t, [resource("a"), resource("b")], day(3)))
    numbers = book(lambda t: [row["number"] for row in t.rows(register_table.select(EVERYONE))])
    assert numbers == list(range(1, len(numbers) + 1))
