"""The whole way through the real CLI, the real provider and the sandbox."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from foundation.evidence import canonical_bytes
from foundation.values.ids import random_ids
from governance.environments import BucketSpec, EnvironmentSpec, InstanceSpec, VolumeSpec, spec_document
from infra.engine import (
    Driver,
    EngineLocked,
    NotDeployed,
    Operation,
    PlanChanged,
    PlanSummary,
    PlanViolated,
    Progress,
    compare_with_state,
    locate,
    read_placement,
)
from infra.engine.command import clean
from infra.engine.home import checkpoint_key, engine_environment, project_file
from infra.engine.secrets import ensure_agency_key
from infra.program import write_input
from infra.provider.births import read_births
from infra.provider.clients import Clients
from infra.provider.kinds.vpc import VPC
from infra.provider.sweep import sweep
from infra.resources import CloudResource

pytestmark = pytest.mark.real
Named = Callable[[str], EnvironmentSpec]


@pytest.fixture(scope="module")
def clients(ground: Any) -> Clients:
    return Clients.from_environment(ground.cloud)


@pytest.fixture(scope="module")
def engine(ground: Any, clients: Clients) -> Driver:
    placement = read_placement(clients, partition=clients.partition, account="123456789012")
    return Driver(ground.home / "engine", cloud=ground.cloud, placement=placement, ids=random_ids)


def deploy(engine: Driver, spec: EnvironmentSpec, deployment: str) -> Any:
    return engine.apply(spec, approved=engine.preview(spec).digest, deployment=deployment)


def by_hand(engine: Driver, *arguments: str, folder: Path | None = None) -> str:
    """The CLI as a person would start it, with the backend's address and the cloud's only."""
    told = engine_environment(engine.home, engine._cloud)
    return subprocess.run(
        [str(locate().path), "--non-interactive", *arguments],
        cwd=folder or engine.home.path,
        env={**clean(os.environ), **told, "GUANYUN_ENVIRONMENT": "by-hand", "GUANYUN_DEPLOYMENT": "by-hand"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_an_environment_lives_from_plan_to_destroy(
    engine: Driver, clients: Clients, named: Named, capsys: pytest.CaptureFixture[str]
) -> None:
    """plan → apply → outputs → refresh → no change → a change that replaces an instance → destroy."""
    spec = dataclasses.replace(
        named("whole-life"),
        instances=(
            *named("whole-life").instances,
            InstanceSpec("web-2", "c4", "m5.large", "ami-12c6146b", "app", (VolumeSpec("web-2-a", 20),)),
            InstanceSpec("web-3", "c4", "m5.large", "ami-12c6146b", "app", (VolumeSpec("web-3-a", 20),)),
        ),
    )
    began = time.monotonic()
    plan = engine.preview(spec)
    assert (plan.creates, plan.updates, plan.replaces, plan.deletes, plan.same) == (15, 0, 0, 0, 0)
    assert plan.only_adds
    seen: list[Progress] = []
    outcome = engine.apply(spec, approved=plan.digest, deployment="life-1", progress=seen.append)
    seconds = time.monotonic() - began
    with capsys.disabled():
        sys.stderr.write(f"\nfresh plan and apply of {plan.creates} resources: {seconds:.1f} s\n")

    outputs = outcome.state.outputs
    assert sorted(outputs["instance"]) == ["db-1", "web-1", "web-2", "web-3"]
    assert {kind: len(ids) for kind, ids in outputs.items()} == {
        "bucket": 2,
        "instance": 4,
        "role": 1,
        "security-group": 1,
        "subnet": 2,
        "volume": 4,
        "vpc": 1,
    }
    assert max(one.done for one in seen if one.step == "apply") >= plan.creates
    assert any(one.name == "web-1" and one.kind == "Instance" and one.total == 15 for one in seen)
    assert compare_with_state(spec.environment, sweep(clients, spec.environment), outcome.state.ids).clean

    assert engine.refresh(spec.environment).ids == outcome.state.ids
    again = engine.preview(spec)
    assert (again.same, again.changes, again.drifted) == (15, (), ())

    changed = dataclasses.replace(
        spec, instances=(dataclasses.replace(spec.instances[0], image="ami-03cf127a"), *spec.instances[1:])
    )
    plan = engine.preview(changed)
    (replaced,) = (step for step in plan.changes if step.operation is Operation.REPLACE)
    assert (replaced.kind, replaced.name, replaced.replace_reasons) == ("Instance", "web-1", ("image_id",))
    assert (replaced.before["image_id"], replaced.after["image_id"]) == ("ami-12c6146b", "ami-03cf127a")
    assert not plan.only_adds
    second = engine.apply(changed, approved=plan.digest, deployment="life-2")
    assert second.state.outputs["instance"]["web-1"] != outputs["instance"]["web-1"]
    assert second.state.outputs["instance"]["db-1"] == outputs["instance"]["db-1"]
    assert compare_with_state(spec.environment, sweep(clients, spec.environment), second.state.ids).clean

    assert (engine.home.deployment("life-1") / "approved.json").stat().st_mode & 0o77 == 0
    for deployment in ("life-1", "life-2"):
        engine.end_deployment(deployment)
    engine.destroy(spec.environment, deployment="life-3")
    assert engine.state_ids(spec.environment) == {}
    assert not any(sweep(clients, spec.environment).values())
    assert list(engine.home.runs.glob("*/*")) == []
    assert not list(engine.home.path.glob("temporary/*"))


def test_a_first_apply_writes_its_state_once_and_notes_each_create_as_it_is_answered(
    engine: Driver, named: Named
) -> None:
    spec = named("first-apply")
    known: list[int] = []

    def look(_: Progress) -> None:
        known.append(len(engine.state(spec.environment).all_ids))

    first = engine.preview(spec)
    outcome = engine.apply(spec, approved=first.digest, deployment="first-1", progress=look)
    assert set(known) == {0}
    noted = read_births(engine.home.deployment("first-1") / "births.jsonl")
    assert set(noted.values()) == set(outcome.state.all_ids)
    state = engine.home.backend.read(checkpoint_key(spec.environment))
    assert state is not None
    assert str(project_file().parent) not in state.decode()


def test_a_plan_that_something_in_the_cloud_has_changed_is_refused(
    engine: Driver, clients: Clients, named: Named
) -> None:
    spec = named("changed-by-hand")
    first = deploy(engine, spec, "hand-1")
    grown = dataclasses.replace(
        spec, instances=(dataclasses.replace(spec.instances[0], instance_type="m5.xlarge"), *spec.instances[1:])
    )
    plan = engine.preview(grown)
    group = first.state.outputs["security-group"]["baseline"]
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    clients.call("ec2", "AuthorizeSecurityGroupIngress", {"GroupId": group, "IpPermissions": [permission]})
    with pytest.raises(PlanChanged, match="SecurityGroup baseline"):
        engine.apply(grown, approved=plan.digest, deployment="hand-2")
    found = engine.preview(grown)
    assert found.digest != plan.digest
    assert [urn.rpartition("::")[2] for urn in found.drifted] == ["baseline"]
    engine.apply(grown, approved=found.digest, deployment="hand-3")
    assert engine.preview(grown).changes == ()


def test_a_resource_deleted_by_hand_is_planned_to_be_made_again(engine: Driver, clients: Clients, named: Named) -> None:
    spec = named("deleted-by-hand")
    first = deploy(engine, spec, "gone-1")
    clients.call("s3", "DeleteBucket", {"Bucket": first.state.outputs["bucket"]["archive"]})
    plan = engine.preview(spec)
    assert [(step.name, step.operation) for step in plan.changes] == [("archive", Operation.CREATE)]
    deploy(engine, spec, "gone-2")
    assert engine.preview(spec).changes == ()


def test_two_previews_of_the_same_difference_have_the_same_digest(engine: Driver, named: Named) -> None:
    spec = named("same-digest")
    assert engine.preview(spec).digest == engine.preview(spec).digest
    other = dataclasses.replace(spec, fund_source="专项债")
    assert engine.preview(other).digest != engine.preview(spec).digest


def test_by_hand_the_same_backend_is_listed_exported_refreshed_cancelled_and_destroyed(
    engine: Driver, clients: Clients, named: Named
) -> None:
    spec = named("by-hand")
    deploy(engine, spec, "manual-1")
    root = project_file().parent
    assert "by-hand" in {one["name"] for one in json.loads(by_hand(engine, "stack", "ls", "--json", folder=root))}
    exported = json.loads(by_hand(engine, "stack", "export", "--stack", "by-hand", folder=root))
    assert len(exported["deployment"]["resources"]) == 11 + 3
    history = json.loads(by_hand(engine, "stack", "history", "--stack", "by-hand", "--json", folder=root))
    assert [one["message"] for one in history] == ["manual-1"]
    assert not list(root.glob("Pulumi.by-hand.yaml"))
    by_hand(engine, "refresh", "--yes", "--stack", "by-hand")
    by_hand(engine, "cancel", "--yes", "--stack", "by-hand")
    by_hand(engine, "destroy", "--yes", "--stack", "by-hand")
    assert not any(sweep(clients, "by-hand").values())


def test_secrets_are_under_the_agency_s_key_and_the_settings_keep_the_data_key(
    engine: Driver, clients: Clients, named: Named
) -> None:
    spec = named("under-a-key")
    engine.preview(spec)
    settings = yaml.safe_load(engine.home.settings("under-a-key").read_text(encoding="utf-8"))
    key = ensure_agency_key(clients, spec.agency)
    assert settings["secretsprovider"] == f"awskms://{key}?region=cn-north-1&awssdk=v2"
    deploy(engine, spec, "key-1")
    assert yaml.safe_load(engine.home.settings("under-a-key").read_text(encoding="utf-8")) == settings
    engine.home.settings("under-a-key").unlink()
    assert engine.preview(spec).changes == ()
    assert yaml.safe_load(engine.home.settings("under-a-key").read_text(encoding="utf-8")) == settings


def test_what_was_never_deployed_has_an_empty_state_and_cannot_be_refreshed(engine: Driver) -> None:
    assert engine.state("never").all_ids == ()
    with pytest.raises(NotDeployed):
        engine.refresh("never")


def test_a_lock_stops_an_apply_and_is_not_cancelled_while_its_holder_lives(
    engine: Driver, named: Named, tmp_path: Path
) -> None:
    spec = named("locked")
    plan = engine.preview(spec)
    lock = engine.home.path / "state" / ".pulumi" / "locks" / "organization" / "guanyun" / "locked" / "1.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(
        json.dumps({"pid": 1, "username": "x", "hostname": "elsewhere", "timestamp": "2026-03-01T00:00:00Z"})
    )
    with pytest.raises(EngineLocked, match="pid 1 on elsewhere"):
        engine.apply(spec, approved=plan.digest, deployment="locked-1")
    with pytest.raises(EngineLocked):
        engine.cancel("locked")
    lock.unlink()
    engine.apply(spec, approved=plan.digest, deployment="locked-1")


def test_a_deployment_that_had_ended_before_it_was_recorded_is_continued_to_no_change(
    engine: Driver, named: Named
) -> None:
    spec = named("ended-unrecorded")
    plan = engine.preview(spec)
    first = engine.apply(spec, approved=plan.digest, deployment="unrecorded-1")
    again = engine.continue_apply(spec, approved=plan.digest, deployment="unrecorded-1")
    assert again.state == first.state
    assert set(again.changes) == {"same"}


def test_a_deployment_stopped_before_its_plan_was_settled_begins_anew(engine: Driver, named: Named) -> None:
    spec = named("unsettled")
    plan = engine.preview(spec)
    outcome = engine.continue_apply(spec, approved=plan.digest, deployment="unsettled-1")
    assert len(outcome.state.all_ids) == plan.creates


def test_nothing_outside_the_approved_plan_is_done_when_a_deployment_is_continued(
    engine: Driver, clients: Clients, named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = named("outside-the-plan")
    plan = engine.preview(spec)
    with monkeypatch.context() as stopped:
        stopped.setattr(Driver, "_up", _stop)
        with pytest.raises(Stopped):
            engine.apply(spec, approved=plan.digest, deployment="outside-1")
    larger = dataclasses.replace(spec, buckets=(*spec.buckets, BucketSpec("smuggled")))
    with pytest.raises(PlanChanged, match="another spec"):
        engine.continue_apply(larger, approved=plan.digest, deployment="outside-1")
    with pytest.raises(PlanChanged):
        engine.continue_apply(spec, approved="0" * 64, deployment="outside-1")
    assert not any(sweep(clients, spec.environment).values())
    engine.continue_apply(spec, approved=plan.digest, deployment="outside-1")
    assert engine.preview(spec).changes == ()


def test_the_engine_itself_refuses_a_step_that_is_not_in_the_plan_it_runs_under(
    engine: Driver, clients: Clients, named: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = named("smuggled-in")
    larger = dataclasses.replace(spec, buckets=(*spec.buckets, BucketSpec("smuggled")))
    plan = engine.preview(spec)
    up = Driver._up

    def smuggle(driver: Driver, session: Any, *arguments: Any) -> Any:
        write_input(session.run.folder, larger, engine._placement)
        return up(driver, session, *arguments)

    monkeypatch.setattr(Driver, "_up", smuggle)
    with pytest.raises(PlanViolated, match="Bucket smuggled"):
        engine.apply(spec, approved=plan.digest, deployment="smuggled-1")
    assert not any("smuggled" in one for one in sweep(clients, spec.environment)["guanyun:cloud:Bucket"])


def test_one_driver_builds_many_environments_at_once_and_leaves_nothing_running(
    engine: Driver, clients: Clients, named: Named
) -> None:
    specs = [named(f"at-once-{number}") for number in range(6)]
    with ThreadPoolExecutor(len(specs)) as pool:
        outcomes = list(pool.map(lambda spec: deploy(engine, spec, f"once-{spec.environment}"), specs))
        unchanged = list(pool.map(engine.preview, specs))
    for spec, outcome, again in zip(specs, outcomes, unchanged, strict=True):
        assert len(outcome.state.all_ids) == 11
        assert compare_with_state(spec.environment, sweep(clients, spec.environment), outcome.state.ids).clean
        assert again.changes == ()
    every = [one for outcome in outcomes for one in outcome.state.all_ids]
    assert len(every) == len(set(every))
    assert engine._provider.works.environments == ()
    assert list(engine.home.runs.glob("*/*")) == []


def test_a_driver_that_nobody_closes_ends_with_its_process_in_silence(ground: Any, named: Named) -> None:
    told = {"home": str(ground.home / "unclosed"), "cloud": dict(ground.cloud), "spec": spec_document(named("silent"))}
    command = [sys.executable, "-c", UNCLOSED]
    done = subprocess.run(command, input=json.dumps(told), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "11\n")


UNCLOSED = """
import json, sys
from pathlib import Path
from foundation.values.ids import random_ids
from governance.environments import spec_from_document
from infra.engine import Driver, read_placement
from infra.provider.clients import Clients

told = json.loads(sys.stdin.read())
spec, _ = spec_from_document(told["spec"])
clients = Clients.from_environment(told["cloud"])
placement = read_placement(clients, partition=clients.partition, account="123456789012")
print(Driver(Path(told["home"]), cloud=told["cloud"], placement=placement, ids=random_ids).preview(spec).creates)
"""


class Stopped(Exception):
    """Stands for the moment at which a driver is killed."""


def _stop(*_: object, **__: object) -> None:
    raise Stopped


def test_a_secret_is_in_the_digest_and_not_in_the_plan_s_words(engine: Driver, named: Named) -> None:
    spec = named("with-a-secret")

    def hiding(secret: str) -> PlanSummary:
        def program() -> None:
            hidden = {"pin": pulumi.Output.secret(secret)}
            CloudResource(VPC, "net", name="net", cidr_block="10.0.0.0/16", tags=hidden)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("infra.engine.driver.program", lambda *_: program)
            return engine.preview(spec)

    first, second, other = hiding("hush-hush"), hiding("hush-hush"), hiding("other")
    assert first.digest == second.digest != other.digest
    assert b"hush-hush" not in canonical_bytes(first.document())
    assert b'"secret"' in canonical_bytes(first.document())
