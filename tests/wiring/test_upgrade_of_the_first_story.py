"""An installation in which the program of revision 0002 told its whole story goes on under this one.

``first_story.json.gz`` holds the rows that the demo of that program left: table → rows, as SQLite has them. One request
more waits for its decision.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyotp
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Table, insert, text

import wiring.database
from billing.settlement.tables import settlements
from billing.statements.tables import statement_table
from foundation.store import Instant, NotMigrated, Store
from foundation.values.findings import Severity
from foundation.values.instant import Interval, parse_instant
from governance import audit
from governance.authority import Act, machine_scope, viewing
from governance.authority.decisions import basis_of, decisions_on
from governance.authority.second_factors import begin_second_factor, confirm_second_factor
from governance.authority.sessions import open_session
from governance.catalogue import prices, services_for
from governance.contracts import contract_use
from governance.errors import NotLoggedIn
from governance.parties import Duty, party_of
from governance.projects import ProjectState, projects
from governance.tasks import inbox
from tenants.environments import EnvironmentState, find_environment
from tenants.register import register_at
from tenants.requests import RequestState, reject_request, request_of
from tests.databases import Databases, lent
from tests.wiring import filling
from wiring.application import Application
from wiring.database import check_current, upgrade
from wiring.doctor import CHECKS, examine
from wiring.logins import door
from wiring.settings import Settings
from wiring.subscriptions import deliver_outstanding

pytestmark = pytest.mark.real

MIGRATIONS = Path(wiring.database.__file__).parent / "migrations"
ROWS: Mapping[str, list[dict[str, Any]]] = json.loads(
    gzip.decompress((Path(__file__).parent / "first_story.json.gz").read_bytes())
)
PASSWORDS = {
    "li.qiang": "05VmQkVCnHWy1Fv8",
    "chen.jing": "5yo1ntAvZqu3ks3o",
    "liu.yang": "lYi9wrbY2thQ_f3v",
    "wang.fang": "YI9jLhTCUrG4LCTI",
}
WAITING = "REQ-2026-0006"
LATE = datetime(2026, 4, 30, tzinfo=UTC)
OF_THE_MACHINE = {"home", "disk", "keys", "pulumi", "packages", "fonts", "sandbox", "processes", "clock", "files"}
"""Checks that look at the machine the tests run on, not at what was upgraded."""


@pytest.fixture
def old(databases: Databases) -> Iterator[Store]:
    """The database of the old program, at 0002."""
    with lent(databases, databases.made_once("the first story", _tell)) as opened:
        yield opened


def _tell(old: Store) -> None:
    _alembic(old, command.upgrade)
    with old.engine.begin() as connection:
        for table in filling.reflected(connection).sorted_tables:
            rows = [_as_stored(table, row) for row in ROWS.get(table.name, [])]
            if table.name == "request":
                rows.append(_undecided(next(row for row in rows if row["kind"] == "change")))
            if rows:
                connection.execute(insert(table), rows)
                if old.dialect == "postgresql" and "number" in table.c:
                    _count_on(connection, table.name)


def _alembic(store: Store, what: Callable[[Config, str], None]) -> None:
    """Up or down to the old program's revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.reshaping() as connection:
        config.attributes["connection"] = connection
        what(config, "0002")


def _as_stored(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as this database keeps it."""
    read: Mapping[type, Callable[[Any], Any]] = {datetime: parse_instant, Decimal: Decimal, bool: bool}
    stored = dict(row)
    for name in row:
        if row[name] is not None and table.c[name].type.python_type in read:
            stored[name] = read[table.c[name].type.python_type](row[name])
    return stored


def _count_on(connection: Connection, table: str) -> None:
    """Have the numbers PostgreSQL gives out go on behind those that the rows brought."""
    sequence = connection.execute(text(f"SELECT pg_get_serial_sequence('{table}', 'number')")).scalar()
    if sequence is not None:
        connection.execute(text(f"SELECT setval('{sequence}', (SELECT max(number) FROM {table}))"))


def _undecided(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "number": WAITING, "state": "requested", "decided": None, "decided_at": None}


@pytest.fixture
def opened(databases: Databases, tmp_path: Path) -> Iterator[Application]:
    """The installation under this program."""
    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True, mode=0o700)
    (home / "public-keys").mkdir()
    home.chmod(0o700)
    url = databases.made_once(
        "the first story goes on", _bring_up, begin=lambda: databases.made_once("the first story", _tell)
    )
    with lent(databases, url) as store:
        yield Application(Settings(home=home, database=url), store)


def _bring_up(old: Store) -> None:
    with pytest.raises(NotMigrated):
        check_current(old)
    assert upgrade(old)
    check_current(old)


def logged_in(opened: Application, account: str, duty: Duty) -> str:
    """A session, with the second factor that this program asks of some duties: whoever had none gets one."""
    password, here, code = PASSWORDS[account], door(opened), ""
    if duty is Duty.APPROVE:
        begun = begin_second_factor(opened.office, account, password, door=here)
        shown = pyotp.TOTP(begun.secret).now()
        code, *_ = confirm_second_factor(opened.office, account, password, shown, door=here)
    return open_session(opened.office, account, password, door=here, duty=duty, code=code).token


def test_every_row_of_before_is_told_as_it_was(opened: Application) -> None:
    always = Interval(datetime(2025, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    with opened.store.reading() as transaction:
        stored = text("SELECT resource, opened, closed FROM register_record").columns(opened=Instant, closed=Instant)
        register: set[Any] = {tuple(row.values()) for row in transaction.rows(stored)}
        assert register == {
            (row["resource"], parse_instant(row["opened"]), row["closed"] and parse_instant(row["closed"]))
            for row in ROWS["register_entry"]
        }
        there = {row["resource"] for row in ROWS["register_entry"] if row["closed"] is None}
        assert {line.entry.resource for line in register_at(transaction, machine_scope(), LATE)} == there
        assert {(each.id, each.price, each.end) for each in prices(transaction, always)} == {
            (row["id"], Decimal(row["price"]), row["ends_at"] and parse_instant(row["ends_at"]))
            for row in ROWS["price_version"]
        }
        offered = services_for(transaction, "hrss", LATE)
        assert {each.code for each in offered} == {row["code"] for row in ROWS["service"]}
        assert {plan.code for each in offered for plan in each.plans} == {row["code"] for row in ROWS["service_plan"]}
        for row in ROWS["environment"]:
            environment = find_environment(transaction, machine_scope(), row["id"])
            assert environment.state is EnvironmentState.DEPLOYED
        for row in ROWS["request"]:
            request = request_of(transaction, machine_scope(), row["number"])
            assert (request.state, request.decided_digest) == (RequestState.APPROVED, row["spec_digest"])
        assert {each.state for each in projects(transaction, machine_scope())} == {ProjectState.APPROVED}
        [settled] = settlements(transaction)
        assert settled.digest == ROWS["settlement"][0]["digest"]
        assert contract_use(transaction, settled.contract).used == settled.document["totals"]["gross"]
        statements = transaction.rows(statement_table.select(machine_scope()))
        assert {row["digest"] for row in statements} == {row["digest"] for row in ROWS["usage_statement"]}
        for row in ROWS["party"]:
            assert party_of(transaction, row["id"]).organisation == row["id"]


def test_decisions_stand_and_rest_on_what_they_rested_on(opened: Application) -> None:
    with opened.store.reading() as transaction:
        for row in ROWS["deployment_plan"]:
            decided = decisions_on(transaction, f"plan:{row['id']}")
            assert {each.act for each in decided} >= {Act.PLAN_CREATE}
            for each in decided:
                assert basis_of(transaction, each.number) == (f"request:{row['request']}",)
                assert each.organisation == each.party


def test_the_audit_chain_goes_on_from_where_it_stood(opened: Application) -> None:
    newest = max(ROWS["audit_entry"], key=lambda row: int(row["number"]))
    with opened.store.reading() as transaction:
        assert audit.head(transaction) == (newest["number"], newest["hash"])
    logged_in(opened, "wang.fang", Duty.OPERATE)
    with opened.store.reading() as transaction:
        verdict = audit.verify(
            audit.links(transaction), {newest["number"]: newest["hash"]}, written=audit.head(transaction)
        )
    assert verdict.broken is None
    assert audit_length(opened) > newest["number"]


def audit_length(opened: Application) -> int:
    with opened.store.reading() as transaction:
        return audit.head(transaction)[0]


def test_an_account_of_before_logs_in_and_acts(opened: Application) -> None:
    bureau = logged_in(opened, "li.qiang", Duty.APPROVE)
    with viewing(opened.office, bureau) as view:
        assert [task.subject for task in inbox(view)] == [f"request:{WAITING}"]
        request = request_of(view.transaction, view.scope, WAITING)
    assert request.step is not None
    rejected, new = reject_request(opened.office, bureau, WAITING, digest=request.digest, reason="规格过大")
    assert (rejected.state, new) == (RequestState.REJECTED, True)
    with viewing(opened.office, bureau) as view:
        assert list(inbox(view)) == []


def test_an_agency_sees_its_own_and_nothing_else(opened: Application) -> None:
    agency = logged_in(opened, "chen.jing", Duty.REQUEST)
    with viewing(opened.office, agency) as view:
        lines = register_at(view.transaction, view.scope, LATE)
        assert lines
        assert {line.entry.agency for line in lines} == {"hrss"}


def test_whoever_was_logged_in_logs_in_again(opened: Application) -> None:
    with opened.store.reading() as transaction:
        rows = transaction.rows(text("SELECT ended_at FROM session"))
    assert len(rows) == len(ROWS["session"])
    assert all(row["ended_at"] is not None for row in rows)
    with pytest.raises(NotLoggedIn), viewing(opened.office, "a token of before"):
        pass


def test_the_doctor_finds_nothing_wrong_with_it(opened: Application) -> None:
    looked = examine(
        opened.settings, now=datetime.now(UTC), checks=[each for each in CHECKS if each.name not in OF_THE_MACHINE]
    )
    assert {each.name: each.findings for each in looked if each.severity is Severity.ERROR} == {}


def test_what_was_deployed_before_now_waits_for_its_agency_to_accept_it(opened: Application) -> None:
    """The rooms that are new hear the events of before."""
    told = deliver_outstanding(opened)
    assert (told.failed, told.stuck) == (0, False)
    agency = logged_in(opened, "liu.yang", Duty.CONFIRM)
    with viewing(opened.office, agency) as view:
        mine = {f"request:{row['number']}" for row in ROWS["request"] if row["agency"] == "hrss"}
        assert {task.subject for task in inbox(view)} == mine
        for subject in mine:
            request = request_of(view.transaction, view.scope, subject.partition(":")[2])
            assert request.state is RequestState.DELIVERED


def test_the_old_program_finds_its_rows_again_when_it_is_taken_back(old: Store) -> None:
    with old.engine.connect() as connection:
        before = filling.content(connection)
    assert upgrade(old)
    _alembic(old, command.downgrade)
    with old.engine.connect() as connection:
        back = filling.content(connection)
    for rows in (*before["session"], *back["session"]):
        del rows["ended_at"]  # whoever was logged in logs in again
    assert back == before
