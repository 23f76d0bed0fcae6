"""``guanyun fleet`` in this process: the whole house but for the cloud, which is a fake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.commands import fleet as command
from cli.main import run
from foundation.evidence import canonical_bytes, sha256_hex
from foundation.store import Scope
from foundation.work.runs import Steps
from foundation.work.runs.errors import KilledTooOften
from governance.environments import EnvironmentSpec, Protection, Zone, spec_document
from infra.fleet import Hands, OperationState, list_operations
from tenants.environments import Environment, EnvironmentState
from tenants.environments.tables import save_environment
from tests.infra.fleet.conftest import Yard
from wiring import cloud, fleet
from wiring.application import Application
from wiring.settings import Settings
from wiring.subscriptions import deliver_outstanding
from wiring.tables import gather

gather()
EVERYONE = Scope(None)


@pytest.fixture
def opened(yard: Yard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Application:
    made = Application(Settings(home=tmp_path / "home"), yard.office.store)
    made.settings.home.mkdir()
    made.__dict__["office"] = yard.office

    @contextmanager
    def application() -> Iterator[Application]:
        deliver_outstanding(made)
        yield made
        deliver_outstanding(made)

    monkeypatch.setattr(command, "application", application)
    monkeypatch.setattr(command, "token", lambda: yard.operator)
    monkeypatch.setattr(cloud, "deployer", lambda opened: yard.world.deployer)
    monkeypatch.setattr(fleet, "approved_of", lambda transaction, some: yard.world.approved)
    monkeypatch.setenv("GUANYUN_LANG", "en")
    return made


def put(yard: Yard, spec: EnvironmentSpec, state: EnvironmentState = EnvironmentState.APPROVED) -> None:
    digest = sha256_hex(canonical_bytes(spec_document(spec)))
    row = Environment(spec.environment, spec.agency, spec.system, state, "REQ-1", spec, digest, "")
    with yard.office.store.transaction() as transaction:
        save_environment(transaction, EVERYONE, row)


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_a_fleet_is_planned_and_applied_where_no_worker_lives(
    yard: Yard, opened: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in yard.approve(4):
        put(yard, yard.world.approved[name].spec)
    assert run(["fleet", "plan", "--all", "--json"]) == 0
    planned = answer(capsys)
    assert (planned["state"], planned["members"]) == ("ended", {"succeeded": 4})
    assert run(["fleet", "apply", "--agency", "hrss", "--canary", "1", "--at-once", "2"]) == 0
    told = capsys.readouterr()
    assert "ended: 2 succeeded" in told.out
    assert [line for line in told.err.splitlines() if line.startswith("env-0000")][-1] == "env-0000 succeeded"
    assert set(yard.world.cloud.made) == {"env-0000", "env-0002"}
    assert run(["fleet", "list", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2


def test_a_stopped_fleet_ends_with_its_own_status_and_is_gone_on_with(
    yard: Yard, opened: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    names = yard.planned(3, broken=[0])
    for name in names:
        put(yard, yard.world.approved[name].spec)
    assert run(["fleet", "apply", *names, "--canary", names[0]]) == 5
    assert "go on: guanyun fleet resume" in capsys.readouterr().out
    (standing,) = list_operations(yard.office, yard.operator)
    assert standing.operation.state is OperationState.STOPPED
    assert run(["fleet", "show", standing.operation.id, "--state", "failed", "--json"]) == 5
    (failed,) = answer(capsys)["environments"]
    assert (failed["environment"], failed["reason"]) == (names[0], "infra.engine-failed")
    assert run(["fleet", "cancel", standing.operation.id]) == 0
    assert run(["fleet", "cancel", standing.operation.id, "--json"]) == 0


def test_every_environment_is_not_meant_by_leaving_words_out(opened: Application) -> None:
    assert run(["fleet", "apply"]) == 2
    assert run(["fleet", "apply", "nowhere"]) == 3
    assert run(["fleet", "plan", "--all", "--max-failures", "half"]) == 2
    assert run(["fleet", "show", "fleet_1"]) == 2


def test_what_is_closed_or_in_another_zone_is_not_chosen(
    yard: Yard, opened: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    from infra.fleet import Selection
    from wiring.fleet import candidates

    names = yard.approve(3)
    states = (EnvironmentState.APPROVED, EnvironmentState.CLOSED, EnvironmentState.DEPLOYED)
    for name, state in zip(names, states, strict=True):
        put(yard, yard.world.approved[name].spec, state)

    def chosen(**how: Any) -> list[str]:
        with yard.office.store.reading() as transaction:
            return [one.environment for one in candidates(transaction, EVERYONE, Selection(**how))]

    assert chosen(everything=True) == [names[0], names[2]]
    assert chosen(names=(names[1],)) == [names[1]]
    assert chosen(zones=(Zone.INTERNET.value,)) == []
    assert chosen(levels=(Protection.LEVEL_2.value,), systems=("portal",)) == [names[0], names[2]]


def test_a_fleet_that_waits_for_a_person_says_what_for_and_one_command_goes_on(
    yard: Yard, opened: Application, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = yard.planned(2)
    for name in names:
        put(yard, yard.world.approved[name].spec)
    bound, broken = fleet.hands, {names[1]}

    def failing(application: Application) -> Hands:
        real = bound(application)

        def token(steps: Steps, asked: str) -> AbstractContextManager[str]:
            if steps.run.inputs["environment"] in broken:
                raise KilledTooOften(times=3)
            return real.token(steps, asked)

        return replace(real, token=token)

    monkeypatch.setattr(fleet, "hands", failing)
    assert run(["fleet", "apply", *names, "--max-failures", "100%"]) == 5
    told = " ".join(capsys.readouterr().out.split())
    (standing,) = list_operations(yard.office, yard.operator)
    id_ = standing.operation.id
    assert "stopped: 1 parked, 1 succeeded" in told
    assert f"waits for a person: {names[1]} (the process ended 3 times while this run was under way" in told
    assert f"see all: guanyun fleet show {id_} --state parked; go on: guanyun fleet resume {id_}" in told
    assert run(["fleet", "show", id_, "--follow", "--json"]) == 5
    assert answer(capsys)["go_on"] == f"guanyun fleet resume {id_}"

    broken.clear()
    assert run(["fleet", "resume", id_]) == 0
    assert "ended: 2 succeeded" in capsys.readouterr().out
    assert yard.audited("work.controlled") == ["work.controlled"]
