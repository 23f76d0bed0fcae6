"""A command sees its run through: here where no worker lives, behind whoever works otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foundation.store import Scope
from foundation.work import acquire, release, this_process
from foundation.work.runs import Run, RunState, Worker
from foundation.work.runs.claiming import register
from governance.authority import Office
from wiring.application import Application
from wiring.asking import ask_to_collect
from wiring.following import NotSucceeded, outcome_of, see_through
from wiring.house_rules import HOUSE_RULES, put_house_rules
from wiring.settings import Settings
from wiring.tables import gather
from wiring.work import station, workshop

gather()
from foundation.values.month import Month  # noqa: E402
from foundation.work.due import rules  # noqa: E402

EVERYONE = Scope(None)
MARCH = Month(2026, 3)


@pytest.fixture
def opened(office: Office, tmp_path: Path) -> Application:
    made = Application(Settings(home=tmp_path / "home"), office.store)
    made.settings.home.mkdir()
    made.__dict__["office"] = office
    return made


def test_where_no_worker_lives_the_command_works_itself(opened: Application, people: dict[str, str]) -> None:
    asked = ask_to_collect(opened, people["operator-1"], MARCH)
    told: list[Run] = []
    run = outcome_of(see_through(opened, asked.run, scope=asked.scope, tell=told.append))
    assert run.outcome == {"new": 0, "standing": 0, "rows": 0}
    assert [told[0].state, told[-1].state] == [RunState.QUEUED, RunState.SUCCEEDED]


def test_the_same_asked_twice_while_it_is_open_is_one_run(opened: Application, people: dict[str, str]) -> None:
    first = ask_to_collect(opened, people["operator-1"], MARCH)
    assert ask_to_collect(opened, people["operator-2"], MARCH).run == first.run
    see_through(opened, first.run, scope=first.scope, tell=lambda run: None)
    assert ask_to_collect(opened, people["operator-1"], MARCH).run != first.run


def test_a_second_command_follows_the_first_and_goes_on_when_it_leaves(
    opened: Application, people: dict[str, str]
) -> None:
    here, at = workshop(opened), station(opened)
    lease = acquire(opened.store, f"worker:{at.name}", this_process(), length=at.lease, clock=here.clock)
    register(here, Worker(at.name, lease), host="h", pid=os.getpid(), version="1")
    asked = ask_to_collect(opened, people["operator-1"], MARCH)
    looks: list[RunState] = []

    def tell(run: Run) -> None:
        looks.append(run.state)
        if len(looks) == 3:  # it has waited for the first; now that one is over
            release(opened.store, lease, clock=here.clock)

    run = see_through(opened, asked.run, scope=asked.scope, tell=tell)
    assert looks[:3] == [RunState.QUEUED] * 3
    assert run.state is RunState.SUCCEEDED


def test_a_run_that_failed_ends_the_command_with_its_own_code_and_exit(
    opened: Application, people: dict[str, str]
) -> None:
    asked = ask_to_collect(opened, people["operator-1"], MARCH)
    with opened.store.transaction() as transaction:
        from sqlalchemy import update

        from governance.parties.tables import account_table

        transaction.write(
            update(account_table).where(account_table.c.name == "operator-1").values(until=opened.office.clocks.real())
        )
    run = see_through(opened, asked.run, scope=asked.scope, tell=lambda run: None)
    with pytest.raises(NotSucceeded) as failed:
        outcome_of(run)
    assert (failed.value.code, failed.value.exit_status) == ("governance.asker-gone", 6)
    assert "operator-1" in failed.value.text("zh")
    assert run.id in failed.value.text("en")


def test_the_houses_rules_are_put_once(opened: Application) -> None:
    put_house_rules(opened)
    put_house_rules(opened)
    with opened.store.reading() as transaction:
        assert {each.wanted.name for each in rules(transaction, EVERYONE)} == {rule.name for rule in HOUSE_RULES}


def test_the_house_knows_every_kind_its_rules_ask_for(opened: Application) -> None:
    assert {rule.kind for rule in HOUSE_RULES} <= set(workshop(opened).kinds.names)
