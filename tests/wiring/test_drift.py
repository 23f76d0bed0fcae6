"""Drift bound to an installation: who is told, when looks are due, and a cloud that is not there."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from foundation.work import Event, deliver_and_report, died, publish
from foundation.work.runs import RunState, enqueue_many, find_runs
from foundation.work.runs.worker import at_work
from governance.authority import Office, machine_scope
from infra.deployments import Deployer
from infra.drift import LOOK, NIGHT, LookOutcome, look_job
from infra.topics import DRIFT_FOUND, DRIFT_UNSEEN
from tests.infra.deployments.conftest import make_world
from tests.infra.drift.conftest import ENVIRONMENT, Sky
from wiring.application import Application
from wiring.house_rules import HOUSE_RULES
from wiring.kinds import kinds
from wiring.notices import notice_listeners
from wiring.settings import Settings
from wiring.tables import gather
from wiring.work import station, workshop

gather()
TELL = """
tell:
  - channel: file
  - {channel: file, to: office-of-hrss, party: hrss}
  - {channel: file, to: office-of-housing, party: housing}
"""
COUNTED = {"fresh": 3, "changed": 1, "deleted": 1, "orphan": 1}


@pytest.fixture
def opened(office: Office, tmp_path: Path) -> Application:
    made = Application(Settings(home=tmp_path / "home"), office.store)
    made.settings.home.mkdir()
    made.__dict__["office"] = office
    return made


def told(opened: Application, event: Event) -> dict[str, str]:
    """Recipient → what it read in English."""
    real = opened.office.clocks.real
    with opened.store.transaction() as transaction:
        publish(transaction, event, clock=real)
    for _ in range(2):  # the notice is itself an event
        assert not deliver_and_report(opened.store, notice_listeners(opened), clock=real).failed
    notices = [json.loads(path.read_text(encoding="utf-8")) for path in (opened.settings.home / "notices").glob("*")]
    assert all(notice["zh"] for notice in notices)
    return {notice["to"]: notice["en"] for notice in notices}


def test_new_findings_are_told_to_the_operator_and_to_the_agency_itself(opened: Application) -> None:
    (opened.settings.home / "notices.yaml").write_text(TELL, encoding="utf-8")
    event = Event(DRIFT_FOUND, "environment:hrss-a", {"environment": "hrss-a", "party": "hrss", **COUNTED})
    said = told(opened, event)
    assert set(said) == {"operator", "office-of-hrss"}
    assert said["operator"].endswith("guanyun drift list --environment hrss-a")


def test_that_nothing_could_be_seen_is_told_to_the_operator(opened: Application) -> None:
    facts = {"environment": "hrss-a", "outcome": "unreachable", "zh": "云无法访问", "en": "the cloud does not answer"}
    said = told(opened, Event(DRIFT_UNSEEN, "environment:hrss-a", facts))
    assert set(said) == {"operator"}
    assert "the cloud does not answer" in said["operator"]


def test_the_night_is_due_and_both_kinds_are_known(opened: Application) -> None:
    assert [rule.kind for rule in HOUSE_RULES if rule.name == NIGHT] == [NIGHT]
    assert {LOOK, NIGHT} <= set(kinds(opened).names)


def test_at_a_closed_port_the_cloud_is_asked_for_once_for_all_looks_of_a_moment(
    opened: Application, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from infra.provider import sending
    from wiring import cloud

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    sky = Sky(make_world(opened.office, people))
    sky.world.approve()
    sky.apply()
    opened.__dict__["settings"] = opened.settings.model_copy(update={"aws_endpoint": f"http://127.0.0.1:{port}"})
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    monkeypatch.setattr(sending, "SILENT_SECONDS", 0.0)
    asked: list[str] = []
    real = cloud.deployer

    def counting(application: Application) -> Deployer:
        asked.append("deployer")
        return real(application)

    monkeypatch.setattr(cloud, "deployer", counting)
    with capture_logs(), at_work(workshop(opened), station(opened), died=died) as shift:
        with opened.store.transaction() as transaction:
            jobs = [look_job(ENVIRONMENT, "hrss", f"night-{night}") for night in range(5)]
            clock, ids = opened.office.clocks.real, opened.office.ids
            enqueue_many(transaction, jobs, kinds=kinds(opened), clock=clock, ids=ids)
        shift.run(until=lambda: len(sky.looks()) == len(jobs))
    assert len(asked) <= 2  # two looks begin at the same time
    assert {one.outcome for one in sky.looks()} == {LookOutcome.UNREACHABLE}
    assert {one.code for one in sky.looks()} == {"infra.cloud-unreachable", "infra.drift-not-reached"}
    with opened.store.reading() as transaction:
        found = find_runs(transaction, machine_scope(), kind=LOOK)
    assert {(run.state, run.failures) for run in found} == {(RunState.QUEUED, 1)}
